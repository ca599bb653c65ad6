"""Files whose names say something else than what they are, told in one sentence."""

import bz2
import gzip
import lzma
import zipfile

import pandas as pd
import pyreadstat
import pytest

from anonify.base.errors import UserError
from anonify.drafting.reading import read_undescribed
from anonify.tables.text import read_text_columns

FRAME = pd.DataFrame({"a": [1.0, 2.0], "b": ["x", "y"]})


def refuse(path):
    """Return what is said of a file, which is the same before and after it is described."""
    with pytest.raises(UserError) as error:
        read_text_columns(path)
    with pytest.raises(UserError, match="the file is") as other:
        read_undescribed(path, None, None)
    assert str(other.value) == str(error.value)
    return str(error.value).removeprefix(f"{path}: ")


def write_zip(path, *parts, content="x"):
    with zipfile.ZipFile(path, "w") as archive:
        for part in parts:
            archive.writestr(part, content)


WRITTEN = {
    "xlsx": lambda path: FRAME.to_excel(path, index=False),
    "sav": lambda path: pyreadstat.write_sav(FRAME, path),
    "zsav": lambda path: pyreadstat.write_sav(FRAME, path, compress=True),
    "por": lambda path: pyreadstat.write_por(FRAME, path),
    "dta": lambda path: pyreadstat.write_dta(FRAME, path),
    "xpt": lambda path: pyreadstat.write_xport(FRAME, path),
    "parquet": lambda path: FRAME.to_parquet(path),
}


@pytest.mark.parametrize("name", ["clinic.csv", "clinic.txt", "clinic.xls", "clinic"])
@pytest.mark.parametrize("kind", WRITTEN)
def test_a_table_by_the_name_of_another_kind_is_told(tmp_path, kind, name):
    WRITTEN[kind](str(tmp_path / f"table.{kind}"))
    path = (tmp_path / f"table.{kind}").rename(tmp_path / name)
    assert refuse(path).endswith(f"; let its name end in .{kind}")


@pytest.mark.parametrize("version", [114, 118])
def test_stata_of_every_age_tells_itself(tmp_path, version):
    FRAME.to_stata(tmp_path / "a.dta", version=version)
    path = (tmp_path / "a.dta").rename(tmp_path / "a.csv")
    assert refuse(path) == "the file is a Stata file; let its name end in .dta"


@pytest.mark.parametrize("kind", ["xlsx", "sav", "por", "dta", "xpt"])
def test_a_csv_by_the_name_of_another_kind_is_told(tmp_path, kind):
    path = tmp_path / f"clinic.{kind}"
    path.write_text("age,sex\n30,f\n41,m\n")
    told = refuse(path)
    assert told.startswith("the file is no")
    assert "\n" not in told
    assert kind != "xlsx" or told.endswith("if it is text, let its name end in .csv")


@pytest.mark.parametrize("kind", ["xlsx", "sav", "dta"])
def test_a_file_by_the_name_of_parquet_is_told(tmp_path, kind):
    WRITTEN[kind](str(tmp_path / f"table.{kind}"))
    path = (tmp_path / f"table.{kind}").rename(tmp_path / "clinic.parquet")
    assert refuse(path).endswith(f"; let its name end in .{kind}")


def test_the_two_kinds_of_spss_and_of_excel_tell_themselves_apart(tmp_path):
    pyreadstat.write_sav(FRAME, str(tmp_path / "a.sav"))
    assert len(read_text_columns((tmp_path / "a.sav").rename(tmp_path / "a.zsav"))) == 2
    FRAME.to_excel(tmp_path / "a.xlsx", index=False)
    assert len(read_text_columns((tmp_path / "a.xlsx").rename(tmp_path / "A.XLSM"))) == 2


OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600


@pytest.mark.parametrize("name", ["clinic.csv", "clinic.xlsx", "clinic.xls"])
@pytest.mark.parametrize(
    ("content", "what"),
    [
        (OLE + "Workbook".encode("utf-16-le"), "an old Excel workbook (.xls); save it as .xlsx"),
        (OLE + "EncryptedPackage".encode("utf-16-le"), "a workbook that a password locks; save"),
        (OLE + "WordDocument".encode("utf-16-le"), "an old Word document (.doc); save the table"),
        (b"%PDF-1.7", "a PDF; save the table as CSV"),
        (b"\0" * 12 + b"\xc2\xea\x81\x60", "a SAS file; let its name end in .sas7bdat"),
        (b"\0" * 12 + b"\xc2\xea\x81\x63", "a SAS catalog, which has no table; give the"),
        (b"SQLite format 3\0", "an SQLite database"),
        (b"\0\x01\0\0Standard ACE DB", "an Access database"),
        (b"ARROW1\0\0", "an Arrow file"),
        (b"RDX3\nX\n", "R data; write the table in R"),
        (gzip.compress(b"RDX3\nX\n", mtime=0), "R data; write the table in R"),
        (gzip.compress(b"X\n\0\0\0\3", mtime=0), "R data; write the table in R"),
        (bz2.compress(b"RDX2\nX\n"), "R data; write the table in R"),
        (lzma.compress(b"RDX2\nX\n"), "R data; write the table in R"),
        (gzip.compress(b"age,sex\n", mtime=0), "a compressed file; unpack it"),
        (b"\x1f\x8bxx", "a compressed file; unpack it"),
        (b"\xef\xbb\xbf<html><table>", "a web page or XML; open it in a spreadsheet"),
        (b"\n<?xml version='1.0'?><Workbook>", "a web page or XML; open it in a spreadsheet"),
        (b"PK\x03\x04", "an archive that is not whole"),
    ],
)
def test_what_is_not_read_is_told(tmp_path, name, content, what):
    path = tmp_path / name
    path.write_bytes(content)
    assert refuse(path).startswith(f"the file is {what}")


@pytest.mark.parametrize("name", ["clinic.xlsx", "clinic.sav", "clinic.dta", "clinic.xpt"])
def test_an_empty_file_is_told(tmp_path, name):
    (tmp_path / name).write_bytes(b"")
    assert refuse(tmp_path / name) == "the file is empty; save or copy it again"


@pytest.mark.parametrize("name", ["clinic.csv", "clinic.xlsx"])
@pytest.mark.parametrize(
    ("part", "what"),
    [
        ("content.xml", "an OpenDocument spreadsheet (.ods); save it as .xlsx"),
        ("xl/workbook.bin", "a binary Excel workbook (.xlsb); save it as .xlsx"),
        ("word/document.xml", "a Word document; save the table as CSV"),
        ("Index/Document.iwa", "a Numbers document; save it as .xlsx"),
        ("clinic.csv", "an archive; unpack it and give the table in it"),
    ],
)
def test_an_archive_is_told_by_what_it_holds(tmp_path, name, part, what):
    write_zip(tmp_path / name, "other", part)
    assert refuse(tmp_path / name).startswith(f"the file is {what}")


def test_a_workbook_in_the_strict_form_is_told(tmp_path):
    namespace = "http://purl.oclc.org/ooxml/spreadsheetml/main"
    write_zip(tmp_path / "a.xlsx", "xl/workbook.xml", content=f"<workbook xmlns='{namespace}'/>")
    told = refuse(tmp_path / "a.xlsx")
    assert told.startswith("the file is a workbook in Excel's strict form; save it as an ordinary")


def test_text_that_begins_like_something_else_is_read(tmp_path):
    path = tmp_path / "clinic.csv"
    path.write_text("<5,age\n1,2\n3,4\n")
    assert list(read_text_columns(path)) == ["<5", "age"]
    path.write_text("rs\n1\n2\n")
    assert list(read_text_columns(path)) == ["rs"]
