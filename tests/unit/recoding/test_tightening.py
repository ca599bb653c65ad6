"""Classes keep their records and show what is in them; plain Python reads their labels."""

import csv
import re
from dataclasses import replace
from itertools import pairwise
from random import Random

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.profile import draws
from tests.unit.conftest import draw_records, make_hierarchy, make_ranges

from anonify.base.values import MISSING, PERSON
from anonify.domains.hierarchy import Hierarchy, hierarchy_from_rows
from anonify.domains.ranges import Ranges
from anonify.domains.rules import build_hierarchy
from anonify.methods import METHODS
from anonify.recoding.recoding import Recoding, TupleRecoding, list_shown
from anonify.recoding.requirements import UnreachableError
from anonify.recoding.tightening import tighten
from anonify.releases.anonymization import anonymize_table

TAKE_NO_RANGES = {"arx", "greedy", "ola", "optimal"}
KEEP_REQUIREMENTS = {"arx", "mondrian", "ncp_mondrian", "ola"}

FRUIT = hierarchy_from_rows(
    "fruit", [[name, name[0], "*"] for name in ("apple", "apricot", "fig", "kiwi", "kumquat")]
)
AGE = build_hierarchy(
    "age", [str(age) for age in range(10)], {"intervals": [{"start": 0, "width": 5}]}
)


def show(values, nodes, domain, is_suppressed=None):
    """The labels of records of one column, by their values and the nodes that they had."""
    suppressed = np.array(is_suppressed or [False] * len(values))
    recoding = Recoding(domain.find_nodes(nodes)[:, np.newaxis], suppressed)
    tight = tighten(recoding, domain.find_nodes(values)[:, np.newaxis], [domain])
    assert tight.is_suppressed.tolist() == suppressed.tolist()
    (shown,) = list_shown(tight, [domain])
    return shown.labels_of(tight.nodes[:, 0])


def test_a_class_shows_the_set_or_the_range_of_its_values_and_a_single_value_as_it_is():
    nodes = ["a", "a", "*", "*", "k"]
    assert show(["apple", "apricot", "fig", "kiwi", "kumquat"], nodes, FRUIT) == [
        *["{apple, apricot}"] * 2,
        *["{fig, kiwi}"] * 2,
        "kumquat",
    ]
    assert show(["2", "4", "8", "8"], ["0-5", "0-5", "5-10", "5-10"], AGE) == [
        *["[2, 4]"] * 2,
        *["8"] * 2,
    ]


def test_classes_that_show_the_same_are_one():
    # Those of clusters may overlap: k = 2 keeps two classes, of which one is within the other.
    nodes = ["a", "a", "*", "*"]
    values = ["apple", "apricot", "apricot", "apple"]
    assert show(values, nodes, FRUIT) == ["{apple, apricot}"] * 4


def test_suppressed_records_stay_so_and_a_class_at_the_root_does_not():
    nodes, is_suppressed = ["*"] * 4, [True, False, False, True]
    labels = ["*", "{apple, fig}", "{apple, fig}", "*"]
    assert show(["kiwi", "fig", "apple", "fig"], nodes, FRUIT, is_suppressed) == labels
    assert show(["kiwi", "fig"], ["*"] * 2, FRUIT, [True] * 2) == ["*"] * 2


def test_a_node_that_is_narrower_than_the_range_stays():
    # Of six values two are odd, but three are from 1 to 3; with a missing one it would be all.
    groups = {"1": "odd", "2": "even", "3": "odd", "4": "even", "5": "none", MISSING: "none"}
    tree = hierarchy_from_rows("x", [[value, group, "*"] for value, group in groups.items()])
    values = ["1", "3", "2", "4", "5", MISSING]
    nodes = ["odd"] * 2 + ["even"] * 2 + ["none"] * 2
    assert show(values, nodes, tree) == nodes
    assert show(["1", "3"], ["*"] * 2, tree) == ["[1, 3]"] * 2
    assert show(["1", MISSING], ["*"] * 2, tree) == ["*"] * 2


def test_least_and_highest_levels_hold():
    least = replace(FRUIT, least_level=1)
    assert show(["apple", "fig"], ["*"] * 2, least) == ["{a, f}"] * 2
    assert show(["apple", "apricot"], ["*"] * 2, least) == ["a"] * 2
    small = hierarchy_from_rows("x", [[value, "any", "*"] for value in "ab"])
    assert show(["a", "b"], ["any"] * 2, replace(small, most_level=1)) == ["any"] * 2


def test_portions_of_a_tuple_show_what_their_own_classes_have():
    # Of the apples one goes to the class of the fig, the others make one of their own.
    tuples = FRUIT.find_nodes(["apple", "fig"])[:, np.newaxis]
    recoding = TupleRecoding(
        np.array([0, 0, 1]),
        np.array([2, 1, 1]),
        FRUIT.find_nodes(["a", "*", "*"])[:, np.newaxis],
        np.zeros(3, dtype=bool),
        {"gap": 0},
    )
    tight = tighten(recoding, tuples[recoding.tuples], [FRUIT])
    (shown,) = tight.domains
    assert shown.labels_of(tight.nodes[:, 0]) == ["apple", *["{apple, fig}"] * 2]
    assert (tight.records.tolist(), tight.facts) == ([2, 1, 1], {"gap": 0})


def make_numbers(random, attribute):
    """A hierarchy over numbers, whose nodes have others between them or not."""
    values = [str(number) for number in random.sample(range(-9, 20), random.randint(1, 8))]
    values += [MISSING] if random.random() < 0.4 else []
    if random.random() < 0.5:
        values.sort(key=lambda value: float(value or 99))
    groups = {value: random.choice("AB") if random.random() < 0.5 else "C" for value in values}
    return hierarchy_from_rows(
        attribute, [[value, group, f"{group > 'A'}", "*"] for value, group in groups.items()]
    )


def make_domain(random, attribute, has_ranges):
    makers = [make_hierarchy, make_numbers, *[make_ranges] * has_ranges]
    domain = random.choice(makers)(random, attribute)
    if isinstance(domain, Ranges) or random.random() < 0.5:
        return domain
    least = random.randint(0, domain.height)
    return replace(domain, least_level=least, most_level=random.randint(least, domain.height))


def list_values(label, domain):
    """The values that a label stands for."""
    rows = domain.rows.tolist()
    values = {row[0] for row in rows if label in row}
    if values and not (isinstance(domain, Ranges) and domain.edges and label):
        return values
    if label == "*":
        return {row[0] for row in rows}
    if label[0] == "{":
        (members,) = csv.reader([label[1:-1]], skipinitialspace=True)
        assert len(members) > 1
        return set().union(*(list_values(member, domain) for member in members))
    low, high = map(float, re.fullmatch(r"\[(\S+), (\S+)[\[\]]", label).groups())
    numbers = {row[0]: float(row[0]) for row in rows if row[0]}
    return {
        value
        for value, number in numbers.items()
        if low <= number < high or (number == high and label[-1] == "]")
    }


def expect_values(values, domain):
    """The values that a class with these should stand for, by the levels and edges alone."""
    rows = {row[0]: row for row in domain.rows.tolist()}
    if isinstance(domain, Ranges):
        if len(values) == 1 and (not domain.edges or MISSING in values):
            return values
        if MISSING in values:
            return {*rows}
        if not domain.edges:
            return {v for v in rows if v and lowest(values) <= float(v) <= highest(values)}
        edges = [float(edge) for edge in domain.edges]
        low = max(edge for edge in edges[:-1] if edge <= lowest(values))
        above = [edge for edge in edges if edge > highest(values)]
        return {v for v in rows if v and low <= float(v) < min(above, default=np.inf)}
    units = {rows[value][domain.least_level] for value in values}
    if len(units) > 1 and has_order(domain, rows):
        if MISSING in values:
            top = rows[min(values)][domain.last_level]
            return {value for value, row in rows.items() if row[domain.last_level] == top}
        return {v for v in rows if v and lowest(values) <= float(v) <= highest(values)}
    return {value for value, row in rows.items() if row[domain.least_level] in units}


def lowest(values):
    return min(map(float, values))


def highest(values):
    return max(map(float, values))


def has_order(domain, rows):
    """Whether values are shown as ranges: numbers, of which those below a highest node are next."""
    if domain.least_level or not all(re.fullmatch(r"-?\d+", value) for value in rows if value):
        return False
    tops = [rows[value][domain.last_level] for value in sorted(filter(None, rows), key=float)]
    changes = sum(one != other for one, other in pairwise(tops))
    return changes == max(len({*tops}) - 1, 0)


@settings(max_examples=draws(400))
@given(seed=st.integers(0, 2**32), method=st.sampled_from(METHODS))
def test_each_class_shows_what_it_has_and_none_gets_smaller_or_loses_more(seed, method):
    random = Random(seed)
    has_ranges = method not in TAKE_NO_RANGES
    domains = [make_domain(random, name, has_ranges) for name in "abc"[: random.randint(1, 3)]]
    records = draw_records(random, domains, 4)
    by_name = {domain.attribute: domain for domain in domains}
    columns = zip(by_name.items(), records.T, strict=True)
    frame = pd.DataFrame(
        {name: pd.Categorical(domain.labels_of(leaves)) for (name, domain), leaves in columns}
    )
    frame["ill"] = [random.choice("xyz") for _ in records]
    if random.random() < 0.3:
        frame[PERSON] = [random.randint(0, 9) for _ in records]
    rules = [
        {"attribute": "ill", "model": "distinct_l_diversity", "l": 2},
        {"attribute": "ill", "model": "entropy_l_diversity", "l": 1.5},
        {"attribute": "ill", "model": "recursive_l_diversity", "l": 2, "c": 3},
        {"attribute": "ill", "model": "t_closeness", "t": 0.3},
    ]
    asked = {"requirements": [random.choice(rules)]} if method in KEEP_REQUIREMENTS else {}
    k = random.randint(2, 4)
    made = []
    for labels in ("nodes", "sets"):
        generator = np.random.default_rng(seed)
        try:
            made.append(
                anonymize_table(frame, by_name, method, k, generator, labels=labels, **asked)
            )
        except UnreachableError:
            assert not made
            return
    before, after = (each.frame for each in made)
    assert before["is_suppressed"].tolist() == after["is_suppressed"].tolist()
    if method == "ncp_mondrian":
        pd.testing.assert_frame_equal(before, after)
        return
    names = list(by_name)
    kept = ~before["is_suppressed"]
    for key, members in before[kept].groupby(names, observed=True):
        rows = members.index
        (shown,) = after.loc[rows, names].drop_duplicates().itertuples(index=False)
        for name, node, label in zip(names, key, shown, strict=True):
            domain = by_name[name]
            expected = expect_values({*frame.loc[rows, name]}, domain)
            narrow = list_values(label, domain)
            if isinstance(domain, Hierarchy) and len(list_values(node, domain)) < len(expected):
                assert label == node
            else:
                assert narrow == expected, (label, node, expected)
    assert made[1].found.achieved_k >= made[0].found.achieved_k
    assert made[1].found.classes <= made[0].found.classes
    assert measure(made[1], domains) <= measure(made[0], domains) + 1e-12


def measure(made, domains):
    recoding = made.recoding
    columns = zip(list_shown(recoding, domains), recoding.nodes.T, strict=True)
    return np.mean([domain.ncp_of(nodes) for domain, nodes in columns])


@pytest.mark.parametrize("method", ["mondrian", "k_member"])
def test_numbers_between_edges_are_shown_as_ranges_that_end_there(method):
    domain = Ranges("x", ("1", "2", "7", "9"), ("0", "3", "5", "8", "10"))
    frame = pd.DataFrame({"x": pd.Categorical(["1", "2", "7", "7"])})
    generator = np.random.default_rng(1)
    made = anonymize_table(frame, {"x": domain}, method, 2, generator, labels="sets")
    assert made.frame["x"].tolist() == ["[0, 3["] * 2 + ["[5, 8["] * 2
