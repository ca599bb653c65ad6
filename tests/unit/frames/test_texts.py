"""DataFrames are read as the text that a file would hold."""

import datetime
import re
from decimal import Decimal

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from anonify.frames.texts import check_frame, write_texts

DAYS = ["2024-02-29", None, "2024-03-01"]
TOKYO = pd.to_datetime(DAYS).tz_localize("Asia/Tokyo")
STAMP = pa.timestamp("us", tz="Asia/Tokyo")
UTF_8 = pd.ArrowDtype(pa.string())


def series(values, dtype=None):
    return pd.Series(values, dtype=dtype)


COLUMNS = {
    "str": (series(["b", None, "a"]), "category", ["b", "", "a"]),
    "object": (series(["b", None, np.nan, pd.NA], object), "category", ["b", "", "", ""]),
    "string": (series(["b", None], "string"), "category", ["b", ""]),
    "Arrow text": (series(["b", None], UTF_8), "category", ["b", ""]),
    "nothing": (series([None, None]), "category", ["", ""]),
    "bool": (series([True, False]), "category", ["true", "false"]),
    "boolean": (series([True, None], "boolean"), "category", ["true", ""]),
    "objects of bool": (series([True, None], object), "category", ["true", ""]),
    "category of text": (series(["b", None, "a"], "category"), "category", ["b", "", "a"]),
    "category of numbers": (series([2, None, 1], "category"), "integer", ["2", "", "1"]),
    "pd.cut": (series(pd.cut([1, 3, np.nan], [0, 2, 4])), "category", ["(0, 2]", "(2, 4]", ""]),
    "period": (series(pd.PeriodIndex(["2024-02", None], freq="M")), "category", ["2024-02", ""]),
    "int": (series([2, -1]), "integer", ["2", "-1"]),
    "uint8": (series([2, 255], "uint8"), "integer", ["2", "255"]),
    "Int64": (series([2, None], "Int64"), "integer", ["2", ""]),
    "Arrow int": (series([2, None], pd.ArrowDtype(pa.int16())), "integer", ["2", ""]),
    "sparse": (series([0, 2], pd.SparseDtype(int)), "integer", ["0", "2"]),
    # pandas keeps whole numbers so if one is missing.
    "whole float": (series([2.0, None]), "integer", ["2", ""]),
    "float": (series([2.0, 0.1, None]), "decimal", ["2", "0.1", ""]),
    "float32": (series([2.0, 0.1], "float32"), "decimal", ["2", "0.1"]),
    "Float64": (series([2.5, None], "Float64"), "decimal", ["2.5", ""]),
    "large float": (series([1e300, 2.0]), "decimal", ["1e+300", "2"]),
    "objects of numbers": (series([2, 0.5], object), "decimal", ["2", "0.5"]),
    "Decimal": (series([Decimal("2.50"), None]), "decimal", ["2.50", ""]),
    "datetime": (series(pd.to_datetime(DAYS)), "date", ["2024-02-29", "", "2024-03-01"]),
    "date": (series([datetime.date(2024, 2, 29), None]), "date", ["2024-02-29", ""]),
    "datetime of a zone": (series(TOKYO), "date", ["2024-02-29", "", "2024-03-01"]),
    "Arrow datetime of a zone": (
        series(TOKYO.to_pydatetime(), pd.ArrowDtype(STAMP)),
        "date",
        ["2024-02-29", "", "2024-03-01"],
    ),
    "time of day": (
        series(pd.to_datetime(["2024-02-29 10:30", None]).as_unit("us")),
        "time",
        ["2024-02-29 10:30:00.000000", ""],
    ),
}


@pytest.mark.parametrize(("values", "kind", "expected"), COLUMNS.values(), ids=COLUMNS)
def test_values_are_written_as_a_file_has_them_and_the_frame_stays(values, kind, expected):
    frame = pd.DataFrame({"x": values})
    before = frame.copy(deep=True)
    texts = write_texts(frame)
    assert texts.frame["x"].tolist() == expected
    assert texts.kinds == {"x": kind}
    pd.testing.assert_frame_equal(frame, before)


INDEXES = {
    "texts": ["b", "a"],
    "repeated": [7, 7],
    "dates": pd.to_datetime(["2024-01-01", "2023-01-01"]),
    "levels": pd.MultiIndex.from_tuples([("b", 1), ("a", 2)]),
}


@pytest.mark.parametrize("index", INDEXES.values(), ids=INDEXES)
def test_records_are_read_in_their_order_whatever_the_index_is(index):
    texts = write_texts(pd.DataFrame({"x": [2, 1]}, index=index))
    assert texts.frame["x"].tolist() == ["2", "1"]
    assert texts.frame.index.tolist() == [0, 1]


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ([1, "a"], "int and str"),
        ([1 + 2j], "complex"),
        (pd.to_timedelta(["1D"]), "Timedelta"),
        ([{1}], "list<item: int64>"),
    ],
)
def test_values_that_are_no_text_number_or_date_are_told(values, kind):
    message = f"^`frame`: the column 'x' holds values of the kind {kind}"
    with pytest.raises(ValueError, match=message):
        write_texts(pd.DataFrame({"x": values}))


@pytest.mark.parametrize(
    ("frame", "message"),
    [
        ([1], "`frame` is of the type list; give a pandas DataFrame"),
        (pd.DataFrame({"x": []}), "`frame` has no record; add records"),
        (pd.DataFrame(), "`frame` has no record; add records"),
        (pd.DataFrame({1: [1]}), "`frame`: column 1 has the name 1, which is no text; rename it"),
        (pd.DataFrame({"": [1]}), "`frame`: column 1 has the name '', which is no text; rename it"),
        (
            pd.DataFrame([[1, 2]], columns=["x", "x"]),
            "`frame`: the column 'x' stands twice; rename one",
        ),
    ],
)
def test_what_is_no_table_of_records_is_told(frame, message):
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        check_frame(frame)
