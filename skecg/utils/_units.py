"""Units of voltage: their names, spellings and sizes."""

from typing import Any

MILLIVOLTS_PER_UNIT = {"mV": 1.0, "uV": 1e-3, "nV": 1e-6, "V": 1e3}
"""How many mV one of a unit of voltage is."""

UNITS_PER_MILLIVOLT = {"mV": 1.0, "uV": 1e3, "nV": 1e6, "V": 1e-3}
"""How many of a unit are 1 mV: a division by a whole number rounds once."""

_SPELLINGS = {
    **{unit.casefold(): unit for unit in MILLIVOLTS_PER_UNIT},
    "\u03bcv": "uV",  # Greek mu, to which casefold turns the micro sign too
    **dict.fromkeys(("millivolt", "millivolts"), "mV"),
    **dict.fromkeys(("microvolt", "microvolts"), "uV"),
    **dict.fromkeys(("nanovolt", "nanovolts"), "nV"),
    **dict.fromkeys(("volt", "volts"), "V"),
}


def voltage_unit(text: Any) -> str | None:
    """Return a unit of voltage in its usual spelling, None for any other text.

    Examples
    --------
    >>> voltage_unit("MV"), voltage_unit("microvolts"), voltage_unit("mmHg")
    ('mV', 'uV', None)
    """
    return _SPELLINGS.get(str(text).strip().casefold())
