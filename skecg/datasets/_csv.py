"""Load ECGs from a table with one record a row."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from sklearn.utils import Bunch

from skecg.datasets._arguments import check_number, check_option
from skecg.datasets._csv_cells import read_cells, several_leads
from skecg.datasets._csv_table import column_values, compare_labels, read_table
from skecg.utils import (
    MILLIVOLTS_PER_UNIT,
    import_optional,
    is_missing,
    label_records,
    read_lead_names,
    voltage_unit,
    warn_of_skipped,
)


def load_ecg_csv(
    source: Any,
    *,
    signal_column: str = "ECG_signal",
    label_column: str | None = "label",
    positive_label: Any = None,
    group_column: str | None = None,
    fs: float | None = None,
    n_leads: int = 1,
    lead_names: Sequence[str] | None = None,
    units: str = "mV",
    as_xarray: bool = False,
    return_X_y: bool = False,
    on_error: str = "raise",
) -> Bunch | tuple[Any, np.ndarray]:
    """Load ECGs of one length from a CSV file or DataFrame, one record a row.

    The classical table of a study: a column of recordings and a column of labels.

    Parameters
    ----------
    source : str, path-like, file object or pandas.DataFrame
        The table.
    signal_column : str, default="ECG_signal"
        Column of the recordings. Each cell is a sequence or array of n_times values,
        an array of shape (n_times, n_leads), or such a thing as text:
        ``"[0.1, 0.2]"``, ``"0.1 0.2"``, ``"0.1,0.2"`` or ``"[[0.1, 0.2], ...]"``. A
        flat cell with several leads holds all leads of the first sample, then all of
        the second, and so on. Cells with decimal commas, with nothing between two
        commas or with leads in another order are errors, and so are recordings that
        span more than 50 mV.
    label_column : str or None, default="label"
        Column of the labels: numbers, booleans or text, but not a mixture. None
        loads recordings without labels.
    positive_label : str, int, float or bool, optional
        The label that counts as 1 in ``target``; all others count as 0. By default
        ``target`` holds the labels as they are (see Notes for text).
    group_column : str, optional
        Column of the patients' identifiers, given back as ``groups``.
    fs : float, optional
        Sampling rate in Hz, from 1 to 1,000,000; needed for ``as_xarray=True``.
    n_leads : int, default=1
        Number of leads in each recording.
    lead_names : sequence of str, optional
        Names of the `n_leads` leads in their order, in any case.
    units : {"mV", "uV", "µV"}, default="mV"
        Unit of the values in the table, in any case.
    as_xarray : bool, default=False
        Return ``data`` as a labelled ``xarray.DataArray``.
    return_X_y : bool, default=False
        Return ``(data, target)`` instead of a Bunch.
    on_error : {"raise", "skip"}, default="raise"
        What to do with a row that cannot be read, has NaN or infinite values or no
        label or group, or differs in length from most rows (of two lengths that are
        equally frequent, the first). With ``"skip"`` it is left
        out, listed in ``skipped`` and counted in one warning.

    Returns
    -------
    Bunch or (data, target)
        A Bunch with

        - ``data``: float32 ndarray of shape (n_records, n_times, n_leads), in mV; or
          a DataArray with the dimensions record, time and lead, the coordinates
          ``time`` (s), ``lead`` if named, and ``patient`` with `group_column`;
        - ``target``: ndarray, the labels (None without `label_column`), or with
          `positive_label` int ndarray, 1 for positive;
        - ``target_names``: the names of the classes 0 and 1: the other label, or
          "not ..." if there are several, and the positive one (None without
          `positive_label`);
        - ``groups``: ndarray (None without `group_column`);
        - ``fs``: float, Hz, or None; ``lead_names``: list of str, or None;
        - ``metadata``: DataFrame, the table without the recordings, in the order
          of ``data``;
        - ``skipped``: list of (row, reason).

    Raises
    ------
    FileNotFoundError
        If the file is absent.
    ValueError
        If the file is no CSV table, if a column is absent or mixes kinds of labels,
        if a row cannot be read (the message names it by its index), or if a parameter
        is not allowed.
    TypeError
        If a number is of the wrong kind.
    ImportError
        If pandas, or for ``as_xarray=True`` xarray, is not installed.

    See Also
    --------
    load_ptbxl : Loads PTB-XL.

    Notes
    -----
    Classifiers sort labels and take the second one as positive. Text sorts
    alphabetically, so that of "LVH" and "NORM" the positive class would be NORM: name
    the positive one with ``positive_label="LVH"``.

    pandas writes arrays of more than 1,000 values into a CSV file as
    ``[0.1 0.2 ... 0.9]``: the values in the middle are lost. Convert them first:
    ``table["ECG_signal"] = [signal.tolist() for signal in table["ECG_signal"]]``.

    Examples
    --------
    >>> import pandas as pd
    >>> from skecg.datasets import load_ecg_csv
    >>> table = pd.DataFrame(
    ...     {"ECG_signal": ["[0.1, 0.9]", "0.2 0.8"], "label": ["normal", "LVH"]}
    ... )
    >>> ecg = load_ecg_csv(table, positive_label="LVH")
    >>> ecg.data.shape, ecg.target.tolist(), ecg.target_names
    ((2, 2, 1), [0, 1], ['normal', 'LVH'])

    A row that does not fit is named.

    >>> table.loc[1, "ECG_signal"] = "0.2 0.8 0.9"
    >>> load_ecg_csv(table)
    Traceback (most recent call last):
    ...
    ValueError: row 1 has 3 samples, but most rows have 2; cut or pad ...
    """
    check_option("on_error", on_error, ("raise", "skip"))
    unit = voltage_unit(units) or units
    check_option("units", unit, ("mV", "uV"))
    fs = None if fs is None else float(check_number("fs", fs, 1, 1e6))
    check_number("n_leads", n_leads, 1, integer=True)
    names = None
    if lead_names is not None:
        names = list(read_lead_names(lead_names, n_leads))
    if as_xarray:
        import_optional("xarray", "xarray", "load_ecg_csv(as_xarray=True)")
        if fs is None:
            raise ValueError("as_xarray=True needs fs in Hz, but got None.")
    if label_column is None and (return_X_y or positive_label is not None):
        asker = "return_X_y=True" if return_X_y else f"{positive_label=}"
        raise ValueError(f"{asker} needs label_column, but got None.")
    table = read_table(source, [signal_column, label_column, group_column])
    signals, reasons = read_cells(
        table[signal_column].tolist(), n_leads, MILLIVOLTS_PER_UNIT[unit]
    )
    for column in filter(None, (label_column, group_column)):
        _drop_unknown(table, column, signals, reasons)
    skipped = _report(table, reasons, on_error)
    data: Any = np.stack(list(signals.values()))
    # Two leads, and some of eight, are told by several cells alone.
    if n_leads == 1 and (held := several_leads(data[:, :, 0])):
        raise ValueError(f"The cells of {signal_column!r} seem to hold {held}.")
    # Rows that are left out must not shift labels against recordings.
    table = table.iloc[list(signals)].drop(columns=signal_column)
    target = column_values(table, label_column)
    groups = column_values(table, group_column)
    target_names = None
    if target is not None and positive_label is not None:
        target, target_names = compare_labels(target, positive_label)
    if as_xarray:
        data = label_records(
            data,
            fs=fs,
            lead_names=names,
            purpose="load_ecg_csv(as_xarray=True)",
            **({} if groups is None else {"patient": groups}),
        )
    if return_X_y:
        return data, target
    return Bunch(
        data=data,
        target=target,
        target_names=target_names,
        groups=groups,
        fs=fs,
        lead_names=names,
        metadata=table,
        skipped=skipped,
    )


def _drop_unknown(
    table: Any,
    column: str,
    signals: dict[int, np.ndarray],
    reasons: dict[int, str],
) -> None:
    """Drop the signals of rows whose label or group is missing."""
    # As in the readers of groups: "nan" and "" are no patients, nor labels.
    missing = [is_missing(value) for value in table[column]]
    for position in np.flatnonzero(missing).tolist():
        if signals.pop(position, None) is not None:
            reasons[position] = f"has no {column!r}; fill it in or drop the row"


def _report(
    table: Any, reasons: dict[int, str], on_error: str
) -> list[tuple[Any, str]]:
    """Raise for the first bad row, or warn once and return all of them."""
    skipped = [
        (table.index[position], reasons[position]) for position in sorted(reasons)
    ]
    if skipped:
        first = "row {} {}".format(*skipped[0])
        if on_error == "raise":
            raise ValueError(
                f"{first}, or pass on_error='skip' to leave such rows out."
            )
        warn_of_skipped(len(skipped), len(table), "row", first)
    return skipped
