"""What Arrow reads of a CSV is what pandas would read of it."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from tests.profile import draws

from anonify.base.errors import UserError
from anonify.tables import csv_records
from anonify.tables.csv_records import read_records
from anonify.tables.dialect import Dialect

PIECES = ["a", " ", "1", "é", ",", ",", "\n", "\n", "\r\n", "\r", '"', '""', '"a,b"', '"c\nd"']


def read_all(path, monkeypatch, **places):
    """Return the records up to a mistake, and the sentence on that."""
    records = []
    with monkeypatch.context() as patch:
        for name, value in places.items():
            patch.setattr(csv_records, name, value)
        try:
            for part in read_records(path, path, Dialect(",", header=True)):
                records += part.astype("object").to_numpy().tolist()
        except UserError as error:
            return records, str(error)
    return records, None


def give_up(path, _):
    raise csv_records.pa.ArrowInvalid(f"{path}: it is left to pandas")


@settings(max_examples=draws(1000), deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=24).map("".join), st.sampled_from([8, 16, 2**20]))
# A quote that is never closed, and values that end as one would.
@example('a,b\n1,"2', 2**20)
@example('a,b\n1,"2\n', 2**20)
@example('a,b\n1,"2"""\n', 2**20)
@example('a,b\n1,5"\n\n', 2**20)
# A line of blanks, one that is too short, and a first value that a return stands before.
@example("a,b\n \n1,2\n", 2**20)
@example("a,b\n1\n", 2**20)
@example("a,b\r,2\n", 2**20)
# A line that ends within quotes where a block does, and a quote that stands for inches.
@example('a,b\n1234,"\r\n"\n', 10)
@example('a,b\n5",2\n3,4\n5,6\n', 8)
@example("\ufeff\ufeffa,b\n1,2\n", 2**20)
def test_any_text_is_read_as_by_pandas_alone(tmp_path_factory, text, block):
    path = tmp_path_factory.getbasetemp() / "any.csv"
    path.write_bytes(text.encode())
    monkeypatch = pytest.MonkeyPatch()
    records, sentence = read_all(path, monkeypatch, _BLOCK=block)
    expected, said = read_all(path, monkeypatch, _read_regular=give_up)
    assert sentence == said
    # Parts that come before that of a mistake are longer or shorter.
    common = min(len(records), len(expected)) if said else None
    assert records[:common] == expected[:common]


@pytest.mark.parametrize("end", ["\n", "\r\n", "", "\n\n"])
def test_a_regular_file_is_read_by_arrow(tmp_path, monkeypatch, end):
    path = tmp_path / "a.csv"
    path.write_bytes(f'a,b\r\n1,"x, ""y"""{end}'.encode())
    monkeypatch.setattr(csv_records, "_read_by_pandas", None)
    records, _ = read_all(path, monkeypatch)
    assert records == [["a", "b"], ["1", 'x, "y"']]


def test_pandas_goes_on_where_arrow_stops(tmp_path, monkeypatch):
    path = tmp_path / "a.csv"
    path.write_text("a,b\n" + "1,2\n" * 40 + "\ud7ff,3\n   \n4,5\n")
    records, sentence = read_all(path, monkeypatch, _BLOCK=16, _AT_ONCE=7)
    assert sentence is None
    assert records == [["a", "b"], *[["1", "2"]] * 40, ["\ud7ff", "3"], ["4", "5"]]
