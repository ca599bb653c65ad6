"""Split trees, and the releases of greedy where it has its classes from them."""

from collections import Counter
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anonify.domains.hierarchy import hierarchy_from_rows
from anonify.methods import get_anonymizer, greedy
from anonify.recoding.cells import group_cells
from anonify.recoding.split_trees import share_out
from anonify.tables.classes import group

# NCP: ab 2/4, cd 2/4, * 1.
LETTER = hierarchy_from_rows(
    "letter", [["a", "ab", "*"], ["b", "ab", "*"], ["c", "cd", "*"], ["d", "cd", "*"]]
)
SEX = hierarchy_from_rows("sex", [["F", "*"], ["M", "*"]])


@pytest.fixture
def suggested(monkeypatch):
    """Classes of all tables come from split trees."""
    monkeypatch.setattr(greedy, "MOST_LISTED", 0)


def run(records, hierarchies, k, seed=0, **options):
    generator = np.random.default_rng(seed)
    return get_anonymizer("greedy", options)(records, hierarchies, k, generator)


def suggest(values, k):
    records = np.array([[LETTER.node_of[x], SEX.node_of[y]] for x, y in values])
    groups = group(records)
    cells = group_cells(groups.tuples, groups.sizes, [LETTER, SEX], k)
    return cells, *share_out(cells, [LETTER, SEX], k, np.random.default_rng(1))


def test_a_part_is_split_where_most_is_saved_and_every_part_is_a_candidate():
    # Four a and four b of which half are F: by sex 8 records save 1 each, and by letter, of
    # which all have the node ab, 8 save 1/2. So the root part (ab, *) has (ab, F) and (ab, M)
    # below it, and these the four values of two records. By letter first come (a, *) and (b, *).
    _, candidates, _ = suggest(["aF", "aM", "bF", "bM"] * 2, 2)
    shown = {(LETTER.labels[letter], SEX.labels[sex]) for letter, sex in candidates.nodes.tolist()}
    assert {("ab", "*"), ("ab", "F"), ("ab", "M"), ("a", "F"), ("b", "M")} <= shown
    assert candidates.costs[0] == 0
    assert all(one <= other for one, other in pairwise(candidates.costs))


def test_the_cheapest_candidates_take_what_is_free():
    # The two aF and the two dM are classes without loss; b and c, with F both, are left to
    # (*, F), which is no candidate for more than these two.
    cells, candidates, taken_by = suggest(["aF", "aF", "dM", "dM", "bF", "cF"], 2)
    taken = [tuple(candidates.nodes[place].tolist()) for place in taken_by]
    of_cell = dict(zip(map(tuple, cells.nodes.tolist()), taken, strict=True))
    same = {(LETTER.node_of["a"], 0), (LETTER.node_of["d"], 1)}
    assert {nodes for nodes in of_cell if of_cell[nodes] == nodes} == same
    rest = {of_cell[nodes] for nodes in of_cell if nodes not in same}
    assert rest == {(LETTER.root, 0)}


@given(data=st.data())
def test_a_candidate_has_k_records_that_all_lie_below_it(tables, data):
    table = data.draw(tables)
    groups = group(table.records)
    cells = group_cells(groups.tuples, groups.sizes, table.hierarchies, table.k)
    candidates, taken_by = share_out(cells, table.hierarchies, table.k, np.random.default_rng(3))
    for place, nodes in enumerate(candidates.nodes.tolist()):
        own = candidates.cells_of(place)
        assert len(set(own.tolist())) == len(own)
        assert cells.counts[own].sum() >= table.k
        assert all(is_above(nodes, cell, table.hierarchies) for cell in cells.nodes[own].tolist())
    sizes = Counter()
    for place, records in zip(taken_by.tolist(), cells.counts.tolist(), strict=True):
        sizes[place] += records
    assert all(size >= table.k for place, size in sizes.items() if place >= 0)


def is_above(nodes, others, hierarchies):
    """Whether each node is another or above it, by going up parent by parent."""
    for node, other, tree in zip(nodes, others, hierarchies, strict=True):
        while other not in (node, tree.root):
            other = int(tree.parent[other])
        if other != node:
            return False
    return True


@pytest.mark.usefixtures("suggested")
@pytest.mark.parametrize("remainder", ["generalize", "suppress"])
@given(data=st.data())
def test_classes_have_k_records_and_cover_them(remainder, tables, data):
    table = data.draw(tables)
    made = run(table.records, table.hierarchies, table.k, remainder=remainder)
    kept = ~made.is_suppressed
    assert all(size >= table.k for size in Counter(map(tuple, made.nodes[kept].tolist())).values())
    assert made.is_suppressed.sum() < (table.k if remainder == "suppress" else 1)
    for leaves, nodes in zip(table.records.tolist(), made.nodes.tolist(), strict=True):
        assert is_above(nodes, leaves, table.hierarchies)


@pytest.mark.usefixtures("suggested")
@given(data=st.data())
def test_the_order_of_records_does_not_matter(tables, data):
    table = data.draw(tables)
    once, again, turned = (
        run(records, table.hierarchies, table.k)
        for records in (table.records, table.records, table.records[::-1])
    )
    assert once.nodes.tolist() == again.nodes.tolist()
    assert sorted(once.nodes.tolist()) == sorted(turned.nodes.tolist())


@given(data=st.data())
def test_candidates_take_cells_as_plain_code_lets_them(tables, data):
    table = data.draw(tables)
    groups = group(table.records)
    cells = group_cells(groups.tuples, groups.sizes, table.hierarchies, table.k)
    candidates, _ = share_out(cells, table.hierarchies, table.k, np.random.default_rng(3))
    expected = np.full(len(cells.counts), -1)
    for place in range(len(candidates.costs)):
        own = [cell for cell in candidates.cells_of(place).tolist() if expected[cell] < 0]
        if sum(cells.counts[own].tolist()) >= table.k:
            expected[own] = place
    taken_by = candidates.take_cheapest(cells.counts, np.arange(len(cells.counts)), table.k)
    assert taken_by.tolist() == expected.tolist()


@pytest.mark.usefixtures("suggested")
@given(data=st.data())
def test_drawing_from_costlier_classes_never_loses_more(tables, data):
    table = data.draw(tables)
    groups = group(table.records)
    cells = group_cells(groups.tuples, groups.sizes, table.hierarchies, table.k)
    candidates, taken_by = share_out(cells, table.hierarchies, table.k, np.random.default_rng(0))
    made = run(table.records, table.hierarchies, table.k)
    columns = zip(table.hierarchies, made.nodes.T, strict=True)
    loss = sum(lose(tree, node) for tree, nodes in columns for node in nodes.tolist())
    before = 0.0
    for place, records in zip(taken_by.tolist(), cells.counts.tolist(), strict=True):
        pairs = zip(table.hierarchies, candidates.nodes[place].tolist(), strict=True)
        before += records * sum(lose(tree, node) for tree, node in pairs)
    assert loss <= before + 1e-6 or (taken_by < 0).any()


def lose(tree, node):
    """NCP of a node, from the leaves below it, times the importance."""
    leaves = sum(node in way for way in tree.ancestors.tolist())
    return (0 if node < tree.leaf_count else leaves / tree.leaf_count) * tree.importance


def test_few_attributes_need_no_trees_and_draw_nothing(monkeypatch):
    monkeypatch.setattr(greedy, "share_out", None)
    records = np.array([[0, 0], [0, 0], [1, 1], [1, 1]])
    assert run(records, [LETTER, SEX], 2).nodes.tolist() == records.tolist()


@pytest.mark.usefixtures("suggested")
def test_the_weights_follow_from_the_seed():
    generator = np.random.default_rng(5)
    trees = [
        hierarchy_from_rows(f"a{place}", [[f"{place}{value}", "*"] for value in range(4)])
        for place in range(9)
    ]
    records = generator.integers(0, 4, (300, 9)) // generator.integers(1, 4, 9)
    made = [run(records, trees, 5, seed).nodes.tolist() for seed in (1, 1, 2)]
    assert made[0] == made[1] != made[2]
