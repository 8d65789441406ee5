"""Files, rows and records that a loader leaves out."""

import warnings


def warn_of_skipped(n_skipped: int, n_given: int, what: str, first: str) -> None:
    """Warn of what was left out; raise if nothing is left.

    `what` is a file, row or record, and `first` says why the first one was left out.
    The warning names the line that called a loader, which calls what calls this.
    """
    reason = first.removesuffix(".")
    if n_skipped == n_given:
        raise ValueError(f"No {what} could be read; the first one failed: {reason}.")
    warnings.warn(
        f"{n_skipped} of {n_given} {what}s were skipped and are listed in 'skipped', "
        f"the first one because: {reason}.",
        UserWarning,
        stacklevel=4,
    )
