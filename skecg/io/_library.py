"""Calls of the libraries that take files apart."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager

from skecg.io._errors import ECGFileError


@contextmanager
def library(name: str, format: str) -> Iterator[None]:
    """Make an error of the file of any exception of a library; hide its warnings."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            yield
        except Exception as error:
            # pydicom turns exceptions of the stream that it reads into its own.
            ours = error if isinstance(error, ECGFileError) else error.__context__
            if isinstance(ours, ECGFileError):
                raise ours from None
            problem = f"{type(error).__name__} {str(error)[:160]!r}"
            raise ECGFileError(
                f"the file is damaged: {name} raises {problem}. Copy or export it "
                "again.",
                format=format,
            ) from error
