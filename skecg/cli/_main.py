"""The arguments of the command, and what each subcommand runs."""

import argparse
import os
import sys
import warnings
from collections.abc import Sequence
from concurrent.futures import BrokenExecutor
from importlib import import_module

EPILOG = """\
exit status:
  0    all files gave a row
  1    some files were refused; their rows say why
  2    the arguments are wrong, or there is nothing to read
  130  interrupted; rows already written are kept

skecg is research software and no medical device.
"""

EXAMPLES = {
    "info": "skecg info patient.xml\n  skecg info archive/ --output csv -o files.csv",
    "predict": """\
skecg predict patient.xml
  skecg predict archive/ -o rows.csv --jobs 2
  skecg predict archive/ -o rows.csv --jobs 2 --resume
  skecg predict 'ecgs/*.dcm' --model model.onnx --output jsonl""",
    "measure": "skecg measure archive/ -o waves.csv",
    "plot": "skecg plot patient.xml -o sheet.pdf",
    "report": "skecg report patient.xml -o report.html",
    "convert": "skecg convert patient.xml -o patient.edf",
    "export": "skecg export lvh.joblib -o model.onnx",
    "serve": """\
skecg serve
  skecg serve --model model.onnx --port 9000
  skecg serve --host 0.0.0.0 --token-file token.txt""",
    "models": "skecg models\n  skecg models ptbxl_lstm",
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command.

    Parameters
    ----------
    arguments : sequence of str, default=None
        The words after ``skecg``; those of the process by default.

    Returns
    -------
    int
        The exit status.

    Examples
    --------
    >>> main(["models"])
    ptbxl           LVHHybridClassifier of 3 networks and gradient boosting ...
    ...
    0
    """
    args = _parser().parse_args(arguments)
    command = import_module(f"skecg.cli._{args.command}")
    with warnings.catch_warnings():
        warnings.simplefilter("always", UserWarning)
        warnings.showwarning = _show_warning
        try:
            _check_out(args)
            return command.run(args)
        except BrokenPipeError:
            # Whoever read the output has seen enough, as `head` does. Python would
            # write the rest at its end, and fail again.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            # What a shell gives for a process that SIGPIPE (13) ended.
            return 141
        except (BrokenExecutor, ImportError, OSError, TypeError, ValueError) as error:
            print(f"skecg {args.command}: {error}", file=sys.stderr)
            return 2
        except KeyboardInterrupt:
            print("skecg: interrupted; rows already written are kept.", file=sys.stderr)
            return 130


def _check_out(args) -> None:
    """Raise if what is to be written has no place, or is the recording itself."""
    out, file = getattr(args, "out", None), getattr(args, "file", None)
    if out is None:
        return
    if os.path.isdir(out) or not os.path.isdir(os.path.dirname(out) or "."):
        raise ValueError(f"--out {out} must be a file in a folder that is there.")
    # A WFDB record may be named without its suffix.
    sources = (file, f"{file}.hea") if file and os.path.exists(out) else ()
    if any(os.path.exists(s) and os.path.samefile(out, s) for s in sources):
        raise ValueError(f"--out {out} is the recording; name another file.")


def _show_warning(message, category, filename, lineno, file=None, line=None):
    """Write a warning as one line for people, without the place in the code."""
    print(f"skecg: {message}", file=sys.stderr)


def _parser() -> argparse.ArgumentParser:
    """Return the parser of all subcommands."""
    parser = argparse.ArgumentParser(
        prog="skecg",
        description="Find left ventricular hypertrophy (LVH) in 12-lead ECG files.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action=_Version, nargs=0, help="show the version")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    def add(name, summary):
        return commands.add_parser(
            name,
            help=summary,
            description=f"{summary[0].upper()}{summary[1:]}.",
            epilog=f"examples:\n  {EXAMPLES[name]}\n\n{EPILOG}",
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )

    _rows(add("info", "say what files hold, one row a file"))
    predict = _rows(add("predict", "estimate the probability of LVH, one row a file"))
    _model(predict)
    _rows(add("measure", "measure waves and criteria, one row a file"))
    _one_file(add("plot", "draw a recording on the 12-lead sheet"))
    _model(_one_file(add("report", "write a page about one recording")))
    convert = _one_file(add("convert", "write a recording in another format"))
    convert.add_argument(
        "--to",
        choices=["wfdb", "edf", "dicom", "csv", "npz"],
        help="format to write; by default that of the suffix",
    )
    export = add("export", "write a trained model as ONNX")
    export.add_argument("model", metavar="MODEL", help="name or joblib file")
    export.add_argument("-o", "--out", required=True, metavar="FILE")
    serve = add("serve", "answer requests over HTTP, with a page for a browser")
    _model(serve)
    serve.add_argument("--host", default="127.0.0.1", help="address to listen on")
    serve.add_argument("--port", type=_port, default=8000, help="port to listen on")
    serve.add_argument(
        "--token-file",
        metavar="FILE",
        help="token that requests must carry; else that of SKECG_TOKEN",
    )
    serve.add_argument(
        "--workers", type=_count, default=2, metavar="N", help="processes (default: 2)"
    )
    models = add("models", "list the trained models, or print the card of one")
    models.add_argument("name", nargs="?", metavar="NAME", help="print its card")
    return parser


class _Version(argparse.Action):
    """Print the version; it is looked up only where it is asked for."""

    def __call__(self, parser, namespace, values, option_string=None):
        import skecg

        print(f"skecg {skecg.__version__}")
        parser.exit()


def _reading(parser):
    """Add what files may not say themselves."""
    parser.add_argument("--format", help="force a format instead of looking for it")
    parser.add_argument("--fs", type=float, metavar="HZ", help="sampling rate")
    parser.add_argument("--units", choices=["mV", "uV", "V"], help="unit of samples")
    return parser


def _one_file(parser):
    """Add what commands have that read one file and write another."""
    parser.add_argument("file", metavar="FILE", help="ECG file")
    parser.add_argument("-o", "--out", required=True, metavar="FILE", help="to write")
    return _reading(parser)


def _rows(parser):
    """Add what commands have that make rows."""
    parser.add_argument(
        "paths", nargs="+", metavar="FILE|DIR|PATTERN", help="what to read"
    )
    parser.add_argument(
        "--output",
        choices=["table", "csv", "jsonl"],
        help="form of the rows; by default a table, and CSV or, after the suffix, JSON "
        "lines in a file",
    )
    parser.add_argument(
        "-o", "--out", metavar="FILE", help="write the rows to a file, each at once"
    )
    parser.add_argument(
        "--resume", action="store_true", help="go on where the file of --out ends"
    )
    parser.add_argument(
        "--on-error",
        choices=["skip", "stop"],
        default="skip",
        help="go on after a refused file, or stop (default: skip)",
    )
    parser.add_argument(
        "--jobs", type=_jobs, default=1, metavar="N", help="processes; -1 for all cores"
    )
    parser.add_argument(
        "--dask",
        metavar="ADDRESS",
        help="Dask scheduler whose workers read the files, by the same paths",
    )
    return _reading(parser)


def _number(name: str, low: int, high: int, *, but: int | None = None):
    """Return what reads a whole number from `low` to `high`; `but` is refused."""

    def read(text: str) -> int:
        number = int(text)
        if not low <= number <= high or number == but:
            rule = f"from {low} to {high}" + ("" if but is None else f" and not {but}")
            raise argparse.ArgumentTypeError(f"must be {rule}, got {number}")
        return number

    read.__name__ = name  # argparse names it where the text is no number
    return read


_jobs = _number("number of processes", -1000, 1000, but=0)
_count = _number("number of processes", 1, 1000)
_port = _number("port", 0, 65535)


def _model(parser):
    """Add the choice of a model."""
    parser.add_argument(
        "--model",
        default="ptbxl",
        metavar="NAME|FILE",
        help="trained model, or its ONNX or joblib file (default: ptbxl)",
    )
