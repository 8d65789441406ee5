"""``skecg report``: a page about one recording."""

import hashlib
import warnings
from pathlib import Path


def run(args) -> int:
    """Write the page and return the exit status."""
    if Path(args.out).suffix not in (".html", ".htm"):
        raise ValueError(f"--out must end in .html, but is {args.out!r}.")
    from skecg.cli._read import name_of
    from skecg.io import read_ecg
    from skecg.serve import (
        analyse,
        draw_beats,
        draw_sheet,
        open_model,
        render_report,
    )
    from skecg.utils import write_whole

    model = open_model(args.model, pickles=True)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        record = read_ecg(args.file, format=args.format, fs=args.fs, units=args.units)
    known = [str(warning.message) for warning in caught]
    path = Path(args.file)
    answer = analyse(record, model, known=known)
    answer["input_sha256"] = hashlib.sha256(_main_file(path).read_bytes()).hexdigest()
    title, beats = name_of(Path(path.name)), draw_beats(record)
    page = render_report(answer, draw_sheet(record), title, beats=beats)
    write_whole(args.out, page)
    return 0


def _main_file(path: Path) -> Path:
    """Return the file itself; a WFDB record may be named without its suffix."""
    return path if path.is_file() else path.with_name(f"{path.name}.hea")
