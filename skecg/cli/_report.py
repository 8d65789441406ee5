"""``skecg report``: a page about one recording."""

import warnings
from pathlib import Path


def run(args) -> int:
    """Write the page and return the exit status."""
    if Path(args.out).suffix not in (".html", ".htm"):
        raise ValueError(f"--out must end in .html, but is {args.out!r}.")
    from skecg.cli._read import name_of, reading_of
    from skecg.io import files_of, read_ecg
    from skecg.serve import (
        analyse,
        digest_of,
        draw_beats,
        draw_sheet,
        open_model,
        render_report,
    )
    from skecg.utils import write_whole

    model = open_model(args.model, pickles=True)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        files = files_of(args.file)
        record = read_ecg(files, **reading_of(args))
    known = [str(warning.message) for warning in caught]
    answer = analyse(record, model, known=known)
    answer["input_sha256"] = digest_of(files.values())
    title, beats = name_of(Path(args.file).name), draw_beats(record)
    page = render_report(answer, draw_sheet(record), title, beats=beats)
    write_whole(args.out, page)
    return 0
