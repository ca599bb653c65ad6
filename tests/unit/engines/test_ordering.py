"""Records are in the order of what they show, however an engine compares them."""

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anonify.base.values import SUPPRESSED
from anonify.engines import ordering
from anonify.engines.choice import Limits
from anonify.engines.database import open_database
from anonify.engines.ordering import number_columns, sort_statement

KINDS = {
    pa.string(): ["", "a", "B", "it's", "ä", "\ue000", "\U0001f600", "10", "9", "*", "NULL", "a,b"],
    pa.int64(): [-(2**63), 2**63 - 1, -1, 0, 2**40],
    pa.int8(): [-128, 127, 0],
    pa.bool_(): [True, False],
    pa.float64(): [-0.5, 2.25, 1e300],
}


@st.composite
def tables(draw):
    """Draw columns of all kinds, with missing cells."""
    records = draw(st.integers(1, 9))
    kinds = draw(st.lists(st.sampled_from([*KINDS]), min_size=1, max_size=7))
    cells = {
        f"c{place}": pa.array(
            draw(
                st.lists(
                    st.none() | st.sampled_from(KINDS[kind]), min_size=records, max_size=records
                )
            ),
            kind,
        )
        for place, kind in enumerate(kinds)
    }
    truths = st.lists(st.booleans(), min_size=records, max_size=records)
    return pa.table(cells | {SUPPRESSED: draw(truths)})


def sort(table: pa.Table, folder, labels=None) -> tuple[list[tuple], set[str]]:
    """Return the records as DuckDB sorts them, and the columns that are numbered."""
    path, ordered = folder / "table.parquet", folder / "ordered.parquet"
    pq.write_table(table, path)
    with open_database(Limits(10**9, folder)) as database:
        database.name_file("records", path)
        numbers = number_columns(database, "records", table.schema, labels or {})
        statement = f"SELECT {', '.join(table.column_names)} FROM records"
        database.write_parquet(sort_statement(statement, table.column_names, numbers), ordered)
    return list_records(pq.read_table(ordered)), {*numbers}


def list_records(table: pa.Table) -> list[tuple]:
    return [tuple(record.values()) for record in table.to_pylist()]


def show(record: tuple) -> list[tuple]:
    """Return what Python compares a record by: a missing cell is behind all others."""
    return [(cell is None, 0 if cell is None else cell) for cell in record]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("ordered")


@given(tables())
def test_records_are_sorted_as_python_sorts_them(folder, table):
    assert sort(table, folder)[0] == sorted(list_records(table), key=show)


def test_what_is_shown_in_place_of_a_column_is_numbered(folder):
    table = pa.table({"age": ["20-30", "*", "5-9"], SUPPRESSED: [False, True, False]})
    found, numbered = sort(table, folder, {"age": ["5-9", "20-30", "*"]})
    assert [age for age, _ in found] == ["*", "20-30", "5-9"]
    assert numbered == {"age", SUPPRESSED}


def test_what_has_too_many_values_is_compared_as_it_is(folder, monkeypatch):
    monkeypatch.setattr(ordering, "MOST_TEXTS", 2)
    table = pa.table(
        {
            "few": ["b", "a", "b"],
            "many": ["z", "y", "x"],
            "far": [0, 2**62, 1],
            "empty": pa.array([None] * 3, pa.string()),
            "zero": ["\0", "", "\0"],
            SUPPRESSED: [False] * 3,
        }
    )
    found, numbered = sort(table, folder)
    assert found == sorted(list_records(table), key=show)
    assert numbered == {"few", SUPPRESSED}


def test_numbers_fill_a_number_and_begin_another():
    numbers = {name: (name.upper(), 2**31) for name in "abcd"} | {"e": ("E", 1)}
    keys = sort_statement("SELECT 1", ["a", "b", "x", "c", "d", "e"], numbers)
    assert keys.partition(" ORDER BY ")[2].split(" ASC NULLS LAST") == [
        f"(A) * {2**31} + B",
        ', "x"',
        f", ((C) * {2**31} + D) * 1 + E",
        "",
    ]
