"""Whatever comes in: a right result, or an error of ours that names the argument.

The examples are the same at each run, and few; ``make fuzz`` draws many others.
"""

import linecache
import traceback
import warnings

import numpy as np
import pytest

pytest.importorskip("hypothesis", reason="hypothesis is of the extra 'test'")
from hypothesis import given
from hypothesis import strategies as st

from skecg import signal
from skecg.signal import LEAD_NAMES
from tests import strategies

NAMED = (
    "X|x|y|fs|lead|target|record|sex|age|conduction|groups|patient|score|y_true|y_score"
)


def is_ours(error):
    """Tell whether an error was raised on purpose, by this package or scikit-learn."""
    last = traceback.extract_tb(error.__traceback__)[-1]
    line = linecache.getline(last.filename, last.lineno).strip()
    by = last.filename.replace("\\", "/")
    return line.startswith("raise") and ("/skecg/" in by or "/sklearn/utils" in by)


def outcome(call, *arguments):
    """Return what a call gives, None where it is refused; arguments stay as given."""
    before = [np.array(a, copy=True) for a in arguments if isinstance(a, np.ndarray)]
    result = None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        warnings.simplefilter("error", RuntimeWarning)
        try:
            result = call(*arguments)
        except (TypeError, ValueError) as error:
            if not is_ours(error):
                raise
    after = [a for a in arguments if isinstance(a, np.ndarray)]
    for old, new in zip(before, after, strict=True):
        if old.dtype.kind != "O":
            np.testing.assert_array_equal(new, old)
    return result


def names_of(X):
    """Return names for the leads of X."""
    n_leads = X.shape[-1] if getattr(X, "ndim", 0) == 3 else 1
    return LEAD_NAMES[:n_leads] if n_leads <= 12 else ["?"] * n_leads


OF_RECORDS = {
    "filter_signal": lambda X, fs: signal.filter_signal(X, fs, n_jobs=1),
    "filter_signal, notch": lambda X, fs: signal.filter_signal(
        X, fs, None, None, notch=35, n_jobs=1
    ),
    "resample_signal": lambda X, fs: signal.resample_signal(X, fs, 100, n_jobs=1),
    "resample_signal, up": lambda X, fs: signal.resample_signal(
        X, fs, 333.3, n_jobs=1
    ),
    "measure_records": lambda X, fs: signal.measure_records(
        X, fs, names_of(X), n_jobs=1
    ),
    "measure_records, beats": lambda X, fs: signal.measure_records(
        X, fs, names_of(X), n_jobs=1, return_beats=True
    ),
    "segment_waves": lambda X, fs: signal.segment_waves(X, fs, names_of(X), n_jobs=1),
    "assess_quality": lambda X, fs: signal.assess_quality(
        X, fs, names_of(X), n_jobs=1
    ),
    "assess_quality, unnamed": lambda X, fs: signal.assess_quality(X, fs, n_jobs=1),
    "find_doubts": lambda X, fs: signal.find_doubts(X, fs, names_of(X)),
    "describe_doubts": lambda X, fs: signal.describe_doubts(X, fs, names_of(X)),
    "find_exchanges": lambda X, fs: signal.find_exchanges(
        X, fs, names_of(X), n_jobs=1
    ),
    "exchanged_limb_leads": lambda X, fs: signal.exchanged_limb_leads(X, names_of(X)),
    "breaks_einthoven": lambda X, fs: signal.breaks_einthoven(X, names_of(X)),
    "flat_leads": lambda X, fs: signal.flat_leads(X),
    "silent_leads": lambda X, fs: signal.silent_leads(X, fs),
    "find_record_beats": lambda X, fs: signal.find_record_beats(X, fs),
    "amplitude_statistics": lambda X, fs: signal.amplitude_statistics(X, "lead"),
    "amplitude_statistics, record": lambda X, fs: signal.amplitude_statistics(
        X, "record"
    ),
    "arrange_leads": lambda X, fs: signal.arrange_leads(X, names_of(X), LEAD_NAMES),
    "exchange_electrodes": lambda X, fs: signal.exchange_electrodes(
        X, next(iter(signal.EXCHANGES)), names_of(X)
    ),
    "rotate_dipole": lambda X, fs: signal.rotate_dipole(
        X, np.full((len(X), 3), 0.1), names_of(X)
    ),
    "shift_records": lambda X, fs: signal.shift_records(X, np.full(len(X), 3)),
    "limb_leads": lambda X, fs: signal.limb_leads(X[..., 0], X[..., -1]),
    "detect_beats": lambda X, fs: signal.detect_beats(X[0], fs),
    "blend_records": lambda X, fs: signal.blend_records(
        X, fs, signal.find_record_beats(X, fs), np.array([0]), np.array([len(X) - 1]),
        np.array([0.5]), names_of(X),
    ),
    "blend_beats": lambda X, fs: signal.blend_beats(
        X[:1, :50], X[-1:, :50], np.array([0.5]), fs, names_of(X)
    ),
    "align_beats": lambda X, fs: signal.align_beats(X[:1, :50], X[-1:, :50], fs),
    "median_beat": lambda X, fs: signal.median_beat(X[0], fs, np.array([50, 90])),
    "classify_beats": lambda X, fs: signal.classify_beats(
        X[0], fs, np.array([50, 90])
    ),
}  # fmt: skip


@pytest.mark.parametrize("call", OF_RECORDS.values(), ids=OF_RECORDS.keys())
@given(
    X=strategies.heartbeats(),
    fs=st.one_of(
        st.sampled_from(strategies.RATES), st.sampled_from(strategies.WRONG_RATES)
    ),
)
def test_functions_of_records_answer_or_refuse(call, X, fs):
    outcome(call, X, fs)
