"""``skecg convert``: a recording in another format."""

from skecg.cli._read import reading_of


def run(args) -> int:
    """Write the recording and return the exit status."""
    from skecg.io import read_ecg, write_ecg

    record = read_ecg(args.file, **reading_of(args))
    write_ecg(record, args.out, format=args.to)
    return 0
