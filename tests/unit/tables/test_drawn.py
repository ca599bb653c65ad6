"""Records that are drawn of a table which has more than can be learned from."""

import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from anonify.base.seeding import make_key, rank_by_key
from anonify.base.values import SUPPRESSED
from anonify.tables import drawn
from anonify.tables.columns import Column
from anonify.tables.drawn import count_drawn, read_drawn
from anonify.tables.provenance import last_step, start_provenance
from anonify.tables.storage import Table, read_table, write_table

DATASET = {"name": "clinic", "title": "Clinic", "sha256": "0" * 64, "synthetic": False}
COLUMNS = (
    Column("age", "quasi-identifier", "decimal"),
    Column("smoking", "sensitive", "category"),
    Column("weight", "sensitive", "integer"),
    Column("glucose", "target", "integer"),
)


@pytest.fixture
def path(tmp_path):
    """A released table of 1,000 records, in which each glucose stands once."""
    generator = np.random.default_rng(1)
    ages = ["9.0", "10-30", "30-50", "*"]
    weights = pd.Series(generator.integers(50, 90, 1000), dtype="Int64")
    weights[generator.random(1000) < 0.1] = pd.NA
    frame = pd.DataFrame(
        {
            "age": pd.Categorical(generator.choice(ages, 1000), ages, ordered=True),
            "smoking": pd.Categorical(generator.choice(["früher", "nie", "oft"], 1000)),
            "weight": weights,
            "glucose": np.arange(1000),
            SUPPRESSED: generator.random(1000) < 0.1,
        }
    )
    path = tmp_path / "table.parquet"
    write_table(Table(frame, COLUMNS, start_provenance(DATASET)), path)
    return path


@pytest.mark.parametrize("at_once", [7, 2**17])
@pytest.mark.parametrize("most", [100, 300, 999])
def test_the_first_by_rank_are_read_in_the_order_of_the_table(monkeypatch, path, most, at_once):
    monkeypatch.setattr(drawn, "_AT_ONCE", at_once)
    expected = np.sort(rank_by_key(1000, make_key(5, "evaluation records"))[:most])
    table = read_drawn(path, most, 5)
    assert table.frame["glucose"].tolist() == expected.tolist()
    assert_frame_equal(table.frame, read_table(path).frame.iloc[expected].reset_index(drop=True))
    assert table.columns == COLUMNS


@pytest.mark.parametrize("most", [None, 1000, 2000])
def test_a_table_that_has_no_more_is_read_as_it_is(path, most):
    table, whole = read_drawn(path, most, 5), read_table(path)
    assert_frame_equal(table.frame, whole.frame)
    assert table.provenance == whole.provenance
    assert count_drawn(table.provenance) is None


def test_the_provenance_tells_how_many_were_drawn_and_not_of_how_many(path):
    table = read_drawn(path, 300, 5)
    assert last_step(table.provenance) == {
        "step": "draw for evaluation",
        "records": 300,
        "seed": 5,
    }
    assert count_drawn(table.provenance) == 300


def test_another_seed_draws_others(path):
    first, second = (set(read_drawn(path, 300, seed).frame["glucose"]) for seed in (1, 2))
    # By chance they share 90 records; 60 to 120 are six standard deviations around that.
    assert 60 < len(first & second) < 120
