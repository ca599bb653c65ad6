"""A table whose tuples do not fit in memory: the same release as in memory, region by region."""

from dataclasses import replace

import pandas as pd
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from tests.profile import draws
from tests.unit.releases.test_files import (
    COLUMNS,
    PEOPLE,
    TEXTS,
    anonymize,
    anonymize_in_memory,
    store,
)

from anonify.base.errors import EffortWarning, UserError
from anonify.methods import mondrian
from anonify.recoding.requirements import UnreachableError
from anonify.releases import files, regions
from anonify.tables import storage
from anonify.tables.order import sort_records
from anonify.tables.storage import read_labels, read_table
from anonify.verification.releases import VerificationError

RANGES = {"role": "quasi-identifier", "type": "decimal", "missing": ["n/a"]}
SETS = {
    "sex": COLUMNS["sex"],
    "age": COLUMNS["age"],
    "zip": COLUMNS["zip"],
    "income": RANGES,
    "weight": {**RANGES, "ranges": {"start": 0, "width": 20}},
    "ill": COLUMNS["ill"],
}
VALUES = {
    **TEXTS,
    "income": ["1.5", "2", "2.5", "7", "7.5", "30", "n/a"],
    "weight": ["3", "41", "42", "55", "60", "99", "n/a"],
}


@st.composite
def tables(draw):
    """The lines of a CSV, and what its columns are."""
    chosen = draw(st.sets(st.sampled_from([*SETS][:-1]), min_size=1))
    columns = {
        name: {**column, "importance": draw(st.sampled_from([1, 1, 3]))}
        for name, column in SETS.items()
        if name in chosen
    } | {"ill": SETS["ill"]}
    lines = [
        [draw(st.sampled_from(VALUES[name])) for name in columns]
        for _ in range(draw(st.integers(6, 80)))
    ]
    return columns, pd.DataFrame(lines, columns=[*columns])


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("regions")


class Seen:
    """How many tuples there were in memory at once, and which regions were looked at."""

    def __init__(self, patch, most, at_once):
        self.tuples, self.regions, self.parts = [], [], 0
        patch.setattr(files, "count_fitting", lambda _: most)
        patch.setattr(storage, "_AT_ONCE", at_once)
        patch.setattr(regions, "_AT_ONCE", at_once)
        decide, encode = regions._Decided.decide, regions._encode

        def note_region(decided, region):
            mapping = decide(decided, region)
            self.regions.append(region)
            self.tuples.append(len(mapping))
            return mapping

        def note_parts(*others):
            whole, self.parts = encode(*others)
            return whole, self.parts

        patch.setattr(regions._Decided, "decide", note_region)
        patch.setattr(regions, "_encode", note_parts)


@settings(max_examples=draws(150), phases=[Phase.generate])
@given(
    described=tables(),
    k=st.integers(1, 6),
    most=st.integers(1, 12),
    at_once=st.sampled_from([7, 30, 2**20]),
)
def test_the_release_is_that_of_the_whole_table_record_for_record(
    folder, described, k, most, at_once
):
    stored = store(folder, *described)
    table = read_table(stored.table)
    made = anonymize_in_memory(stored, "mondrian", k)
    anonymize(stored, "mondrian", k)
    labels = read_labels(stored.release)
    with pytest.MonkeyPatch.context() as patch:
        seen = Seen(patch, most, at_once)
        found, _ = anonymize(stored, "mondrian", k)
    assert found == made.found
    pd.testing.assert_frame_equal(read_table(stored.release).frame, sort_records(made.frame))
    assert read_labels(stored.release) == labels
    # Each tuple is decided about once, and never are there more than fit.
    tuples = len(table.frame[table.quasi_identifiers].drop_duplicates())
    assert sum(seen.tuples) == (tuples if tuples > most else 0)
    assert max(seen.tuples, default=0) <= max(most, seen.parts)


COLUMNS_OF_TWO = {name: SETS[name] for name in ("sex", "income", "ill")}


def write_two(folder, incomes):
    rows = [(sex, income, "flu") for sex in "fm" for income in incomes]
    return store(folder / "two", COLUMNS_OF_TWO, pd.DataFrame(rows, columns=[*COLUMNS_OF_TWO]))


def test_a_class_that_does_not_fit_in_memory_is_one_class(tmp_path, monkeypatch):
    # A single person of another sex, and k = 5 of 8 incomes, so that nothing may be split.
    rows = [("f", str(income), "flu") for income in range(8)] + [("m", "3", "flu")]
    table = pd.DataFrame(rows, columns=[*COLUMNS_OF_TWO])
    stored = store(tmp_path / "two", COLUMNS_OF_TWO, table)
    seen = Seen(monkeypatch, 2, 2**20)
    found, _ = anonymize(stored, "mondrian", 5)
    assert (found.achieved_k, found.classes, found.suppressed_records) == (9, 1, 0)
    assert all(region.is_class for region in seen.regions)
    assert sum(seen.tuples) == 9
    assert max(seen.tuples) <= 2
    shown = read_table(stored.release).frame
    assert {*shown["sex"]} == {"*"}
    assert {*shown["income"]} == {"*"}


def test_parts_that_fit_in_memory_together_are_anonymized_together(tmp_path, monkeypatch):
    # Each value of a zip code is a part of its own, five of which fit.
    columns = {"zip": {**COLUMNS["zip"], "hierarchy": {}}, "income": RANGES, "ill": SETS["ill"]}
    rows = [(f"{place:02d}", income, "flu") for place in range(12) for income in ("1", "2")]
    stored = store(tmp_path / "many", columns, pd.DataFrame(rows, columns=[*columns]))
    seen = Seen(monkeypatch, 11, 2**20)
    found, _ = anonymize(stored, "mondrian", 2)
    assert found.classes == 12
    assert [len(region.nodes) for region in seen.regions] == [2, 5, 5]


@pytest.mark.parametrize(
    ("columns", "further"),
    [
        ({**SETS, **PEOPLE}, {}),
        ({**SETS, "age": {**SETS["age"], "least_level": 1}}, {}),
        (SETS, {"labels": "sets"}),
        (SETS, {"requirements": [{"attribute": "ill", "model": "distinct_l_diversity", "l": 2}]}),
    ],
)
def test_what_cannot_be_cut_is_anonymized_whole(tmp_path, monkeypatch, columns, further):
    rows = [[VALUES[name][place % len(VALUES[name])] for name in columns] for place in range(40)]
    stored = store(tmp_path / "ward", columns, pd.DataFrame(rows, columns=[*columns]))
    seen = Seen(monkeypatch, 1, 2**20)
    anonymize(stored, "mondrian", 2, **further)
    assert not seen.regions
    made = anonymize_in_memory(stored, "mondrian", 2, **further)
    pd.testing.assert_frame_equal(read_table(stored.release).frame, sort_records(made.frame))


@pytest.mark.parametrize("method", ["arx", "ncp_mondrian"])
def test_other_methods_get_all_tuples(tmp_path, monkeypatch, method):
    columns = {name: SETS[name] for name in ("sex", "age", "ill")}
    rows = [(sex, age, "flu") for sex in "fm" for age in TEXTS["age"]] * 2
    stored = store(tmp_path / "ward", columns, pd.DataFrame(rows, columns=[*columns]))
    seen = Seen(monkeypatch, 1, 2**20)
    anonymize(stored, method, 2)
    assert not seen.regions


def test_too_large_a_k_and_options_that_are_none_are_told_before_anything_is_cut(
    tmp_path, monkeypatch
):
    stored = write_two(tmp_path, "123456")
    seen = Seen(monkeypatch, 2, 2**20)
    with pytest.raises(UnreachableError, match="the table has 12 records, fewer than k = 13"):
        anonymize(stored, "mondrian", 13)
    with pytest.raises(UserError, match=r"^`method_options.mondrian` has no option 'swiftly'"):
        anonymize(stored, "mondrian", 2, options={"swiftly": True})
    assert not seen.parts
    assert not seen.regions
    assert not stored.release.exists()


def test_nothing_is_left_of_what_did_not_fit_in_memory(tmp_path, monkeypatch):
    stored = write_two(tmp_path, "123456")
    Seen(monkeypatch, 2, 2**20)
    anonymize(stored, "mondrian", 2)
    assert not [*stored.folder.glob("anonify-*")]
    monkeypatch.setattr(regions, "verify_recoding", fail)
    stored.release.unlink()
    with pytest.raises(VerificationError):
        anonymize(stored, "mondrian", 2)
    assert not [*stored.folder.glob("anonify-*")]
    assert not stored.release.exists()


def fail(*_):
    raise VerificationError


def test_a_region_that_lost_records_is_found(tmp_path, monkeypatch):
    stored = write_two(tmp_path, "123456")
    Seen(monkeypatch, 2, 2**20)
    cut = regions._cut

    def lose(*others):
        _, *rest = [(region, region.file.read_bytes()) for region in cut(*others)]
        for region, content in rest:
            region.file.write_bytes(content)
            yield region

    monkeypatch.setattr(regions, "_cut", lose)
    with pytest.raises(VerificationError):
        anonymize(stored, "mondrian", 2)


def test_a_class_of_a_region_that_is_too_small_is_found(tmp_path, monkeypatch):
    stored = write_two(tmp_path, "123456")
    Seen(monkeypatch, 2, 2**20)
    cut_part = mondrian.cut_part
    monkeypatch.setattr(
        mondrian,
        "cut_part",
        lambda nodes, histograms, domains, k: cut_part(nodes, histograms, domains, 1),
    )
    with pytest.raises(VerificationError, match="fewer than k = 5"):
        anonymize(stored, "mondrian", 5)


def test_a_method_says_before_it_begins_that_it_takes_long(tmp_path, monkeypatch):
    stored = write_two(tmp_path, "123456")
    Seen(monkeypatch, 2, 2**20)
    monkeypatch.setattr(mondrian, "EFFORT", replace(mondrian.EFFORT, most=20))
    with pytest.warns(EffortWarning, match="mondrian begins, but may take hours: 12 distinct"):
        anonymize(stored, "mondrian", 2)
