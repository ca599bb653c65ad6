"""A table that stays in its file: the same classes, samples and bytes as in memory."""

import re
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from tests.profile import draws

from anonify.base.errors import UserError
from anonify.base.values import PERSON, SUPPRESSED
from anonify.datasets.stored import type_stored_table
from anonify.datasets.typed import read_described_table
from anonify.domains.files import write_domain
from anonify.engines.choice import Limits
from anonify.recoding.requirements import UnreachableError
from anonify.releases import files
from anonify.releases.anonymization import anonymize_table
from anonify.releases.dataset import read_limited_domains
from anonify.releases.files import anonymize_file
from anonify.releases.handout import Promise, prepare_handout
from anonify.releases.sampled_files import sample_file
from anonify.releases.sampling import sample, sample_people
from anonify.releases.writing import read_sorted_parts, write_release_csv
from anonify.tables.classes import count_classes
from anonify.tables.counts import select_rows
from anonify.tables.dialect import Dialect
from anonify.tables.order import sort_records
from anonify.tables.provenance import add_step, start_provenance
from anonify.tables.storage import (
    Table,
    describe_table,
    read_rows,
    read_table,
    write_table,
    write_table_parts,
)
from anonify.verification.releases import VerificationError

COLUMNS = {
    "sex": {"role": "quasi-identifier", "type": "category", "hierarchy": {}},
    "age": {
        "role": "quasi-identifier",
        "type": "integer",
        "hierarchy": {"intervals": [{"start": 0, "width": 5}, {"start": 0, "width": 20}]},
    },
    "zip": {
        "role": "quasi-identifier",
        "type": "category",
        "hierarchy": {"prefix": {}},
        "missing": ["n/a"],
    },
    "ill": {"role": "sensitive", "type": "category"},
    "dose": {"role": "sensitive", "type": "decimal", "missing": ["-9"]},
    "visits": {"role": "sensitive", "type": "integer"},
}
PEOPLE = {"who": {"role": "person", "type": "category"}}

TEXTS = {
    "sex": ["f", "m", "F "],
    "age": ["9", "31", "32", "47", "50"],
    "zip": ["10115", "10117", "20095", "n/a"],
    "ill": ["flu", "HIV", "", 'it\'s, "so"'],
    "dose": ["1.50", "1.5", "2", "10", "-9", "0.1"],
    "visits": ["0", "3", "12", ""],
    "who": ["a", "b", "c", "d", "A", "e f"],
}


@st.composite
def tables(draw, with_people=None):
    """The lines of a CSV, and what its columns are."""
    has_people = draw(st.booleans()) if with_people is None else with_people
    columns = {**COLUMNS, **(PEOPLE if has_people else {})}
    size = draw(st.integers(4, 40))
    lines = [
        draw(st.tuples(*(st.sampled_from(TEXTS[name]) for name in columns))) for _ in range(size)
    ]
    return columns, pd.DataFrame(lines, columns=[*columns])


def store(folder, columns, table):
    """Write a CSV, and what the run makes of it: the typed table and its hierarchies."""
    folder.mkdir(exist_ok=True)
    table.to_csv(folder / "table.csv", index=False)
    limits = Limits(10**9, folder, 2)
    with limits.open_folder() as temporary:
        typed = type_stored_table(
            folder / "table.csv", columns, columns, Dialect(), lambda _: None, True, temporary
        )
        provenance = start_provenance({"name": "ward", "title": "Ward", "synthetic": False})
        write_table_parts(typed.read_parts(), typed.columns, provenance, folder / "table.parquet")
    hierarchies = [folder / f"{name}.hierarchy.csv" for name in typed.domains]
    for domain, path in zip(typed.domains.values(), hierarchies, strict=True):
        write_domain(domain, path)
    return SimpleNamespace(
        folder=folder,
        csv=folder / "table.csv",
        table=folder / "table.parquet",
        hierarchies=hierarchies,
        limits=limits,
        release=folder / "release.parquet",
    )


def anonymize(stored, method, k, **further):
    about = describe_table(stored.table)
    return anonymize_file(
        stored.table,
        stored.hierarchies,
        stored.release,
        method,
        k,
        np.random.default_rng(1),
        stored.limits,
        lambda facts: add_step(about.provenance, "anonymize", method=method, k=k, **facts),
        **further,
    )


def anonymize_in_memory(stored, method, k, **further):
    table = read_table(stored.table)
    domains = read_limited_domains(stored.hierarchies, table)
    return anonymize_table(table.frame, domains, method, k, np.random.default_rng(1), **further)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("files")


@settings(max_examples=draws(60), phases=[Phase.generate])
@given(described=tables())
def test_a_table_that_is_typed_part_by_part_is_the_one_in_memory(folder, described):
    columns, table = described
    stored = store(folder, columns, table)
    whole, kept, domains, _ = read_described_table(
        stored.csv, columns, columns, Dialect(), lambda _: None, True
    )
    written = read_table(stored.table)
    pd.testing.assert_frame_equal(written.frame, whole)
    assert written.columns == kept
    for domain, path in zip(domains.values(), stored.hierarchies, strict=True):
        write_domain(domain, folder / "whole.csv")
        assert path.read_bytes() == (folder / "whole.csv").read_bytes()


@settings(max_examples=draws(60), phases=[Phase.generate])
@given(
    described=tables(),
    method=st.sampled_from(["arx", "ola", "mondrian", "ncp_mondrian", "greedy"]),
    limits=st.sampled_from([{}, {"least_level": 1}, {"most_level": 2}]),
    labels=st.sampled_from(["nodes", "sets"]),
    k=st.integers(2, 4),
    deletion=st.sampled_from([0, 10, 50]),
    suppressed=st.sampled_from(["drop", "keep"]),
)
def test_engines_agree_record_for_record(
    folder, described, method, limits, labels, k, deletion, suppressed
):
    columns, table = described
    if method == "greedy":
        # It counts no people.
        columns = {name: column for name, column in columns.items() if name in COLUMNS}
        table = table[[*columns]]
    columns = {**columns, "age": {**columns["age"], **limits}}
    stored = store(folder, columns, table)
    try:
        made = anonymize_in_memory(stored, method, k, labels=labels)
    except UnreachableError:
        with pytest.raises(UnreachableError):
            anonymize(stored, method, k, labels=labels)
        return
    found, _ = anonymize(stored, method, k, labels=labels)
    assert found == made.found
    released = read_table(stored.release)
    expected = sort_records(made.frame)
    pd.testing.assert_frame_equal(released.frame, expected)
    names = released.quasi_identifiers
    members = count_classes(expected, names).members
    for unit in ("record", "person"):
        drawn = folder / "sample.parquet"
        sample_file(
            *(stored.release, drawn, deletion, unit, "key", stored.limits, released.provenance)
        )
        if unit == "person" and PERSON in expected:
            kept = sample_people(members, expected[PERSON].to_numpy(), deletion, "key")
        else:
            kept = sample(members, deletion, "key")
        # Which values are lacking is not told by a file: of texts none, of whole numbers no type.
        pd.testing.assert_frame_equal(
            read_table(drawn).frame,
            expected.iloc[kept].reset_index(drop=True),
            check_dtype=False,
            check_categorical=False,
        )
    hand_out(stored, released, expected, suppressed, k)


def hand_out(stored, released, expected, suppressed, k):
    """Compare the bytes that are handed out from the file and from memory."""
    names, promise = released.quasi_identifiers, Promise(k)
    ways = {}
    for way, rows, parts in (
        ("file", read_rows(stored.release), read_sorted_parts(stored.release)),
        ("memory", select_rows(expected), None),
    ):
        path = stored.folder / f"{way}.csv"
        try:
            handout = prepare_handout(rows, expected, names, promise, suppressed)
            write_release_csv(handout, path, True, released.columns, parts)
            ways[way] = (path.read_bytes(), str(handout))
        except UserError as error:
            ways[way] = str(error)
    assert ways["file"] == ways["memory"]
    if suppressed == "drop" and not expected[SUPPRESSED].all():
        read = pd.read_csv(stored.folder / "file.csv", dtype="str", keep_default_na=False)
        assert read.groupby(names).size().min() >= (k if PERSON not in expected else 1)


@settings(max_examples=draws(30))
@given(described=tables(), method=st.sampled_from(["arx", "ola", "mondrian", "ncp_mondrian"]))
def test_requirements_are_kept_as_in_memory(folder, described, method):
    stored = store(folder, *described)
    rules = [{"attribute": "ill", "model": "distinct_l_diversity", "l": 2}]
    try:
        made = anonymize_in_memory(stored, method, 2, requirements=rules)
    except UnreachableError as error:
        with pytest.raises(UnreachableError, match=re.escape(str(error))):
            anonymize(stored, method, 2, requirements=rules)
        return
    anonymize(stored, method, 2, requirements=rules)
    pd.testing.assert_frame_equal(read_table(stored.release).frame, sort_records(made.frame))


@pytest.fixture
def stored(tmp_path):
    rows = [("f", "31", "10115", "flu", "1.5", "3")] * 3 + [
        ("m", "50", "20095", "HIV", "2", "0")
    ] * 3
    return store(tmp_path / "ward", COLUMNS, pd.DataFrame(rows, columns=[*COLUMNS]))


def test_a_method_that_follows_records_refuses_early_and_names_the_others(stored):
    with pytest.raises(
        UserError, match=r"^methods: oka follows the records .*arx, greedy, mondrian"
    ):
        anonymize(stored, "oka", 2)
    assert not stored.release.exists()


def test_a_method_that_counts_no_people_refuses_them(tmp_path):
    columns = {**COLUMNS, **PEOPLE}
    rows = [("f", "31", "10115", "flu", "1.5", "3", who) for who in "aabbcc"]
    stored = store(tmp_path / "ward", columns, pd.DataFrame(rows, columns=[*columns]))
    with pytest.raises(
        UserError, match=r"^methods: greedy counts records, .*arx, mondrian, ncp_mondrian, ola"
    ):
        anonymize(stored, "greedy", 2)


def test_too_large_a_k_is_told_before_anything_is_done(stored):
    with pytest.raises(UnreachableError, match="the table has 6 records, fewer than k = 7"):
        anonymize(stored, "mondrian", 7)


def test_records_that_were_swapped_are_found_in_what_was_written(stored, monkeypatch):
    def swap(statement, names, numbers):
        return (
            f"SELECT * REPLACE (CASE sex WHEN 'f' THEN 'm' ELSE 'f' END AS sex) FROM ({statement})"
        )

    monkeypatch.setattr(files, "sort_statement", swap)
    with pytest.raises(VerificationError, match="its records are not those of"):
        anonymize(stored, "arx", 3)


def test_a_table_that_lost_records_is_found(stored, monkeypatch):
    monkeypatch.setattr(files, "sort_statement", lambda statement, *_: f"{statement} LIMIT 5")
    with pytest.raises(VerificationError):
        anonymize(stored, "arx", 3)


def test_nothing_is_left_of_what_did_not_fit_in_memory(stored):
    anonymize(stored, "arx", 3)
    assert not [*stored.limits.folder.glob("anonify-*")]


def test_a_folder_that_is_not_there_is_named(stored):
    stored.limits = Limits(10**9, Path("/nowhere"))
    with pytest.raises(UserError, match=r"^`engine_temp`: nothing can be written to /nowhere"):
        anonymize(stored, "arx", 3)


def test_what_was_anonymized_elsewhere_is_sorted_when_it_is_handed_out(stored):
    anonymize(stored, "arx", 3)
    released = read_table(stored.release)
    step = add_step(released.provenance, "import", method="elsewhere", k=3)
    mixed = released.frame.iloc[::-1].reset_index(drop=True)
    write_table(Table(mixed, released.columns, step), stored.release)
    parts = pd.concat(read_sorted_parts(stored.release), ignore_index=True)
    pd.testing.assert_frame_equal(parts, released.frame)


NAMES = [
    "place",
    "records",
    "number",
    "deleted",
    "t",
    "m",
    "mapping",
    'the "age"',
    "home",
    "hashes",
]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("column", ["sex", "ill"])
def test_a_column_may_be_called_as_anything_in_a_statement(tmp_path, name, column):
    columns = {name if each == column else each: about for each, about in COLUMNS.items()}
    rows = [("f", "31", "10115", "flu", "1.5", "3")] * 3 + [
        ("m", "50", "20095", "HIV", "2", "0")
    ] * 3
    stored = store(tmp_path / "ward", columns, pd.DataFrame(rows, columns=[*columns]))
    anonymize(stored, "arx", 3)
    made = anonymize_in_memory(stored, "arx", 3)
    released = read_table(stored.release)
    pd.testing.assert_frame_equal(released.frame, sort_records(made.frame))
    drawn = tmp_path / "sample.parquet"
    sample_file(stored.release, drawn, 50, "record", "key", stored.limits, released.provenance)
    assert len(read_table(drawn).frame) == 2


@pytest.mark.parametrize("names", [("ILL", "ill"), ("file_row_number", "ill")])
def test_columns_that_sql_takes_for_one_are_named(tmp_path, names):
    columns = {**COLUMNS, names[0]: COLUMNS["ill"]}
    rows = [("f", "31", "10115", "flu", "1.5", "3", "no")] * 3
    stored = store(tmp_path / "ward", columns, pd.DataFrame(rows, columns=[*columns]))
    with pytest.raises(UserError, match=r"^`engine`: DuckDB takes the column .* choose `memory`"):
        anonymize(stored, "arx", 3)
    assert not stored.release.exists()
