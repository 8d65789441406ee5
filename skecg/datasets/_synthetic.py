"""A synthetic 12-lead cohort with known truth."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from sklearn.utils import Bunch, check_random_state

from skecg.datasets._arguments import check_number, choose_leads
from skecg.datasets._cohort import Cohort, draw_cohort
from skecg.datasets._rhythm import clean_leads, draw_beats, electrode_noise
from skecg.datasets._truth import true_waves, twelve_leads
from skecg.signal import LEAD_NAMES
from skecg.utils import label_records

_DESCR = """\
Synthetic 12-lead ECG cohort for left ventricular hypertrophy (LVH)

Made by skecg.datasets.make_lvh_ecg from a moving heart dipole (loops of Gaussian lobes
for P, QRS, ST and T) projected on the leads by Dower's coefficients. LVH is drawn as
higher voltage, leftward axis, longer QRS and, in some, secondary ST-T abnormality and
an enlarged left atrium. The truth is known, and it is a model's: figures on this cohort
say whether software works, and nothing about its accuracy in patients.
"""


def make_lvh_ecg(
    n_records: int = 200,
    *,
    fs: float = 500.0,
    duration: float = 10.0,
    leads: Sequence[str] | None = None,
    n_leads: int | None = None,
    prevalence: float = 0.3,
    noise: float = 1.0,
    random_state: int | np.random.RandomState | None = None,
    return_X_y: bool = False,
    as_xarray: bool = False,
) -> Any:
    """Make a synthetic 12-lead ECG cohort in which some patients have LVH.

    Parameters
    ----------
    n_records : int, default=200
        Number of records. About a fifth of the patients have two or three of them.
    fs : float, default=500.0
        Sampling rate in Hz, from 50 to 10,000.
    duration : float, default=10.0
        Length of a record in s, at least 2.
    leads : sequence of str or None, default=None
        Names of the leads in the order wanted, such as ``["I", "V5"]``. None leaves
        the choice to ``n_leads``.
    n_leads : {12, 8, 1} or None, default=None
        All leads, the eight independent ones (I, II, V1 to V6) or lead II alone; None
        means twelve, or as many as ``leads`` names.
    prevalence : float, default=0.3
        Share of the records with LVH, from 0 to 1; the number is rounded.
    noise : float, default=1.0
        Factor on baseline wander, 50 Hz mains and muscle noise: 1 as in routine
        recordings, 0 for clean signals.
    random_state : int, RandomState instance or None, default=None
        Seed. The same integer gives the same hearts and beats for every ``fs``,
        ``leads`` and ``noise``.
    return_X_y : bool, default=False
        Return ``(data, target)`` instead of a Bunch.
    as_xarray : bool, default=False
        Return ``data`` as a labelled ``xarray.DataArray``. Its dimensions are record,
        time (s) and lead; its record coordinates patient, sex and age; and
        ``attrs["units"]`` is "mV".

    Returns
    -------
    sklearn.utils.Bunch or tuple
        ``(data, target)`` if ``return_X_y``, else a Bunch with the fields

        data : float32 ndarray or DataArray of shape (n_records, n_times, n_leads)
            The signals in mV.
        target : int ndarray of shape (n_records,)
            1 for LVH, else 0.
        groups : int ndarray of shape (n_records,)
            Patient of each record. A patient's records agree in class, sex and age.
        sex : int ndarray of shape (n_records,)
            0 male, 1 female.
        age : float ndarray of shape (n_records,)
            Age in years.
        lead_names : list of str
            Names of the leads.
        fs : float
            Sampling rate in Hz.
        amplitudes : dict of float ndarray of shape (n_records, n_leads)
            True magnitudes in mV of ``"Q"``, ``"R"`` and ``"S"`` in the median beat,
            against the PQ level, before any band limit. A QS complex counts both as Q
            and as S. Waves under 0.03 mV or 6 ms are 0.
        qrs_onset : float ndarray of shape (n_records,)
            Earliest onset of the QRS in any lead, in ms after the R time (negative).
        qrs_duration : float ndarray of shape (n_records,)
            Time in ms from that onset to the latest end in any lead; both are where
            the QRS passes 0.02 mV.
        r_times : list of float ndarray
            Times in s of each record's beats: the longest vector of the QRS.
        DESCR : str
            What the cohort is and is not.

    Raises
    ------
    ValueError
        If a value is out of range, a lead is unknown or named twice, or ``leads`` and
        ``n_leads`` contradict each other.
    TypeError
        If a number is of the wrong kind.
    ImportError
        If ``as_xarray`` is set and xarray is not installed.

    See Also
    --------
    load_ptbxl : Real recordings with a cardiologist's statements.

    Notes
    -----
    A dipole moves through loops made of Gaussian lobes, as in [2]_ and [3]_: two atria,
    five parts of the ventricles, and repolarisation. Dower's coefficients [1]_ project
    it on I, II and V1 to V6; the other limb leads follow by Einthoven and Goldberger.
    Voltage depends on sex, age and body, the axis on age. RR intervals and amplitudes
    vary with breathing. Noise is added at nine electrodes, so that the laws of the limb
    leads hold for it too.

    LVH means larger free-wall and posterior lobes, a smaller septal one, a longer QRS
    and an axis turned to the left. Two in five have secondary ST-T abnormality, a third
    an enlarged left atrium. The classes overlap: the area under the ROC curve is about
    0.85 for Sokolow-Lyon voltage and 0.86 for Cornell voltage.

    Records below 500 Hz are sampled at a multiple of ``fs`` and decimated through a
    zero-phase low-pass, and noise above 0.45 ``fs`` is left out. R and S lose height
    thereby, as in real 100 Hz records; ``amplitudes`` stay the true ones.

    The rhythm is always sinus, without ectopic beats or conduction defects. Results on
    this cohort show that software works and say nothing about accuracy in patients.

    References
    ----------
    .. [1] Dower GE, Machado HB, Osborne JA. On deriving the electrocardiogram from
       vectorcardiographic leads. Clin Cardiol 1980;3:87-95.
       https://doi.org/10.1002/clc.1980.3.2.87
    .. [2] McSharry PE, Clifford GD, Tarassenko L, Smith LA. A dynamical model for
       generating synthetic electrocardiogram signals. IEEE Trans Biomed Eng
       2003;50:289-294. https://doi.org/10.1109/TBME.2003.808805
    .. [3] Sameni R, Clifford GD, Jutten C, Shamsollahi MB. Multichannel ECG and noise
       modeling: application to maternal and fetal ECG signals. EURASIP J Adv Signal
       Process 2007:043407. https://doi.org/10.1155/2007/43407

    Examples
    --------
    >>> from skecg.datasets import make_lvh_ecg
    >>> cohort = make_lvh_ecg(n_records=20, fs=100, random_state=0)
    >>> cohort.data.shape, cohort.data.dtype, int(cohort.target.sum())
    ((20, 1000, 12), dtype('float32'), 6)
    >>> s_v1 = cohort.amplitudes["S"][:, cohort.lead_names.index("V1")]
    >>> bool(s_v1[cohort.target == 1].mean() > s_v1[cohort.target == 0].mean())
    True

    One lead is still three-dimensional.

    >>> X, y = make_lvh_ecg(4, fs=100, leads=["V5"], random_state=0, return_X_y=True)
    >>> X.shape
    (4, 1000, 1)
    >>> make_lvh_ecg(4, leads=["V7"])
    Traceback (most recent call last):
    ...
    ValueError: leads must be names out of I, II, III, aVR, aVL, aVF, V1, V2, V3, V4, V5, V6, but got ['V7'].
    """  # noqa: E501
    n_records = check_number("n_records", n_records, 1, integer=True)
    fs = float(check_number("fs", fs, 50, 10_000))
    duration = check_number("duration", duration, 2, 3600)
    prevalence = check_number("prevalence", prevalence, 0, 1)
    noise = check_number("noise", noise, 0, 100)
    names = choose_leads(leads, n_leads)

    cohort = draw_cohort(n_records, prevalence, check_random_state(random_state))
    waves = true_waves(cohort.hearts)
    columns = [LEAD_NAMES.index(name) for name in names]
    data, beats = _record(cohort, fs, duration, columns, noise)
    peaks = [times + peak for times, peak in zip(beats, waves["peak"], strict=True)]
    if as_xarray:
        data = label_records(
            data,
            fs=fs,
            lead_names=names,
            purpose="make_lvh_ecg(as_xarray=True)",
            patient=cohort.groups,
            sex=cohort.sex,
            age=cohort.age,
        )
    if return_X_y:
        return data, cohort.target
    return Bunch(
        data=data,
        target=cohort.target,
        groups=cohort.groups,
        sex=cohort.sex,
        age=cohort.age,
        lead_names=list(names),
        fs=fs,
        amplitudes={wave: waves[wave][:, columns] for wave in "QRS"},
        qrs_onset=1000 * (waves["onset"] - waves["peak"]),
        qrs_duration=1000 * (waves["offset"] - waves["onset"]),
        r_times=[times[(times >= 0) & (times < duration)] for times in peaks],
        DESCR=_DESCR,
    )


def _record(
    cohort: Cohort, fs: float, duration: float, columns: list[int], noise: float
) -> tuple[np.ndarray, list[np.ndarray]]:
    """Return the records (n_records, n_times, n_leads) and the times of their beats."""
    n_times = round(duration * fs)
    data = np.empty((len(cohort.seeds), n_times, len(columns)), dtype=np.float32)
    beats = []
    for index, seed in enumerate(cohort.seeds):
        # Two streams, so that the heart beats alike whatever the noise.
        heart_rng = np.random.default_rng([seed, 0])
        times, gains = draw_beats(
            cohort.rr[index], cohort.age[index], duration, heart_rng
        )
        signal = clean_leads(cohort.hearts, index, times, gains, n_times, fs)
        if noise > 0:
            noise_rng = np.random.default_rng([seed, 1])
            signal += noise * electrode_noise(n_times, fs, noise_rng)
        data[index] = twelve_leads(signal)[:, columns]
        beats.append(times)
    return data, beats
