"""Tables that are anonymized from file to file, from Python."""

import json
from pathlib import Path

import pandas as pd
import pytest
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
