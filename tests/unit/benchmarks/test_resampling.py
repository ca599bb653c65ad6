import pandas as pd
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
import pytest

from anonify.benchmarks import resampling
from anonify.benchmarks.resampling import count_possible, write_resampled

ORIGINAL = pa.table({"sex": ["f", "f", "m"], "bmi": [20.0, 20.1, 30.0], "ill": [0, 1, 1]})


@pytest.fixture
def small_parts(monkeypatch):
    monkeypatch.setattr(resampling, "PART", 400)


def draw(path, finer="bmi"):
    write_resampled(ORIGINAL, path, 1_000, finer, 1)
    return pyarrow.csv.read_csv(path).to_pandas()


@pytest.mark.usefixtures("small_parts")
def test_records_are_those_of_the_table_with_finer_numbers(tmp_path):
    drawn = draw(tmp_path / "table.csv")
    assert len(drawn) == 1_000
    assert drawn["bmi"].between(20, 30).all()
    # 20.00 to 20.60 of the first two, each moved by half a unit at most, and 29.50 to 30.00.
    assert drawn.loc[drawn["sex"] == "f", "bmi"].max() <= 20.6
    assert drawn.loc[drawn["sex"] == "m", "bmi"].min() >= 29.5
    assert (drawn.loc[drawn["sex"] == "m", "ill"] == 1).all()


@pytest.mark.usefixtures("small_parts")
def test_parquet_has_the_records_of_the_csv(tmp_path):
    drawn = draw(tmp_path / "table.csv")
    write_resampled(ORIGINAL, tmp_path / "table.parquet", 1_000, "bmi", 1)
    pd.testing.assert_frame_equal(pq.read_table(tmp_path / "table.parquet").to_pandas(), drawn)


def test_without_a_finer_column_records_stay_as_they_are(tmp_path):
    drawn = draw(tmp_path / "table.csv", None)
    assert len(drawn.drop_duplicates()) == 3


def test_all_tuples_that_are_possible_come_and_no_others(tmp_path):
    assert count_possible(ORIGINAL, ["sex", "ill"], None) == 3
    # 61 of women, 51 of men: what lies beyond the range becomes its end.
    assert count_possible(ORIGINAL, ["sex", "bmi"], "bmi") == 112
    write_resampled(ORIGINAL, tmp_path / "table.csv", 20_000, "bmi", 1)
    drawn = pyarrow.csv.read_csv(tmp_path / "table.csv").to_pandas()
    assert len(drawn[["sex", "bmi"]].drop_duplicates()) == 112
