"""``skecg convert``: a recording in another format."""


def run(args) -> int:
    """Write the recording and return the exit status."""
    from skecg.io import read_ecg, write_ecg

    record = read_ecg(args.file, format=args.format, fs=args.fs, units=args.units)
    write_ecg(record, args.out, format=args.to)
    return 0
