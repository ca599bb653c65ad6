"""What a confidential distribution shows, attacked with all its numbers as they are printed."""

import io

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import linprog

from anonify.domains.rules import build_hierarchy
from anonify.measures.confidential_distribution import compare_confidential_distributions
from anonify.measures.distribution import OUTSIDE, Tables

LOWS = [0, 10, 20, 30, 40]
AGE = build_hierarchy(
    "age", [str(low + 5) for low in LOWS], {"intervals": [{"start": 0, "width": 10}]}
)
GROUPS = [f"[{low}, {low + 10})" for low in LOWS]
BY_AGE = {"by": "age", "edges": [*LOWS, 50]}
GLUCOSE = {**BY_AGE, "statistic": "mean", "attribute": "glucose"}
ILL = {**BY_AGE, "statistic": "count", "attribute": "ill", "value": 1}
MEANS = {"glucose_by_age": GLUCOSE}
BOTH = {"glucose_by_age": GLUCOSE, "ill_by_age": ILL}


def make_tables(left_out, suppressed=0, size=40, seed=0):
    """Make a table of `size` records in each group, and its release.

    Of each group as many are generalized to `*` as `left_out` tells, and the last ones of the first
    group are suppressed.
    """
    generator = np.random.default_rng(seed)
    place = np.repeat(np.arange(len(LOWS)), size)
    original = pd.DataFrame(
        {
            "age": pd.Categorical([str(LOWS[group] + 5) for group in place]),
            "glucose": generator.integers(80, 200, len(place)),
            "ill": generator.integers(0, 2, len(place)),
        }
    )
    number = np.tile(np.arange(size), len(LOWS))
    is_out = number < np.array(left_out)[place]
    is_suppressed = (place == 0) & (number >= size - suppressed)
    ages = np.where(is_out | is_suppressed, "*", [f"{LOWS[p]}-{LOWS[p] + 10}" for p in place])
    release = original.assign(age=pd.Categorical(ages), is_suppressed=is_suppressed)
    return original, release.sample(frac=1, random_state=seed)


def compare(original, release, samples=(), distributions=BOTH, k=6):
    drawn = {
        (deletion, repeat): release.iloc[: len(release) * (100 - deletion) // 100]
        for repeat, deletion in enumerate(samples, start=1)
    }
    tables = dict.fromkeys(distributions, Tables(original, release, drawn))
    found = compare_confidential_distributions(tables, distributions, {"age": AGE}, k)
    # As printed.
    printed = {
        name: table.to_csv(index=False, float_format="%.10g") for name, table in found.items()
    }
    return {name: pd.read_csv(io.StringIO(text)) for name, text in printed.items()}


def select(table, data):
    return table[table["data"] == data].set_index("group")


def test_the_five_people_left_out_of_one_group_do_not_follow_by_subtraction():
    original, release = make_tables([5, 0, 0, 12, 0])
    before, after = (
        select(compare(original, release, distributions=MEANS)["glucose_by_age"], data)
        for data in ("original", "anonymized")
    )
    # The sum of the five would be this difference.
    assert np.isnan(before["value"][GROUPS[0]] * before["records"][GROUPS[0]])
    assert np.isnan(after["records_left_out"][GROUPS[0]])
    assert before["is_masked"][GROUPS[0]]
    # The group that hides them, and no other: the total less the others is of 17 people.
    assert before["is_masked"].sum() == 2
    assert before["is_masked"][GROUPS[3]]
    assert not after["is_masked"].any()


def test_nothing_is_masked_where_nothing_is_told():
    tables = compare(*make_tables([0, 0, 0, 0, 0]))
    for table in tables.values():
        assert not table["is_masked"].any()
        assert table["value"].notna().sum() >= 2 * len(LOWS)


def test_few_suppressed_records_do_not_follow_from_the_totals():
    original, release = make_tables([0, 0, 0, 0, 0], suppressed=2)
    for table in compare(original, release).values():
        before, after = select(table, "original"), select(table, "anonymized")
        assert after["records"][OUTSIDE] == 0
        assert before["is_masked"][GROUPS[0]]
        assert before["is_masked"].sum() >= 2
        assert before["value"].notna().any()


def test_two_ways_to_group_a_column_are_not_shown_together():
    other = {**GLUCOSE, "edges": [0, 20, 50]}
    tables = compare(*make_tables([0] * 5), samples=[50], distributions={**BOTH, "wide": other})
    shown = tables["wide"].loc[~tables["wide"]["is_masked"], "data"]
    assert set(shown) == {"anonymized"}
    assert not tables["glucose_by_age"].query("data == 'original'")["is_masked"].any()


def test_a_sample_does_not_tell_of_the_few_that_it_lacks():
    original, release = make_tables([0] * 5)
    # In all, two records are deleted.
    few = release.iloc[:-2]
    tables = dict.fromkeys(BOTH, Tables(original, release, {(1, 1): few}))
    found = compare_confidential_distributions(tables, BOTH, {"age": AGE}, 6)
    for table in found.values():
        sampled = select(table, "sampled")
        lost = 40 - few["age"].value_counts().reindex([f"{low}-{low + 10}" for low in LOWS])
        for group, number in zip(GROUPS, lost, strict=True):
            assert sampled["is_masked"][group] or number == 0


def attack(table, release, total, group):
    """Return the least and the greatest sum of a masked group that fits all that is printed.

    Who tries knows the release and the total, and that a value is from 0 to 300.
    """
    before, after = select(table, "original"), select(table, "anonymized")
    names = list(before.index)
    known = release.groupby(release["age"].astype(str))["glucose"].sum()
    count = release.groupby(release["age"].astype(str))["glucose"].size()
    places = [f"{low}-{low + 10}" for low in LOWS]
    # Unknown: how many of each group the release has left out, and their sum; then those outside.
    rows, values = [], []
    size = len(names)
    for part, right in ((0, len(release)), (size, total)):
        row = np.zeros(2 * size)
        row[part : part + size] = 1
        rows.append(row)
        values.append(right)
    for number, name in enumerate(names):
        if not before["is_masked"][name]:
            for part, right in (
                (0, before["records"][name]),
                (size, before["records"][name] * np.nan_to_num(before["value"][name])),
            ):
                row = np.zeros(2 * size)
                row[part + number] = 1
                rows.append(row)
                values.append(right)
    # A sum is between 0 and 300 for each record that the release has not.
    upper, limits = [], []
    for number in range(size):
        inside = number < len(places)
        base_count = count.get(places[number], 0) if inside else 0
        base_sum = known.get(places[number], 0) if inside else 0
        more = np.zeros(2 * size)
        more[size + number], more[number] = 1, -300
        upper.append(more)
        limits.append(base_sum - 300 * base_count + 1e-4)
    bounds = [(count.get(place, 0), None) for place in places] + [(0, None)]
    bounds += [(known.get(place, 0), None) for place in places] + [(0, None)]
    aim = np.zeros(2 * size)
    aim[size + names.index(group)] = 1
    # Means are printed with ten digits.
    slack = 1e-4
    equal = np.array(rows)
    upper += [*equal, *-equal]
    limits += [*(np.array(values) + slack), *(-np.array(values) + slack)]
    assert not after["is_masked"].any()
    ends = [linprog(sign * aim, upper, limits, bounds=bounds) for sign in (1, -1)]
    assert all(end.success for end in ends), ends
    return ends[0].fun, -ends[1].fun


@pytest.mark.parametrize("seed", range(25))
def test_a_linear_program_does_not_solve_masked_sums(seed):
    generator = np.random.default_rng(seed)
    left_out = generator.integers(0, 14, len(LOWS)) * generator.integers(0, 2, len(LOWS))
    original, release = make_tables(left_out, seed=seed)
    table = compare(original, release, distributions=MEANS)["glucose_by_age"]
    before = select(table, "original")
    if before["is_masked"].all():
        return
    true = original.groupby(original["age"].astype(str))["glucose"].sum()
    for low, group in zip(LOWS, GROUPS, strict=True):
        if before["is_masked"][group]:
            least, most = attack(table, release, original["glucose"].sum(), group)
            assert least - 1e-3 <= true[str(low + 5)] <= most + 1e-3
            # Wider than one person may change it.
            assert most - least > 300


def test_of_some_attacked_tables_a_part_is_shown():
    shown = []
    for seed in range(25):
        generator = np.random.default_rng(seed)
        left_out = generator.integers(0, 14, len(LOWS)) * generator.integers(0, 2, len(LOWS))
        table = compare(*make_tables(left_out, seed=seed), distributions=MEANS)["glucose_by_age"]
        masked = select(table, "original")["is_masked"]
        shown.append(masked.any() and not masked.all())
    assert sum(shown) >= 5


def test_the_attack_solves_a_table_that_is_masked_as_it_used_to_be():
    original, release = make_tables([5, 0, 0, 12, 0])
    table = compare(original, release, k=1)["glucose_by_age"]
    of_group = table["group"] == GROUPS[0]
    table.loc[(table["data"] == "original") & of_group, ["value", "records"]] = np.nan
    table.loc[(table["data"] == "original") & of_group, "is_masked"] = True
    least, most = attack(table, release, original["glucose"].sum(), GROUPS[0])
    assert most - least < 1


@pytest.mark.parametrize("suppressed", [2, 8, 20])
def test_neither_table_nor_samples_tell_what_the_suppressed_have(suppressed):
    # Whoever has the release without them would know their sum, and by many samples each number.
    original, release = make_tables([0, 6, 0, 0, 0], suppressed=suppressed)
    other = release.copy()
    hidden = other["is_suppressed"]
    other.loc[hidden, "glucose"] += 50
    other.loc[hidden, "ill"] = 1 - other.loc[hidden, "ill"]
    deletions = [20] * 10
    tables = [compare(original, each, samples=deletions) for each in (release, other)]
    for name in BOTH:
        rows = [table[name].query("data != 'original'").reset_index(drop=True) for table in tables]
        pd.testing.assert_frame_equal(*rows)
        assert rows[0]["value"].notna().any()
