"""A CSV that gzip compressed is read as the CSV in it."""

import gzip
import io
import tarfile

import pandas as pd
import pytest

from anonify.base.errors import UserError
from anonify.drafting.reading import read_undescribed
from anonify.tables.dialect import Dialect
from anonify.tables.text import read_header, read_text_columns, read_text_parts

TEXT = "sex;age\nf;31\nm;52\n"


@pytest.fixture
def path(tmp_path):
    return tmp_path / "clinic.csv.gz"


def refuse(path, content):
    path.write_bytes(content)
    with pytest.raises(UserError) as error:
        read_text_columns(path)
    with pytest.raises(UserError) as of_parts:
        [*read_text_parts(path)]
    with pytest.raises(UserError) as undescribed:
        read_undescribed(path, None, None)
    assert str(error.value) == str(of_parts.value) == str(undescribed.value)
    return str(error.value).removeprefix(f"{path}: ")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "latin-1", "utf-16"])
def test_it_is_read_in_every_encoding(path, encoding):
    text = TEXT.replace("f", "für")
    path.write_bytes(gzip.compress(text.encode(encoding)))
    dialect = Dialect(";", encoding="latin-1" if encoding == "latin-1" else "utf-8")
    expected = {"sex": ["für", "m"], "age": ["31", "52"]}
    assert read_text_columns(path, dialect).to_dict("list") == expected
    parts = pd.concat([part.astype("str") for part in read_text_parts(path, dialect)])
    assert parts.to_dict("list") == expected
    assert read_undescribed(path, None, None).frame.to_dict("list") == expected


def test_it_may_have_several_members(path):
    path.write_bytes(gzip.compress(TEXT[:10].encode()) + gzip.compress(TEXT[10:].encode()))
    assert read_text_columns(path, Dialect(";")).to_dict("list")["age"] == ["31", "52"]
    assert read_header(path, ["age"]) == (";", ["sex", "age"])


def test_a_record_that_breaks_off_is_found_in_it(path):
    path.write_bytes(gzip.compress(b"sex;age\nf;31\nm\n"))
    with pytest.raises(UserError, match="record 2: it has fewer values than the header"):
        read_text_columns(path, Dialect(";"))


@pytest.mark.parametrize("cut", [5, 20, 500, -1])
def test_one_that_is_not_whole_is_refused(path, cut):
    lines = "".join(f"f;{number * 7919 % 1009}\n" for number in range(5000))
    content = gzip.compress(f"sex;age\n{lines}".encode())
    assert refuse(path, content[:cut]) == (
        "the file is compressed and not whole; compress or copy it again"
    )


def test_one_that_was_changed_is_refused(path):
    content = bytearray(gzip.compress(TEXT.encode()))
    content[-6] ^= 1
    assert "compressed and not whole" in refuse(path, bytes(content))


def archive(content):
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w:gz") as tar:
        about = tarfile.TarInfo("clinic.csv")
        about.size = len(content)
        tar.addfile(about, io.BytesIO(content))
    return file.getvalue()


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (TEXT.encode(), "not compressed; let its name end in .csv"),
        (b"PAR1 and more", "a Parquet file; let its name end in .parquet"),
        (gzip.compress(b"PAR1 and more", mtime=0), "a Parquet file, compressed; unpack it"),
        (gzip.compress(b"RDX3\nX\n", mtime=0), "R data; write the table in R"),
        (
            gzip.compress(gzip.compress(TEXT.encode(), mtime=0), mtime=0),
            "an archive, compressed; unpack it and",
        ),
        (archive(TEXT.encode()), "an archive, compressed; unpack it and give the table in it"),
        (gzip.compress(b"", mtime=0), "empty; it needs a header and records"),
        (gzip.compress(b"a,b\n1,\0\n", mtime=0), "no text, for line 2 has a NUL byte"),
    ],
)
def test_what_is_no_csv_inside_is_told(path, content, what):
    path.write_bytes(content)
    with pytest.raises(UserError) as error:
        read_text_columns(path)
    assert str(error.value).startswith(f"{path}: the file is {what}")
