"""``skecg plot``: a recording on the 12-lead sheet."""

import io
from pathlib import Path

from skecg.cli._read import reading_of

_SUFFIXES = (".pdf", ".png", ".svg")


def run(args) -> int:
    """Draw the recording and return the exit status."""
    out = Path(args.out)
    if out.suffix not in _SUFFIXES:
        raise ValueError(
            f"--out must end in one of {', '.join(_SUFFIXES)}, but is {out.name!r}."
        )
    # Imported late, as `skecg --help` does not wait for NumPy.
    from skecg.io import read_ecg
    from skecg.plotting import ECGDisplay
    from skecg.utils import import_optional, write_whole

    # No window, whatever the machine has.
    import_optional("matplotlib", "plot", "skecg plot").use("Agg")
    record = read_ecg(args.file, **reading_of(args))
    display = ECGDisplay.from_record(record)
    buffer = io.BytesIO()
    display.figure_.savefig(buffer, format=out.suffix[1:])
    write_whole(out, buffer.getvalue())
    return 0
