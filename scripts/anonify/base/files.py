"""Read files with a sentence where there are none, and write them whole or not at all."""

import codecs
import csv
import gzip
import hashlib
import json
import os
import re
import shutil
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from glob import escape
from io import TextIOWrapper
from pathlib import Path
from typing import IO, Any, Literal, cast

from anonify.base.endings import ending_in_order
from anonify.base.errors import UserError

WORKBOOKS = (".xlsx", ".xlsm")
STATISTICAL = {
    ".sav": "SPSS",
    ".zsav": "SPSS",
    ".por": "SPSS",
    ".dta": "Stata",
    ".sas7bdat": "SAS",
    ".xpt": "SAS",
}
"""The endings of tables that are no text and no Parquet, in small letters."""

# The one of UTF-16 is the beginning of that of UTF-32.
_MARKS = {
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
_LONGEST_MARK = 4
_CONVERT = "save it as UTF-8, such as by iconv -f {encoding} -t utf-8 IN > OUT"


@contextmanager
def reading(path: str | Path) -> Iterator[None]:
    """Say in a sentence why a text file cannot be read in this block.

    Raises
    ------
    UserError : there is no such file, it is not UTF-8, or compressed and not whole.
    """
    try:
        yield
    except (FileNotFoundError, IsADirectoryError):
        raise UserError(f"{path}: there is no such file; check the path") from None
    except UnicodeDecodeError:
        with open_bytes(path) as file:
            refuse_marked(path, file.read(_LONGEST_MARK))
        raise UserError(
            f"{path}, line {_find_wrong_line(path)}: the file is not UTF-8 text; "
            f"{_CONVERT.format(encoding='latin1')}"
        ) from None
    except (EOFError, gzip.BadGzipFile, zlib.error):
        raise UserError(
            f"{path}: the file is compressed and not whole; compress or copy it again"
        ) from None


def find_mark(start: bytes) -> str | None:
    """Return the encoding whose mark a file begins with, if that is not UTF-8.

    >>> find_mark("sex".encode("utf-16")), find_mark("sex".encode("utf-8-sig"))
    ('utf-16', None)
    """
    return next((encoding for mark, encoding in _MARKS.items() if start.startswith(mark)), None)


def refuse_marked(path: str | Path, start: bytes) -> None:
    """Make sure that a file does not begin with the mark of another encoding than UTF-8.

    Raises
    ------
    UserError : it does.
    """
    encoding = find_mark(start)
    if encoding:
        raise UserError(
            f"{path}: the file is {encoding.upper()} text; {_CONVERT.format(encoding=encoding)}"
        )


def _find_wrong_line(path: str | Path) -> int:
    """Return the number of the first line that is not UTF-8."""
    with open_bytes(path) as file:
        lines = enumerate(file, start=1)
        return next(n for n, line in lines if line.decode(errors="replace").encode() != line)


@contextmanager
def replacing(path: str | Path) -> Iterator[Path]:
    """Give a temporary path that takes the place of ``path`` when the block ends well.

    It goes also when the block is ended from outside. What a process left that was killed while it
    wrote the same file is removed.
    """
    path = Path(path)
    for unfinished in path.parent.glob(f".{escape(path.name)}.*.tmp{escape(path.suffix)}"):
        unfinished.unlink(missing_ok=True)
    temporary = _name_unfinished(path)
    with ending_in_order():
        try:
            yield temporary
            temporary.replace(path)
        except OSError as error:
            # Nobody knows the temporary file.
            if error.filename == str(temporary):
                error.filename = str(path)
            raise
        finally:
            temporary.unlink(missing_ok=True)


def _name_unfinished(path: Path) -> Path:
    return path.with_name(f".{path.name}.{os.getpid()}.tmp{path.suffix}")


def check_place(path: str | Path, sources: Iterable[str | Path] = ()) -> None:
    """Make sure that a file can be written where it is to be, before the work begins.

    Parameters
    ----------
    sources : files and folders that are read.

    Raises
    ------
    UserError : it is one of them or in one of them, there is a folder of its name, or nothing can
        be written there.
    """
    path, read = Path(path), [Path(source) for source in sources]
    if path.exists():
        if any(source.exists() and path.samefile(source) for source in read):
            raise UserError(f"{path}: this file is read and would be lost; write to another one")
        # Standard output may lead to a file, and its name is none to be replaced.
        if not path.is_file() or path.parent.resolve() == Path("/dev"):
            raise UserError(f"{path}: it is there already and no file; write to another one")
    check_outside(path, read)
    unfinished = _name_unfinished(path)
    try:
        unfinished.touch()
        unfinished.unlink()
    except OSError as error:
        raise UserError(
            f"{path}: nothing can be written there ({error.strerror}); make its folder or free it, "
            "or name another one"
        ) from None


def check_outside(path: str | Path, sources: Iterable[str | Path]) -> None:
    """Make sure that what is written does not come to be a part of what is read.

    Raises
    ------
    UserError : it is in one of the folders among ``sources``.
    """
    places = [Path(os.path.realpath(place)) for place in (path, Path(path).parent)]
    for folder in filter(Path.is_dir, map(Path, sources)):
        if any(place.is_relative_to(os.path.realpath(folder)) for place in places):
            raise UserError(
                f"{path}: it would be a part of the table {folder}, which is read; name another "
                "folder"
            )


@contextmanager
def replacing_folder(path: str | Path) -> Iterator[Path]:
    """Give a temporary folder that takes the place of ``path`` when the block ends well.

    It goes also when the block is ended from outside. What a process left that was killed while it
    wrote the same folder is removed.
    """
    path = Path(path)
    for unfinished in path.parent.glob(f".{escape(path.name)}.*.tmp"):
        shutil.rmtree(unfinished, ignore_errors=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    with ending_in_order():
        temporary.mkdir()
        try:
            yield temporary
            # A folder does not take the place of one that has files, or of a file.
            if path.is_dir():
                shutil.rmtree(path)
            path.unlink(missing_ok=True)
            temporary.replace(path)
        finally:
            shutil.rmtree(temporary, ignore_errors=True)


def open_bytes(path: str | Path) -> IO[bytes]:
    """Open a file to read it, unpacked where its name ends in ``.gz``."""
    return cast("IO[bytes]", gzip.open(path)) if is_gzip(path) else Path(path).open("rb")


def open_text(path: str | Path, errors: str = "strict") -> IO[str]:
    """Open a file of UTF-8 as :func:`open_bytes` does; lines end as they do there."""
    return TextIOWrapper(open_bytes(path), encoding="utf-8-sig", errors=errors, newline="")


def is_gzip(path: str | Path) -> bool:
    """Tell whether a file is compressed by its name."""
    return Path(path).suffix == ".gz"


def is_folder(file: str) -> bool:
    """Tell whether what a description names may be a folder: of Parquet files.

    >>> is_folder("visits.parquet"), is_folder("visits/"), is_folder("visits.csv")
    (True, True, False)
    """
    return file.endswith(("/", ".parquet"))


def is_parquet(path: str | Path) -> bool:
    """Tell whether a table is Parquet: a file by its name, or any folder."""
    return is_folder(str(path)) or Path(path).is_dir()


def is_workbook(path: str | Path) -> bool:
    """Tell whether a file is an Excel workbook by its name."""
    return Path(path).suffix.lower() in WORKBOOKS


def is_statistical(path: str | Path) -> bool:
    """Tell whether a file is of SPSS, Stata or SAS by its name."""
    return Path(path).suffix.lower() in STATISTICAL


def is_csv(path: str | Path) -> bool:
    """Tell whether a table is CSV: what is nothing else by its name."""
    return name_format(path) == "CSV"


def name_format(path: str | Path) -> str:
    """Return by its name what a table is.

    >>> name_format("clinic.SAV"), name_format("clinic.txt")
    ('SPSS', 'CSV')
    """
    if is_parquet(path):
        return "Parquet"
    return "Excel" if is_workbook(path) else STATISTICAL.get(Path(path).suffix.lower(), "CSV")


def name_file(text: str) -> str:
    """Return a text as a part of a file's name, without what a path or Snakemake would read in it.

    >>> name_file("Größe/cm")
    'Größe%2Fcm'
    """
    return re.sub(r"[^\w .()+-]", lambda match: f"%{ord(match[0]):02X}", text)


def list_files(folder: str | Path) -> list[Path]:
    """List the files in a folder and the folders in it, in the order of their paths there.

    Those that begin with ``.`` or ``_`` are left out: there programs keep their own.

    Raises
    ------
    UserError : there is a link to a folder, or to nothing, whose records would be left out.
    """
    folder = Path(folder)
    found = (path.relative_to(folder) for path in folder.rglob("*"))
    seen = [path for path in found if not any(part.startswith((".", "_")) for part in path.parts)]
    for path in seen:
        if (folder / path).is_symlink() and not (folder / path).is_file():
            raise UserError(
                f"{folder}: {str(path)!r} in it is a link that leads to no file; put the files "
                "there"
            )
    files = (path for path in seen if (folder / path).is_file())
    return [folder / path for path in sorted(files, key=Path.as_posix)]


def hash_file(path: str | Path) -> str:
    """Return the SHA-256 of a file, in lower case.

    Of a folder it is that of what ``sha256sum`` writes of its files, as :func:`list_files` has
    them: a line with the hash of each and its path within the folder.
    """
    if Path(path).is_dir():
        files = ((file, file.relative_to(path).as_posix()) for file in list_files(path))
        lines = [f"{hash_file(file)}  {name}\n" for file, name in files]
        return hashlib.sha256("".join(lines).encode()).hexdigest()
    with Path(path).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def choose_quoting(texts: Iterable[str]) -> Literal[0, 1]:
    """Return how a CSV with these texts must be quoted to be read as it was.

    With lines that end in a line feed, a carriage return alone would not be, nor a byte order mark
    at the beginning of the file.
    """
    needs_quotes = any("\r" in text or text.startswith("\ufeff") for text in texts)
    return csv.QUOTE_ALL if needs_quotes else csv.QUOTE_MINIMAL


def write_json(content: Any, path: str | Path) -> None:
    """Write JSON that a person can read."""
    with replacing(path) as temporary:
        temporary.write_text(json.dumps(content, indent=2, sort_keys=True) + "\n")
