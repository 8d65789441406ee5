"""From the files of a request to recordings, each of one file or of several."""

from collections import Counter

from skecg.io import names_in_header

_HEADER = ".hea"

Files = dict[str, bytes]
"""The files of one recording by their names; the one to read comes first."""


def gather(uploads: list[tuple[str, bytes]]) -> list[Files]:
    r"""Return the recordings of a request, of names and contents, in its order.

    A WFDB header stands before the sent files that it names; any other file is alone.

    >>> sent = [("a.dat", b""), ("a.hea", b"a 1 500\na.dat 16"), ("b.xml", b"")]
    >>> [list(files) for files in gather(sent)]
    [['a.hea', 'a.dat'], ['b.xml']]
    """
    names = [name for name, _ in uploads]
    headers = [name for name in names if name.lower().endswith(_HEADER)]
    if not headers:
        return [{name: content} for name, content in uploads]
    contents, counts = dict(uploads), Counter(names)
    # Which sent files a header names: those of signals, or headers of segments.
    parts = {
        header: (names_in_header(contents[header]) & contents.keys()) - {header}
        for header in headers
    }
    for header in headers:  # a record of segments: their headers name signals
        for part in parts[header] & parts.keys():
            parts[header] |= parts[part] - {header}
    used = set().union(*parts.values())
    twice = [n for n in sorted({*headers, *used}) if counts[n] > 1]
    if twice:
        raise ValueError(
            f"Two files are named {twice[0][:60]!r}; send the files of one WFDB record "
            "in one request."
        )
    recordings = [
        {part: contents[part] for part in (name, *sorted(parts.get(name, ())))}
        if name in parts
        else {name: content}
        for name, content in uploads
        if name not in used
    ]
    # Headers that name each other would all be parts.
    read = set().union(*recordings)
    return recordings + [{name: contents[name]} for name in names if name not in read]
