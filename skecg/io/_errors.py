"""The one exception of all readers of ECG files."""

from typing import Any


class ECGFileError(ValueError):
    """An ECG file can't be read, or contradicts itself.

    Parameters
    ----------
    problem : str
        What is wrong, and what to do; one or two sentences.
    format : str, default=None
        Name of the format as in :func:`list_formats`, None where it is not known.
    field : str, default=None
        Field of the file that is wrong, in the words of its standard.
    offset : int, default=None
        Where the field lies, in bytes from the start.
    """

    def __init__(
        self,
        problem: str,
        *,
        format: str | None = None,
        field: str | None = None,
        offset: int | None = None,
    ) -> None:
        self.problem = problem
        self.format = format
        self.field = field
        self.offset = offset
        where = [part for part in (format, field) if part]
        if offset is not None:
            where.append(f"byte {offset}")
        super().__init__(f"{', '.join(where)}: {problem}" if where else problem)

    def __reduce__(self) -> tuple[Any, ...]:
        keywords = {"format": self.format, "field": self.field, "offset": self.offset}
        return _remake, (type(self), self.problem, keywords)


def _remake(
    kind: type[ECGFileError], problem: str, keywords: dict[str, Any]
) -> ECGFileError:
    """Make an error from what was pickled of it."""
    return kind(problem, **keywords)
