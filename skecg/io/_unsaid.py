"""What tables and arrays leave out: sampling rate, unit and names of the leads."""

from collections.abc import Sequence

import numpy as np

from skecg.io._errors import ECGFileError
from skecg.io._parsed import MOST_LEADS
from skecg.utils import UNITS_PER_MILLIVOLT, voltage_unit

_FEWEST_STEPS = 20  # fewer samples may lie on a line


def check_known(*, leads: str, fs: object, units: object, names: object) -> None:
    """Raise if a fact is neither stated nor given; name all of them at once.

    `leads` says which leads have no names; of the others, None or empty is unknown.
    """
    facts = (
        (fs, "sampling rate", "fs= in Hz"),
        (units, "units", "units='mV' or units='uV'"),
        (names, "leads", f"leads= with the names of its {leads}, in order"),
    )
    absent = [(field, remedy) for fact, field, remedy in facts if not fact]
    if absent:
        fields, remedies = zip(*absent, strict=True)
        raise ECGFileError(
            f"the file does not state {'it' if len(absent) == 1 else 'them'}; give "
            f"{' and '.join(remedies)}.",
            field=", ".join(fields),
        )


def require_names(
    found: Sequence[str] | None,
    given: Sequence[str] | None,
    n_leads: int,
) -> tuple[str, ...]:
    """Return the names of the leads that a file states, else those that are given."""
    if n_leads > MOST_LEADS:
        raise ECGFileError(
            f"the file has {n_leads} columns, but a recording has 1 to {MOST_LEADS} "
            "leads; write a row a sample and a column a lead.",
            field="leads",
        )
    if found is not None:
        return tuple(found)
    names = tuple(given or ())
    if names and len(names) != n_leads:
        raise ECGFileError(
            f"the file has {n_leads} columns, but leads= has {len(names)} names; name "
            "each column, in the order of the file.",
            field="leads",
        )
    return names


def _refuse_counters(samples: np.ndarray) -> None:
    """Raise where a column rises in equal steps, as no voltage does."""
    if len(samples) < _FEWEST_STEPS:
        return
    steps = np.diff(samples[:_FEWEST_STEPS], axis=0)
    for k in np.flatnonzero((steps[0] != 0) & np.isclose(steps, steps[0]).all(axis=0)):
        steps = np.diff(samples[:, k])
        if np.isclose(steps, steps[0], rtol=1e-3).all():
            raise ECGFileError(
                f"column {k + 1} rises in equal steps of {steps[0]:g}, as times or "
                "numbers of samples do; leave it out, or name it, such as 'time (ms)'.",
                field="leads",
            )


def to_millivolts(
    samples: np.ndarray,
    found: Sequence[str | None],
    given: str | None,
) -> tuple[np.ndarray, str]:
    """Convert samples (n_times, n_leads) to mV; return them and their unit.

    `found` has the unit of each lead, None or empty where the file does not state it;
    `given` is what the caller says. The unit of several is ``"mixed"``. A unit that is
    no voltage is refused, and so is a column that counts samples or times.
    """
    _refuse_counters(samples)
    stated = [unit for unit in found if unit]
    unknown = next((unit for unit in stated if voltage_unit(unit) is None), None)
    if unknown is not None:
        raise ECGFileError(
            f"the file states the unit {unknown[:40]!r}, which is no known voltage; "
            "convert the samples to mV and state that.",
            field="units",
        )
    units = [voltage_unit(unit) if unit else given for unit in found]
    if set(units) != {"mV"}:
        # A division rounds once, as 0.001 is no binary number.
        samples = samples / [UNITS_PER_MILLIVOLT[str(unit)] for unit in units]
    return samples, str(units[0]) if len(set(units)) == 1 else "mixed"
