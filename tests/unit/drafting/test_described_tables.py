"""How well roles are guessed in tables as public data dictionaries describe them."""

import re
from pathlib import Path

import pytest
from tests.profile import takes_long
from tests.unit.drafting.described_tables import (
    TABLES,
    draw_table,
    judge,
    list_mistakes,
    measure,
)

DOCS = Path(__file__).parents[3] / "docs/how-to/tables.md"


def test_there_are_forty_tables_each_of_which_has_what_may_identify():
    assert len(TABLES) == len({table["title"] for table in TABLES}) == 40
    roles = [{text.split()[0] for text in table["columns"].values()} for table in TABLES]
    assert all(each & {"I", "P", "Q", "Q*"} for each in roles)


def test_a_table_is_the_same_in_every_run():
    assert draw_table(TABLES[1]).equals(draw_table(TABLES[1]))
    assert draw_table(TABLES[1])["USUBJID"].duplicated().any()


@pytest.mark.parametrize("table", TABLES[::8], ids=lambda table: table["title"])
def test_nothing_that_identifies_anybody_is_proposed_as_it_is(table):
    roles = judge(table)
    released = roles[roles["role"].isin(["sensitive", "target"])]
    assert not {*released["right"]} - {"S"}, list_mistakes([table])


@takes_long
def test_recall_is_high_and_the_docs_have_the_figures():
    found = measure(TABLES)
    assert found["recall"] >= 0.98, list_mistakes(TABLES)
    assert found["recall_of_identifiers"] >= 0.98
    assert found["recall_of_quasi_identifiers"] >= 0.98
    assert found["precision"] >= 0.95
    text = " ".join(DOCS.read_text(encoding="utf-8").split())
    told = re.search(
        r"(\d+) tables with (\d+) columns .* recall of (\S+) \(identifiers (\S+), "
        r"quasi-identifiers (\S+)\) and a precision of ([0-9.]+[0-9])",
        text,
    )
    assert told, "the page tells no figures"
    assert [int(told[1]), int(told[2])] == [len(TABLES), found["columns"]]
    keys = ("recall", "recall_of_identifiers", "recall_of_quasi_identifiers", "precision")
    assert told.groups()[2:] == tuple(f"{found[key]:.3f}" for key in keys)
