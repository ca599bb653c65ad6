"""Split trees, and the releases of greedy where it has its classes from them."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anonify.base.errors import UserError
from anonify.domains.hierarchy import hierarchy_from_rows
from anonify.methods import get_anonymizer, greedy
from anonify.recoding import split_trees
from anonify.recoding.cells import group_cells, list_lineages
from anonify.recoding.split_trees import find_candidates, share_out
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


def run(records, hierarchies, k, **options):
    return get_anonymizer("greedy", options)(records, hierarchies, k, np.random.default_rng())


def suggest(values, k):
    records = np.array([[LETTER.node_of[x], SEX.node_of[y]] for x, y in values])
    groups = group(records)
    return find(groups.tuples, groups.sizes, [LETTER, SEX], k)


def find(tuples, counts, hierarchies, k, weights=None):
    """Cells, and what trees suggest for them."""
    cells = group_cells(tuples, counts, hierarchies, k)
    pairs = zip(hierarchies, cells.nodes.T, strict=True)
    ways = [list_lineages(tree).T[:, nodes].astype(np.int32) for tree, nodes in pairs]
    weights = np.ones((1, len(ways))) if weights is None else weights
    return cells, ways, find_candidates(ways, hierarchies, cells.counts, k, weights)


def test_cells_vote_for_what_saves_most_and_every_part_is_a_candidate():
    # Four a and four b of which half are F, so all have the node ab, which (*, *) is lowered to.
    # By letter four records save 1/2 each, and by sex 1. So every cell votes for its sex, and
    # then for its letter.
    _, _, candidates = suggest(["aF", "aM", "bF", "bM"] * 2, 2)
    shown = {(LETTER.labels[letter], SEX.labels[sex]) for letter, sex in candidates.nodes.tolist()}
    inner = {("ab", "*"), ("ab", "F"), ("ab", "M")}
    assert shown == inner | {(letter, sex) for letter in "ab" for sex in "FM"}
    assert candidates.costs.tolist() == sorted(candidates.costs.tolist())


def test_a_part_has_all_that_lies_below_it_whatever_it_votes_for(monkeypatch):
    monkeypatch.setattr(split_trees, "WIDTH", 2.0)
    # Ten a save 1/2 each at ab, nine F save 1 each, and so do four M. So aF votes for F, and aM for
    # ab, though M has it, too: for M vote the others. All ten a are at ab, so this is a.
    values = ["aF"] * 9 + ["aM", "cM", "cM", "dM"]
    cells, _, candidates = suggest(values, 2)
    records = {
        (LETTER.labels[letter], SEX.labels[sex]): cells.counts[candidates.cells_of(place)].sum()
        for place, (letter, sex) in enumerate(candidates.nodes.tolist())
    }
    assert records[("a", "*")] == 10
    assert records[("*", "M")] == 4


@given(data=st.data())
def test_a_candidate_has_k_records_that_all_lie_below_it(tables, data):
    table = data.draw(tables)
    groups = group(table.records)
    trees, generator = data.draw(st.integers(1, 3)), np.random.default_rng(1)
    weights = generator.uniform(0.5, 2, (trees, len(table.hierarchies)))
    cells, ways, candidates = find(groups.tuples, groups.sizes, table.hierarchies, table.k, weights)
    assert len({tuple(nodes) for nodes in candidates.nodes.tolist()}) == len(candidates.nodes)
    for place, nodes in enumerate(candidates.nodes.tolist()):
        own = candidates.cells_of(place)
        assert len(set(own.tolist())) == len(own)
        assert cells.counts[own].sum() >= table.k
        below = [is_above(nodes, cell, table.hierarchies) for cell in cells.nodes.tolist()]
        assert sorted(own.tolist()) == np.flatnonzero(below).tolist()
    _, taken_by = share_out(ways, table.hierarchies, cells.counts, table.k, trees, generator)
    sizes = Counter()
    for place, records in zip(taken_by.tolist(), cells.counts.tolist(), strict=True):
        sizes[place] += records
    assert all(size >= table.k for place, size in sizes.items() if place >= 0)
    assert sizes[-1] < table.k


def test_a_tree_that_weighs_an_attribute_more_has_other_candidates():
    # By letter as many records save as much as by sex: the first attribute has the votes.
    records = np.array([[LETTER.node_of[x], SEX.node_of[y]] for x in "abcd" for y in "FM"] * 2)
    groups = group(records)
    found = [
        {
            tuple(nodes)
            for nodes in find(groups.tuples, groups.sizes, [LETTER, SEX], 4, weights)[
                2
            ].nodes.tolist()
        }
        for weights in ([[1, 1]], [[1, 0.5]], [[1, 1], [1, 0.5]])
    ]
    assert found[0] != found[1]
    assert found[2] == found[0] | found[1]


@pytest.mark.usefixtures("suggested")
@given(data=st.data())
def test_several_trees_keep_k_and_draw_by_the_generator_alone(tables, data):
    table = data.draw(tables)
    made = [
        get_anonymizer("greedy", {"trees": 3})(
            table.records, table.hierarchies, table.k, np.random.default_rng(seed)
        )
        for seed in (1, 1, 2)
    ]
    for each in made:
        assert min(Counter(map(tuple, each.nodes.tolist())).values()) >= table.k
    assert made[0].nodes.tolist() == made[1].nodes.tolist()


@pytest.mark.parametrize("trees", [0, 21, 1.5, True, "3"])
def test_a_wrong_number_of_trees_is_told(trees):
    with pytest.raises(
        UserError,
        match=r"^`method_options.greedy.trees` is .*; it should be a whole number from 1 to 20$",
    ):
        get_anonymizer("greedy", {"trees": trees})


@pytest.mark.usefixtures("suggested")
@given(data=st.data())
def test_narrow_levels_leave_classes_for_all(tables, data):
    table = data.draw(tables)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(split_trees, "WIDTH", 1.0)
        made = run(table.records, table.hierarchies, table.k)
    assert min(Counter(map(tuple, made.nodes.tolist())).values()) >= table.k


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
    cells, _, candidates = find(groups.tuples, groups.sizes, table.hierarchies, table.k)
    enough = data.draw(st.integers(1, len(table.records)))
    expected, taken = np.full(len(cells.counts), -1), 0
    for place in range(len(candidates.costs)):
        own = [cell for cell in candidates.cells_of(place).tolist() if expected[cell] < 0]
        if sum(cells.counts[own].tolist()) >= table.k and taken < enough:
            expected[own] = place
            taken += sum(cells.counts[own].tolist())
    taken_by = candidates.take_cheapest(cells.counts, table.k, enough)
    assert taken_by.tolist() == expected.tolist()


@pytest.mark.usefixtures("suggested")
@given(data=st.data())
def test_drawing_from_costlier_classes_never_loses_more(tables, data):
    table = data.draw(tables)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(greedy, "SHARES", ())
        before = run(table.records, table.hierarchies, table.k)
    after = run(table.records, table.hierarchies, table.k)
    assert add_up(after, table.hierarchies) <= add_up(before, table.hierarchies) + 1e-6


@pytest.mark.usefixtures("suggested")
def test_a_class_gives_way_to_a_child_that_others_join():
    # k = 2. Whatever is opened first, the four a are
    # two classes without loss in the end, and the two b of either sex are one at (b, *).
    made = suggest_release(["aF", "aF", "aM", "aM", "bF", "bM"], 2)
    assert made == {("a", "F"): 2, ("a", "M"): 2, ("b", "*"): 2}


def suggest_release(values, k):
    records = np.array([[LETTER.node_of[x], SEX.node_of[y]] for x, y in values])
    shown = run(records, [LETTER, SEX], k).nodes.tolist()
    return Counter((LETTER.labels[letter], SEX.labels[sex]) for letter, sex in shown)


def add_up(made, hierarchies):
    """Sum of the NCP of a release."""
    columns = zip(hierarchies, made.nodes.T, strict=True)
    return sum(lose(tree, node) for tree, nodes in columns for node in nodes.tolist())


def lose(tree, node):
    """NCP of a node, from the leaves below it, times the importance."""
    leaves = sum(node in way for way in tree.ancestors.tolist())
    return (0 if node < tree.leaf_count else leaves / tree.leaf_count) * tree.importance


def test_few_attributes_need_no_trees_and_draw_nothing(monkeypatch):
    monkeypatch.setattr(greedy, "share_out", None)
    records = np.array([[0, 0], [0, 0], [1, 1], [1, 1]])
    assert run(records, [LETTER, SEX], 2).nodes.tolist() == records.tolist()
