"""Top and bottom coding, by hand."""

import datetime
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest

from anonify.tables.coding import code_given
from anonify.tables.columns import Column
from anonify.tables.distinct import count_texts, find_distinct
from anonify.tables.typed import convert_column, count_coded

AGE = Column("age", "quasi-identifier", "integer", bottom=18, top=90)
DOSE = Column("dose", "sensitive", "decimal", bottom=0, top=2.5, missing=["-9"])
SEEN = Column("seen", "sensitive", "date", "%d.%m.%Y", bottom="2000-01-01", top="2020-12-31")

DAYS = [datetime.date(year, 5, 1) for year in (1990, 2010, 2030)]


def convert(column, *texts, decimal="."):
    return convert_column(pd.Series(texts, dtype="str"), column, "clinic.csv", decimal)


def test_numbers_beyond_the_ends_become_them():
    assert convert(AGE, "17", "18", "54", "90", "91", "1234567", "").tolist() == [
        *("18", "18", "54", "90", "90", "90", ""),
    ]
    ages = convert(AGE, "1234567", "3")
    # No category tells what has been.
    assert ages.cat.categories.tolist() == ["18", "90"]


def test_what_stands_for_no_value_is_none_and_not_the_bottom():
    doses = convert(DOSE, "-9", "-9,0", "-8", "", "2,5000001", "1e300", decimal=",")
    assert doses.dtype == "float64"
    assert doses.fillna(-1).tolist() == [-1, -1, 0, -1, 2.5, 2.5]


def test_whole_numbers_stay_whole():
    column = Column("visits", "sensitive", "integer", top=3.0)
    assert convert(column, "1", "9").dtype == "int64"
    assert convert(column, "1", "9", "").dtype == "Int64"
    assert convert(column, "1", "9", str(2**63 - 1)).tolist() == [1, 3, 3]


def test_dates_beyond_the_ends_become_them():
    dates = convert(SEEN, "31.12.1999", "01.01.2000", "24.12.2020", "01.01.2021", "")
    assert dates.tolist() == ["2000-01-01", "2000-01-01", "2020-12-24", "2020-12-31", ""]


def count_ends(column, *texts):
    distinct, codes = find_distinct(pd.Series(texts, dtype="str"))
    return count_coded(distinct, count_texts(distinct, codes), column, "clinic.csv")


def test_what_is_coded_is_counted_by_end():
    assert count_ends(AGE, "17", "18", "90", "91", "95", "91", "") == {"bottom": 1, "top": 3}
    dates = ["31.12.1999", "01.01.2021", "24.12.2020", ""]
    assert count_ends(SEEN, *dates) == {"bottom": 1, "top": 1}
    top = Column("age", "sensitive", "decimal", top=90)
    assert count_ends(top, "90", "90.1") == {"top": 1}


@pytest.mark.parametrize(
    "given",
    [
        pd.Series([10, 50, 95], dtype="int8"),
        pd.Series([10, 50, 95], dtype="uint16"),
        pd.Series([10.0, 50.0, 95.0], dtype="float32"),
        pd.Series([10, None, 95], dtype="Int64"),
        pd.Series([10, None, 95], dtype="int64[pyarrow]"),
        pd.Series([Decimal(10), Decimal(50), Decimal(95)], dtype="object"),
        pd.Series([10, 50, 95], dtype="category"),
        pd.Series(["10", "50", "95"], dtype="str"),
    ],
    ids=lambda given: str(given.dtype),
)
def test_what_was_given_keeps_its_type(given):
    column = Column("age", "sensitive", "integer", bottom=18, top=90)
    typed = convert(column, *("" if pd.isna(value) else f"{float(value):g}" for value in given))
    coded = code_given(given, typed, column)
    if given.dtype == "category":
        assert coded.cat.categories.tolist() == [18, 50, 90]
    else:
        assert coded.dtype == given.dtype
    expected = [18, None if pd.isna(given[1]) else 50, 90]
    assert [None if pd.isna(value) else int(value) for value in coded] == expected


@pytest.mark.parametrize(
    "given",
    [
        pd.Series(pd.to_datetime(["1990-05-01", "2010-05-01", "2030-05-01"])),
        pd.Series(pd.to_datetime(["1990-05-01", "2010-05-01", "2030-05-01"]).tz_localize("UTC")),
        pd.Series([datetime.date(year, 5, 1) for year in (1990, 2010, 2030)]),
        pd.Series(
            [datetime.date(year, 5, 1) for year in (1990, 2010, 2030)], dtype="date32[pyarrow]"
        ),
        pd.Series(["01.05.1990", "01.05.2010", "01.05.2030"]),
    ],
    ids=["datetime", "zone", "object", "arrow", "text"],
)
def test_dates_that_were_given_keep_their_type(given):
    typed = convert(SEEN, "01.05.1990", "01.05.2010", "01.05.2030")
    coded = code_given(given, typed, SEEN)
    assert coded.dtype == given.dtype
    assert type(coded[0]) is type(given[0])
    if isinstance(given[0], str):
        assert coded.tolist() == ["01.01.2000", "01.05.2010", "31.12.2020"]
    else:
        days = [pd.Timestamp(day).strftime("%Y-%m-%d") for day in coded]
        assert days == ["2000-01-01", "2010-05-01", "2020-12-31"]


def test_without_anything_beyond_all_stays_as_it_is():
    given = pd.Series([20, 30], dtype="int8")
    column = Column("age", "sensitive", "integer", top=2**40, bottom=-(2**40))
    assert code_given(given, convert(column, "20", "30"), column) is given
    assert np.array_equal(convert(column, "20", "30"), given)
