"""Tables in the ways in which other programs write them, read back to the same values."""

import io

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anonify.base.errors import UserError
from anonify.tables.dialect import Dialect
from anonify.tables.headers import find_data_in_header
from anonify.tables.text import read_text_columns

FRAME = pd.DataFrame(
    {"größe": ["30", "41", ""], "Ort": ["Köln", "a;b,c", 'x "y"'], "n": ["a", "b", "c"]}
)


def write(path, frame, dialect, end="\n", mark="", titles=(), notes=()):
    text = frame.to_csv(
        sep=dialect.separator, index=False, header=dialect.header is not False, lineterminator=end
    )
    lines = [*(title + end for title in titles), text, *(note + end for note in notes)]
    path.write_bytes((mark + "".join(lines)).encode(dialect.encoding))


@pytest.mark.parametrize("separator", ";,\t|")
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize(
    ("encoding", "mark"),
    [("utf-8", ""), ("utf-8", "\ufeff"), ("utf-16", ""), ("cp1252", ""), ("latin-1", "")],
)
def test_a_table_is_read_in_its_encoding(tmp_path, separator, end, encoding, mark):
    dialect = Dialect(separator, encoding=encoding)
    write(tmp_path / "a.csv", FRAME, dialect, end, mark)
    assert read_text_columns(tmp_path / "a.csv", dialect).astype("str").equals(FRAME)


def test_utf_16_tells_itself(tmp_path):
    write(tmp_path / "a.csv", FRAME, Dialect(encoding="utf-16"))
    assert read_text_columns(tmp_path / "a.csv").astype("str").equals(FRAME)


def test_a_line_that_says_what_parts_the_columns_is_none_of_the_table(tmp_path):
    write(tmp_path / "a.csv", FRAME, Dialect(";"), titles=["sep=;"])
    assert read_text_columns(tmp_path / "a.csv", Dialect(";")).astype("str").equals(FRAME)


def test_titles_and_notes_are_left_out_by_their_lines(tmp_path):
    titles, notes = ["Report of 2024", ""], ["Source: ward 3", "* estimated"]
    write(tmp_path / "a.csv", FRAME, Dialect(";"), titles=titles, notes=notes)
    dialect = Dialect(";", first_line=3, last_line=6)
    assert read_text_columns(tmp_path / "a.csv", dialect).astype("str").equals(FRAME)


def test_without_a_header_the_columns_are_named_by_the_description(tmp_path):
    dialect = Dialect(header=False)
    write(tmp_path / "a.csv", FRAME, dialect)
    assert read_text_columns(tmp_path / "a.csv", dialect, list(FRAME)).astype("str").equals(FRAME)
    with pytest.raises(UserError, match="its records have 3 values, but the description names 2"):
        read_text_columns(tmp_path / "a.csv", dialect, ["a", "b"])


def test_another_encoding_is_told(tmp_path):
    write(tmp_path / "a.csv", FRAME, Dialect(encoding="latin-1"))
    with pytest.raises(UserError, match="line 1: the file is not UTF-8 text"):
        read_text_columns(tmp_path / "a.csv")
    with pytest.raises(UserError, match="no text in the encoding 'shift_jis'"):
        read_text_columns(tmp_path / "a.csv", Dialect(encoding="shift_jis"))


CELLS = st.text(
    st.characters(codec="utf-8", exclude_characters="\0\r", exclude_categories=["Cs"]), max_size=8
)


@given(
    rows=st.lists(st.tuples(CELLS, CELLS, st.just("x")), min_size=1, max_size=5),
    separator=st.sampled_from(";,\t|"),
    encoding=st.sampled_from(["utf-8", "utf-16"]),
    header=st.booleans(),
)
def test_any_text_is_read_as_it_was_written(tmp_path_factory, rows, separator, encoding, header):
    frame = pd.DataFrame(rows, columns=["first", "second", "third"])
    dialect = Dialect(separator, encoding=encoding, header=header)
    path = tmp_path_factory.getbasetemp() / "any.csv"
    write(path, frame, dialect)
    read = read_text_columns(path, dialect, list(frame))
    assert read.to_numpy().tolist() == frame.to_numpy().tolist()


@pytest.mark.parametrize(
    ("text", "columns"),
    [
        ("29,f,80331\n64,m,01067\n20,f,80331\n30,m,80331", [1, 2, 3]),
        ("2024-01-02,x\n2024-05-06,y", [1]),
        ("P001,b\nP002,c\nP003,d", [1]),
        ("E11.9,a\nI10,b\nE11.9,c", [1]),
        ("age,sex\n29,f\n64,m", []),
        ("name,town\nAda,Aln\nBea,Brae", []),
        # Years above counts, and a number above texts.
        ("2019,2020\n3,4\n5,6", []),
        ("day,when\n1,2024-01-02\n2,2024-03-04", []),
        ("f,age\nf,30\nm,40", []),
        (",age\n0,30\n1,40", []),
    ],
)
def test_a_record_in_the_place_of_a_header_is_noticed(text, columns):
    frame = pd.read_csv(io.StringIO(text), header=None, dtype="str", keep_default_na=False)
    assert find_data_in_header([*frame.iloc[0]], frame.iloc[1:]) == columns


def test_a_first_record_is_no_header_unless_somebody_says_so(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("30,f\n31,m\n30,f\n")
    with pytest.raises(UserError, match="the first line looks like a record") as caught:
        read_text_columns(path)
    assert "write `header: false` in the description" in str(caught.value)
    assert len(read_text_columns(path, Dialect(header=False), ["age", "sex"])) == 3
    assert len(read_text_columns(path, Dialect(header=True))) == 2
