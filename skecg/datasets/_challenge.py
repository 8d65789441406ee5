"""Load records of PhysioNet/Computing in Cardiology Challenges with their labels."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.utils import Bunch

from skecg.io import read_ecgs
from skecg.utils import LEAD_NAMES, read_lead_names

_CODES = {
    "LVH": "164873001",
    "LVHV": "55827005",  # left ventricular high voltage
    "LVS": "370365005",  # left ventricular strain
    "RVH": "89792004",
    "VH": "266249003",  # ventricular hypertrophy
    "LAE": "67741000119109",
    "LBBB": "164909002",
    "RBBB": "59118001",
    "AF": "164889003",
    "SNR": "426783006",  # sinus rhythm
}
"""SNOMED CT codes of the Challenges' abbreviations that matter for LVH."""

_DESCR = """\
Records of a PhysioNet/Computing in Cardiology Challenge
--------------------------------------------------------
{n_records} records of {duration:g} s at {fs:g} Hz, in mV. Label: {label} (SNOMED CT {codes}).

The labels are those of each source database, made by readers and by software in ways
that differ between them. A record without the code counts as negative, also in a
database that never states it. The files do not say which records are of one patient.

Perez Alday EA, Gu A, Shah AJ, et al. Classification of 12-lead ECGs: the
PhysioNet/Computing in Cardiology Challenge 2020. Physiological Measurement 41, 124003
(2020), doi:10.1088/1361-6579/abc960.
"""  # noqa: E501


def load_challenge(
    path: str | os.PathLike,
    *,
    label: str | Sequence[str] = "LVH",
    fs: float = 500.0,
    duration: float = 10.0,
    leads: Sequence[str] | None = None,
    as_xarray: bool = False,
    return_X_y: bool = False,
    on_error: str = "raise",
    n_jobs: int | None = None,
    verbose: int = 0,
) -> Bunch | tuple[Any, np.ndarray]:
    """Load a folder of PhysioNet Challenge records with SNOMED CT labels.

    For the databases of the Challenges 2020 and 2021: Georgia, Chapman-Shaoxing and
    Ningbo, CPSC, PTB and PTB-XL in that form.

    Parameters
    ----------
    path : str or path-like
        Folder with headers (``.hea``) and signal files, also in folders below it.
    label : str or sequence of str, default="LVH"
        What counts as positive: abbreviations of the Challenges, "LVH", "LVHV", "LVS",
        "RVH", "VH", "LAE", "LBBB", "RBBB", "AF" or "SNR", or SNOMED CT codes as text,
        such as ``"164873001"`` for LVH. Of several, any one.
    fs : float, default=500.0
        Sampling rate in Hz, to which records at other rates are resampled.
    duration : float, default=10.0
        Duration in s. Longer records are cut at their end; shorter ones fail.
    leads : sequence of str, default=None
        Names of the leads to load, in any case. None loads the twelve standard ones.
    as_xarray : bool, default=False
        Return ``data`` as a labelled ``xarray.DataArray``.
    return_X_y : bool, default=False
        Return ``(data, target)`` instead of a Bunch.
    on_error : {"raise", "skip"}, default="raise"
        What to do with a record that is damaged or too short. With ``"skip"`` it is
        left out, listed in ``skipped`` and counted in one warning.
    n_jobs : int or None, default=None
        Number of processes: -1 for all cores, None for one.
    verbose : int, default=0
        With 1, show a progress bar.

    Returns
    -------
    Bunch or (data, target)
        A Bunch with ``data`` (float32 ndarray, or DataArray, of shape (n_records,
        n_times, n_leads), in mV), ``target`` (int ndarray, 1 for positive),
        ``target_names``, ``sex`` (0 male, 1 female) and ``age`` (years), NaN where
        unknown, ``codes`` (tuple of SNOMED CT codes of each record), ``records``
        (paths of the headers), ``lead_names``, ``fs``, ``skipped`` (list of (path,
        reason)) and ``DESCR``.

    Raises
    ------
    FileNotFoundError
        If the folder has no header.
    ECGFileError
        If a record is damaged, too short, or lacks a lead.
    ValueError
        If a label is unknown.
    ImportError
        If xarray or pandas is not installed.

    See Also
    --------
    read_wfdb_records : Reads WFDB records of one length without labels.
    load_ptbxl : Reads PTB-XL with the likelihoods of its statements.

    References
    ----------
    .. [1] Perez Alday EA, Gu A, Shah AJ, et al. Classification of 12-lead ECGs: the
       PhysioNet/Computing in Cardiology Challenge 2020. Physiological Measurement 41,
       124003 (2020). https://doi.org/10.1088/1361-6579/abc960

    Examples
    --------
    >>> from skecg import load_challenge
    >>> georgia = load_challenge("georgia", on_error="skip")  # doctest: +SKIP
    >>> georgia.target_names  # doctest: +SKIP
    ['no LVH', 'LVH']
    >>> load_challenge(".", label="hypertrophy")
    Traceback (most recent call last):
    ...
    ValueError: label must be of LVH, LVHV, ... or SNOMED CT codes, but got 'hypertr...
    """
    codes = _codes_of(label)
    names = LEAD_NAMES if leads is None else read_lead_names(leads, name="leads")
    folder = Path(path).expanduser()
    # In one order on every system: rows of X are reproducible.
    headers = sorted(map(str, folder.rglob("*.hea")))
    if not headers:
        raise FileNotFoundError(
            f"{folder} has no header (.hea), nor have the folders below it; give the "
            "folder of a Challenge's records."
        )
    read = read_ecgs(
        headers,
        target_fs=fs,
        duration=duration,
        leads=names,
        format="wfdb",
        on_error=on_error,
        n_jobs=n_jobs,
        progress_bar=bool(verbose),
    )
    stated = [tuple(text.split()) for text in read.table["codes"].iloc[read.kept]]
    target = np.array([bool(codes.intersection(one)) for one in stated]).astype(int)
    data = read.data if as_xarray else read.data.values
    if return_X_y:
        return data, target
    shown = label if isinstance(label, str) else " or ".join(label)
    return Bunch(
        data=data,
        target=target,
        target_names=[f"no {shown}", shown],
        sex=read.table["sex"].to_numpy()[read.kept],
        age=read.table["age"].to_numpy()[read.kept],
        codes=stated,
        records=[headers[k] for k in read.kept],
        lead_names=list(names),
        fs=float(fs),
        skipped=read.skipped,
        DESCR=_DESCR.format(
            n_records=len(target),
            duration=duration,
            fs=fs,
            label=shown,
            codes=", ".join(sorted(codes)),
        ),
    )


def _codes_of(label: str | Sequence[str]) -> set[str]:
    """Return the SNOMED CT codes of labels."""
    labels = [label] if isinstance(label, str) else list(label)
    codes = {_CODES.get(str(one).upper(), str(one)) for one in labels}
    # SNOMED CT identifiers have 6 to 18 digits.
    unknown = [one for one in codes if not (one.isdecimal() and 6 <= len(one) <= 18)]
    if unknown or not codes:
        raise ValueError(
            f"label must be of {', '.join(_CODES)} or SNOMED CT codes, but got "
            f"{label!r}."
        )
    return codes
