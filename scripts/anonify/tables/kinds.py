"""What a file is by what it begins with, where its name says something else."""

import bz2
import gzip
import lzma
import re
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from anonify.base.files import WORKBOOKS, is_csv, is_gzip, is_workbook

_AS_CSV = "save the table as CSV in UTF-8"
_AS_WORKBOOK = "save it as .xlsx, or the table as CSV in UTF-8"
_AS_ORDINARY = "save it as an ordinary .xlsx, or the table as CSV in UTF-8"
_FROM_R = "write the table in R by write.csv(…, row.names = FALSE, fileEncoding = 'UTF-8')"
_SPSS = (".sav", ".zsav")
_SAS = b"\0" * 12 + b"\xc2\xea\x81"


class Kind(NamedTuple):
    """A kind of file.

    Parameters
    ----------
    mend : what is to be done with it; another name where it is a table that we read.
    endings : of the names by which we read it.
    """

    what: str
    mend: str
    endings: tuple[str, ...] = ()


def _read_as(what: str, *endings: str) -> Kind:
    return Kind(what, f"let its name end in {endings[0]}", endings)


_COMPRESSED = Kind("a compressed file", "unpack it")
_ARCHIVE = Kind("an archive", "unpack it and give the table in it")
_R_DATA = Kind("R data", _FROM_R)
_WORKBOOK = _read_as("an Excel workbook", *WORKBOOKS)
_MARKS = {
    b"%PDF": Kind("a PDF", _AS_CSV),
    b"PAR1": _read_as("a Parquet file", ".parquet"),
    b"$FL2": _read_as("an SPSS file", *_SPSS),
    b"$FL3": _read_as("an SPSS file", *reversed(_SPSS)),
    b"<stata_dta>": _read_as("a Stata file", ".dta"),
    _SAS + b"\x60": _read_as("a SAS file", ".sas7bdat"),
    _SAS + b"\x63": Kind("a SAS catalog, which has no table", "give the .sas7bdat beside it"),
    b"HEADER RECORD*******": _read_as("a SAS transport file", ".xpt"),
    b"ARROW1": Kind("an Arrow file", "save the table as Parquet, or as CSV in UTF-8"),
    b"FEA1": Kind("a Feather file", "save the table as Parquet, or as CSV in UTF-8"),
    b"SQLite format 3": Kind("an SQLite database", _AS_CSV),
    b"\0\x01\0\0Standard": Kind("an Access database", _AS_CSV),
    b"RDX": _R_DATA,
    b"RDA": _R_DATA,
    b"X\n\0\0\0": _R_DATA,
}
# The namespace of workbooks that no reader of ours knows.
_BOOK, _STRICT = "xl/workbook.xml", b"http://purl.oclc.org/ooxml/"
# What a ZIP archive has inside that a person takes for one file.
_PARTS = {
    "xl/workbook.bin": Kind("a binary Excel workbook (.xlsb)", _AS_WORKBOOK),
    _BOOK: _WORKBOOK,
    "word/document.xml": Kind("a Word document", _AS_CSV),
    "content.xml": Kind("an OpenDocument spreadsheet (.ods)", _AS_WORKBOOK),
    "Index/Document.iwa": Kind("a Numbers document", _AS_WORKBOOK),
}
_GZIP = b"\x1f\x8b"
_PACKERS: dict[bytes, Callable[[Path], Any]] = {
    _GZIP: gzip.open,
    b"BZh": bz2.open,
    b"\xfd7zXZ": lzma.open,
}
_ZIP, _OLE, _PORTABLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"ASCII SPSS PORT FILE"
# Where an archive of tar says so.
_TAR = slice(257, 262)
_MARKUP = re.compile(r"\s{0,100}<(!doctype|html|head|meta|table|\?xml)\b", re.IGNORECASE)


def explain_content(path: str | Path) -> str | None:
    """Say what a file is that is not what its name says, and what is to be done.

    Returns
    -------
    The rest of a sentence that begins with the file; None where it may be what its name says.

    Raises
    ------
    OSError : it can't be read.
    EOFError : it is compressed and not whole.
    """
    if not is_csv(path) and not Path(path).stat().st_size:
        return "the file is empty; save or copy it again"
    kind = _find_packed(Path(path)) if is_gzip(path) else _find_kind(Path(path))
    if kind is None and is_workbook(path):
        return "the file is no Excel workbook; if it is text, let its name end in .csv"
    if kind is None or Path(path).suffix.lower() in kind.endings:
        return None
    return f"the file is {kind.what}; {kind.mend}"


def _find_kind(path: Path) -> Kind | None:
    """Return what a file is, None where that may be text or what does not tell itself."""
    with path.open("rb") as file:
        start = file.read(400)
    if kind := _find_marked(start):
        return kind
    for mark, unpack in _PACKERS.items():
        if start.startswith(mark):
            return _look_into(path, unpack)
    if start.startswith(_ZIP):
        return _look_into_archive(path)
    if start.startswith(_OLE):
        return _look_into_container(path)
    if _PORTABLE in start:
        return _read_as("an SPSS portable file", ".por")
    if _MARKUP.match(start.decode(errors="replace").removeprefix("\ufeff")):
        return Kind("a web page or XML", f"open it in a spreadsheet and {_AS_WORKBOOK}")
    # Of Stata before 13: its version, the order of bytes, and a 1.
    if len(start) > 2 and start[0] in range(0x69, 0x74) and start[1] in (1, 2) and start[2] == 1:
        return _read_as("a Stata file", ".dta")
    return None


def _find_marked(start: bytes) -> Kind | None:
    return next((kind for mark, kind in _MARKS.items() if start.startswith(mark)), None)


def _find_packed(path: Path) -> Kind | None:
    """Return what a file is whose name says that it is compressed text; None where it may be."""
    with path.open("rb") as file:
        start = file.read(len(_GZIP))
    if start and start != _GZIP:
        return _find_kind(path) or Kind("not compressed", "let its name end in .csv")
    with gzip.open(path) as file:
        start = file.read(400)
    kind = _find_marked(start)
    if kind == _R_DATA:
        return kind
    if kind:
        return Kind(f"{kind.what}, compressed", "unpack it")
    is_packed = start.startswith((_ZIP, _OLE, *_PACKERS)) or start[_TAR] == b"ustar"
    return Kind(f"{_ARCHIVE.what}, compressed", _ARCHIVE.mend) if is_packed else None


def _look_into(path: Path, unpack: Callable[[Path], Any]) -> Kind:
    """Return what a compressed file is: R writes its own in that way."""
    try:
        with unpack(path) as file:
            start = file.read(8)
    except (OSError, EOFError, zlib.error, lzma.LZMAError):
        return _COMPRESSED
    return _R_DATA if start.startswith((b"RDX", b"RDA", b"X\n\0\0\0")) else _COMPRESSED


def _look_into_container(path: Path) -> Kind:
    """Return what a file is that old Office programs wrote, or new ones around what is locked."""
    content = path.read_bytes()
    if "EncryptedPackage".encode("utf-16-le") in content:
        return Kind("a workbook that a password locks", "save it without one as .xlsx")
    if "WordDocument".encode("utf-16-le") in content:
        return Kind("an old Word document (.doc)", _AS_CSV)
    return Kind("an old Excel workbook (.xls)", _AS_WORKBOOK)


def _look_into_archive(path: Path) -> Kind:
    try:
        with zipfile.ZipFile(path) as archive:
            names = {name.replace("\\", "/").lstrip("/") for name in archive.namelist()}
            if _BOOK in archive.namelist() and _STRICT in archive.read(_BOOK):
                return Kind("a workbook in Excel's strict form", _AS_ORDINARY)
    # The last two are what zipfile raises where it is locked, or packed in a way it does not know.
    except (zipfile.BadZipFile, zlib.error, OSError, RuntimeError, NotImplementedError):
        return Kind("an archive that is not whole or locked", "save or copy it again")
    return next((kind for part, kind in _PARTS.items() if part in names), _ARCHIVE)
