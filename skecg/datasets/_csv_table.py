"""Read a table of ECGs, with its columns of labels and patients."""

import os
from collections.abc import Sequence
from numbers import Real
from typing import Any

import numpy as np

from skecg.datasets._csv_cells import shorten
from skecg.utils import import_optional

_SHOWN = 10  # names that a message lists
# Booleans are numbers to Python, so they come first.
_KINDS: dict[Any, str] = {
    bool | np.bool_: "a boolean",
    Real: "a number",
    str: "text",
}


def read_table(source: Any, columns: Sequence[str | None]) -> Any:
    """Return the table as a DataFrame and check that the columns are there."""
    if hasattr(source, "columns") and hasattr(source, "iloc"):
        table = source
    elif isinstance(source, str | os.PathLike) or hasattr(source, "read"):
        table = _read_csv(source)
    else:
        raise TypeError(
            "source must be a path, a file object or a pandas.DataFrame, but got "
            f"{type(source).__name__}."
        )
    several = [column for column in columns if isinstance(column, list | tuple | set)]
    if several:
        raise TypeError(
            f"signal_column, label_column and group_column name one column each, but "
            f"got {several[0]!r}; of a column a lead, make one column of arrays: "
            "[np.stack(row, axis=-1) for row in table[leads].to_numpy()]."
        )
    absent = [column for column in columns if column and column not in table.columns]
    if absent:
        _check_separator(table)
        raise ValueError(
            f"The table has no column {_listed(absent)}, but {_listed(table.columns)}; "
            "set signal_column, label_column or group_column."
        )
    if not len(table):
        raise ValueError(
            "The table is empty: it has a header, but no rows; give one record a row."
        )
    return table


def _read_csv(source: Any) -> Any:
    """Read a CSV file with commas; say what to do if that fails."""
    pandas = import_optional("pandas", "csv", "load_ecg_csv")
    name = source if isinstance(source, str | os.PathLike) else "source"
    try:
        return pandas.read_csv(source)
    except (FileNotFoundError, IsADirectoryError) as error:
        problem = "is absent" if isinstance(error, FileNotFoundError) else "is a folder"
        raise type(error)(
            f"{name} {problem}; give the path of a CSV file, absolute or from the "
            f"working folder {os.getcwd()}, or a pandas.DataFrame."
        ) from error
    except ValueError as error:  # pandas' parser errors are ValueErrors
        raise ValueError(
            f"{name} is no readable CSV table ({str(error).strip()}); read it with "
            'pd.read_csv(path, ...) and its options, such as sep=";", and pass the '
            "frame."
        ) from error


def _check_separator(table: Any) -> None:
    """Raise if the only column's name looks like several, kept apart by no comma."""
    if len(table.columns) != 1:
        return
    name = str(table.columns[0])
    for separator in (";", "\t", "|"):
        if separator in name:
            shown = repr(separator).strip("'")  # a tab as \t
            raise ValueError(
                f"The table has one column, {shorten(name)}, whose name looks like "
                f"several with {separator!r} between them; read it with "
                f'pd.read_csv(path, sep="{shown}") and pass the frame.'
            )


def _listed(names: Sequence[Any]) -> str:
    """List names, a long one cut and of many the first."""
    text = ", ".join(shorten(name) for name in names[:_SHOWN])
    return text if len(names) <= _SHOWN else f"{text} and {len(names) - _SHOWN} more"


def compare_labels(
    labels: np.ndarray, positive_label: Any
) -> tuple[np.ndarray, list[str]]:
    """Return 1 for the positive label and 0 for others, and the names of 0 and 1.

    >>> compare_labels(np.array(["LVH", "NORM", "LVH"]), "LVH")
    (array([1, 0, 1]), ['NORM', 'LVH'])
    """
    found = np.unique(labels).tolist()
    if positive_label not in found:
        raise ValueError(
            f"positive_label must be one of the labels {_listed(found)}, but got "
            f"{positive_label!r}."
        )
    others = [label for label in found if label != positive_label]
    negative = str(others[0]) if len(others) == 1 else f"not {positive_label}"
    target = (labels == positive_label).astype(np.int64)
    return target, [negative, str(positive_label)]


def column_values(table: Any, column: str | None) -> np.ndarray | None:
    """Return a column as an array of integers, floats, booleans or text."""
    if column is None:
        return None
    values = table[column].to_numpy()
    if values.dtype.kind == "O":
        _check_one_kind(table[column])
        # Of one kind only, so that numpy finds its dtype again.
        return np.array(values.tolist())
    # A column that had gaps holds its integers as floats.
    if values.dtype.kind == "f" and (values % 1 == 0).all():
        return values.astype(np.int64)
    return values


def _check_one_kind(column: Any) -> None:
    """Raise if a column mixes numbers, booleans and text, or holds anything else."""
    first: dict[str, Any] = {}
    for row, value in column.items():
        kinds = (name for kind, name in _KINDS.items() if isinstance(value, kind))
        first.setdefault(next(kinds, f"a {type(value).__name__}"), row)
    if len(first) > 1 or first.keys() - set(_KINDS.values()):
        found = " and ".join(f"{kind} in row {row}" for kind, row in first.items())
        raise ValueError(
            f"The column {column.name!r} must hold numbers, booleans or text alone, "
            f"but has {found}; write all of its values in one way."
        )
