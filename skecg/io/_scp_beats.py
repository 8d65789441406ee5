"""Reference beats and bimodal compression of SCP-ECG."""

from dataclasses import dataclass

import numpy as np

from skecg.io._errors import ECGFileError
from skecg.io._scp_sections import Section

_QRS = "<HIII"
_ZONE = "<II"


@dataclass(frozen=True)
class Beats:
    """Where the reference beat was subtracted, and what is stored at full rate.

    `duration` of the reference beat is in ms, its `fiducial` point in samples from 1.
    `subtracted` has first sample, fiducial point and last sample of each beat that it
    was subtracted from, `zones` first and last sample of each protected zone, from 1.
    """

    duration: int
    fiducial: int
    subtracted: list[tuple[int, int, int]]
    zones: list[tuple[int, int]]


def read_beats(section: Section | None) -> Beats:
    """Return what section 4 holds; raise where beats or zones overlap."""
    if section is None:
        raise _damaged("the reference beat was subtracted, but section 4 is absent")
    # 6 bytes, then 14 a beat, then 8 a zone. A beat of type 0 had the reference
    # beat subtracted; a zone of zeros belongs to a beat without one.
    duration, fiducial, n_beats = section.take("<HHH", 0, "QRS locations")
    beats = [
        section.take(_QRS, 6 + 14 * number, f"QRS {number + 1}")
        for number in range(n_beats)
    ]
    zones = [
        section.take(
            _ZONE, 6 + 14 * n_beats + 8 * number, f"protected zone {number + 1}"
        )
        for number in range(n_beats)
    ]
    subtracted = [tuple(beat[1:]) for beat in beats if beat[0] == 0]
    used = [zone for zone in zones if zone != (0, 0)]
    _check_order([(first, last) for first, _, last in subtracted], "beats")
    _check_order(used, "protected zones")
    return Beats(duration, fiducial, subtracted, used)


def _check_order(spans: list[tuple[int, int]], what: str) -> None:
    """Raise unless spans of samples follow each other."""
    before = 0
    for first, last in spans:
        if not before < first <= last:
            raise _damaged(f"the {what} overlap or end before they begin")
        before = last


def knots(first: int, last: int, zones: list, factor: int) -> tuple:
    """Return where the stored numbers of one lead belong in time.

    Outside the protected zones each stored number is the mean of `factor` samples.
    Samples between two such means are interpolated linearly; those before the first
    and after the last mean of a stretch take its value, as beyond it other numbers
    follow, of which the reference beat was subtracted otherwise.

    `first` and `last` are the samples of the lead, from 1. Returns times in samples
    after the first, which stored number each of them has, and how many are stored.
    """
    times: list[np.ndarray] = []
    source: list[np.ndarray] = []
    n_stored, at = 0, first
    for begin, end in [*zones, (last + 1, last)]:
        begin, end = max(begin, first), min(end, last)
        if begin < at:
            continue
        if (begin - at) % factor and begin <= last:
            raise _damaged(
                f"{begin - at} samples lie before sample {begin}, which is no multiple "
                f"of {factor}"
            )
        stretch = np.arange(at, min(begin, last + 1), factor)
        if stretch.size:
            stop = min(begin - 1, last)
            means = (stretch + np.minimum(stretch + factor - 1, stop)) / 2
            number = n_stored + np.arange(stretch.size)
            times += [np.array([at]), means, np.array([stop])]
            source += [number[:1], number, number[-1:]]
            n_stored += stretch.size
        full = np.arange(begin, end + 1)
        times.append(full)
        source.append(n_stored + np.arange(full.size))
        n_stored += full.size
        at = max(at, end + 1, begin)
    return np.concatenate(times) - first, np.concatenate(source), n_stored


def add_reference(
    signal: np.ndarray, reference: np.ndarray, beats: Beats, first: int
) -> None:
    """Add the reference beat where it was subtracted, in place.

    Both are in mV; `first` is the number of the signal's first sample.
    """
    for begin, fiducial, end in beats.subtracted:
        start = beats.fiducial - 1 - (fiducial - begin)
        stop = start + end - begin + 1
        outside = begin < first or end - first >= len(signal)
        if start < 0 or stop > len(reference) or outside:
            raise _damaged(
                f"the beat at samples {begin} to {end} reaches beyond the recording or "
                "the reference beat"
            )
        signal[begin - first : end - first + 1] += reference[start:stop]


def _damaged(problem: str) -> ECGFileError:
    """Make the error of a section 4 that contradicts itself or the rest."""
    return ECGFileError(
        f"{problem}; export the recording again without high compression.",
        field="section 4",
    )
