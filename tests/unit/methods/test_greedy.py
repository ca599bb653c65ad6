from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anonify.domains.hierarchy import hierarchy_from_rows
from anonify.methods import get_anonymizer

# NCP: ab 2/5, cde 3/5, * 1.
NAME = hierarchy_from_rows(
    "name",
    [["a", "ab", "*"], ["b", "ab", "*"], ["c", "cde", "*"], ["d", "cde", "*"], ["e", "cde", "*"]],
)


def anonymize(values, k, **options):
    """The released labels of names, sorted, and how many records are suppressed."""
    records = np.array([[NAME.node_of[value]] for value in values])
    recoding = run(records, [NAME], k, **options)
    released = sorted(NAME.labels[node] for node in recoding.nodes[:, 0])
    return released, int(recoding.is_suppressed.sum())


def run(records, hierarchies, k, **options):
    return get_anonymizer("greedy", options)(records, hierarchies, k, np.random.default_rng())


def test_the_cheapest_classes_come_first():
    # k = 2. The two a are a class without any loss. Of what is left, c and d would share cde at
    # 3/5, and b, c, d the root at 1: so cde is next. That leaves b, which may not stay alone at
    # the root. The costliest class gives it company, all of it, because with one record less cde
    # would be too small. These three lose 1 each.
    # Classes at ab and cde would lose less together, 12/5, but it takes both at once.
    assert anonymize("aabcd", 2) == (["*", "*", "*", "a", "a"], 0)


def test_a_frequent_value_keeps_a_rare_one_company():
    # k = 2. The four a are a class; b alone may not stay at the root, so one a joins it there,
    # at a loss of 2. Then ab is opened for these two, which lose 2/5 each there.
    assert anonymize("aaaab", 2) == (["a", "a", "a", "ab", "ab"], 0)


def test_records_that_no_class_takes_are_suppressed_if_they_may_be():
    # k = 2. Only the root covers a and c. To give c company costs 1 more than to suppress it.
    assert anonymize("aaac", 2) == (["*", "*", "a", "a"], 0)
    assert anonymize("aaac", 2, remainder="suppress") == (["*", "a", "a", "a"], 1)


def test_k_records_at_the_roots_are_a_class_and_not_suppressed():
    assert anonymize("ac", 2, remainder="suppress") == (["*", "*"], 0)


def test_fewer_records_than_k_are_one_class_unless_they_may_be_suppressed():
    assert anonymize("aa", 3) == (["*", "*"], 0)
    assert anonymize("aa", 3, remainder="suppress") == (["*", "*"], 2)


@pytest.mark.parametrize("remainder", ["generalize", "suppress"])
@given(data=st.data())
def test_no_record_could_move_to_a_cheaper_class(remainder, tables, data):
    table = data.draw(tables)
    recoding = run(table.records, table.hierarchies, table.k, remainder=remainder)
    sizes = Counter(map(tuple, recoding.nodes.tolist()))
    roots = tuple(tree.root for tree in table.hierarchies)
    for leaves, nodes in zip(table.records.tolist(), recoding.nodes.tolist(), strict=True):
        least = 0 if remainder == "suppress" and tuple(nodes) == roots else table.k
        if sizes[tuple(nodes)] <= least:
            continue
        for other in sizes:
            if covers(other, leaves, table.hierarchies):
                assert cost(other, table.hierarchies) >= cost(nodes, table.hierarchies) - 1e-6


@pytest.mark.parametrize("remainder", ["generalize", "suppress"])
@given(data=st.data())
def test_only_fewer_than_k_records_at_the_roots_are_suppressed(remainder, tables, data):
    table = data.draw(tables)
    recoding = run(table.records, table.hierarchies, table.k, remainder=remainder)
    sizes = Counter(map(tuple, recoding.nodes.tolist()))
    roots = tuple(tree.root for tree in table.hierarchies)
    may_be_suppressed = remainder == "suppress" and sizes[roots] < table.k
    assert recoding.is_suppressed.sum() == (sizes[roots] if may_be_suppressed else 0)
    assert all(size >= table.k for nodes, size in sizes.items() if nodes != roots)


def covers(nodes, leaves, hierarchies):
    return all(
        node in tree.ancestors[leaf]
        for node, leaf, tree in zip(nodes, leaves, hierarchies, strict=True)
    )


def cost(nodes, hierarchies):
    return sum(tree.ncp[node] for node, tree in zip(nodes, hierarchies, strict=True))
