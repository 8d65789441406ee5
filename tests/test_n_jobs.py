"""`n_jobs` means in every subpackage what it means in scikit-learn and joblib."""

import inspect
from concurrent.futures import ThreadPoolExecutor

import joblib
import numpy as np
import pytest
from sklearn.base import clone

from skecg import datasets, make_lvh_ecg, signal
from skecg.signal import LEAD_NAMES, _blocks, filter_signal, measure_records
from tests.estimators import ESTIMATORS

X = np.random.default_rng(0).normal(size=(20, 200))
WITH_THREADS = [e for e in ESTIMATORS if "n_jobs" in e.get_params()]


@pytest.fixture
def used(monkeypatch):
    """Record the threads that are started, on a machine of four cores."""
    numbers = []

    class Spy(ThreadPoolExecutor):
        def __init__(self, max_workers):
            numbers.append(max_workers)
            super().__init__(max_workers)

    monkeypatch.setattr(_blocks, "ThreadPoolExecutor", Spy)
    monkeypatch.setattr("os.sched_getaffinity", lambda _: range(4), raising=False)
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    return numbers


@pytest.mark.parametrize(
    ("n_jobs", "threads"),
    [(None, []), (1, []), (3, [3]), (-1, [4]), (-2, [3]), (-4, []), (-9, [])],
)
def test_threads_are_counted_as_joblib_does(used, n_jobs, threads):
    filter_signal(X, 100, n_jobs=n_jobs)
    assert used == threads


def test_all_cores_are_used_unless_told_otherwise(used):
    filter_signal(X, 100)
    assert used == [4]


def test_a_worker_uses_no_more_cores_than_joblib_leaves_it(used, monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", "2")
    filter_signal(X, 100)
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    filter_signal(X, 100)
    assert used == [2]


def test_few_records_are_measured_without_threads_and_with_the_same_result(used):
    ecg = make_lvh_ecg(16, fs=100, random_state=0).data
    together = measure_records(ecg, 100, LEAD_NAMES)
    assert used == [2]  # each has at least eight records
    for first in (0, 1):
        few = measure_records(ecg[first : first + 15], 100, LEAD_NAMES)
        assert few.tobytes() == together[first : first + 15].tobytes()
    one_by_one = [measure_records(record[None], 100, LEAD_NAMES) for record in ecg]
    assert np.concatenate(one_by_one).tobytes() == together.tobytes()
    assert used == [2]


@pytest.mark.parametrize(
    ("n_records", "least", "sizes"),
    [(0, 8, [0]), (7, 8, [7]), (15, 8, [15]), (17, 8, [8, 9]), (6, 1, [1] * 6)],
)
def test_blocks_cover_all_records_and_are_not_small(used, n_records, least, sizes):
    blocks = []
    _blocks.run_in_blocks(lambda *block: blocks.append(block), n_records, -1, least)
    blocks.sort()
    assert [stop - start for start, stop in blocks] == sizes
    covered = [i for start, stop in blocks for i in range(start, stop)]
    assert covered == list(range(n_records))


def test_processes_of_joblib_share_the_cores(monkeypatch):
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    count = joblib.delayed(_blocks._count_threads)
    with joblib.parallel_config("loky", n_jobs=2):
        threads = joblib.Parallel()(count(-1) for _ in range(2))
    assert threads == [max(1, joblib.cpu_count() // 2)] * 2


@pytest.mark.parametrize("estimator", WITH_THREADS, ids=lambda e: type(e).__name__)
def test_estimators_use_all_cores_by_default_and_refuse_zero(estimator):
    assert inspect.signature(type(estimator)).parameters["n_jobs"].default == -1
    with pytest.raises(ValueError, match=r"'n_jobs' .* Got 0 instead"):
        clone(estimator).set_params(n_jobs=0).fit(X, np.arange(20) % 2)


@pytest.mark.parametrize(
    ("subpackage", "default"),
    [(signal, {-1}), (datasets, {None, 4})],
    ids=["signal", "data"],
)
def test_functions_of_a_subpackage_have_one_default(subpackage, default):
    """Files are read by one thread, and downloaded by as many as servers like."""
    parameters = [
        inspect.signature(getattr(subpackage, name)).parameters
        for name in subpackage.__all__
        if inspect.isfunction(getattr(subpackage, name))
    ]
    assert {p["n_jobs"].default for p in parameters if "n_jobs" in p} == default
