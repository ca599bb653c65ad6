import pandas as pd
import pytest

from anonify.base.errors import UserError
from anonify.tables.columns import Column
from anonify.tables.typed import convert_column


def convert(texts, form="%Y-%m-%d", missing=()):
    column = Column("seen", "sensitive", "date", format=form, missing=missing)
    return convert_column(pd.Series(texts, dtype="str"), column, "seen.csv").tolist()


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("2024-03-01T23:30:00+02:00", "%Y-%m-%d"),
        ("2024-03-01T00:30:00-0500", "%Y-%m-%d"),
        ("2024-03-01T23:59:59.999Z", "%Y-%m-%d"),
        ("2024-03-01 23:30:00 UTC", "%Y-%m-%d"),
        ("2024-03-01T23:30+01:00[Europe/Berlin]", "%Y-%m-%d"),
        ("20240301T233000Z", "%Y%m%d"),
        ("01.03.2024 23:30", "%d.%m.%Y"),
        ("3/1/2024 11:30:00 PM", "%m/%d/%Y"),
        (" 01 Mar 2024 9:05 ", "%d %b %Y"),
        ("2024-03-01 23:30:00", "%Y-%m-%d %H:%M:%S"),
        ("2024-03-01T23:30:00+02:00", "%Y-%m-%dT%H:%M:%S%z"),
        ("2024-03-01T23:30:00Z", "%Y-%m-%dT%H:%M:%S%z"),
    ],
)
def test_the_day_is_the_one_that_was_written(text, form):
    assert convert([text], form) == ["2024-03-01"]


@pytest.mark.parametrize("text", ["2024-03-01 later", "2024-03-01T25", "2024-03-01+02:00x"])
def test_what_is_no_time_is_no_date(text):
    with pytest.raises(UserError, match="record 1: 'seen' is"):
        convert([text])


@pytest.mark.parametrize("listed", ["9999-12-31", "31.12.9999"])
def test_a_placeholder_may_be_listed_as_it_is_written_or_as_we_write_dates(listed):
    dates = ["31.12.9999", "31.12.9999 00:00:00", "1.2.2024"]
    assert convert(dates, "%d.%m.%Y", [listed]) == ["", "", "2024-02-01"]
