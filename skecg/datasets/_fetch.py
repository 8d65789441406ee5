"""Download PTB-XL from PhysioNet, with checksums and resume."""

import logging
import os
import threading
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from joblib import effective_n_jobs

from skecg.utils import import_optional, progress

_BASE_URL = "https://physionet.org/files/ptb-xl/{version}/"
_RETRIES = 3
_TIMEOUT = 60  # seconds without an answer


def fetch_ptbxl(
    path: str | os.PathLike,
    *,
    version: str = "1.0.3",
    fs: int | Iterable[int] = (100,),
    base_url: str = _BASE_URL,
    verbose: int = 0,
    n_jobs: int | None = 4,
) -> Path:
    """Download PTB-XL from PhysioNet into a folder that `load_ptbxl` reads.

    Only what is missing or damaged is downloaded, so that a call after an interrupted
    one goes on where that stopped, and a call on a complete folder verifies it.

    Parameters
    ----------
    path : str or path-like
        Folder to download into; made if it does not exist.
    version : str, default="1.0.3"
        Version of the data set.
    fs : {100, 500} or iterable of them, default=(100,)
        Sampling rates in Hz of the records to download. The 21,799 records take
        0.5 GB at 100 Hz and 2.6 GB at 500 Hz.
    base_url : str
        Address of the folder that holds ``SHA256SUMS.txt``, for a mirror;
        ``{version}`` in it is replaced.
    verbose : int, default=0
        With 1, show a progress bar.
    n_jobs : int or None, default=4
        Number of threads: -1 for all cores, -2 for all but one, None for one. Each
        downloads one file at a time.

    Returns
    -------
    pathlib.Path
        The folder.

    Raises
    ------
    OSError
        If a file cannot be downloaded, or differs from its published checksum.
    ValueError
        If `fs` is not allowed, or the server has no records at that rate.
    ImportError
        If pooch or requests is not installed.

    See Also
    --------
    load_ptbxl : Loads the folder.

    Notes
    -----
    Each file is verified by the SHA-256 that PhysioNet publishes before it takes its
    name, so that an interrupted download leaves no half file. Single files are
    downloaded instead of the archive of both sampling rates, because they can be
    chosen, verified and resumed.
    PTB-XL is licensed under Creative Commons Attribution 4.0: name its source [1]_.

    References
    ----------
    .. [1] Wagner P, Strodthoff N, Bousseljot R-D, et al. PTB-XL, a large publicly
       available electrocardiography dataset (version 1.0.3). PhysioNet (2022).
       https://doi.org/10.13026/kfzx-aw45

    Examples
    --------
    >>> from skecg.datasets import fetch_ptbxl, load_ptbxl
    >>> ptbxl = load_ptbxl(fetch_ptbxl("ptbxl", verbose=1))  # doctest: +SKIP
    """
    pooch = import_optional("pooch", "ptbxl", "fetch_ptbxl")
    requests = import_optional("requests", "ptbxl", "fetch_ptbxl")
    rates = _check_rates(fs)
    url = base_url.format(version=version).rstrip("/") + "/"
    folder = Path(path).expanduser()
    download = _Downloader(requests)
    checksums = _wanted(_read_checksums(download, url), rates, url)
    # Made here once, as threads of pooch would race for them.
    for parent in {(folder / name).parent for name in checksums}:
        parent.mkdir(parents=True, exist_ok=True)
    collection = pooch.create(
        path=folder, base_url=url, registry=checksums, retry_if_failed=_RETRIES
    )

    def fetch(name: str) -> None:
        try:
            collection.fetch(name, downloader=download)
        except (OSError, ValueError) as error:  # requests' errors are OSErrors
            raise OSError(
                f"{url}{name} could not be downloaded ({error}); the files fetched so "
                "far are kept: call fetch_ptbxl again to go on."
            ) from error

    with (
        _quiet(pooch.get_logger()),
        progress(len(checksums), " files", verbose) as update,
        ThreadPoolExecutor(effective_n_jobs(n_jobs)) as pool,
    ):
        # The first failure is raised here, which cancels the files that wait.
        for _ in pool.map(fetch, checksums):
            update(1)
    return folder


def _check_rates(fs: int | Iterable[int]) -> set[int]:
    """Return the sampling rates to download."""
    rates = set(fs) if isinstance(fs, Iterable) else {fs}
    if not rates or rates - {100, 500}:
        raise ValueError(f"fs must be 100, 500 or both (100, 500), but got {fs!r}.")
    return rates


class _Downloader:
    """A pooch downloader that keeps one connection open per thread."""

    def __init__(self, requests: Any) -> None:
        self._requests = requests
        self._local = threading.local()

    def get(self, url: str) -> bytes:
        """Return the content at a URL."""
        if not hasattr(self._local, "session"):
            self._local.session = self._requests.Session()
        response = self._local.session.get(url, timeout=_TIMEOUT)
        response.raise_for_status()
        return response.content

    def __call__(self, url: str, output_file: str, pooch: Any) -> None:
        """Write the content at a URL into a file."""
        content = self.get(url)
        # A new file, since pooch's temporary one is readable by its owner alone.
        Path(output_file).unlink()
        Path(output_file).write_bytes(content)


def _read_checksums(download: _Downloader, url: str) -> dict[str, str]:
    """Return the published SHA-256 of each file of the data set."""
    address = f"{url}SHA256SUMS.txt"
    try:
        text = download.get(address).decode()
    except OSError as error:
        raise OSError(
            f"{address} could not be downloaded ({error}); check the connection, "
            "version and base_url."
        ) from error
    lines = [line.split(maxsplit=1) for line in text.splitlines() if line.strip()]
    if not lines or any(len(line) != 2 or len(line[0]) != 64 for line in lines):
        raise OSError(f"{address} is no list of checksums; check version and base_url.")
    return {name.strip().lstrip("*"): checksum for checksum, name in lines}


def _wanted(checksums: dict[str, str], rates: set[int], url: str) -> dict[str, str]:
    """Return the files to download: the tables first, then the wanted records."""
    tables = {name: value for name, value in checksums.items() if "/" not in name}
    records = {}
    for rate in sorted(rates):
        prefix = f"records{rate}/"
        found = {n: v for n, v in checksums.items() if n.startswith(prefix)}
        if not found:
            raise ValueError(f"{url} has no records at {rate} Hz; check base_url.")
        records.update(found)
    # The tables first: without them no record can be loaded.
    return tables | records


@contextmanager
def _quiet(logger: logging.Logger) -> Iterator[None]:
    """Keep pooch from printing a line for each of 40,000 files."""
    level = logger.level
    logger.setLevel(logging.WARNING)
    try:
        yield
    finally:
        logger.setLevel(level)
