"""Random tables, written by other programs and read back to what was written."""

import datetime
import math

import numpy as np
import openpyxl
import pandas as pd
import pyreadstat
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from tests.profile import draws

from anonify.tables.dialect import Dialect
from anonify.tables.text import read_text_columns

WHOLE = st.integers(-(10**15) + 1, 10**15 - 1)
DAYS = st.dates(datetime.date(1900, 3, 1), datetime.date(9999, 12, 31))
TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Cn"]), max_size=8)
# Excel and openpyxl write 15 to 17 digits of a number, and no text of some beginnings.
DECIMALS = st.decimals(-9999, 9999, places=3).map(float)


def write_text(value):
    """Return what a person reads in a cell."""
    if isinstance(value, float):
        return "" if math.isnan(value) else str(int(value)) if value % 1 == 0 else repr(value)
    return "" if value is None else str(value)


def is_plain(text):
    """Tell whether openpyxl takes a text for one: no formula, no error, nothing that is escaped."""
    has_marks = text.startswith(("=", "#")) or "_x" in text
    return not has_marks and not ILLEGAL_CHARACTERS_RE.search(text)


@settings(max_examples=draws(100), deadline=None)
@given(
    st.lists(
        st.tuples(*[st.none() | WHOLE | DECIMALS | DAYS | TEXTS.filter(is_plain)] * 3),
        min_size=1,
        max_size=6,
    )
)
def test_a_sheet_is_read_as_it_was_written(tmp_path_factory, rows):
    path = tmp_path_factory.getbasetemp() / "any.xlsx"
    book = openpyxl.Workbook()
    book.active.append(["first", "second", "third", "last"])
    for row in rows:
        book.active.append([*row, "x"])
    book.save(path)
    read = read_text_columns(path, Dialect(header=True))
    assert read.to_numpy().tolist() == [[*map(write_text, row), "x"] for row in rows]


@pytest.mark.parametrize("kind", ["sav", "zsav", "dta"])
@settings(max_examples=draws(60), deadline=None)
@given(
    st.lists(
        st.tuples(
            st.none() | st.integers(-(2**53), 2**53),
            st.none() | st.floats(-1e300, 1e300),
            st.none() | st.dates(datetime.date(1600, 1, 1)),
            TEXTS.filter(lambda text: text == text.rstrip()),
        ),
        min_size=1,
        max_size=6,
    ),
    st.booleans(),
)
def test_a_file_of_spss_and_stata_is_read_as_it_was_written(
    tmp_path_factory, kind, rows, has_labels
):
    path = tmp_path_factory.getbasetemp() / f"any.{kind}"
    frame = pd.DataFrame(rows, columns=["whole", "decimal", "day", "text"])
    frame["whole"] = np.array(frame["whole"], dtype=float)
    frame["decimal"] = np.array(frame["decimal"], dtype=float)
    labels = {}
    if has_labels and frame["whole"].notna().any():
        labels = {float(frame["whole"].dropna().iloc[0]): "the first"}
    about = {"variable_value_labels": {"whole": labels}} if labels and kind != "dta" else {}
    options = {"compress": True} if kind == "zsav" else {}
    write = pyreadstat.write_dta if kind == "dta" else pyreadstat.write_sav
    write(frame, str(path), **about, **options)
    read = read_text_columns(path)
    if about:
        assert read["whole"].tolist() == [
            "the first" if value in labels else write_text(value) for value in frame["whole"]
        ]
    else:
        assert read["whole"].tolist() == [*map(write_text, frame["whole"])]
    for text, number in zip(read["decimal"], frame["decimal"], strict=True):
        assert (text == "") if math.isnan(number) else (float(text) == number)
    assert read["day"].tolist() == [*map(write_text, frame["day"])]
    assert read["text"].tolist() == frame["text"].tolist()
