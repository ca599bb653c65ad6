import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from anonify.anonymizers import mondrian
from anonify.hierarchy import build_hierarchy

SEX = build_hierarchy("sex", ["F", "M"], {})
AGE = build_hierarchy("age", ["1", "2", "3", "4"], {"intervals": [{"edges": [1, 3, 5]}]})


def anonymize(rows, k, hierarchies=(SEX, AGE)):
    """The released labels of each record."""
    records = [
        [tree.node_of[value] for tree, value in zip(hierarchies, row, strict=True)] for row in rows
    ]
    recoding = mondrian.anonymize(np.array(records), hierarchies, k, np.random.default_rng())
    assert not recoding.is_suppressed.any()
    return [
        tuple(tree.labels[node] for tree, node in zip(hierarchies, nodes, strict=True))
        for nodes in recoding.nodes.tolist()
    ]


def test_the_widest_attribute_is_split_as_long_as_every_part_keeps_k_records():
    # k = 2. Both attributes are at the root: the first one, sex, is split. In each half age is
    # the wider one and is lifted down to 1-3 and to 3-5. A further split of 1-3 would leave
    # parts of 1 and 1, of 3-5 parts of 2 and 1.
    rows = [("F", "1"), ("F", "2"), ("M", "3"), ("M", "4"), ("M", "3")]
    assert anonymize(rows, 2) == [("F", "1-3")] * 2 + [("M", "3-5")] * 3


def test_among_equally_wide_attributes_the_first_is_split():
    # Two of each sex and of each interval, but only one split keeps parts of two.
    rows = [("F", "1"), ("F", "3"), ("M", "1"), ("M", "3")]
    assert anonymize(rows, 2) == [("F", "*"), ("F", "*"), ("M", "*"), ("M", "*")]
    swapped = [row[::-1] for row in rows]
    assert anonymize(swapped, 2, (AGE, SEX)) == [
        ("1", "*"), ("3", "*"), ("1", "*"), ("3", "*")
    ]  # fmt: skip


def test_where_the_widest_attribute_leaves_too_small_a_part_the_next_is_split():
    # Sex would leave a single F. All ages are in 1-3; a split of that would leave a single 2.
    rows = [("F", "1"), ("M", "1"), ("M", "2")]
    assert anonymize(rows, 2) == [("*", "1-3")] * 3


def test_an_attribute_that_could_not_be_split_is_tried_again_in_the_parts():
    # Sex would leave a single F at first. After the split by age the records of 3-5 are all M.
    rows = [("F", "1"), ("M", "1"), ("M", "3"), ("M", "4")]
    assert anonymize(rows, 2) == [("*", "1")] * 2 + [("M", "3-5")] * 2


def test_fewer_records_than_k_stay_at_the_roots():
    assert anonymize([("F", "1"), ("F", "1")], 3) == [("*", "*")] * 2


# The method as it is written down, one record at a time


def partition_slowly(records, hierarchies, k, nodes):
    """Return (record number, nodes) for each record of the partition."""
    widths = [
        sum(node in row for row in tree.ancestors.tolist()) / tree.leaf_count
        for tree, node in zip(hierarchies, nodes, strict=True)
    ]
    for attribute in sorted(range(len(nodes)), key=lambda place: -widths[place]):
        rows = hierarchies[attribute].ancestors.tolist()
        parts = {}
        for number, leaves in records.items():
            row = rows[leaves[attribute]]
            child = row[row.index(nodes[attribute]) - 1]
            parts.setdefault(child, {})[number] = leaves
        is_leaf = nodes[attribute] < hierarchies[attribute].leaf_count
        if not is_leaf and min(map(len, parts.values())) >= k:
            return [
                pair
                for child, part in parts.items()
                for pair in partition_slowly(
                    part, hierarchies, k, [*nodes[:attribute], child, *nodes[attribute + 1 :]]
                )
            ]
    return [(number, nodes) for number in records]


@settings(max_examples=200)
@given(data=st.data())
def test_the_result_is_that_of_splitting_record_by_record(tables, data):
    table = data.draw(tables)
    records = dict(enumerate(table.records.tolist()))
    roots = [tree.root for tree in table.hierarchies]
    expected = dict(partition_slowly(records, table.hierarchies, table.k, roots))
    recoding = mondrian.anonymize(
        table.records, table.hierarchies, table.k, np.random.default_rng()
    )
    assert recoding.nodes.tolist() == [expected[number] for number in records]
