"""Records of several leads that were written as rows of one."""

import numpy as np

# Fifteen are the twelve and Frank's, eight the independent ones, six the limb leads.
_COUNTS = (15, 12, 8, 6, 3, 2)
# Samples of a lead; of fewer neither jumps nor laws tell anything.
_FEWEST = 50
_RECORDS = 8  # that are looked at
_MOST = 0.7  # share of them that must look so
_REST = 0.1  # share of the spread of the smallest of I, II and III
# Of 7,512 calls of two or eight records of one lead (PTB-XL at 100 and 500 Hz, 60 s of
# it joined, synthetic at 250 and 500 Hz) none is told to hold several. Of calls with
# several leads 9 in 10 or more are told; less of two leads in synthetic records, one
# after the other (5 in 10), and of V5 and V6 side by side at 100 Hz (4 in 10).
_SMOOTHER = 0.75  # share of the step from lead to lead
_ALIKE = 0.5  # correlation of the times at which leads are fast
_JUMP = 0.6  # share of all steps that are smaller than those from lead to lead
# A single row has no others that agree. Of 9,624 rows of one lead (PTB-XL and
# synthetic, 10 and 60 s, some with hum) none is told to hold several. At 500 Hz, three,
# six or eight leads side by side are told in 98 of 100 rows or more; one after the
# other, six or eight are in 91 or more of PTB-XL, and three are not. Two never are.
_LIMITS_ALONE = dict.fromkeys((6, 8, 12), (0.85, 0.7))
_SMOOTHER_ALONE = 0.5
# QRS complexes are so many times as fast as usual; mains hum is as fast always.
_PEAKED = 2.5
_GRID = 1000  # pieces of a lead in which its steps are averaged


def flattened_leads(rows: np.ndarray) -> tuple[int, bool]:
    """Return how many leads rows seem to hold, and whether one lead after the other.

    Looked for are 2, 3, 6, 8, 12 and 15. Where the limb leads are first, their laws
    tell, else that leads are smoother than what lies side by side, or that they beat
    together. A single row must show it more clearly, and two leads in one are not told.
    One lead gives ``(1, False)``.

    >>> one, two = np.random.default_rng(0).normal(size=(2, 100))
    >>> limb = one, two, two - one, -(one + two) / 2, one - two / 2, two - one / 2
    >>> flattened_leads(np.stack(limb).reshape(1, -1))
    (6, True)
    """
    some = rows[:_RECORDS].astype(np.float64)
    some = some[np.isfinite(some).all(axis=1)]  # others have gaps
    counts = [n for n in _COUNTS if rows.shape[1] >= _FEWEST * n]
    counts = [n for n in counts if rows.shape[1] % n == 0]
    if not len(some) or not counts:
        return 1, False
    alone = len(some) == 1
    after = {n: some.reshape(len(some), n, -1) for n in counts}
    beside = {n: some.reshape(len(some), -1, n).transpose(0, 2, 1) for n in counts}
    # The fewest first: the laws of six leads hold in twelve too.
    for n in counts[::-1]:
        for leads, one_by_one in ((after[n], True), (beside[n], False)):
            if n > 2 and np.mean([obeys_laws(each) for each in leads]) > 0.5:
                return n, one_by_one
    # The most first: halves of twelve leads beat together too.
    for n in counts:
        limits = _LIMITS_ALONE.get(n, (1, 1)) if alone else (_JUMP, _ALIKE)
        if np.mean([_follow(each, *limits) for each in after[n]]) > _MOST:
            return n, True
    shares = [np.median([_roughness(each) for each in beside[n]]) for n in counts]
    smoothest = counts[int(np.argmin(shares))]
    limit = _SMOOTHER_ALONE if alone else _SMOOTHER
    if min(shares) >= limit or alone and smoothest == 2:
        return 1, False
    return smoothest, False


def obeys_laws(leads: np.ndarray) -> bool:
    """Tell whether the first of some rows are I, II, III and aVR by their laws."""
    one, two, three, *others = leads[:4] - leads[:4].mean(axis=1, keepdims=True)
    spread = np.std([one, two, three], axis=1).min()
    rests = [three - (two - one), *(right + (one + two) / 2 for right in others)]
    return bool(spread > 0 and max(np.std(rest) for rest in rests) < _REST * spread)


def _roughness(leads: np.ndarray) -> float:
    """Return the step from sample to sample as a share of that from lead to lead.

    Without the rows' levels, which mains hum with a period of n samples gives them. It
    is 1 where what differs from lead to lead are no beats, as in hum.
    """
    levelled = leads - leads.mean(axis=1, keepdims=True)
    between = np.abs(np.diff(levelled, axis=0))
    usual, fast = np.quantile(between.mean(axis=0), (0.5, 0.98))
    rough = between.mean()  # 0 where the sum of subnormal numbers underflows
    if not rough or not fast > _PEAKED * usual:
        return 1.0
    return float(np.abs(np.diff(levelled, axis=1)).mean() / rough)


def _follow(leads: np.ndarray, least_jump: float, least_alike: float) -> bool:
    """Tell whether rows are leads of the same beats, and not parts of one lead."""
    steps = np.abs(np.diff(leads, axis=1))
    jumps = np.abs(leads[1:, 0] - leads[:-1, -1])
    if (steps < jumps.mean()).mean() < least_jump or not steps.any(axis=1).all():
        return False
    size = max(1, steps.shape[1] // _GRID)
    grid = steps[:, : steps.shape[1] // size * size].reshape(len(steps), -1, size)
    speed = grid.mean(axis=2)
    usual, fast = np.quantile(speed, (0.5, 0.98), axis=1, keepdims=True)
    if np.median(fast / np.maximum(usual, 1e-30)) < _PEAKED:
        return False
    speed = np.minimum(speed, fast)
    with np.errstate(invalid="ignore", divide="ignore"):  # a straight line has no beats
        alike = np.corrcoef(speed)[np.triu_indices(len(speed), 1)]
    return bool(np.median(alike) > least_alike)
