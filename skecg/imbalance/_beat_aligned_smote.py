"""New records between two records of a class."""

from numbers import Integral, Real

import numpy as np
from sklearn.metrics import euclidean_distances

from skecg.imbalance._base import RecordOverSampler, draw_evenly, names_of_leads
from skecg.signal import blend_records, find_record_beats
from skecg.utils import Interval, resolve_fs

_LOWEST_FS = 80  # Hz
_COMPARED = (0.28, 0.85)  # s from the start of a mean beat: PR, QRS, ST and T
_COMPARED_FS = 100  # Hz
_CHUNK = 256  # records whose distances to all others are held at once


class BeatAlignedSMOTE(RecordOverSampler):
    """Append records interpolated between two of a class, beat by beat.

    SMOTE [1]_ draws new rows on the line between a row and one of its neighbours. The
    beats of two ECGs come at different times, so that it halves the voltage. Here beats
    are aligned before they are interpolated.

    Parameters
    ----------
    sampling_strategy : float, str, dict or callable, default="auto"
        How many new records each class gets in `fit_resample`, as in
        imbalanced-learn's over-samplers: ``"auto"`` makes all classes as large as the
        largest, a float is the wanted ratio of the smaller class to the larger.
    k_neighbors : int, default=5
        Number of nearest records of the class from which the other one is drawn.
    fs : float, default=None
        Sampling rate of X in Hz. None means that of a labelled X, else 500. Beats are
        found at 80 or more.
    lead_names : sequence of str, default=None
        Names of the leads of X. None means those of a labelled X, else the twelve
        standard leads in their usual order (or the eight independent ones) where X
        has so many.
    random_state : int, RandomState instance or None, default=None
        Seeds the choice of records and the place of new ones between them.

    Attributes
    ----------
    sampling_strategy_ : dict
        Number of new records of each class.
    sample_indices_ : ndarray of shape (n_records_new,)
        Position in X of each record of the output; of a new record, that of the one
        whose rhythm it has.
    neighbor_indices_ : ndarray of shape (n_new,)
        Position in X of the other record, for each new one.
    shares_ : ndarray of shape (n_new,)
        Place of each new record between the first (0) and the other (1).
    without_beats_ : ndarray of shape (n_without_beats,)
        Positions in X of the records of the smaller classes in which no beats were
        found. They stay in the output, and no new records are made from them.
    n_features_in_, n_leads_in_ : int
        Number of samples in time and number of leads of a record.
    fs_in_, lead_names_in_ : float and tuple of str, or None
        Sampling rate in Hz and lead names of a labelled X at `fit`, else None.

    See Also
    --------
    ECGAugmenter : Disturbed copies instead of new records.
    RecordSampler : The other samplers of imbalanced-learn.
    skecg.signal.blend_records : How a new record is made.

    Notes
    -----
    Records must be in mV: put the sampler before an ECGScaler. A new record keeps the
    rhythm, intervals, noise, baseline and beats of unusual shape of the first record;
    P, QRS, ST and T of its other beats have voltages between those of the two. On
    PTB-XL's LVH records of fold 7 at 100 Hz, 92 % of the R and S waves over 0.5 mV came
    within 3 % of the interpolated amplitude, and their median within 0.1 %; by SMOTE 4
    and 5 % did (``benchmarks/smote_amplitudes.py``). Laws that are linear in the leads,
    such as Einthoven's, hold as in the two records.

    Neighbours are the records whose mean beats, from 120 ms before the fiducial sample
    to 450 ms after it, have the smallest Euclidean distance in mV. Where a labelled X
    names the patients (coordinate ``patient``), a neighbour is always a record of
    another patient; an array of `groups`, which other methods take, is not passed on.

    New records get the coordinate ``synthetic``, a patient of their own, and no sex or
    age, as those of :class:`~skecg.RecordSampler`.

    References
    ----------
    .. [1] Chawla NV, et al. SMOTE: synthetic minority over-sampling technique. J Artif
       Intell Res 2002;16:321-357. doi:10.1613/jair.953

    Examples
    --------
    >>> import numpy as np
    >>> from skecg import BeatAlignedSMOTE, make_lvh_ecg
    >>> X, y = make_lvh_ecg(40, prevalence=0.2, random_state=0, return_X_y=True)
    >>> X_new, y_new = BeatAlignedSMOTE(random_state=0).fit_resample(X, y)
    >>> X_new.shape, np.bincount(y_new).tolist()
    ((64, 5000, 12), [32, 32])

    Einthoven's law, III = II - I, holds in the new records as in those given:

    >>> bool(np.allclose(X_new[:, :, 2], X_new[:, :, 1] - X_new[:, :, 0], atol=1e-5))
    True
    """

    _parameter_constraints: dict = {
        **RecordOverSampler._parameter_constraints,
        "k_neighbors": [Interval(Integral, 1, None, closed="left")],
        "fs": [Interval(Real, 0, None, closed="neither"), None],
        "lead_names": ["array-like", None],
    }

    def __init__(
        self,
        sampling_strategy="auto",
        *,
        k_neighbors=5,
        fs=None,
        lead_names=None,
        random_state=None,
    ):
        self.sampling_strategy = sampling_strategy
        self.k_neighbors = k_neighbors
        self.fs = fs
        self.lead_names = lead_names
        self.random_state = random_state

    def _new_records(self, values, labels, y, rng):
        fs = self._check_fs(labels)
        lead_names = names_of_leads(self.lead_names, labels, values.shape[2])
        patients = labels.record_coordinate("patient") if labels is not None else None
        new, base, other, shares, without = ([] for _ in range(5))
        for label, n_new in self.sampling_strategy_.items():
            if not n_new:
                continue
            members = np.flatnonzero(y == label)
            records = values[members]
            beats = find_record_beats(records, fs)
            # A record without beats can't be aligned; it stays in X as it is.
            without.append(members[~beats.found])
            usable = np.flatnonzero(beats.found)
            who = None if patients is None else patients[members[usable]]
            neighbors = self._neighbors(beats.mean[usable], beats.fs, who, label)
            drawn = draw_evenly(np.arange(len(usable)), n_new, rng)
            # As in SMOTE, a neighbour and a place between are drawn uniformly.
            chosen = neighbors[drawn, rng.integers(0, self.k_neighbors, n_new)]
            shares.append(rng.uniform(0, 1, n_new))
            pair = usable[drawn], usable[chosen]
            new.append(blend_records(records, fs, beats, *pair, shares[-1], lead_names))
            base.append(members[pair[0]])
            other.append(members[pair[1]])
        none = np.zeros(0, int)
        self.neighbor_indices_ = np.concatenate([none, *other])
        self.shares_ = np.concatenate([np.zeros(0), *shares])
        self.without_beats_ = np.concatenate([none, *without])
        return np.concatenate([values[:0], *new]), np.concatenate([none, *base])

    def _check_fs(self, labels):
        """Return the sampling rate in Hz, or raise if no beats can be found."""
        if labels is not None and labels.standardized:
            raise ValueError(
                "BeatAlignedSMOTE needs records in mV, but X is standardized; put it "
                "before ECGScaler."
            )
        fs = resolve_fs(self, labels)
        if fs < _LOWEST_FS:
            raise ValueError(
                f"BeatAlignedSMOTE needs a sampling rate of {_LOWEST_FS} Hz or more to "
                f"find beats, got {fs:g}; put it before the ECGResampler."
            )
        return fs

    def _neighbors(self, beats, fs, patients, label):
        """Return the nearest records of each, an int (n_records, k_neighbors)."""
        if not len(beats):
            raise ValueError(self._too_few(label, 0, patients))
        step = max(1, round(fs / _COMPARED_FS))
        first, last = (round(s * fs) for s in _COMPARED)
        rows = beats[:, first:last:step].reshape(len(beats), -1)
        neighbors = np.empty((len(rows), self.k_neighbors), int)
        for start in range(0, len(rows), _CHUNK):
            here = slice(start, start + _CHUNK)
            distance = euclidean_distances(rows[here], rows)
            # A record is no neighbour of itself, nor of others of its patient.
            own = np.arange(len(rows))
            known = own if patients is None else patients
            distance[known[here, None] == known] = np.inf
            fewest = np.isfinite(distance).sum(axis=1).min()
            if fewest < self.k_neighbors:
                raise ValueError(self._too_few(label, fewest, patients))
            neighbors[here] = np.argsort(distance, axis=1)[:, : self.k_neighbors]
        return neighbors

    def _too_few(self, label, n_neighbors, patients):
        whose = "" if patients is None else " of other patients"
        return (
            f"k_neighbors={self.k_neighbors}, but a record of class {label} has only "
            f"{n_neighbors} others{whose} in which beats are found; give more records "
            "or a smaller k_neighbors, or use RecordSampler(RandomOverSampler())."
        )
