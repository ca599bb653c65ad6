"""Get the files of a dataset: from a folder where they lie already, else from the network."""

import shutil
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TextIO, TypeVar
from urllib.parse import urlsplit

import gdown
import requests
from tqdm import tqdm

from anonify.base.errors import UserError
from anonify.base.files import hash_file, replacing
from anonify.settings.search import find_file
from anonify.tables.parquet import join_parquet

TRIES = 3
SECONDS_TO_CONNECT = 10.0
SECONDS_TO_READ = 30.0
SECONDS_BEFORE_RETRY = 1.0

_GOOGLE_DRIVE = "https://drive.google.com/uc?id={}"
_GOOGLE_DRIVE_FOLDER = "https://drive.google.com/drive/folders/{}"

Answer = TypeVar("Answer")

_REASONS: tuple[tuple[type[Exception], str], ...] = (
    (requests.exceptions.Timeout, "did not answer in time"),
    (requests.exceptions.SSLError, "offered no secure connection"),
    (requests.exceptions.ConnectionError, "could not be reached or went silent"),
    (requests.exceptions.ChunkedEncodingError, "broke off"),
    (gdown.FileURLRetrievalError, "refused the file (it is not public or its quota is used up)"),
    (gdown.DownloadError, "broke off"),
)


class Unavailable(UserError):  # noqa: N818
    """A file is in no folder of the search path, and no source answered with it."""


@dataclass(frozen=True)
class DataFile:
    """A file of a dataset, known by its checksum.

    Parameters
    ----------
    name : path of the file within a folder of the search path, such as ``published/x.csv``.
    dataset : name of the dataset; also the sub-folder where the file may lie.
    sha256 : checksum, in lower case; None accepts any file.
    sources : where to download it, each ``{"url": …}``, ``{"google_drive": <file id>}``, or
        ``{"google_drive_folder": <folder id>, "path": <within it>}``.
    homepage : where a person finds it.
    """

    name: str
    dataset: str
    sha256: str | None
    sources: Sequence[Mapping[str, str]]
    homepage: str


def fetch(
    file: DataFile,
    search_path: Sequence[str | Path],
    output: str | Path,
    stream: TextIO | None = None,
) -> str:
    """Put a verified file at ``output``, whose folder exists; of a folder, its records in one file.

    The search path comes first, then the sources in order. A source that fails, or has another
    file, is passed over.

    Parameters
    ----------
    stream : where progress is shown and failed sources are told; standard error by default.

    Returns
    -------
    Where the file comes from: a path or URL.

    Raises
    ------
    UserError : the file in the search path has another checksum.
    Unavailable : the file is not in the search path and no source answered with it.
    """
    stream = stream or sys.stderr
    found = find_file(file.name, file.dataset, search_path)
    if found:
        _copy(found, file, output)
        return str(found)
    failures = []
    for source in file.sources:
        try:
            url = _find_url(source)
            with replacing(output) as temporary:
                _download(url, temporary, stream)
                _check_download(temporary, file.sha256)
            return url
        except _SourceError as failure:
            failures.append(f"{_name_source(source)} {failure}")
            print(f"{file.name}: {failures[-1]}", file=stream)
    raise Unavailable(
        f"{file.name}: no source answered with the file "
        f"({'; '.join(failures) or 'none is configured'}); get it from {file.homepage} and put it "
        f"into a folder of the search path ({', '.join(map(str, search_path))}) or name its "
        "folder in ANONIFY_DATA"
    )


class _SourceError(Exception):
    """Why a source is passed over: the rest of a sentence that starts with its URL."""


def check_found(file: DataFile, found: Path, copy: Path | None = None) -> None:
    """Make sure that what was found in the search path is the file.

    Parameters
    ----------
    copy : of what was found, to be looked at in its place.

    Raises
    ------
    UserError : it has another checksum.
    """
    checksum = hash_file(found if found.is_dir() or copy is None else copy)
    if file.sha256 and checksum != file.sha256:
        raise UserError(
            f"{found}: the file has the SHA-256 {checksum}, not {file.sha256}; replace it by "
            f"the one from {file.homepage}, or remove it to have the right one downloaded"
        )


def _copy(found: Path, file: DataFile, output: str | Path) -> None:
    with replacing(output) as temporary:
        if found.is_dir():
            join_parquet(found, temporary)
        else:
            shutil.copyfile(found, temporary)
        check_found(file, found, temporary)


def _name_source(source: Mapping[str, str]) -> str:
    if "google_drive" in source:
        return _GOOGLE_DRIVE.format(source["google_drive"])
    if "google_drive_folder" in source:
        return _GOOGLE_DRIVE_FOLDER.format(source["google_drive_folder"])
    return source["url"]


def _find_url(source: Mapping[str, str]) -> str:
    if "google_drive_folder" not in source:
        return _name_source(source)
    folder = _trying(lambda: _list_google_drive(source["google_drive_folder"]))
    # The folder may lie within others.
    ids = [number for path, number in folder.items() if f"/{path}".endswith(f"/{source['path']}")]
    if len(ids) != 1:
        raise _SourceError(f"has {len(ids)} files {source['path']}")
    return _GOOGLE_DRIVE.format(ids[0])


@cache
def _list_google_drive(folder: str) -> dict[str, str]:
    """Return the id of each file in a folder, by its path there."""
    files = gdown.download_folder(
        id=folder,
        skip_download=True,
        quiet=True,
        use_cookies=False,
        timeout=(SECONDS_TO_CONNECT, SECONDS_TO_READ),
    )
    return {file.path: file.id for file in files if not isinstance(file, str)}


def _download(url: str, path: Path, stream: TextIO) -> None:
    _trying(lambda: _download_once(url, path, stream))


def _trying(ask: Callable[[], Answer]) -> Answer:
    """Return what a server answers; ask again where that may help.

    Raises
    ------
    _SourceError : it did not answer.
    """
    attempt = 0
    while True:
        attempt += 1
        try:
            return ask()
        # Where a page of Google Drive is not as gdown expects, KeyError or ValueError comes out.
        except (
            requests.exceptions.RequestException,
            gdown.DownloadError,
            LookupError,
            ValueError,
        ) as error:
            if attempt == TRIES or not _may_pass(error):
                raise _SourceError(_reason(error)) from error
        time.sleep(SECONDS_BEFORE_RETRY * attempt)


def _download_once(url: str, path: Path, stream: TextIO) -> None:
    description = urlsplit(url).hostname
    with (
        path.open("wb") as target,
        tqdm(desc=description, unit="B", unit_scale=True, file=stream) as bar,
    ):

        def show(received: int, total: int | None) -> None:
            bar.total = total
            bar.update(received - bar.n)

        gdown.download(
            url=url,
            output=target,
            quiet=True,
            use_cookies=False,
            progress=show,
            timeout=(SECONDS_TO_CONNECT, SECONDS_TO_READ),
        )


def _may_pass(error: Exception) -> bool:
    if isinstance(error, requests.exceptions.HTTPError):
        return error.response.status_code >= 500
    return not isinstance(error, gdown.FileURLRetrievalError)


def _reason(error: Exception) -> str:
    if isinstance(error, requests.exceptions.HTTPError):
        return f"answered with HTTP status {error.response.status_code}"
    reasons = (reason for kind, reason in _REASONS if isinstance(error, kind))
    return next(reasons, f"failed ({type(error).__name__}: {error})")


def _check_download(path: Path, sha256: str | None) -> None:
    with path.open("rb") as file:
        start = file.read(1024).lstrip().lower()
    if start.startswith((b"<!doctype html", b"<html")):
        raise _SourceError("answered with a web page")
    checksum = hash_file(path)
    if sha256 and checksum != sha256:
        raise _SourceError(f"answered with another file, SHA-256 {checksum}")
