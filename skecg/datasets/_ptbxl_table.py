"""The table of PTB-XL: its rows, their labels and patients."""

import json
import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from skecg.datasets._arguments import check_option
from skecg.utils import import_optional, is_missing, read_age, read_sex

_COLUMNS = ("ecg_id", "patient_id", "age", "sex", "scp_codes", "strat_fold")
FILE_COLUMNS = {100: "filename_lr", 500: "filename_hr"}
# Positive statements (None: the superclass), negative ones (None: all others), names.
_RULES: dict[str, tuple[set[str] | None, set[str] | None, list[str]]] = {
    "lvh": ({"LVH"}, None, ["no LVH", "LVH"]),
    "lvh_or_vclvh": ({"LVH", "VCLVH"}, None, ["no LVH or VCLVH", "LVH or VCLVH"]),
    "hyp": (None, None, ["no hypertrophy", "hypertrophy"]),
    "lvh_vs_norm": ({"LVH"}, {"NORM"}, ["NORM", "LVH"]),
}


def read_table(folder: Path, fs: int, folds: int | Iterable[int] | None) -> Any:
    """Read the rows of the wanted folds, indexed by ecg_id and otherwise unchanged."""
    table = _read_csv(folder, "ptbxl_database.csv", [*_COLUMNS, FILE_COLUMNS[fs]])
    repeated = table["ecg_id"][table["ecg_id"].duplicated()].unique()
    if len(repeated):
        raise ValueError(
            f"ecg_id must be unique in {folder / 'ptbxl_database.csv'}, but occurs "
            f"more than once for record {', '.join(map(str, repeated[:5]))}; drop the "
            "repeated rows."
        )
    table = table.set_index("ecg_id")
    if folds is None:
        return table
    if isinstance(folds, np.ndarray | np.generic):
        folds = folds.tolist()
    wanted = list(folds) if isinstance(folds, Iterable) else [folds]
    present = sorted(set(integers(table, "strat_fold").tolist()))
    missing = [fold for fold in wanted if fold not in present]
    if missing or not wanted:
        lacks = f"; the table lacks {missing}" if missing else ""
        raise ValueError(
            f"folds must be among those of the table ({present}), but got "
            f"{wanted}{lacks}."
        )
    return table[table["strat_fold"].isin(wanted)]


def record_paths(table: Any, folder: Path, fs: int) -> list[str]:
    """Return the path of each row's record, "" where the table names none."""
    column, paths = FILE_COLUMNS[fs], []
    for ecg_id, name in table[column].items():
        path = "" if is_missing(name) else os.path.join(folder, str(name))
        if path and not _stays_below(str(name)):
            raise ValueError(
                f"{column} of record {ecg_id} is {str(name)[:80]!r}, which leads out of"
                f" {folder}; name files of that folder, relative to it."
            )
        paths.append(path)
    return paths


def _stays_below(name: str) -> bool:
    """Tell whether a name is that of a file below the folder, on any system."""
    parts = name.replace("\\", "/").split("/")
    # A colon is a drive of Windows. A folder may be a link to another disk.
    return bool(parts[0]) and ".." not in parts and not set(name) & {"\0", ":"}


def integers(table: Any, column: str) -> np.ndarray:
    """Return a column of whole numbers, none of which may be missing."""
    values = _numbers(table, column)
    # NaN compares unequal, so that missing numbers are found too.
    for ecg_id in table.index[~(values % 1 == 0)]:
        raise ValueError(
            f"{column} must be a whole number in every row, but record {ecg_id} has "
            f"{table.loc[ecg_id, column]}; mend or drop that row."
        )
    return values.astype(np.int64)


def sexes(table: Any) -> np.ndarray:
    """Return 0 for male and 1 for female; floats with NaN if some are unknown."""
    sex: Any = read_sex(table["sex"], len(table), records=table.index)
    return sex.copy() if np.isnan(sex).any() else sex.astype(np.int64)


def ages(table: Any) -> np.ndarray:
    """Return ages in years, NaN where unknown; PTB-XL's 300 (over 89) becomes 90."""
    years: Any = read_age(table["age"], len(table), records=table.index)
    return years.copy()


def apply_label_rule(
    table: Any, folder: Path, rule: str, min_likelihood: float | None
) -> tuple[np.ndarray, np.ndarray, list[str]]:
    """Return targets, which records the rule keeps, and the names of the classes."""
    check_option("label", rule, tuple(_RULES))
    threshold = 0.0 if min_likelihood is None else float(min_likelihood)
    if not 0 <= threshold <= 100:
        raise ValueError(
            "min_likelihood must lie between 0 and 100 percent, but got "
            f"{min_likelihood!r}."
        )
    if 0 < threshold < 1:
        raise ValueError(
            f"min_likelihood must be 0 or at least 1, but got {min_likelihood!r}: "
            f"likelihoods are in percent, 0 to 100 (give {100 * threshold:g} instead?)."
        )
    positive, negative, names = _RULES[rule]
    if positive is None:
        positive = _superclass(folder, "HYP")
    target = np.zeros(len(table), dtype=np.int64)
    keep = np.ones(len(table), dtype=bool)
    for row, codes in enumerate(_statements(table)):
        likelihoods = [codes[code] for code in positive & codes.keys()]
        if likelihoods:
            target[row] = 1
            # A statement that is too unlikely makes no control either.
            keep[row] = max(likelihoods) >= threshold
        elif negative is not None:
            keep[row] = not negative.isdisjoint(codes)
    return target, keep, names


def statement_table(table: Any) -> Any:
    """Return a DataFrame of bool: which statements (columns) each record has."""
    pandas = import_optional("pandas", "ptbxl", "load_ptbxl")
    made = [set(codes) for codes in _statements(table)]
    return pandas.DataFrame(
        {
            code: [code in codes for codes in made]
            for code in sorted(set().union(*made))
        },
        index=table.index,
        dtype=bool,
    )


def _statements(table: Any) -> Iterable[dict[str, float]]:
    """Yield each record's statements with their likelihoods in percent."""
    for ecg_id, text in table["scp_codes"].items():
        try:
            # A dict as Python prints it; as JSON it is read ten times as fast.
            codes = json.loads(text.replace("'", '"'))
            codes = {code: float(likelihood) for code, likelihood in codes.items()}
        except (ValueError, AttributeError, TypeError):
            raise ValueError(
                "scp_codes must be written like {'LVH': 100.0}, but record "
                f"{ecg_id} has {text!r}; mend or drop that row."
            ) from None
        yield codes


def _superclass(folder: Path, name: str) -> set[str]:
    """Return the diagnostic statements of a superclass."""
    table = _read_csv(folder, "scp_statements.csv", ["diagnostic_class"])
    chosen = table["diagnostic_class"].astype(str).str.strip().str.upper() == name
    # The first column without numbers: a table that was written again begins with them.
    for column in table.columns:
        codes = table.loc[chosen, column].astype(str).str.strip()
        if len(codes) and not codes.str.fullmatch(r"[\d.]*").any():
            return set(codes)
    raise ValueError(
        f"{folder / 'scp_statements.csv'} has no statements of the diagnostic_class "
        f"{name}; download it again with fetch_ptbxl({str(folder)!r})."
    )


def _read_csv(folder: Path, name: str, columns: Sequence[str]) -> Any:
    """Read one of PTB-XL's tables and check that the columns are there."""
    pandas = import_optional("pandas", "ptbxl", "load_ptbxl")
    file = folder / name
    if not file.is_file():
        raise FileNotFoundError(
            f"{file} is absent; give the folder that holds PTB-XL's tables and "
            f"records, or download it with fetch_ptbxl({str(folder)!r})."
        )
    try:
        table = pandas.read_csv(file)
    except ValueError as error:
        raise ValueError(
            f"{file} is no readable CSV table ({error}); download it again with "
            f"fetch_ptbxl({str(folder)!r})."
        ) from error
    absent = [column for column in columns if column not in table.columns]
    if absent or not len(table):
        problem = f"lacks the column {', '.join(absent)}" if absent else "is empty"
        raise ValueError(
            f"{file} {problem}; download it again with fetch_ptbxl({str(folder)!r})."
        )
    return table


def _numbers(table: Any, column: str) -> np.ndarray:
    """Return a column as floats, NaN where there is no number."""
    pandas = import_optional("pandas", "ptbxl", "load_ptbxl")
    return pandas.to_numeric(table[column], errors="coerce").to_numpy(np.float64)
