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
        Readers leave it to `read_parsed`, which calls them.
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
        super().__init__(problem)
        self.problem = problem
        self.format = format
        self.field = field
        self.offset = offset

    def __str__(self) -> str:
        where = [part for part in (self.format, self.field) if part]
        if self.offset is not None:
            where.append(f"byte {self.offset}")
        return f"{', '.join(where)}: {self.problem}" if where else self.problem

    def __reduce__(self) -> tuple[Any, ...]:
        # Attributes are set after the error is made of its problem alone.
        return type(self), (self.problem,), self.__dict__
