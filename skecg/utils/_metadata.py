"""Facts about records: patients, sex, age, conduction.

Each fact is read by one rule, whether it is an argument, a coordinate of a labelled X
or a column of a table. A value is read where its meaning is certain, is NaN where it is
missing, and is a ValueError else. The functions have these parameters in common:
`n_records`, the length that a list must have (one value counts for all records);
`labels`, the labels of X, whose coordinate counts where the argument is None; `name`,
the argument's name in errors; and `records`, names of the records in errors. They
return None where nothing is given.
"""

import re
from collections.abc import Callable, Sequence
from decimal import Decimal
from numbers import Integral, Real
from typing import Any

import numpy as np

from skecg.utils._labels import ECGLabels

_MISSING = {"", "nan", "none", "<na>", "nat", "null", "na", "n/a", "#n/a", "unknown"}
"""Words, in lower case, that stand for a missing value."""

_SEXES = {
    **dict.fromkeys(("male", "m", "man", "men"), 0.0),
    **dict.fromkeys(("female", "f", "woman", "women"), 1.0),
    # Codes of DICOM, HL7 and FHIR for a sex that is not known or neither of the two.
    **dict.fromkeys(("u", "unk", "un", "o", "other"), np.nan),
}
_TRUTHS = {"true": 1.0, "false": 0.0}

OLDEST = 120.0
"""Age in years that no patient has passed."""
_OVER_89 = 90.0  # what the code for "over 89" is read as
_PTBXL_OVER_89 = 300.0
_OVER_89_TEXT = re.compile(r"(>|over|older than)\s*89|(>=|≥)\s*90|90\s*\+")
# DICOM's three digits and a letter, or words. "56M" is neither: it may be a man of 56.
_AGE_TEXT = re.compile(
    r"(?P<number>\d{3})(?P<unit>[ymwd])"
    r"|(?P<count>\d+(\.\d+)?)\s*(?P<word>y|yr|yrs|years?|mo|months?|weeks?|days?)"
)
_PER_YEAR = {"y": 1.0, "m": 12.0, "w": 365.25 / 7, "d": 365.25}

_WHOLE = re.compile(r"(-?\d+)(?:\.0*)?")

Reader = Callable[[Any], float | None]
"""Returns the code of a value, None if the value is invalid."""


def is_missing(value: Any) -> bool:
    """Tell whether a value is missing: None, NaN, NaT, pandas.NA, "" or "nan"."""
    if value is None or value is np.ma.masked:
        return True
    if isinstance(value, str | bytes):
        return _decoded(value).strip().lower() in _MISSING
    if type(value).__name__ in ("NAType", "NaTType"):
        return True
    try:
        return bool(value != value)  # of NaN and NaT alone
    except (TypeError, ValueError):
        return False


def read_groups(
    groups: Any,
    n_records: int,
    *,
    labels: ECGLabels | None = None,
    name: str = "groups",
) -> np.ndarray | None:
    """Return the patient of each record as an integer from 0 to n_patients - 1.

    Keys of :func:`patient_keys` are numbered in their order, whole numbers before text.
    """
    keys = patient_keys(groups, n_records, labels=labels, name=name)
    if keys is None:
        return None
    patients, codes = np.unique(keys, return_inverse=True)
    # np.unique sorted text, in which "10" comes before "9".
    order = sorted(range(len(patients)), key=lambda k: _rank(str(patients[k])))
    position = np.empty(len(order), dtype=np.int64)
    position[order] = np.arange(len(order))
    return position[codes]


def patient_keys(
    groups: Any,
    n_records: int,
    *,
    labels: ECGLabels | None = None,
    name: str = "groups",
) -> np.ndarray | None:
    """Return the patient of each record as text, however the patient is typed.

    The integer 15709, the float 15709.0 and the texts "15709" and "15709.0" are one
    patient; other floats are identified by their shortest digits. "007" is another
    patient than 7. A missing patient is an error, and so is a float that is too large
    to hold a whole number exactly.

    >>> patient_keys([15709.0, b"A-1", "007"], 3).tolist()
    ['15709', 'A-1', '007']
    """
    if groups is None and labels is not None:
        groups = labels.record_coordinate("patient")
        name = "The coordinate 'patient' of X"
    if groups is None:
        return None
    values = _column(groups, n_records, name)
    if values.shape != (n_records,):
        raise ValueError(
            f"{name} must name the patient of each of the {n_records} records, but "
            f"got one value, {values.item()!r}."
        )
    if values.dtype.kind in "iu":
        return values.astype(str)
    missing = np.array([is_missing(value) for value in values], dtype=bool)
    if missing.any():
        raise ValueError(
            f"{name} has missing patients: {missing.sum()} of {n_records} records, the "
            f"first of them record {missing.argmax()} ({values[missing.argmax()]!r}); "
            "name the patient of every record, or leave these records out."
        )
    return np.array([_patient_key(value, name) for value in values], dtype=str)


def read_sex(sex: Any, n_records: int, **options: Any) -> np.ndarray | None:
    """Return the sex of each record, as :func:`encode_sex` codes it."""
    return _read("sex", sex, n_records, **options)


def read_age(age: Any, n_records: int, **options: Any) -> np.ndarray | None:
    """Return the age of each record in years from 0 to 120, NaN where it is unknown.

    Text may be ``"56"``, ``"56 years"``, or a DICOM age such as ``"018M"``. 300, the
    code of PTB-XL for over 89, ``"> 89"`` and ``"90+"`` are read as 90.

    >>> read_age([56, "056Y", 300, None], 4).tolist()
    [56.0, 56.0, 90.0, nan]
    """
    return _read("age", age, n_records, **options)


def read_conduction(
    conduction: Any, n_records: int, **options: Any
) -> np.ndarray | None:
    """Return True for records with a conduction disturbance or pacing.

    True, False, 1 and 0 are read. A missing value is an error: the caller decides
    whether a criterion applies then.
    """
    codes = _read("conduction", conduction, n_records, **options)
    return None if codes is None else codes == 1


def read_truth(values: Any, *, name: str) -> np.ndarray:
    """Return truth values as 1, 0, or NaN where they are missing, in their shape."""
    return _codes("truth", as_objects(values), name)


def encode_sex(sex: Any) -> np.ndarray:
    """Return sex as 0 male, 1 female, NaN unknown.

    Parameters
    ----------
    sex : array-like or None
        0, "male", "M" or "man"; 1, "female", "F" or "woman", in any case. NaN, None,
        pandas.NA, "", "unknown", "U", "other" and "O" are unknown.

    Returns
    -------
    ndarray of float
        The codes, of the shape of `sex`.

    Raises
    ------
    ValueError
        If a value is none of these.

    Examples
    --------
    >>> encode_sex(["male", "female", None]).tolist()
    [0.0, 1.0, nan]
    """
    return _codes("sex", as_objects(sex), "sex")


def _read(
    fact: str,
    given: Any,
    n_records: int,
    *,
    labels: ECGLabels | None = None,
    name: str | None = None,
    records: Sequence[Any] | None = None,
) -> np.ndarray | None:
    """Return the codes of a fact as it is given or labelled, None where it is not."""
    name = name or fact
    labelled = None if labels is None else labels.record_coordinate(fact)
    if given is None:
        given, labelled = labelled, None
        name = f"The coordinate {fact!r} of X"
    if given is None:
        return None
    codes = _codes(fact, _column(given, n_records, name), name, records)
    codes = np.broadcast_to(codes, (n_records,))
    if labelled is not None and fact in _MOST_APART:
        _compare_with_label(fact, name, codes, labelled)
    return codes


# Conduction is missing: who gives it may want criteria of labelled blocks.
_MOST_APART = {"sex": 0, "age": 1}


def _compare_with_label(
    fact: str, name: str, codes: np.ndarray, labelled: np.ndarray
) -> None:
    """Raise where a fact is given that contradicts the label of X."""
    try:
        known = _codes(fact, as_objects(labelled), name)
    except ValueError:  # perhaps it is given because the label can't be read
        return
    apart = np.abs(codes - known) > _MOST_APART[fact]  # False for NaN
    if apart.any():
        first = int(np.argmax(apart))
        raise ValueError(
            f"{name} is {codes[first]:g} for record {first}, but the coordinate "
            f"{fact!r} of X says {known[first]:g} ({apart.sum()} of {len(codes)} "
            f"records); correct the wrong one, or remove it with X.drop_vars({fact!r})."
        )


def _codes(
    fact: str, values: np.ndarray, name: str, records: Sequence[Any] | None = None
) -> np.ndarray:
    """Return what each value is read as, NaN where it is missing and may be."""
    read, rule, remedy = _FACTS[fact]
    codes = np.full(values.size, np.nan)
    for k, value in enumerate(values.ravel().tolist()):
        code = read(_decoded(value))
        if code is None and (fact == "conduction" or not is_missing(value)):
            which = k if records is None else records[k]
            where = f" for record {which}" if values.ndim else ""
            text = repr(value)
            shown = text if len(text) <= 40 else f"{text[:37]}..."
            raise ValueError(
                f"{name} must be {rule}, but got {shown}{where}{remedy(value)}"
            )
        codes[k] = np.nan if code is None else code
    return codes.reshape(values.shape)


def _decoded(value: Any) -> Any:
    """Return bytes as text, anything else as it is."""
    return value.decode(errors="replace") if isinstance(value, bytes) else value


def _column(values: Any, n_records: int, name: str) -> np.ndarray:
    """Return values as an array of shape (n_records,), or of one value."""
    array = as_objects(values)
    # A column of a DataFrame in double brackets.
    if array.ndim == 2 and array.shape[1] == 1:
        array = array[:, 0]
    if array.shape not in ((), (n_records,)):
        got = f"{len(array)} values" if array.ndim == 1 else f"the shape {array.shape}"
        raise ValueError(
            f"{name} has {got}, but there are {n_records} records; give one value for "
            "each."
        )
    return array


def as_objects(values: Any) -> np.ndarray:
    """Return values as an array: integers and floats as they are, else objects.

    Masked values are None among objects. Times and differences of times stay what they
    are.
    """
    if isinstance(values, np.ma.MaskedArray):
        objects = np.array(values.data, dtype=object)
        objects[np.ma.getmaskarray(values)] = None
        return objects
    dtype = getattr(values, "dtype", None)
    if isinstance(dtype, np.dtype) and dtype.kind in "iuf":
        return np.asarray(values)
    if isinstance(dtype, np.dtype) and dtype.kind in "mM":
        objects = np.empty(np.shape(values), dtype=object)
        # astype would make integers of them.
        objects.ravel()[:] = list(np.ravel(values))
        return objects
    return np.asarray(values, dtype=object)


def _rank(key: str) -> tuple[bool, int, str]:
    """Return by what patients are sorted: whole numbers by value, then text."""
    number = _WHOLE.fullmatch(key)
    return (False, int(number[1]), key) if number else (True, 0, key)


def _patient_key(value: Any, name: str) -> str:
    """Return one patient as text."""
    value = _decoded(value)
    if isinstance(value, str):
        text = value.strip()
        number = _WHOLE.fullmatch(text)
        # A leading zero is kept: "007" may be another patient than "7".
        plain = number and str(int(number[1])) == number[1]
        return number[1] if number and plain else text
    if isinstance(value, bool | np.bool_ | Integral):
        return str(int(value))
    if not isinstance(value, float | np.floating | Decimal):
        return str(value)
    # From here on, the value's type no longer holds every whole number.
    inexact = np.inf if isinstance(value, Decimal) else 2.0**53
    if isinstance(value, np.floating):
        inexact = float(2 ** (np.finfo(value.dtype).nmant + 1))
    if abs(float(value)) >= inexact:
        raise ValueError(
            f"{name} has the patient {value!r}, but floats of this size don't hold "
            "every whole number, so that patients may be mixed up; read the "
            "identifiers as integers or text."
        )
    return str(int(value)) if value == int(value) else str(value)


def _sex(value: Any) -> float | None:
    """Return one value as 0, 1 or NaN, None where it is nothing known."""
    code = _SEXES.get(value.strip().lower()) if isinstance(value, str) else None
    return _zero_or_one(value) if code is None else code


def _truth(value: Any) -> float | None:
    """Return one truth value as 0 or 1; a missing one is an error too."""
    if isinstance(value, bool | np.bool_):
        return float(value)
    if isinstance(value, str) and value.strip().lower() in _TRUTHS:
        return _TRUTHS[value.strip().lower()]
    return _zero_or_one(value)


def _zero_or_one(value: Any) -> float | None:
    """Return 0 or 1, also where it is written as text; None for anything else."""
    number = _number(value)
    return number if number in (0.0, 1.0) else None


def _number(value: Any) -> float | None:
    """Return a number or a text that is nothing but one; None for anything else."""
    if isinstance(value, str):
        try:
            return float(value) if "_" not in value else None
        except ValueError:
            return None
    # numpy counts its time differences among the integers.
    if isinstance(value, bool | np.bool_ | np.timedelta64):
        return None
    return float(value) if isinstance(value, Real | Decimal) else None


def _years(value: Any) -> float | None:
    """Return an age in years, None where it is none."""
    years = _number(value)
    if years is None and isinstance(value, str):
        text = value.strip().lower()
        if _OVER_89_TEXT.fullmatch(text):
            return _OVER_89
        written = _AGE_TEXT.fullmatch(text)
        if written:
            number, unit = written["number"], written["unit"]
            years = float(number or written["count"])
            # Years, months, weeks and days differ in their first letter.
            years /= _PER_YEAR[(unit or written["word"])[0]]
    if years == _PTBXL_OVER_89:
        return _OVER_89
    return years if years is not None and 0 <= years <= OLDEST else None


def _sex_remedy(value: Any) -> str:
    """Say what to do about a sex."""
    if isinstance(value, bool | np.bool_):
        return "; a boolean does not say which sex is True, recode it to 0 or 1."
    two = _number(value) == 2
    return "; where 1 is male and 2 female, give sex - 1." if two else "; recode it."


def _age_remedy(value: Any) -> str:
    """Say what an age looks like, and what to do about it."""
    number = _number(value)
    looks = ""
    if number is not None and 1850 <= number <= 2100 and number == int(number):
        looks = ", which looks like a year of birth"
    elif number is not None and number > OLDEST:
        looks = ", which may be in months or days, or the code of a missing age"
    return f"{looks}. Give years, or NaN where the age is unknown."


# What reads a value, the rule that an error states, and the remedy that ends it.
_FACTS: dict[str, tuple[Reader, str, Callable[[Any], str]]] = {
    "sex": (_sex, '0 or "male", 1 or "female", or NaN for unknown', _sex_remedy),
    "age": (
        _years,
        f'years from 0 to {OLDEST:g} (or a DICOM age such as "056Y"; 300 and "> 89" '
        "mean over 89)",
        _age_remedy,
    ),
    "conduction": (
        _truth,
        "True or False for each record",
        lambda value: (
            ". Compare words, as in conduction == 'yes', and where it is unknown, "
            "decide whether the criteria are to apply."
        ),
    ),
    "truth": (
        _truth,
        "True or False, or NaN for unknown",
        lambda value: "; recode it.",
    ),
}
