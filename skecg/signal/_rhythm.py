"""The rhythm of records at 100 Hz: beats left out, early beats, fast regular waves."""

from itertools import pairwise
from statistics import median
from typing import NamedTuple

import numpy as np

from skecg.signal._beats import (
    SHORTEST_WITH_BEATS,
    find_beats,
    front_end,
    remove_wander,
    taken_for_t_waves,
)
from skecg.signal._classes import (
    chosen_beats,
    classify_all,
    count_left_out,
    share_left_out,
)
from skecg.signal._flutter import FLUTTER_LEADS, flutter_scores
from skecg.signal._reversal import RATE
from skecg.utils import INDEPENDENT_LEADS

# Chosen on PTB-XL's folds 1 to 8: found in 88 % of bigeminy, 81 % of trigeminy and
# 0.13 % of sinus rhythm without a stated ectopic beat.
_FEWEST_INTERVALS, _FEWEST_EARLY = 4, 3
_EARLY = 0.8  # of the interval after a beat: the beat came early
_COUPLED = 0.08  # how far, as a share, early beats' intervals are from the usual one


class Rhythm(NamedTuple):
    """What is known of the rhythm of each record; NaN where it can't be measured."""

    beats: np.ndarray  # (n_records, 2): in the median beat, and left out
    left_out: np.ndarray  # share of the beats
    early: np.ndarray  # share of the beats that are early, at one interval
    flutter: np.ndarray  # score of fast regular waves
    flutter_rate: np.ndarray  # their rate a minute

    @classmethod
    def unknown(cls, n_records: int) -> "Rhythm":
        """Return what is known of records that were not looked at."""
        beats = np.zeros((n_records, 2), np.int64)
        return cls(beats, *np.full((4, n_records), np.nan))


def find_rhythm(x: np.ndarray, names: tuple[str, ...]) -> Rhythm:
    """Find the rhythm of records at 100 Hz, whose leads may have no names."""
    rhythm = Rhythm.unknown(len(x))
    if x.shape[1] < SHORTEST_WITH_BEATS * RATE:
        return rhythm
    leads = [names.index(lead) for lead in FLUTTER_LEADS if lead in names]
    with_waves = x[:, :, leads]
    x = x - x.mean(axis=1, keepdims=True)
    if {*INDEPENDENT_LEADS} <= {*names}:
        x = x[:, :, [names.index(lead) for lead in INDEPENDENT_LEADS]]
    front = front_end(x, RATE)
    found = find_beats(x, RATE, front)
    missed = taken_for_t_waves(front, RATE, found)
    remove_wander(x, RATE, front)
    classified = classify_all(x, RATE, found)
    for k, (beats, classes) in enumerate(classified):
        left_out = count_left_out(classes) + len(missed[k])
        rhythm.beats[k] = chosen_beats(classes).sum(), left_out
        rhythm.early[k] = share_early(np.sort(np.append(beats, missed[k])))
    rhythm.left_out[:] = share_left_out(*rhythm.beats.T)
    if not leads:
        return rhythm
    scores, rates = flutter_scores(with_waves, [beats for beats, _ in classified])
    return rhythm._replace(flutter=scores, flutter_rate=rates)


def share_early(beats: np.ndarray) -> float:
    """Return the share of beats that come early, at one interval after the last one.

    It is a half in bigeminy and a third in trigeminy, whatever the beats' shapes.
    """
    intervals = [after - before for before, after in pairwise(beats.tolist())]
    if len(intervals) < _FEWEST_INTERVALS:
        return np.nan
    early = [one for one, after in pairwise(intervals) if one < _EARLY * after]
    if len(early) < _FEWEST_EARLY:
        return 0.0
    usual = median(early)
    coupled = sum(abs(one - usual) <= _COUPLED * usual for one in early)
    return coupled / (len(beats) - 2) if coupled >= _FEWEST_EARLY else 0.0
