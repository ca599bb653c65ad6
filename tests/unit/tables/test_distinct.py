"""What is done to distinct texts is what would be done to the text of every record."""

from dataclasses import replace

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anonify.base.errors import UserError
from anonify.tables import csv_records
from anonify.tables.columns import Column
from anonify.tables.dialect import Dialect
from anonify.tables.distinct import count_texts, find_distinct, map_texts
from anonify.tables.text import read_text_columns
from anonify.tables.typed import convert_column, convert_texts, find_present, find_spellings

WHOLE = Column("visits", "sensitive", "integer", missing=("-9",), top=90, open_ends=True)
DECIMAL = Column("bmi", "sensitive", "decimal", missing=("-9",), bottom=1.5)
DAY = Column("seen", "sensitive", "date", missing=("n/a",), format="%d.%m.%Y")
CODE = Column("ill", "quasi-identifier", "category", code="icd10")
SEX = Column("sex", "sensitive", "category", missing=("n/a",))

NUMBERS = ["1", "01", "7.0", "95", "90+", "-9", "-9.0", "", " ", "\u200b"]
CASES = st.one_of(
    st.tuples(st.just(WHOLE), st.lists(st.sampled_from(NUMBERS), min_size=1, max_size=5)),
    st.tuples(
        st.just(replace(WHOLE, role="quasi-identifier")),
        st.lists(st.sampled_from(NUMBERS), min_size=1, max_size=5),
    ),
    st.tuples(
        st.just(DECIMAL),
        st.lists(st.sampled_from(["1,5", "1,50", "0,2", "-9,0", ""]), min_size=1, max_size=5),
    ),
    st.tuples(
        st.just(DAY),
        st.lists(
            st.sampled_from(["01.02.2020", "1.2.2020", "31.12.1599", "N/A", ""]),
            min_size=1,
            max_size=5,
        ),
    ),
    st.tuples(
        st.just(CODE),
        st.lists(st.sampled_from(["E11.9", "e119", "I10 ", ""]), min_size=1, max_size=5),
    ),
    st.tuples(st.just(SEX), st.lists(st.text(max_size=2), min_size=1, max_size=5)),
)


def as_categories(texts):
    """Texts as a CSV is read: in any order, and some that no record has."""
    labels = sorted({*texts, "nobody has this"}, reverse=True)
    return pd.Series(pd.Categorical(texts, categories=labels))


@given(case=CASES)
def test_a_record_is_typed_as_if_it_were_alone(case):
    column, texts = case
    decimal = "," if column is DECIMAL else "."
    plain = convert_column(pd.Series(texts, dtype="str"), column, "a.csv", decimal)
    typed = convert_column(as_categories(texts), column, "a.csv", decimal)
    pd.testing.assert_series_equal(typed, plain)
    for text, value, is_present in zip(texts, typed.tolist(), find_present(typed), strict=True):
        alone = convert_column(pd.Series([text], dtype="str"), column, "a.csv", decimal)
        assert find_present(alone).tolist() == [is_present]
        assert not is_present or alone.tolist() == [value]
    if typed.dtype == "category":
        assert {*typed.cat.categories} == {*typed}


@given(st.lists(st.sampled_from(["male", "Male", "MALE ", "female", ""]), min_size=1, max_size=5))
def test_the_spelling_of_most_records_stands_for_all(texts):
    column = replace(SEX, role="quasi-identifier", normalize=True)
    typed = convert_column(as_categories(texts), column, "a.csv").tolist()
    for meaning in ("male", "female", ""):
        spelt = [each for each in texts if each.strip().lower() == meaning]
        # Of equally frequent ones the first in the alphabet.
        chosen = min(spelt, key=lambda each: (-spelt.count(each), each), default=None)
        shown = {new for new, old in zip(typed, texts, strict=True) if old in spelt}
        assert shown == ({chosen} if spelt else set())


@pytest.mark.parametrize(
    ("column", "texts", "sentence"),
    [
        (WHOLE, ["1", "1", "-9", "2", "x", "y", "x"], "record 5: 'visits' is 'x'"),
        (DAY, ["01.02.2020", "", "2020", "2020"], "record 3: 'seen' is '2020'"),
        (CODE, ["E11", "E11", "wrong"], "record 3: 'ill' is 'wrong'"),
        (replace(SEX, role="person"), ["a", "a", "n/a", ""], "record 3: 'sex' has no value"),
        (
            Column("w", "weight", "decimal"),
            ["1", "1", "0", "", "-1", "0"],
            "record 3: the weight 'w' is '0'.*so it is with 3 more records",
        ),
    ],
)
def test_a_mistake_is_told_of_the_first_record_that_has_it(column, texts, sentence):
    for values in (pd.Series(texts, dtype="str"), as_categories(texts)):
        with pytest.raises(UserError, match=sentence):
            convert_column(values, column, "a.csv")


def test_the_most_frequent_spelling_of_a_number_is_counted_in_records():
    texts = ["1.7", "1.70", "1.70", "1.700", " 1.700", "1.700 "]
    distinct, codes = find_distinct(as_categories(texts))
    records = count_texts(distinct, codes)
    typed = convert_texts(distinct, records, DECIMAL, "a.csv")
    assert find_spellings(distinct, records, typed, DECIMAL) == (("1.7", "1.700"),)


def test_texts_that_no_record_has_are_not_found():
    texts, codes = find_distinct(as_categories(["b", "a", "b"]))
    assert texts.to_dict() == {0: "b", 1: "a"}
    assert codes.tolist() == [0, 1, 0]


def test_texts_that_become_one_are_one_category():
    mapped = map_texts(as_categories(["a", "A", "b"]), lambda texts: texts.str.lower())
    assert mapped.cat.categories.tolist() == ["a", "b"]
    assert mapped.tolist() == ["a", "a", "b"]


@given(
    rows=st.lists(
        st.tuples(*[st.sampled_from(["", "1", "01", "a\nb", "a,b", '"', "NA", "é"])] * 2),
        min_size=1,
        max_size=8,
    ),
    at_once=st.integers(1, 3),
)
def test_a_csv_that_is_read_in_parts_is_one_table(tmp_path_factory, rows, at_once):
    path = tmp_path_factory.getbasetemp() / "parts.csv"
    frame = pd.DataFrame(rows, columns=["first", "second"]).assign(third="x")
    frame.to_csv(path, index=False)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(csv_records, "_AT_ONCE", at_once)
        read = read_text_columns(path, Dialect(header=True))
    assert read.to_dict("list") == frame.to_dict("list")


@pytest.mark.parametrize(
    ("last", "sentence"),
    [("1,2,3", "line 6 has 3 values"), ("1", "record 5: it has fewer"), ('"1,2', "in record 5")],
)
def test_a_mistake_in_a_later_part_is_told_with_its_place(tmp_path, monkeypatch, last, sentence):
    path = tmp_path / "a.csv"
    path.write_text("a,b\n" + "1,2\n" * 4 + f"{last}\n")
    monkeypatch.setattr(csv_records, "_AT_ONCE", 2)
    with pytest.raises(UserError, match=sentence):
        read_text_columns(path, Dialect(header=True))
