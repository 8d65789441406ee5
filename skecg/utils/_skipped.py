"""Files, rows and records that a loader leaves out."""

import sys
import warnings


def warn_of_skipped(n_skipped: int, n_given: int, what: str, first: str) -> None:
    """Warn of what was left out; raise if nothing is left.

    `what` is a file, row or record, and `first` says why the first one was left out.
    """
    reason = first.removesuffix(".")
    if n_skipped == n_given:
        raise ValueError(f"No {what} could be read; the first one failed: {reason}.")
    # Loaders call each other: the line that is named is the first one outside.
    level, frame = 2, sys._getframe(1)
    while frame.f_back and frame.f_globals.get("__name__", "").startswith("skecg."):
        level, frame = level + 1, frame.f_back
    warnings.warn(
        f"{n_skipped} of {n_given} {what}s were skipped and are listed in 'skipped', "
        f"the first one because: {reason}.",
        UserWarning,
        stacklevel=level,
    )
