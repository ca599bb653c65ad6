"""How much memory jobs ask for, by the tables that they read."""

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.workflow.conftest import PROJECT

RULES = PROJECT / "rules/memory.smk"


@pytest.fixture
def ask():
    """Return what a job asks for that has some inputs."""

    def ask(files, attempt=1, of="get_memory", **config):
        rules = {"config": {"engine": "auto", "engine_memory": "2 GB", **config}}
        rules["RUN"] = SimpleNamespace(description={"columns": {"a": {}, "b": {}}})
        exec(RULES.read_text(), rules)
        return rules[of](None, files, attempt)

    return ask


@pytest.fixture
def make(tmp_path):
    """Make a table of so many million cells, or a text of so many million bytes."""

    def make(name, size):
        path = tmp_path / name
        if path.suffix == ".parquet":
            pq.write_table(pa.table({"zeros": pa.array(np.zeros(size * 10**6, dtype="i1"))}), path)
        else:
            with path.open("wb") as file:
                # Takes no room.
                file.truncate(size * 10**6)
        return str(path)

    return make


def test_a_job_with_small_tables_asks_for_the_least(ask, make):
    assert ask([make("a.parquet", 1), make("hierarchy.csv", 0), make("library.py", 900)]) == 1000


def test_a_job_asks_for_more_where_its_table_is_large_however_small_its_file(ask, make):
    table = make("a.parquet", 90)
    assert Path(table).stat().st_size < 10**6
    assert ask([table]) == 500 + 90 * 20
    assert ask([make("a.csv", 381)]) == 500 + 381 * 7


def test_of_many_tables_a_job_has_two_at_once(ask, make):
    files = [make(f"{place}.parquet", 30) for place in range(4)]
    assert ask(files) == 500 + 2 * 30 * 20


def test_what_has_failed_asks_for_more(ask, make):
    assert ask([make("a.parquet", 50)], attempt=2) == 2 * (500 + 50 * 20)


@pytest.mark.parametrize("engine", ["duckdb", "spark"])
def test_a_job_of_an_engine_asks_for_what_that_may_take(ask, make, engine):
    table = [make("a.parquet", 50)]
    of = "get_memory_of_engine"
    assert ask(table, of=of) == 500 + 50 * 20
    assert ask(table, of=of, engine=engine) == 3000
    assert ask(table, of=of, engine=engine, engine_memory="500 MB") == 1125


def test_a_job_that_learns_from_drawn_records_asks_for_these(ask, make):
    table = [make("a.parquet", 90)]
    of = "get_memory_of_drawn"
    assert ask(table, of=of, evaluation_records=None) == 500 + 90 * 20
    # Two tables of two columns at once.
    drawn = 500 + 2 * 2 * 15 * 20
    assert ask(table, of=of, evaluation_records=15 * 10**6) == drawn
    assert ask(table, of=of, attempt=2, evaluation_records=15 * 10**6) == 2 * drawn
    assert ask(table, of=of, evaluation_records=10**9) == 500 + 90 * 20
    assert ask(table, of=of, evaluation_records=100) == 1000


def test_of_a_table_that_is_not_there_yet_nothing_can_be_said(ask):
    # Snakemake takes that for "to be determined", and asks again.
    with pytest.raises(FileNotFoundError):
        ask(["not_yet.parquet"])
