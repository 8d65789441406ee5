"""Records of several leads that were written as rows of one."""

import numpy as np

_FEWEST = 50  # samples of a lead; of fewer neither jumps nor laws tell anything
_RECORDS = 5  # that are looked at
_REST = 0.1  # share of the spread of the smallest of I, II and III
# Of 2,400 records of PTB-XL, eight leads side by side have 0.8 or less of the step
# between leads in 99 of 100, and one lead has 1.7 or more. Eight leads one after the
# other are alike by 0.7 or more, one lead by 0.4 or less in 99 of 100.
_SMOOTHER = 0.85  # share of the step from lead to lead
_ALIKE = 0.6  # correlation of the times at which leads are fast
_JUMP = 0.6  # share of all steps that are smaller than those from lead to lead
_PEAKED = 2.5  # times as fast as usual are QRS complexes; mains hum is as fast always
_GRID = 200  # pieces of a lead in which its steps are averaged


def flattened_leads(rows: np.ndarray) -> tuple[int, bool]:
    """Return how many leads rows seem to hold, and whether one lead after the other.

    Twelve and six leads, the limb leads first, are told by the laws of Einthoven and
    Goldberger; eight leads, which obey none, and twelve in another order, by the jumps
    from lead to lead in two rows or more. One lead gives ``(1, False)``.

    >>> one, two = np.random.default_rng(0).normal(size=(2, 100))
    >>> limb = one, two, two - one, -(one + two) / 2, one - two / 2, two - one / 2
    >>> flattened_leads(np.stack(limb).reshape(1, -1))
    (6, True)
    """
    some = rows[:_RECORDS].astype(np.float64)
    some = some[np.isfinite(some).all(axis=1)]  # others have gaps
    if not len(some):
        return 1, False
    told = [(6, obeys_laws, obeys_laws), (12, obeys_laws, obeys_laws)]
    if len(some) > 1:  # a single record of one lead may look like eight
        told += [(8, _follow, _interleave), (12, _follow, _interleave)]
    for n_leads, follow, interleave in told:
        if rows.shape[1] % n_leads or rows.shape[1] < _FEWEST * n_leads:
            continue
        after = some.reshape(len(some), n_leads, -1)
        beside = some.reshape(len(some), -1, n_leads).transpose(0, 2, 1)
        if np.mean([follow(leads) for leads in after]) > 0.5:
            return n_leads, True
        if np.mean([interleave(leads) for leads in beside]) > 0.5:
            return n_leads, False
    return 1, False


def obeys_laws(leads: np.ndarray) -> bool:
    """Tell whether the first of some rows are I, II, III and aVR by their laws."""
    one, two, three, right = leads[:4] - leads[:4].mean(axis=1, keepdims=True)
    spread = np.std([one, two, three], axis=1).min()
    rests = (three - (two - one), right + (one + two) / 2)
    return bool(spread > 0 and max(np.std(rest) for rest in rests) < _REST * spread)


def _interleave(leads: np.ndarray) -> bool:
    """Tell whether rows are leads, and not every n-th sample of one lead.

    Without the rows' levels, which mains hum with a period of n samples gives them.
    """
    levelled = leads - leads.mean(axis=1, keepdims=True)
    from_sample = np.abs(np.diff(levelled, axis=1)).mean()
    return bool(from_sample < _SMOOTHER * np.abs(np.diff(levelled, axis=0)).mean())


def _follow(leads: np.ndarray) -> bool:
    """Tell whether rows are leads of the same beats, and not parts of one lead."""
    steps = np.abs(np.diff(leads, axis=1))
    jumps = np.abs(leads[1:, 0] - leads[:-1, -1])
    if (steps < jumps.mean()).mean() < _JUMP or not steps.any(axis=1).all():
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
    return bool(np.median(alike) > _ALIKE)
