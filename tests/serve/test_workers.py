"""Processes with two models at once, one of which loses its workers."""

import asyncio
import os
from concurrent.futures.process import BrokenProcessPool

import pytest

pytest.importorskip("pydantic")
pytest.importorskip("onnxruntime")

from skecg import load_pretrained, read_ecg
from skecg.serve import Limits
from skecg.serve import _jobs as jobs
from skecg.serve._workers import Workers

GOOD, BAD = "ptbxl_lstm", "ptbxl_resnet"


def test_models_answer_at_once_and_one_outlives_the_workers_of_the_other(tables):
    limits = Limits(seconds=120)
    pools = {name: Workers(name, 1, limits) for name in (GOOD, BAD)}
    sent = [{"x.csv": tables[k % 2]} for k in range(6)]

    def ask(name):
        run = pools[name].run
        return [run(jobs.predict_file, name, files, None, None) for files in sent]

    async def both():
        # Each of the bad model's workers ends in the middle of what is asked.
        dies = pools[BAD].run(os._exit, 1)
        asked = [*ask(GOOD), dies, *ask(BAD)]
        first = await asyncio.gather(*asked, return_exceptions=True)
        again = await asyncio.gather(*ask(BAD), *ask(GOOD))
        return first, again

    try:
        first, again = asyncio.run(both())
    finally:
        for pool in pools.values():
            pool.close()
    expected = {
        name: [
            load_pretrained(name, backend="onnx").predict_proba(read_ecg(table))[0, 1]
            for table in tables
        ]
        * 3
        for name in pools
    }
    found = [answer["probability"] for answer in first[:6]]
    assert found == pytest.approx(expected[GOOD])
    assert isinstance(first[6], BrokenProcessPool)
    # What waited behind it was asked again once, and may have met the second death.
    for answer, probability in zip(first[7:], expected[BAD], strict=True):
        assert isinstance(answer, BrokenProcessPool) or answer[
            "probability"
        ] == pytest.approx(probability)
    found = [answer["probability"] for answer in again]
    assert found == pytest.approx([*expected[BAD], *expected[GOOD]])
