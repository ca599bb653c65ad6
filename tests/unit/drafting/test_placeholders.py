import pandas as pd
import pytest

from anonify.drafting.placeholders import find_doubtful, find_impossible

BORN = {f"19{year}-05-{day:02}": 1 for year in range(50, 60) for day in range(1, 28)}


@pytest.mark.parametrize("text", ["9999-12-31", "0001-01-01", "2999-12-31", "1753-01-01"])
def test_a_placeholder_of_an_impossible_year_is_found(text):
    assert find_impossible(pd.Series({text: 2, **BORN}), "%Y-%m-%d") == [text]
    assert find_doubtful(pd.Series({text: 2, **BORN}), "%Y-%m-%d") == [text]


@pytest.mark.parametrize(
    ("text", "records", "found"),
    [
        ("1900-01-01", 1, True),
        ("1970-01-01", 1, True),
        ("1960-01-01", 1, False),
        ("1960-01-01", 12, True),
        # No placeholder that anybody knows.
        ("1901-03-04", 12, False),
    ],
)
def test_a_day_that_may_be_meant_has_to_stand_apart(text, records, found):
    counts = pd.Series({**BORN, text: records})
    assert find_impossible(counts, "%Y-%m-%d") == []
    assert find_doubtful(counts, "%Y-%m-%d") == [text] * found


def test_a_column_of_placeholders_alone_keeps_them():
    assert find_impossible(pd.Series({"9999-12-31": 5}), "%Y-%m-%d") == []
