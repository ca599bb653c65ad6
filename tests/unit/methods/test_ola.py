from collections import Counter, defaultdict
from itertools import chain, product
from math import log2
from random import Random
from statistics import mean

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array
from tests.profile import draws

from anonify.base.errors import UserError
from anonify.domains.hierarchy import hierarchy_from_rows
from anonify.domains.rules import build_hierarchy
from anonify.methods import get_anonymizer
from anonify.recoding.requirements import make_requirement

SEX = build_hierarchy("sex", ["F", "M"], {})
AGE = build_hierarchy("age", ["1", "2", "3", "4"], {"intervals": [{"edges": [1, 3, 5]}]})
CRITERIA = ["entropy", "entropy_bits", "precision", "loss", "discernibility", "average_class_size"]


def anonymize(rows, k, **options):
    """The released labels of each record, and the facts."""
    records = np.array([[SEX.node_of[sex], AGE.node_of[age]] for sex, age in rows])
    recoding = get_anonymizer("ola", options)(records, [SEX, AGE], k, np.random.default_rng())
    labels = [(SEX.labels[sex], AGE.labels[age]) for sex, age in recoding.nodes.tolist()]
    return labels, recoding


ROWS = [("F", "1"), ("F", "2"), ("F", "3"), ("F", "3"), ("M", "3"), ("M", "4")]


def test_the_least_loss_without_suppression():
    # k = 2. Ages in 1-3 and 3-5 give F 1-3 (2), F 3-5 (2), M 3-5 (2): loss (0 + 1/2) / 2.
    # Ages as they are leave singles; sex as * with ages as they are, too (1, 2 and 4).
    labels, recoding = anonymize(ROWS, 2, suppression_limit=0, criterion="loss")
    assert labels == [("F", "1-3")] * 2 + [("F", "3-5")] * 2 + [("M", "3-5")] * 2
    assert recoding.facts["levels"] == "sex 0, age 1"
    assert recoding.facts["loss"] == 25


def test_what_may_be_suppressed_need_not_be_generalized():
    # Two thirds may go: ages stay, the two F of age 3 are the only class of two.
    labels, recoding = anonymize(ROWS, 2, suppression_limit=67, criterion="loss")
    assert labels == [("*", "*")] * 2 + [("F", "3")] * 2 + [("*", "*")] * 2
    assert recoding.is_suppressed.tolist() == [True, True, False, False, True, True]
    # 4 of 6 records are 66.67 %.
    assert anonymize(ROWS, 2, suppression_limit=66, criterion="loss")[1].facts["loss"] > 0


# k = 3 and one record may go. Ages in 1-3 and 3-5 give F 1-3 (2), M 1-3 (1), F 3-5 (3): three go.
# Sex as * with ages as they are leaves no class of three. Feasible are age as * with 5 F and 1 M,
# both in part with 3 and 3, and both as * with 6.
UNEVEN = [("F", "1"), ("F", "2"), ("M", "1"), ("F", "3"), ("F", "4"), ("F", "3")]


@pytest.mark.parametrize(
    ("criterion", "value", "levels"),
    [
        # (0 + 1) / 2 is less than (1 + 1/2) / 2.
        ("loss", 50, "sex 0, age 2"),
        # 3² + 3² is less than 5² + 1², where the suppressed M is charged as a class of one.
        ("discernibility", 18, "sex 1, age 1"),
        # Two classes both ways, and 0 + 2 levels as many as 1 + 1: the first attribute is lower.
        ("average_class_size", 3, "sex 0, age 2"),
    ],
)
def test_the_criteria_differ(criterion, value, levels):
    _, recoding = anonymize(UNEVEN, 3, suppression_limit=17, criterion=criterion)
    assert recoding.facts[criterion] == value
    assert recoding.facts["levels"] == levels
    assert recoding.is_suppressed.sum() == (levels == "sex 0, age 2")


def test_precision_is_reported_as_the_share_that_is_kept():
    _, recoding = anonymize(ROWS, 2, suppression_limit=0, criterion="precision")
    # Level 0 of 1 and level 1 of 2.
    assert recoding.facts["precision"] == 0.75


def test_fewer_records_than_k_are_suppressed():
    _, recoding = anonymize(ROWS[:1], 2, suppression_limit=0)
    assert recoding.is_suppressed.tolist() == [True]


def test_a_limit_beyond_100_is_told():
    with pytest.raises(UserError, match="suppression_limit` is 101; it should be per cent"):
        anonymize(ROWS, 2, suppression_limit=101)


def test_precision_may_be_better_above_what_is_feasible():
    # k = 2. At levels 0 and 1, b and c stand alone. At level 2 they are C, which begins there, and
    # a is P, which begins at level 1: (1 + 1 + 2 + 2) / 4 records / 4 levels. At level 3 all are P.
    rows = [["a", "P", "P", "P", "*"], ["b", "b", "C", "P", "*"], ["c", "c", "C", "P", "*"]]
    anonymize = get_anonymizer("ola", {"suppression_limit": 0, "criterion": "precision"})
    recoding = anonymize(
        np.array([[0], [0], [1], [2]]), [hierarchy_from_rows("name", rows)], 2, None
    )
    assert recoding.facts["levels"] == "name 3"
    assert recoding.facts["precision"] == 1 - 1 / 4


# Against all transformations, with the criteria as they are defined


def anonymize_slowly(records, hierarchies, limit, criterion, are_allowed):
    """The criterion and levels of the best transformation, and the records it suppresses."""
    tables = [
        [average_penalty(criterion, tree, leaves, level) for level in range(tree.height + 1)]
        for tree, leaves in zip(hierarchies, records.T.tolist(), strict=True)
    ]
    feasible = []
    for levels in product(*(range(tree.height + 1) for tree in hierarchies)):
        columns = [
            tree.ancestors[leaves, level].tolist()
            for tree, leaves, level in zip(hierarchies, records.T, levels, strict=True)
        ]
        classes = defaultdict(list)
        for record, nodes in enumerate(zip(*columns, strict=True)):
            classes[nodes].append(record)
        suppressed = sorted(chain(*(each for each in classes.values() if not are_allowed(each))))
        if 100 * len(suppressed) > limit * len(records):
            continue
        if criterion == "discernibility":
            value = sum(len(each) ** 2 for each in classes.values())
        elif criterion == "average_class_size":
            value = len(records) / len(classes)
        elif criterion == "entropy_bits":
            value = round(sum(table[level] for table, level in zip(tables, levels, strict=True)), 6)
        else:
            value = mean(table[level] for table, level in zip(tables, levels, strict=True))
        feasible.append((round(value, 9), sum(levels), levels, suppressed))
    value, _, levels, suppressed = min(feasible)
    names = [tree.attribute for tree in hierarchies]
    chosen = ", ".join(f"{name} {level}" for name, level in zip(names, levels, strict=True))
    return value, chosen, suppressed


def average_penalty(criterion, tree, leaves, level):
    """The part of one attribute in a criterion that looks at each attribute for itself."""
    paths = tree.ancestors.tolist()
    nodes = [paths[leaf][level] for leaf in leaves]
    if criterion == "precision":
        lowest = {node: min(p.index(node) for p in paths if node in p) for node in nodes}
        return mean(lowest[node] / tree.height for node in nodes)
    covered = {node: [leaf for leaf, path in enumerate(paths) if node in path] for node in nodes}
    if criterion == "loss":
        leaf_nodes = range(len(paths))
        return mean(0 if n in leaf_nodes else 100 * len(covered[n]) / len(paths) for n in nodes)
    records = Counter(leaves)
    most = sum(log2(len(leaves) / records[leaf]) for leaf in leaves)
    bits = sum(
        log2(sum(records[other] for other in covered[node]) / records[leaf])
        for leaf, node in zip(leaves, nodes, strict=True)
    )
    if criterion == "entropy_bits":
        return bits
    return 100 * bits / most if most else 0.0


def make_ragged(tree, random):
    """A hierarchy of the same nodes that begin at another level for each leaf.

    Each node turns into its parent at one level of its own, so that the levels nest.
    """
    ends = [0] * tree.root
    for node in range(tree.root):
        ends[node] += random.randint(1, 2)
        parent = tree.parent[node]
        if parent != tree.root:
            ends[parent] = max(ends[parent], ends[node])
    rows = [
        [
            next((node for node in path if node < tree.root and level < ends[node]), tree.root)
            for level in range(max(ends) + 1)
        ]
        for path in tree.ancestors.tolist()
    ]
    return hierarchy_from_rows(tree.attribute, [tree.labels_of(np.array(row)) for row in rows])


def check(table, limit, criterion, requirements=()):
    options = {"suppression_limit": limit, "criterion": criterion}
    anonymize = get_anonymizer("ola", options, requirements)
    recoding = anonymize(table.records, table.hierarchies, table.k, None)
    frequencies = [each.frequencies.toarray() for each in requirements]

    def are_allowed(records):
        return len(records) >= table.k and all(
            each.is_met(csr_array(rows[records].sum(axis=0, keepdims=True)))
            for each, rows in zip(requirements, frequencies, strict=True)
        )

    value, levels, suppressed = anonymize_slowly(
        table.records, table.hierarchies, limit, criterion, are_allowed
    )
    assert recoding.facts["levels"] == levels
    expected = 1 - value if criterion == "precision" else value
    assert recoding.facts[criterion] == pytest.approx(expected)
    assert np.flatnonzero(recoding.is_suppressed).tolist() == suppressed


limits = st.sampled_from([0, 10, 30, 60])


@pytest.mark.parametrize("criterion", CRITERIA)
@given(data=st.data(), limit=limits)
def test_it_is_the_optimum_of_the_lattice(tables, criterion, data, limit):
    check(data.draw(tables), limit, criterion)


@pytest.mark.parametrize("criterion", CRITERIA)
@settings(max_examples=draws(50))
@given(data=st.data(), limit=limits, seed=st.integers(0, 2**32))
def test_it_is_the_optimum_where_leaves_lie_at_different_depths(
    tables, criterion, data, limit, seed
):
    table, random = data.draw(tables), Random(seed)
    table.hierarchies = [make_ragged(tree, random) for tree in table.hierarchies]
    check(table, limit, criterion)


@pytest.mark.parametrize("criterion", ["loss", "precision", "discernibility"])
@pytest.mark.parametrize(
    "model",
    ["distinct_l_diversity", "entropy_l_diversity", "recursive_l_diversity", "t_closeness"],
)
@settings(max_examples=draws(50))
@given(data=st.data(), limit=limits, seed=st.integers(0, 2**32))
def test_it_is_the_optimum_where_merging_may_break_a_requirement(
    tables, criterion, model, data, limit, seed
):
    table, random = data.draw(tables), Random(seed)
    table.hierarchies = [make_ragged(tree, random) for tree in table.hierarchies]
    sensitive = pd.Series(random.choices("aabbc", k=len(table.records)))
    rule = {"attribute": "illness", "model": model, "l": 2, "c": 3, "t": 0.3}
    try:
        requirement = make_requirement(rule, sensitive)
    except UserError:
        assume(False)
    check(table, limit, criterion, [requirement])
