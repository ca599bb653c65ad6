import numpy as np
import pytest

from anonify.domains.rules import build_hierarchy
from anonify.recoding.cells import Allocation, group_cells, recode

SEX = build_hierarchy("sex", ["F", "M"], {})
AGE = build_hierarchy("age", ["1", "2", "3", "4"], {"intervals": [{"edges": [1, 3, 5]}]})


def test_tuples_that_differ_in_rare_values_are_one_cell():
    # k = 3. Of age 1 there are three records, of 2 and 3 one each and of 4 two: 2 becomes 1-3,
    # where there are four, and both 3 and 4 become 3-5, where there are three.
    cells = group_cells(np.array([[0], [1], [2], [3]]), np.array([3, 1, 1, 2]), [AGE], 3)
    assert AGE.labels_of(cells.nodes[:, 0]) == ["1", "1-3", "3-5"]
    assert cells.counts.tolist() == [3, 1, 3]
    assert cells.members.tolist() == [0, 1, 2, 2]


def allocate(records, nodes):
    """Cell 0 of tuples 0 and 2, with three and two records; cell 1 of tuple 1, with four."""
    return Allocation(np.array([0, 1, 0]), np.array([0, 1, 0]), np.array(nodes), np.array(records))


COUNTS = np.array([3, 4, 2])


@pytest.mark.parametrize(
    ("records", "portions"),
    [
        # Of the five records of cell 0 the first four go to 3-5: all of tuple 0, one of tuple 2.
        ([4, 4, 1], [(0, 3, "3-5"), (1, 4, "1"), (2, 1, "*"), (2, 1, "3-5")]),
        ([1, 4, 4], [(0, 1, "3-5"), (0, 2, "*"), (1, 4, "1"), (2, 2, "*")]),
        ([5, 4, 0], [(0, 3, "3-5"), (1, 4, "1"), (2, 2, "3-5")]),
        ([0, 4, 5], [(0, 3, "*"), (1, 4, "1"), (2, 2, "*")]),
    ],
)
def test_the_tuples_of_a_cell_go_to_its_portions_in_their_order(records, portions):
    nodes = [AGE.node_of[label] for label in ("3-5", "1", "*")]
    allocation = allocate(records, [[node] for node in nodes])
    recoding = recode(allocation, COUNTS, [AGE], 2, "generalize", {})
    labels = AGE.labels_of(recoding.nodes[:, 0])
    found = zip(recoding.tuples.tolist(), recoding.records.tolist(), labels, strict=True)
    assert sorted(found) == sorted(portions)
    assert not recoding.is_suppressed.any()


@pytest.mark.parametrize(("k", "suppressed"), [(2, 0), (3, 2)])
def test_fewer_than_k_records_at_the_roots_are_suppressed_where_they_may_be(k, suppressed):
    # Two records of cell 0 are at the roots in both attributes.
    roots, other = [SEX.root, AGE.root], [SEX.root, AGE.node_of["1-3"]]
    allocation = allocate([3, 4, 2], [other, other, roots])
    recoding = recode(allocation, COUNTS, [SEX, AGE], k, "suppress", {})
    assert recoding.records[recoding.is_suppressed].sum() == suppressed
    assert not recode(allocation, COUNTS, [SEX, AGE], k, "generalize", {}).is_suppressed.any()
