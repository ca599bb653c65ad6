"""The script that hands out: what was handed out before goes when its successor is there."""

import json

import pandas as pd
import pytest
from tests.unit.releases.test_files import COLUMNS, anonymize, store

from hand_out import main

RECORDS = pd.DataFrame([["f", "31", "10115", "flu", "1.5", "3"]] * 12, columns=[*COLUMNS])


@pytest.fixture
def hand_out(tmp_path):
    stored = store(tmp_path / "stored", COLUMNS, RECORDS)
    anonymize(stored, "mondrian", 3)
    (tmp_path / "release").mkdir()

    def run(ending, records=None, beside=()):
        release = tmp_path / f"release/ward.{ending}"
        further = (stored.hierarchies, beside, release, f"{release}-metadata.json")
        main(stored.release, *further, "drop", False, records)

    return run


def read_release(folder):
    files = (path for path in (folder / "release").rglob("*") if path.is_file())
    return {str(path.relative_to(folder / "release")): path.read_bytes() for path in files}


@pytest.mark.parametrize("first", [("csv", None), ("csv", 5), ("parquet", None), ("parquet", 5)])
@pytest.mark.parametrize("then", [("csv", None), ("csv", 5), ("parquet", None), ("parquet", 5)])
def test_another_format_takes_the_place_of_the_first_one(tmp_path, hand_out, first, then):
    hand_out(*first)
    hand_out(*then)
    ending, records = then
    path = tmp_path / f"release/ward.{ending}"
    assert {place.name for place in path.parent.iterdir()} == {
        path.name,
        f"{path.name}-metadata.json",
    }
    assert path.is_dir() == bool(records)
    read = pd.read_csv if ending == "csv" else pd.read_parquet
    files = sorted(path.iterdir()) if records else [path]
    assert [len(read(file)) for file in files] == ([5, 5, 2] if records else [12])
    assert json.loads((path.parent / f"{path.name}-metadata.json").read_text())["records"] == 12


def test_a_format_beside_the_chosen_one_leaves_that(tmp_path, hand_out):
    hand_out("csv")
    before = read_release(tmp_path)
    hand_out("parquet", beside=[tmp_path / "release/ward.csv"])
    assert read_release(tmp_path).items() > before.items()


@pytest.mark.parametrize("first", [("csv", None), ("csv", 5), ("parquet", None), ("parquet", 5)])
@pytest.mark.parametrize("then", [("csv", None), ("csv", 5), ("parquet", None), ("parquet", 5)])
def test_what_was_handed_out_stays_where_its_successor_fails(
    tmp_path, hand_out, monkeypatch, first, then
):
    hand_out(*first)
    before = read_release(tmp_path)

    def fail(*_, **__):
        raise OSError("the disk is full")

    for writer in ("write_lines", "pq.ParquetWriter"):
        monkeypatch.setattr(f"anonify.releases.writing.{writer}", fail)
    with pytest.raises(OSError, match="the disk is full"):
        hand_out(*then)
    assert read_release(tmp_path) == before
