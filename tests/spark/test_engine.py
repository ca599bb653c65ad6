"""Spark does what DuckDB does: the same releases, samples and bytes."""

import threading
import time
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from tests.profile import draws
from tests.spark.conftest import read
from tests.unit.releases.test_files import COLUMNS, PEOPLE, TEXTS, anonymize, store

from anonify.base.errors import UserError
from anonify.engines.database import open_database
from anonify.engines.recoding import count_differences
from anonify.engines.spark_database import connect, translate
from anonify.recoding.requirements import UnreachableError
from anonify.releases.handout import Promise, prepare_handout
from anonify.releases.sampled_files import sample_file
from anonify.releases.writing import read_sorted_parts, write_release_csv
from anonify.tables.storage import describe_table, read_rows, read_table

# In the order of UTF-16, which is that of Java, the last comes before the one before it.
ORDERED = ["", "Z", "a", "é", "～", "𝒳"]
DIFFICULT = {
    "sex": 'the `sex` of\n"her\'s" {}()=;\\',
    "age": "years.old",
    "dose": "_metadata",
    "visits": "number",
}


@st.composite
def tables(draw):
    """The lines of a CSV, and what its columns are."""
    names = draw(st.sampled_from([{}, DIFFICULT]))
    texts = {**TEXTS, "ill": [*ORDERED, 'it\'s, "so"', "\\n"]}
    columns = {**COLUMNS, **(PEOPLE if draw(st.booleans()) else {})}
    lines = [
        [draw(st.sampled_from(texts[name])) for name in columns]
        for _ in range(draw(st.integers(4, 40)))
    ]
    renamed = {names.get(name, name): about for name, about in columns.items()}
    return renamed, pd.DataFrame(lines, columns=[*renamed])


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    # Signs that are patterns of files elsewhere.
    return tmp_path_factory.mktemp("100 % [of] {all}")


def compare(stored, url, method, k, deletion, samples=("record", "person")):
    """Anonymize, sample and hand out a table by both engines, and compare the files."""
    made = {}
    for engine, address in (("duckdb", ""), ("spark", url)):
        here = SimpleNamespace(
            **{
                **vars(stored),
                "limits": replace(stored.limits, spark_url=address),
                "release": stored.folder / f"{engine}.parquet",
            }
        )
        try:
            found, reported = anonymize(here, method, k)
        except UnreachableError as error:
            made[engine] = str(error)
            continue
        made[engine] = [found, reported, read(here.release), hand_out(here, k)]
        about = describe_table(here.release)
        for unit in samples:
            drawn = stored.folder / f"{engine}_sample.parquet"
            sample_file(
                here.release, drawn, deletion, unit, "k'e\\y", here.limits, about.provenance
            )
            made[engine].append(read(drawn))
    assert made["spark"] == made["duckdb"]
    return made["spark"]


def hand_out(stored, k):
    """Return the bytes of the CSV that is handed out, or why there is none."""
    names = describe_table(stored.release).quasi_identifiers
    released, path = read_table(stored.release), stored.folder / "handout.csv"
    try:
        handout = prepare_handout(
            read_rows(stored.release), released.frame, names, Promise(k), "keep"
        )
        write_release_csv(handout, path, True, released.columns, read_sorted_parts(stored.release))
    except UserError as error:
        return str(error)
    return path.read_bytes()


@settings(max_examples=draws(20), phases=[Phase.generate])
@given(
    described=tables(),
    method=st.sampled_from(["arx", "ola", "mondrian"]),
    deletion=st.sampled_from([0, 10, 50]),
)
def test_the_engines_agree_record_for_record(cluster, folder, described, method, deletion):
    stored = store(folder, *described)
    compare(stored, cluster.url, method, 2, deletion)
    assert not [*folder.glob("anonify-*")]


def test_a_tuple_may_go_several_ways_and_a_sample_may_be_empty(cluster, folder):
    # All records of one tuple: greedy makes several classes of them.
    lines = [["f", "31", "10115", str(place), "1.5", str(place)] for place in range(9)]
    lines += [["m", "50", "20095", "flu", "", ""]]
    stored = store(folder, COLUMNS, pd.DataFrame(lines, columns=[*COLUMNS]))
    *_, (sample, _) = compare(stored, cluster.url, "greedy", 3, 100, ["record"])
    assert sample.num_rows == 0


def test_values_that_change_places_are_found_also_where_some_are_missing(cluster, folder):
    stored = store(folder, COLUMNS, pd.DataFrame([["f", *"123456"[:5]]], columns=[*COLUMNS]))
    here = pd.DataFrame({"sex": ["f"], "ill": ["flu"], "dose": ["flu"]})
    for column in ("ill", "dose"):
        here[column] = here[column].astype("str")
    there = here.assign(ill=pd.Series([None], dtype="str"))
    elsewhere = here.assign(dose=pd.Series([None], dtype="str"))
    with open_database(replace(stored.limits, spark_url=cluster.url)) as database:
        for name, frame in (("there", there), ("elsewhere", elsewhere)):
            database.name_frame(name, frame)
        assert not count_differences(database, "FROM there", "FROM there", ["sex"], ["ill", "dose"])
        for groups in ([], ["sex"]):
            found = count_differences(
                database, "FROM there", "FROM elsewhere", groups, ["ill", "dose"]
            )
            assert found == 2


def test_statements_are_translated():
    pytest.importorskip("sqlglot", reason="needs Spark: make test-spark")
    assert translate('SELECT sum(hash("a`b")::HUGEINT) FROM t') == (
        "SELECT SUM(CAST(XXHASH64(`a``b`, `a``b` IS NULL) AS DECIMAL(38, 0))) FROM t"
    )
    assert translate("FROM t ORDER BY \"a'b\", 'it''s'") == (
        "SELECT * FROM t ORDER BY `a'b` NULLS LAST, 'it\\'s' NULLS LAST"
    )


def test_columns_that_sql_takes_for_one_are_named(cluster, folder):
    columns = {**COLUMNS, "ILL": COLUMNS["ill"]}
    rows = [("f", "31", "10115", "flu", "1.5", "3", "no")] * 3
    stored = store(folder / "named", columns, pd.DataFrame(rows, columns=[*columns]))
    stored.limits = replace(stored.limits, spark_url=cluster.url)
    with pytest.raises(UserError, match=r"^`engine`: Spark takes the column 'ILL' for 'ill'"):
        anonymize(stored, "arx", 3)
    assert not stored.release.exists()


def test_a_worker_that_is_killed_in_the_middle_changes_nothing(cluster, tmp_path):
    generator = np.random.default_rng(1)
    table = pd.DataFrame(
        {
            "sex": generator.choice(["f", "m"], 10**6),
            "age": generator.integers(0, 100, 10**6),
            "zip": generator.integers(10_000, 10_050, 10**6),
            "ill": generator.integers(0, 20, 10**6),
            "dose": generator.integers(0, 1000, 10**6) / 8,
            "visits": generator.integers(0, 9, 10**6),
        }
    )
    stored = store(tmp_path / "ward", COLUMNS, table)
    session, killed = connect(replace(stored.limits, spark_url=cluster.url)), threading.Event()
    given = [cluster, session.sparkContext.statusTracker(), killed]
    threading.Thread(target=kill_in_the_middle, args=given, daemon=True).start()
    compare(stored, cluster.url, "mondrian", 50, 10, ["record"])
    assert killed.is_set()


def kill_in_the_middle(cluster, tracker, killed):
    """Kill a worker when some tasks of a stage are done and others are not."""
    while not killed.is_set():
        stages = [tracker.getStageInfo(stage) for stage in tracker.getActiveStageIds()]
        if any(stage and stage.numTasks > stage.numCompletedTasks > 0 for stage in stages):
            cluster.kill_worker()
            killed.set()
        time.sleep(0.01)
