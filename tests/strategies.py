"""Hypothesis strategies for what users give: records, labels and facts of patients."""

from functools import cache

import numpy as np
import pytest

pytest.importorskip("hypothesis", reason="hypothesis is of the extra 'test'")
from hypothesis import strategies as st

from skecg import make_lvh_ecg
from skecg.signal import LEAD_NAMES

RATES = [80.0, 100.0, 128.0, 249.89, 250.0, 500.0, 1000.0]
WRONG_RATES = [0, -1, np.nan, np.inf, None, "500", 1e-300, 1e300, 5, True]


@cache
def beats():
    """Return four records of 4 s at 250 Hz and twelve leads, in mV, not to change."""
    X = make_lvh_ecg(4, fs=250, duration=4, random_state=0).data.astype(np.float64)
    X.flags.writeable = False
    return X


def _spoil_one(value):
    def spoil(X):
        X[tuple(n // 2 for n in X.shape)] = value
        return X

    return spoil


def _spoil_part(value, part):
    def spoil(X):
        X[part if X.ndim > 1 else ...] = value
        return X

    return spoil


SPOILT = {
    "as it is": lambda X: X,
    "NaN once": _spoil_one(np.nan),
    "infinity once": _spoil_one(np.inf),
    "huge once": _spoil_one(1e300),
    "a record of NaN": _spoil_part(np.nan, 0),
    "NaN at the start": _spoil_part(np.nan, (slice(None), slice(0, 3))),
    "all NaN": _spoil_part(np.nan, ...),
    "all infinite": _spoil_part(-np.inf, ...),
    "zeros": _spoil_part(0, ...),
    "a flat record": _spoil_part(7, 0),
    "subnormal": lambda X: X * 5e-324,
    "tiny": lambda X: X * 1e-30,
    "large": lambda X: X * 1e30,
    "largest": lambda X: np.sign(X) * 1.7e308,
    "largest of float32": lambda X: np.sign(X) * 3.4e38,
    "microvolts": lambda X: X * 1000,
    "an offset": lambda X: X + 1e6,
    "whole numbers": lambda X: np.round(X * 200),
}
"""What is done to records of floats."""

LAYOUTS = {
    "C": np.ascontiguousarray,
    "Fortran": np.asfortranarray,
    "turned": lambda X: np.ascontiguousarray(X.T).T,
    "every other": lambda X: np.repeat(X, 2, axis=0)[::2],
    "backwards": lambda X: np.ascontiguousarray(X[::-1, ::-1])[::-1, ::-1],
    "swapped bytes": lambda X: X.astype(X.dtype.newbyteorder()),
}
"""Layouts of the same values in memory."""

FLOATS = [np.float64, np.float32]
DTYPES = [*FLOATS, np.float16, np.int16, np.int64, np.uint8, bool, object, complex, str]

SHAPES = st.one_of(
    st.tuples(st.integers(0, 4), st.integers(0, 60), st.integers(0, 13)),
    st.tuples(st.integers(0, 4), st.sampled_from([1, 2, 7, 100, 1000])),
    st.sampled_from(
        [(), (0,), (5,), (1000,), (1000, 12), (2, 12, 300), (1, 2, 30, 1), (300, 1)]
    ),
)


def _read_only(X):
    X.flags.writeable = False
    return X


@st.composite
def layouts(draw, X):
    """Draw a view or a copy of X whose values are those of X."""
    X = LAYOUTS[draw(st.sampled_from(sorted(LAYOUTS)))](X)
    return _read_only(X) if draw(st.booleans()) else X


@st.composite
def heartbeats(draw, n_leads=None, spoilt=SPOILT, dtypes=FLOATS, least=1):
    """Draw records (n_records, n_times, n_leads) with beats, perhaps spoilt."""
    n_leads = draw(st.sampled_from([1, 3, 8, 12])) if n_leads is None else n_leads
    n_records = draw(st.integers(least, 4))
    n_times = draw(st.sampled_from([1000, 1000, 997, 500, 130, 20]))
    X = beats()[:n_records, :n_times, :n_leads].copy()
    with np.errstate(all="ignore"):
        X = SPOILT[draw(st.sampled_from(list(spoilt)))](X)
        X = X.astype(draw(st.sampled_from(dtypes)))
    return draw(layouts(X))


@st.composite
def anything(draw):
    """Draw an array of any shape and kind, most of them no records at all."""
    shape = draw(SHAPES)
    rng = np.random.default_rng(draw(st.integers(0, 3)))
    X = rng.normal(size=shape)
    if X.size:
        X = SPOILT[draw(st.sampled_from(list(SPOILT)))](np.asarray(X))
    with np.errstate(all="ignore"):
        X = np.asarray(X).astype(draw(st.sampled_from(DTYPES)))
    kind = draw(st.sampled_from(["array", "list", "masked", "frame"]))
    if kind == "list":
        return X.tolist()
    if kind == "masked":
        return np.ma.masked_array(X)
    if kind == "frame" and X.ndim == 2:
        pandas = pytest.importorskip("pandas")
        return pandas.DataFrame(X)
    return X


@st.composite
def labelled(draw, least=1):
    """Draw a DataArray whose coordinates may be odd."""
    xarray = pytest.importorskip("xarray")
    n_leads = draw(st.sampled_from([1, 3, 8, 12]))
    X = draw(heartbeats(n_leads, least=least, dtypes=[*FLOATS, np.int16, object]))
    n_records, n_times, _ = X.shape
    dims = draw(
        st.sampled_from(
            [("record", "time", "lead")] * 6
            + [("record", "time", "channel"), ("record", "lead", "time")]
        )
    )
    coords = {}
    time = np.arange(n_times) / 250
    times = {
        "none": None,
        "seconds": time,
        "milliseconds": 1000 * time,
        "samples": np.arange(n_times),
        "falling": time[::-1],
        "still": np.zeros(n_times),
        "NaN": np.full(n_times, np.nan),
        "text": time.astype(str),
        "timedelta": (1e9 * time).astype("timedelta64[ns]"),
    }
    names = {
        "none": None,
        "usual": list(LEAD_NAMES[:n_leads]),
        "upper": [name.upper() for name in LEAD_NAMES[:n_leads]],
        "twice": ["I"] * n_leads,
        "numbers": list(range(n_leads)),
        "backwards": list(LEAD_NAMES[:n_leads][::-1]),
    }
    facts = {
        "none": {},
        "usual": {"sex": [0] * n_records, "age": [50.0] * n_records},
        "gaps": {"sex": [np.nan] * n_records, "age": [np.nan] * n_records},
        "words": {"sex": ["male"] * n_records},
        "wrong": {"sex": [7] * n_records},
        "old": {"age": [1e9] * n_records},
        "patients": {"patient": [1] * n_records},
    }
    usual = st.sampled_from(["usual", "seconds"])
    chosen = [
        draw(st.one_of(usual, st.sampled_from(sorted(t)))) for t in (times, names)
    ]
    if "time" in dims and times.get(chosen[0]) is not None:
        coords["time"] = times[chosen[0]]
    if "lead" in dims and names.get(chosen[1]) is not None:
        coords["lead"] = names[chosen[1]]
    if dims[1] == "lead":
        X = X.transpose(0, 2, 1)
    for name, values in facts[draw(st.sampled_from(sorted(facts)))].items():
        coords[name] = ("record", values)
    units = draw(st.sampled_from(["mV", "mV", "mV", "uV", "1", "V", 5, None]))
    attrs = {} if units is None else {"units": units}
    X = xarray.DataArray(X, dims=dims, coords=coords, attrs=attrs)
    return X[:, :, 0] if draw(st.integers(0, 9)) == 0 else X


ONE_VALUE = st.sampled_from(
    [0, 1, 2, -1, 0.5, 1.0, 1e300, np.nan, np.inf, None, True, "", "a", "1", "LVH",
     "NORM", "male", b"x", 1956, np.float32(1), np.int8(1), (1,), 1j]
)  # fmt: skip
"""One label, sex, age or patient, right or wrong."""


@st.composite
def columns(draw, n_records):
    """Draw what may be labels, groups, sex, age or conduction of records."""
    n = draw(st.sampled_from([n_records] * 6 + [n_records + 1, 0]))
    few = draw(st.lists(ONE_VALUE, min_size=1, max_size=2))
    values = [few[k % len(few)] for k in range(n)]
    kind = draw(st.sampled_from(["list", "object", "array", "series", "scalar", "2-D"]))
    if kind == "scalar":
        return few[0]
    if kind == "list":
        return values
    column = np.empty(n, dtype=object)
    column[:] = values
    if kind == "series":
        return pytest.importorskip("pandas").Series(column)
    if kind == "2-D":
        return column[:, np.newaxis]
    if kind == "array":
        try:
            return np.array(values)
        except ValueError:
            return column
    return column


@st.composite
def binary(draw, n_records):
    """Draw labels of both classes."""
    y = draw(st.lists(st.integers(0, 1), min_size=n_records, max_size=n_records))
    y[:2] = [0, 1]
    kinds = [int, float, bool, np.int8, str, object]
    return np.array(y).astype(draw(st.sampled_from(kinds)))


@st.composite
def scores(draw, n_records):
    """Draw scores, most of them right, many of them equal."""
    ordinary = st.floats(0, 1, width=32)
    odd = st.sampled_from([0.0, 1.0, 0.5, 1e-300, 1e300, -1e300, np.inf, np.nan, -1.0])
    kind = draw(st.sampled_from([ordinary, ordinary, odd, st.one_of(ordinary, odd)]))
    values = draw(st.lists(kind, min_size=n_records, max_size=n_records))
    with np.errstate(all="ignore"):
        return np.array(values).astype(draw(st.sampled_from(FLOATS)))
