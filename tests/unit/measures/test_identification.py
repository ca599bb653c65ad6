from itertools import combinations, pairwise

import numpy as np
import pandas as pd
import pytest

from anonify.base.errors import UserError
from anonify.base.values import PERSON
from anonify.datasets.described import read_dataset
from anonify.measures import identification
from anonify.measures.identification import (
    Combination,
    count_tuples,
    mask_identification,
    measure_combination,
    measure_identification,
    sort_identification,
    tabulate_identification,
)


def make_frame(people=None, **columns):
    frame = pd.DataFrame({name: pd.Categorical(values) for name, values in columns.items()})
    return frame if people is None else frame.assign(**{PERSON: people})


def measure(frame, *columns):
    """Distinction, separation and unique of a combination, in per cent."""
    found = measure_combination(count_tuples(frame, [*columns]), columns)
    return found.distinction, found.separation, found.unique


def compare_by_pairs(frame, columns):
    """The same record by record and pair by pair, as the definitions say it."""
    people = frame.get(PERSON, pd.Series(range(len(frame))))
    rows = {*zip(people, *(frame[name] for name in columns), strict=True)}
    tuples = [row[1:] for row in rows]
    pairs = [(a[1:], b[1:]) for a, b in combinations(sorted(rows), 2) if a[0] != b[0]]
    alone = {row[0] for row in rows if tuples.count(row[1:]) == 1}
    return (
        100 * len({*tuples}) / len(tuples),
        100 * sum(a != b for a, b in pairs) / len(pairs) if pairs else float("nan"),
        100 * len(alone) / len({*people}),
    )


# The table of ARX's own test of these measures (TestRiskQuasiIdentifiers), and what it expects.
FIVE = make_frame(
    age=["20", "30", "40", "20", "40"],
    sex=["Female", "Female", "Female", "Male", "Male"],
    state=["CA", "CA", "TX", "NY", "CA"],
)
EXPECTED_BY_ARX = {
    ("sex",): (0.4, 0.6),
    ("state",): (0.6, 0.7),
    ("age",): (0.6, 0.8),
    ("sex", "state"): (0.8, 0.9),
    ("age", "sex"): (1.0, 1.0),
    ("age", "state"): (1.0, 1.0),
    ("age", "sex", "state"): (1.0, 1.0),
}


def test_distinction_and_separation_are_those_of_arx():
    found = measure_identification(FIVE, list(FIVE))
    shares = {each.columns: (each.distinction / 100, each.separation / 100) for each in found}
    assert shares == EXPECTED_BY_ARX


def test_adult_has_as_many_uniques_as_arx_finds():
    try:
        dataset = read_dataset("adult")
    except UserError as error:
        pytest.skip(f"the Adult table is needed: {error}")
    names = [column.name for column in dataset.columns]
    frame = dataset.frame[names].astype("str").astype("category")
    found = measure_combination(count_tuples(frame, names), (*names,))
    # RiskEstimator.getFractionOfUniqueTuples of the nine columns, in ARX's TestRiskMetrics.
    assert len(names) == 9
    assert found.unique == pytest.approx(100 * 0.5142895033485844, abs=1e-12)


def test_unique_are_those_whose_tuple_nobody_else_has():
    # 30 alone has one record, of NY and TX each has one.
    assert measure(FIVE, "age")[2] == 20
    assert measure(FIVE, "state")[2] == 40
    assert measure(FIVE, "sex", "state")[2] == pytest.approx(60)


def test_of_people_their_records_with_equal_tuples_are_one():
    # Of person 0 (a, b), of 1 (a), of 2 (c): four tuples of people, three distinct ones.
    frame = make_frame([0, 0, 0, 1, 2, 2], x=["a", "a", "b", "a", "c", "c"])
    # Pairs of different people: a–a, a–c, b–a, b–c, a–c; one of them is together.
    assert measure(frame, "x") == (75, 80, pytest.approx(200 / 3))


@pytest.mark.parametrize("has_people", [False, True])
@pytest.mark.parametrize("seed", range(5))
def test_shares_are_those_of_all_pairs(seed, has_people):
    generator = np.random.default_rng(seed)
    size = int(generator.integers(2, 40))
    columns = {
        name: generator.integers(0, width, size).astype(str)
        for name, width in (("a", 2), ("b", 5), ("c", 9), ("d", 30))
    }
    people = generator.integers(0, size // 2 + 1, size) if has_people else None
    frame = make_frame(people, **columns)
    found = measure_identification(frame, ["a", "b", "c", "d"])
    assert len(found) == 15
    for each in found:
        shares = each.distinction, each.separation, each.unique
        assert shares == pytest.approx(compare_by_pairs(frame, each.columns), nan_ok=True)


def test_keys_that_are_sorted_give_what_those_that_are_counted_give(monkeypatch):
    frame = make_frame(a=[*"aabbccddee"], b=[*"1112223334"])
    counted = measure_identification(frame, ["a", "b"])
    monkeypatch.setattr(identification, "_SPARSE", 0)
    assert measure_identification(frame, ["a", "b"]) == counted


@pytest.mark.parametrize("people", [None, [0]])
def test_one_record_is_unique_and_has_nobody_to_be_told_apart_from(people):
    (found,) = measure_identification(make_frame(people, x=["a"]), ["x"])
    assert (found.distinction, found.unique, found.is_grown) == (100, 100, True)
    assert np.isnan(found.separation)


def test_a_person_with_all_records_has_nobody_to_be_told_apart_from():
    distinction, separation, unique = measure(make_frame([7, 7], x=["a", "b"]), "x")
    assert (distinction, unique) == (100, 100)
    assert np.isnan(separation)


def test_what_separates_most_comes_first_among_as_many_columns():
    found = measure_identification(FIVE, list(FIVE))
    assert [each.columns for each in found] == [
        ("age",),
        ("state",),
        ("sex",),
        ("age", "sex"),
        ("age", "state"),
        ("sex", "state"),
        ("age", "sex", "state"),
    ]


def test_combinations_grow_by_what_separates_most_until_nothing_separates_more():
    found = measure_identification(FIVE, list(FIVE))
    # With age and sex every record is alone: state adds nothing.
    assert [each.columns for each in found if each.is_grown] == [("age",), ("age", "sex")]


def test_of_many_columns_singles_pairs_and_growing_combinations_are_measured():
    generator = np.random.default_rng(1)
    columns = {f"c{place}": generator.integers(0, 2, 4000).astype(str) for place in range(14)}
    constant = make_frame(**columns, same=["x"] * 4000)
    found = measure_identification(constant, list(constant))
    sizes = [len(each.columns) for each in found]
    assert (sizes.count(1), sizes.count(2)) == (15, 66)
    grown = [each for each in found if each.is_grown]
    assert [len(each.columns) for each in grown] == list(range(1, 13))
    assert all(a.separation < b.separation for a, b in pairwise(grown))
    # A growing one is the best of those that add a column to the one before.
    for before, after in pairwise(grown):
        wider = [
            each
            for each in found
            if {*before.columns} < {*each.columns} and len(each.columns) == len(after.columns)
        ]
        assert len(wider) == 12 - len(before.columns)
        assert after.separation == max(each.separation for each in wider)
    # The column that tells nothing is measured, and combined with none.
    assert [each.columns for each in found if "same" in each.columns] == [("same",)]


def test_a_table_that_tells_nothing_apart_has_one_growing_combination():
    found = measure_identification(make_frame(a=["x"] * 3, b=["y"] * 3), ["a", "b"])
    assert [each for each in found if each.is_grown] == [
        Combination(("a",), pytest.approx(100 / 3), 0.0, 0.0, True)
    ]


# As a table


def tabulate(**columns):
    """The original beside a release that shows one label in all."""
    original = make_frame(**columns)
    released = make_frame(**{name: ["*"] * len(original) for name in columns})
    tables = {("original", 0): original, ("sampled", 50): released}
    return tabulate_identification(tables, [*columns])


def test_the_release_is_measured_by_the_combinations_of_the_original():
    table = tabulate(sex=["f", "f", "m", "m"], age=["1", "2", "3", "4"])
    rows = table.astype(object).where(table.notna(), None).to_numpy().tolist()
    assert rows == [
        ["original", 0, 1, "sex", None, 50, pytest.approx(200 / 3), 0],
        ["original", 0, 1, "age", "age", 100, 100, 100],
        ["original", 0, 2, "sex, age", None, 100, 100, 100],
        ["sampled", 50, 1, "sex", None, 25, 0, 0],
        ["sampled", 50, 1, "age", "age", 25, 0, 0],
        ["sampled", 50, 2, "sex, age", None, 25, 0, 0],
    ]


def test_a_table_is_sorted_by_what_separates_most_in_the_original():
    table = sort_identification(tabulate(sex=["f", "f", "m", "m"], age=["1", "2", "3", "4"]))
    assert table["combination"].tolist() == ["age", "sex", "sex, age"] * 2
    assert table["data"].tolist() == ["original"] * 3 + ["sampled"] * 3


def test_names_with_commas_are_told_from_several():
    table = tabulate(**{"a, b": [*"xxy"], "c": [*"xyy"], "a": [*"yxx"], "b, c": [*"yyx"]})
    combinations = table.loc[table["data"] == "original", "combination"]
    assert combinations.is_unique
    assert '"a, b", c' in combinations.to_list()


def test_an_empty_release_has_no_shares():
    tables = {("original", 0): FIVE, ("anonymized", 0): FIVE.iloc[:0]}
    table = tabulate_identification(tables, list(FIVE))
    empty = table[table["data"] == "anonymized"]
    assert empty[["distinction", "separation", "unique"]].isna().all(axis=None)


@pytest.mark.parametrize("k", [3, 5, 10])
@pytest.mark.parametrize("people", [200, 1000])
def test_what_a_confidential_table_tells_fits_to_many_numbers_of_people(people, k):
    # How many have a value, or each one of their own; tried are all numbers up to a few times k.
    alone, together = {}, {}
    for having in range(5 * k):
        rare = ["yes"] * having + ["no"] * (people - having)
        own = [str(place) if place < having else "" for place in range(people)]
        for name, values in (("rare", rare), ("own", own)):
            tables = {("original", 0): make_frame(x=values)}
            masked = mask_identification(tabulate_identification(tables, "x"), people, k)
            (row,) = masked.round(6).to_dict("records")
            assert np.isnan(row["distinction"])
            for share in ("separation", "unique"):
                alone.setdefault((name, share, row[share]), []).append(having)
            key = name, row["separation"], row["unique"]
            together.setdefault(key, []).append(having)
    # The first and the last are cut off by what is tried; halves are rounded to what is even.
    inner = [each for each in alone.values() if 0 not in each and 5 * k - 1 not in each]
    assert len(inner) >= 6
    assert min(map(len, inner)) >= k - 1
    # Both together tell no number of fewer than k people.
    few = [each for each in together.values() if each[0] < k]
    assert len(few) >= 2
    assert min(map(len, few)) > k / 2


def test_of_a_release_the_distinction_is_told():
    table = tabulate(sex=[*"ffmm"] * 50)
    masked = mask_identification(table, 200, 5).set_index("data")
    assert masked["distinction"].to_dict() == {
        "original": pytest.approx(np.nan, nan_ok=True),
        "sampled": 0,
    }
