"""Load PTB-XL from its official folder layout."""

import os
from collections.abc import Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.utils import Bunch

from skecg.datasets._arguments import choose_leads
from skecg.datasets._ptbxl_table import (
    FILE_COLUMNS,
    ages,
    apply_label_rule,
    integers,
    read_table,
    record_paths,
    sexes,
    statement_table,
)
from skecg.datasets._wfdb_records import Layout, UnnamedFileError, read_records
from skecg.utils import import_optional, label_records

_DURATION = 10  # seconds of every record of PTB-XL

_DESCR = """\
PTB-XL, 12-lead ECGs of 10 s
----------------------------
{n_records} records at {fs} Hz, in mV. Label rule: {label!r} ({negative!r} = 0, {positive!r} = 1).

The labels are the statements of a cardiologist who read the ECG, not echocardiography
or MRI: a score on them says "agrees with the reader's LVH statement".
`age` is in years; 90 stands for "over 89", which the table codes as 300.
`sex` is 0 for male and 1 for female. `groups` are patients: split by them.
Folds 1 to 8 are for training, 9 for validation, 10 for the final test.

Wagner P, Strodthoff N, Bousseljot R-D, Kreiseler D, Lunze FI, Samek W, Schaeffter T.
PTB-XL, a large publicly available electrocardiography dataset. Scientific Data 7, 154
(2020), doi:10.1038/s41597-020-0495-6. PhysioNet, doi:10.13026/kfzx-aw45.
Licence: Creative Commons Attribution 4.0 International (CC BY 4.0).
"""  # noqa: E501


def load_ptbxl(
    path: str | os.PathLike,
    *,
    fs: int = 100,
    folds: int | Iterable[int] | None = None,
    label: str = "lvh",
    min_likelihood: float | None = None,
    leads: Sequence[str] | None = None,
    as_xarray: bool = False,
    return_X_y: bool = False,
    on_error: str = "raise",
    verify_checksums: bool = False,
    verbose: int = 0,
    n_jobs: int | None = None,
) -> Bunch | tuple[Any, np.ndarray]:
    """Load PTB-XL in mV with labels for left ventricular hypertrophy (LVH).

    The label is the statement of a cardiologist who read the ECG. It is not
    echocardiography or MRI, so that a score on it says "agrees with the reader's LVH
    statement".

    Parameters
    ----------
    path : str or path-like
        Folder with ``ptbxl_database.csv`` and ``records100`` or ``records500``, as
        PhysioNet and :func:`fetch_ptbxl` lay it out.
    fs : {100, 500}, default=100
        Sampling rate in Hz: which of the two versions of each record is read.
    folds : int or iterable of int, optional
        The ``strat_fold`` numbers to load. By default every row of the table, whose
        records must then all be there.
    label : {"lvh", "lvh_or_vclvh", "hyp", "lvh_vs_norm"}, default="lvh"
        What counts as positive:

        - ``"lvh"``: the statement LVH, at any likelihood;
        - ``"lvh_or_vclvh"``: LVH, or voltage criteria for it (VCLVH);
        - ``"hyp"``: any statement of the diagnostic superclass HYP, by
          ``scp_statements.csv``;
        - ``"lvh_vs_norm"``: LVH as positive and NORM as negative; records with
          neither are left out, and a record with both is positive.
    min_likelihood : float, optional
        Smallest likelihood in percent (0, or from 1 to 100) of a positive statement.
        Fractions between 0 and 1 are refused, since they are not percent. A record
        whose positive statements all have less is neither a case nor a control, and
        is left out. PTB-XL writes the likelihood 0 where none was given, so that such
        records are left out too; statements about the form, such as VCLVH, never
        have one. None and 0 accept every statement.
    leads : sequence of str, optional
        Names of the leads to load, in any case, in the order wanted. By default the
        twelve leads in the order I, II, III, aVR, aVL, aVF, V1 to V6.
    as_xarray : bool, default=False
        Return ``data`` as a labelled ``xarray.DataArray``.
    return_X_y : bool, default=False
        Return ``(data, target)`` instead of a Bunch.
    on_error : {"raise", "skip"}, default="raise"
        What to do with a record whose files are absent or damaged. With ``"skip"``
        it is left out, listed in ``skipped`` and counted in one warning.
    verify_checksums : bool, default=False
        Compare each lead's first value and 16-bit checksum with the header.
    verbose : int, default=0
        With 1, show a progress bar.
    n_jobs : int or None, default=None
        Number of threads: -1 for all cores, -2 for all but one, None for one. More
        than one pays where the disk or network is slow.

    Returns
    -------
    Bunch or (data, target)
        A Bunch with

        - ``data``: float32 ndarray of shape (n_records, n_times, n_leads), in mV;
          or a DataArray with the dimensions record, time and lead, the coordinates
          ``time`` (s), ``lead``, and for each record ``patient``, ``sex``, ``age``,
          ``fold`` and ``ecg_id``, and ``attrs["units"]`` "mV";
        - ``target``: int ndarray, 1 for positive;
        - ``target_names``: the names of the classes 0 and 1;
        - ``groups``: int ndarray, ``patient_id``. Split by it: many patients have
          more than one record;
        - ``fold``: int ndarray, ``strat_fold``;
        - ``sex``: ndarray, 0 male and 1 female (float, with NaN, if some are unknown);
        - ``age``: float ndarray in years, NaN where unknown. PTB-XL's code 300, over
          89 years, is given as 90;
        - ``metadata``: DataFrame, the rows of the table as they are (age 300
          included), indexed by ``ecg_id``, in the order of ``data``;
        - ``statements``: DataFrame of bool with the same index, one column for each
          statement that some record has, such as "CLBBB"; at any likelihood;
        - ``lead_names``: list of str; ``fs``: Hz;
        - ``skipped``: list of (record, reason) of the records that failed;
        - ``left_out``: int ndarray, ``ecg_id`` of the records without a label by
          `label` and `min_likelihood`;
        - ``DESCR``: source, licence and caveat.

    Raises
    ------
    FileNotFoundError
        If the table or the files of a record are absent.
    ValueError
        If the table or a record is damaged, or a parameter is not allowed.
    ImportError
        If pandas, or for ``as_xarray=True`` xarray, is not installed.

    See Also
    --------
    fetch_ptbxl : Downloads PTB-XL.
    read_wfdb_records : Reads other WFDB records.

    Notes
    -----
    The values are those of ``wfdb.rdrecord(...).p_signal`` rounded to float32. They
    are written straight into one array, so that the peak of memory is close to its
    size: 0.94 GB for the 19,601 records of folds 1 to 9 at 100 Hz.
    Records without any diagnostic statement count as negative, except for
    ``"lvh_vs_norm"``.

    References
    ----------
    .. [1] Wagner P, Strodthoff N, Bousseljot R-D, et al. PTB-XL, a large publicly
       available electrocardiography dataset. Scientific Data 7, 154 (2020).
       https://doi.org/10.1038/s41597-020-0495-6

    Examples
    --------
    >>> from skecg.datasets import load_ptbxl
    >>> ptbxl = load_ptbxl("ptbxl", folds=range(1, 9))  # doctest: +SKIP
    >>> ptbxl.data.shape, ptbxl.target.mean().round(3)  # doctest: +SKIP
    ((17418, 1000, 12), 0.098)

    An error names the file that is missing.

    >>> load_ptbxl("no_such_folder")
    Traceback (most recent call last):
    ...
    FileNotFoundError: no_such_folder/ptbxl_database.csv is absent; give the folder ...
    """
    if fs not in FILE_COLUMNS:
        raise ValueError(
            f"fs must be 100 or 500, PTB-XL's two sampling rates in Hz, but got {fs!r};"
            " load one of them and resample it with ECGResampler."
        )
    if as_xarray:
        import_optional("xarray", "xarray", "load_ptbxl(as_xarray=True)")
    fs = int(fs)  # 100.0, as the Bunch has it, names the same files
    folder = Path(path).expanduser()
    lead_names = choose_leads(leads)
    table = read_table(folder, fs, folds)
    target, labelled, target_names = apply_label_rule(
        table, folder, label, min_likelihood
    )
    left_out = table.index[~labelled].to_numpy()
    table, target = table[labelled], target[labelled]
    # Before the records are read, so that a damaged table fails at once.
    groups = integers(table, "patient_id")
    of_records = {"sex": sexes(table), "age": ages(table)}
    of_records["fold"] = integers(table, "strat_fold")
    data, kept, skipped, _ = read_records(
        record_paths(table, folder, fs),
        _names(table, label),
        Layout(fs, _DURATION * fs, lead_names),
        on_error=on_error,
        remedy=partial(_remedy, folder, fs),
        verify_checksums=verify_checksums,
        verbose=verbose,
        n_jobs=n_jobs,
    )
    table, target, groups = table.iloc[kept], target[kept], groups[kept]
    of_records = {name: values[kept] for name, values in of_records.items()}
    if as_xarray:
        data = label_records(
            data,
            fs=fs,
            lead_names=lead_names,
            purpose="load_ptbxl(as_xarray=True)",
            patient=groups,
            ecg_id=table.index.to_numpy(),
            **of_records,
        )
    if return_X_y:
        return data, target
    return Bunch(
        data=data,
        target=target,
        target_names=target_names,
        groups=groups,
        **of_records,
        metadata=table,
        statements=statement_table(table),
        lead_names=list(lead_names),
        fs=float(fs),
        skipped=skipped,
        left_out=left_out,
        DESCR=_DESCR.format(
            n_records=len(table),
            fs=fs,
            label=label,
            negative=target_names[0],
            positive=target_names[1],
        ),
    )


def _remedy(folder: Path, fs: int, error: Exception) -> str:
    """Return what to do about a record that cannot be read."""
    fetch = f"fetch_ptbxl({str(folder)!r}, fs={fs})"
    if isinstance(error, UnnamedFileError):
        return f"fill in {FILE_COLUMNS[fs]} of that row"
    if not isinstance(error, FileNotFoundError):
        return f"download it again with {fetch}, which replaces damaged files"
    other = 600 - fs
    if not (folder / f"records{fs}").is_dir() and (folder / f"records{other}").is_dir():
        return (
            f"load it with fs={other}, as the folder has records{other} but no "
            f"records{fs}, or download the files with {fetch}"
        )
    return (
        "load only the folds you have with folds=[...], or download the files with "
        f"{fetch}"
    )


def _names(table: Any, label: str) -> list[str]:
    """Return how messages call each record."""
    if not len(table):
        raise ValueError(
            f"No record has a label by label={label!r} and this min_likelihood; load "
            "more folds or lower min_likelihood."
        )
    return [
        f"record {ecg_id} (fold {fold})" for ecg_id, fold in table["strat_fold"].items()
    ]
