"""Tables that are anonymized from file to file, from Python."""

import json
import os
from itertools import product
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest
import yaml
from tests.profile import takes_long
from tests.unit.commands.test_engines import make_table, write

import anonify

LEFT_OUT = {"records": ["patient", "stands_for"], "people": ["stands_for"], "weights": []}


@pytest.fixture(params=[*LEFT_OUT])
def left_out(request, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write(make_table(5, 120, 3), LEFT_OUT[request.param])
    return LEFT_OUT[request.param]


@pytest.mark.parametrize(
    ("ending", "suppressed"),
    [
        ("csv", "drop"),
        pytest.param("csv", "keep", marks=takes_long),
        pytest.param("parquet", "drop", marks=takes_long),
        ("parquet", "keep"),
    ],
)
def test_engines_write_the_same_and_find_the_same(left_out, ending, suppressed):
    options = {"method": "arx", "seed": 4, "suppressed": suppressed}
    found = {
        engine: anonify.anonymize_file(
            "ward.yaml", f"{engine}.{ending}", 5, engine=engine, **options
        )
        for engine in ("memory", "duckdb")
    }
    in_memory, in_file = found["memory"], found["duckdb"]
    assert (in_memory.engine, in_file.engine) == ("memory", "duckdb")
    assert in_memory.loss == in_file.loss
    assert in_memory.risk == in_file.risk
    pd.testing.assert_frame_equal(in_memory.classes, in_file.classes, check_categorical=False)
    read = pd.read_csv if ending == "csv" else pd.read_parquet
    first, second = (read(each.path) for each in found.values())
    pd.testing.assert_frame_equal(first, second)
    assert len(first) == in_memory.records == in_file.records
    described = [
        json.loads(Path(f"{engine}.{ending}-metadata.json").read_text()) for engine in found
    ]
    for each in described:
        del each["url"]
    assert described[0] == described[1]


def test_it_is_the_release_of_the_frame(left_out):
    dataset = anonify.read_dataset("ward.yaml")
    release = anonify.anonymize(dataset, 4, method="mondrian", seed=7)
    in_file = anonify.anonymize_file("ward.yaml", "out.csv", 4, seed=7, engine="duckdb")
    release.write("frame.csv")
    assert Path("frame.csv").read_bytes() == Path("out.csv").read_bytes()
    assert in_file.loss == pytest.approx(release.loss)
    assert in_file.risk == pytest.approx(release.risk)


def test_sets_are_those_of_the_frame_and_lose_less_than_nodes(left_out):
    dataset = anonify.read_dataset("ward.yaml")
    asked = {"method": "arx", "labels": "sets", "seed": 7}
    release = anonify.anonymize(dataset, 4, **asked)
    in_file = anonify.anonymize_file("ward.yaml", "out.csv", 4, **asked, engine="duckdb")
    release.write("frame.csv")
    assert Path("frame.csv").read_bytes() == Path("out.csv").read_bytes()
    assert in_file.loss == pytest.approx(release.loss)
    of_nodes = anonify.anonymize(dataset, 4, method="arx")
    assert release.loss["ncp"] < of_nodes.loss["ncp"]
    assert release.risk["achieved_k"] == of_nodes.risk["achieved_k"]


def test_what_is_wrong_is_told_and_nothing_is_written(left_out):
    with pytest.raises(ValueError, match=r"oka follows the records.*mondrian"):
        anonify.anonymize_file("ward.yaml", "out.csv", 3, method="oka", engine="duckdb")
    with pytest.raises(ValueError, match="`engine` is 'fast'; choose from auto, memory, duckdb"):
        anonify.anonymize_file("ward.yaml", "out.csv", 3, engine="fast")
    with pytest.raises(ValueError, match="`labels` is 'all'; choose from nodes, sets"):
        anonify.anonymize_file("ward.yaml", "out.csv", 3, labels="all")
    with pytest.raises(ValueError, match="`engine_memory` is 'much'"):
        anonify.anonymize_file("ward.yaml", "out.csv", 3, engine_memory="much")
    assert not [*Path().glob("out.*")]


@pytest.fixture
def read_files(tmp_path, monkeypatch):
    """The description, the table, a hierarchy and the population of a dataset, by name."""
    monkeypatch.chdir(tmp_path)
    Path("ward.csv").write_text("town,ill\n" + "Aln,yes\nEsk,no\nAln,no\n" * 4)
    Path("towns.csv").write_text("Aln;North;*\nEsk;North;*\n")
    Path("people.csv").write_text("town\n" + "Aln\nEsk\n" * 90)
    town = {"role": "quasi-identifier", "type": "category", "hierarchy": {"file": "towns.csv"}}
    described = {
        "name": "ward",
        "title": "Ward",
        "file": "ward.csv",
        "population": {"file": "people.csv"},
        "columns": {"town": town, "ill": {"role": "sensitive", "type": "category"}},
    }
    Path("ward.yaml").write_text(yaml.safe_dump(described, sort_keys=False))
    return {path.name: path.read_bytes() for path in tmp_path.iterdir()}


def read_folder(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


@pytest.mark.parametrize("engine", ["memory", "duckdb"])
@pytest.mark.parametrize(
    ("name", "link"),
    [
        *product(["ward.csv", "towns.csv", "people.csv"], [None, os.symlink, os.link]),
        *product(["ward.yaml"], [os.symlink, os.link]),
    ],
)
def test_what_is_read_is_not_overwritten(read_files, tmp_path, name, link, engine):
    release = Path("out.csv" if link else name)
    if link:
        link(name, release)
    with pytest.raises(ValueError, match=f"^{release}: this file is read and would be lost"):
        anonify.anonymize_file("ward.yaml", release, 3, engine=engine)
    # Its description would be another file that is read.
    beside = Path("new.csv-metadata.json")
    os.link(name, beside)
    with pytest.raises(ValueError, match=f"^{beside}: this file is read and would be lost"):
        anonify.anonymize_file("ward.yaml", "new.csv", 3, engine=engine)
    beside.unlink()
    Path("out.csv").unlink(missing_ok=True)
    assert read_folder(tmp_path) == read_files


def test_a_table_that_is_given_is_not_overwritten(read_files, tmp_path):
    Path("ward.csv").rename("other.csv")
    with pytest.raises(ValueError, match=r"^other\.csv: this file is read"):
        anonify.anonymize_file("ward.yaml", "./other.csv", 3, table=tmp_path / "other.csv")


@pytest.mark.parametrize(
    "name",
    [
        *("out", "out.csv.gz", "out.tsv", "out.txt", "out.xlsx", "out.sav", "out.PARQUET"),
        *("out.csv.", ".csv", "", "-", "out.json", "/dev/stdout", "/dev/null"),
    ],
)
def test_a_name_that_is_not_written_is_refused(read_files, tmp_path, name):
    frame = pd.read_csv("ward.csv", usecols=["town"])
    release = anonify.anonymize(frame, k=3, quasi_identifiers=["town"])
    message = r"is written as CSV or Parquet; let its name end in \.csv or \.parquet$"
    with pytest.raises(ValueError, match=message):
        anonify.anonymize_file("ward.yaml", name, 3)
    with pytest.raises(ValueError, match=message):
        release.write(name)
    assert read_folder(tmp_path) == read_files


LONG = "a" * 240 + ".csv"


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("nowhere/out.csv", "nothing can be written there .No such file or directory"),
        ("ward.csv/out.csv", "nothing can be written there .Not a directory"),
        ("/proc/out.csv", "nothing can be written there"),
        (LONG, "nothing can be written there .File name too long"),
        ("folder.csv", "it is there already and no file"),
        ("round.csv/out.csv", "nothing can be written there .Too many levels of symbolic links"),
        ("out.csv", "out.csv-metadata.json: it is there already and no file"),
    ],
)
def test_a_place_where_nothing_can_be_written_is_told_before_the_work(
    read_files, tmp_path, monkeypatch, name, told
):
    frame = pd.read_csv("ward.csv", usecols=["town"])
    release = anonify.anonymize(frame, k=3, quasi_identifiers=["town"])
    Path("round.csv").symlink_to("round.csv")
    for folder in ("folder.csv", "out.csv-metadata.json"):
        Path(folder).mkdir()
    with pytest.raises(ValueError, match=told):
        release.write(name)
    monkeypatch.setattr("anonify.frames.files.anonymize_dataset", None)
    with pytest.raises(ValueError, match=told):
        anonify.anonymize_file("ward.yaml", name, 3)
    assert read_folder(tmp_path) == read_files


@pytest.mark.parametrize("place", ["visits/out.parquet", "visits/year=2020/out.csv", "in/out.csv"])
def test_a_release_is_no_part_of_the_table_that_is_read(tmp_path, monkeypatch, place):
    monkeypatch.chdir(tmp_path)
    Path("visits/year=2020").mkdir(parents=True)
    Path("in").symlink_to("visits")
    frame = pd.DataFrame({"town": ["Aln", "Esk"] * 6})
    frame.to_parquet("visits/a.parquet")
    Path("visits.yaml").write_text(
        "name: visits\ntitle: Visits\nfile: visits/\n"
        "columns: {town: {role: quasi-identifier, type: category}}\n"
    )
    with pytest.raises(ValueError, match=f"{place}: it would be a part of the table visits, which"):
        anonify.anonymize_file("visits.yaml", place, 3)
    assert anonify.anonymize_file("visits.yaml", "out.csv", 3).records == 12


def test_a_release_that_fails_leaves_the_earlier_one_and_its_description(
    read_files, tmp_path, monkeypatch
):
    anonify.anonymize_file("ward.yaml", "out.csv", 4)
    before = read_folder(tmp_path)

    def fail(*_):
        raise OSError("the disk is full")

    monkeypatch.setattr("anonify.releases.writing.write_lines", fail)
    with pytest.raises(OSError, match="the disk is full"):
        anonify.anonymize_file("ward.yaml", "out.csv", 3)
    assert read_folder(tmp_path) == before


@pytest.mark.parametrize("suppressed", ["drop", "keep"])
def test_parquet_is_the_same_byte_for_byte_whatever_parts_it_comes_in(
    left_out, monkeypatch, suppressed
):
    monkeypatch.setattr("anonify.releases.writing._OF_GROUP", 100)
    monkeypatch.setattr("anonify.tables.storage._AT_ONCE", 70)
    options = {"method": "arx", "seed": 4, "suppressed": suppressed}
    for engine in ("memory", "duckdb"):
        anonify.anonymize_file("ward.yaml", f"{engine}.parquet", 5, engine=engine, **options)
    sizes = list_group_sizes("memory.parquet")
    assert len(sizes) > 2
    assert sizes[:-1] == [100] * (len(sizes) - 1)
    assert sum(sizes) == len(pd.read_parquet("memory.parquet"))
    assert Path("memory.parquet").read_bytes() == Path("duckdb.parquet").read_bytes()


def list_group_sizes(path):
    about = pq.read_metadata(path)
    return [about.row_group(place).num_rows for place in range(about.num_row_groups)]
