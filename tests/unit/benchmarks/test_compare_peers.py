"""What is compared, left out and said; the measures are tested in test_quality.py."""

import sys
from dataclasses import replace

import pandas as pd
import pytest

import compare_peers
from anonify.base.errors import UserError
from anonify.benchmarks.candidates import Candidate
from anonify.benchmarks.tables import list_generated

OURS = Candidate("anonify", "mondrian", sys.executable)
PEER = Candidate("anonypy", "Mondrian", "python")


@pytest.fixture(autouse=True)
def said(monkeypatch):
    """What the script tells."""
    messages: list[str] = []
    monkeypatch.setattr(compare_peers, "tell", messages.append)
    return messages


@pytest.fixture
def table():
    """A table of 300 records, with room for k = 5 alone."""
    (table,) = list_generated(400, (1, 2), seed=1)
    return table


def pretend(monkeypatch, run):
    monkeypatch.setattr(compare_peers, "run_candidate", run)


def release_all(candidate, frame, hierarchies, k, limit, **limits):
    shown = frame.assign(**dict.fromkeys(hierarchies, "*"))
    return {"cpu_seconds": 1.0, "note": ""}, shown


def test_a_row_tells_loss_use_and_time(monkeypatch, table):
    pretend(monkeypatch, release_all)
    original, row, *_ = compare_peers._compare(table, [OURS])
    assert (original["name"], original["ncp"], original["covers"]) == ("original", 0, "yes")
    assert (row["k"], row["achieved_k"], row["ncp"], row["cpu_seconds"]) == (5, 300, 100, 1)
    assert row["balanced_accuracy"] == pytest.approx(100 / 3)


def test_k_is_left_out_where_a_table_has_no_room_for_it(monkeypatch, table):
    pretend(monkeypatch, release_all)
    assert {row["k"] for row in compare_peers._compare(table, [OURS])} == {1, 5}


def test_what_was_too_much_is_not_asked_for_more(monkeypatch, table):
    def stop(*arguments, **limits):
        return {"note": "stopped after 90 CPU s"}, None

    pretend(monkeypatch, stop)
    monkeypatch.setattr(compare_peers, "K_VALUES", (15, 5))
    with_sets = replace(OURS, labels="sets")
    rows = [*compare_peers._compare(table, [OURS, with_sets])]
    too_much = "not run: fewer quasi-identifiers or a larger k were too much"
    notes = [(row["attributes"], row["k"], row["note"]) for row in rows if row["k"] > 1]
    assert notes == [
        (1, 15, "stopped after 90 CPU s"),
        *[(1, 15, too_much)],
        *[(1, 5, too_much)] * 2,
        *[(2, 15, too_much)] * 2,
        *[(2, 5, too_much)] * 2,
    ]


def test_a_release_that_nobody_can_read_has_no_figures(monkeypatch, table):
    def garble(candidate, frame, hierarchies, k, limit, **limits):
        return {"cpu_seconds": 1.0, "note": ""}, frame.assign(q1="nowhere")

    pretend(monkeypatch, garble)
    row = [*compare_peers._compare(table, [OURS])][1]
    assert row["note"] == "cannot be read: 'q1': 'nowhere' is no value, node, set or range"
    assert "ncp" not in row


def test_tables_that_are_absent_are_left_out_and_named(monkeypatch, said, tmp_path):
    def refuse(*arguments):
        raise UserError("adult.csv: the file is in none of the folders")

    monkeypatch.setattr(compare_peers, "list_described", refuse)
    monkeypatch.setattr(compare_peers, "GENERATED_RECORDS", 100)
    names = [table.name for table in compare_peers._list_tables(str(tmp_path / "python"), 1)]
    assert names == ["generated"]
    assert [message.split(" is left out")[0] for message in said] == [
        "Adult",
        "Diabetes",
        "Census-Income",
        "NHEFS",
    ]


def test_every_column_is_written_and_published_figures_say_so(monkeypatch, tmp_path, table):
    pretend(monkeypatch, release_all)
    monkeypatch.setattr(compare_peers, "PUBLISHED", {"generated": (2, 400, {5: 12.5})})
    monkeypatch.setattr(compare_peers, "_list_candidates", lambda python: [OURS, PEER])
    monkeypatch.setattr(compare_peers, "_list_tables", lambda python, seed: [table])
    compare_peers.main(str(tmp_path / "peers.csv"), "python", 1)
    written = pd.read_csv(tmp_path / "peers.csv")
    assert [*written] == [*compare_peers.COLUMNS]
    assert written["name"].tolist() == [*["original", "mondrian", "anonypy"] * 2, "ARX 3.9.2"]
    last = written.iloc[-1]
    assert (last["ncp"], last["records"], last["note"]) == (12.5, 400, "published")
