from random import Random

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from tests.unit.conftest import make_hierarchy

from anonify.base.errors import UserError
from anonify.domains.domain import encode_shown, find_covered, find_shown
from anonify.domains.hierarchy import hierarchy_from_rows
from anonify.domains.ranges import Ranges
from anonify.domains.rules import build_hierarchy
from anonify.domains.sets import Sets, find_places, gather_sets, join_nodes
from anonify.verification.sets import Sets as VerifiedSets

FRUIT = build_hierarchy(
    "fruit", ["fig", "apple", "kiwi", ""], {"tree": {"a-f": ["apple", "fig"], "g-l": ["kiwi"]}}
)
AGE = build_hierarchy("age", ["9", "10", "2", ""], {"tree": {"low": ["2"], "high": ["9", "10"]}})
DAY = build_hierarchy("day", ["2020-01-31", "2019-05-01"], {})


def make_sets(whole, *members):
    """The domain of some sets, and the node of each."""
    places = find_places(whole)
    return gather_sets(whole, [join_nodes(places, whole.find_nodes(each)) for each in members])


def label(whole, *members):
    sets, nodes = make_sets(whole, members)
    return sets.labels_of(nodes)[0]


def test_values_are_shown_in_the_order_of_the_hierarchy():
    assert label(FRUIT, "kiwi", "fig") == "{fig, kiwi}"
    assert label(FRUIT, "", "apple") == '{apple, ""}'


def test_numbers_from_one_to_another_are_shown_as_a_range():
    assert label(AGE, "10", "9") == "[9, 10]"
    assert label(AGE, "10", "2") == "{2, 10}"
    assert label(AGE, "10", "9", "") == '{9, 10, ""}'


def test_dates_are_shown_in_their_order():
    whole = build_hierarchy("day", ["2020-01-31", "2019-05-01", "2021-01-01"], {})
    assert label(whole, "2020-01-31", "2019-05-01") == "{2019-05-01, 2020-01-31}"


def test_nodes_are_members_too():
    assert label(AGE, "high", "") == '{"", high}'
    assert label(FRUIT, "g-l", "fig") == "{fig, g-l}"


def test_a_set_of_all_values_is_the_root_and_one_of_a_node_is_that_node():
    assert label(FRUIT, "fig", "apple", "kiwi", "") == "*"
    assert label(FRUIT, "a-f", "g-l", "") == "*"
    assert label(FRUIT, "fig") == "fig"
    assert label(FRUIT, "a-f") == "a-f"


def test_the_loss_of_a_set_is_its_share_of_the_values():
    sets, nodes = make_sets(FRUIT, ["fig", "kiwi"], ["a-f", "kiwi"], ["fig"], ["a-f"])
    assert sets.ncp_of(nodes).tolist() == [0.5, 0.75, 0, 0.5]
    assert sets.count_below(nodes, np.array([1, 10, 100, 1000])).tolist() == [110, 111, 10, 11]


def test_bounds_are_those_of_the_numbers_that_a_set_has():
    sets, nodes = make_sets(AGE, ["2", "10"], ["9", "10", ""], ["high", ""], [""], ["2", ""])
    infinite = float("inf")
    assert sets.bounds_of(nodes).tolist() == [
        [2, 10], [9, 10], [9, 10], [infinite, -infinite], [2, 2]
    ]  # fmt: skip


@pytest.mark.parametrize(
    "wrong",
    [
        "{fig}",
        "{fig, fig}",
        "{fig, pear}",
        "{fig,kiwi}",
        "{fig, kiwi",
        "{fig, }",
        "{}",
        "{a-f, fig}",
    ],
)
def test_what_is_no_set_of_values_is_told(wrong):
    with pytest.raises(UserError, match="'fruit', record 2"):
        encode_shown(pd.Series(["{fig, kiwi}", wrong]).astype("category"), FRUIT)


@pytest.mark.parametrize("wrong", ["[9, 2]", "[9, 9]", "[2, 3]", "[2, ]", "[2, 10["])
def test_what_is_no_range_of_values_is_told(wrong):
    with pytest.raises(UserError, match="'age', record 1"):
        encode_shown(pd.Series([wrong]).astype("category"), AGE)


def test_labels_of_the_hierarchy_alone_are_its_nodes():
    assert find_shown(["a-f", "kiwi", "*"], FRUIT)[0] is FRUIT
    ranges = Ranges("age", ("1", "2"))
    assert find_shown(["1", "[1, 2]"], ranges)[0] is ranges


def test_sets_may_stand_beside_any_nodes():
    shown, nodes = encode_shown(pd.Series(["a-f", "{fig, kiwi}", "*"]).astype("category"), FRUIT)
    assert shown.ncp_of(nodes).tolist() == [0.5, 0.5, 1]


def test_a_set_that_reads_like_a_node_of_other_values_is_written_otherwise():
    rows = [["a", "{a, b}", "*"], ["b", "z", "*"], ["c", "{a, b}", "*"]]
    assert label(hierarchy_from_rows("x", rows), "a", "b") == '{"a", "b"}'
    rows = [["1", "[1, 2]", "*"], ["2", "z", "*"], ["3", "[1, 2]", "*"]]
    assert label(hierarchy_from_rows("x", rows), "1", "2") == "{1, 2}"
    rows = [["a", "{a, b}", "*"], ["b", '{"a", "b"}', "*"], ["c", "{a, b}", "*"]]
    with pytest.raises(UserError, match="reads like a set of values"):
        label(hierarchy_from_rows("x", rows), "a", "b")


@given(values=st.lists(st.text(st.sampled_from('a1, {}"[]\n*')), min_size=3, unique=True))
@example(values=["", ",", '"', "{", "}", " a", "a ", '", "'])
@example(values=["[1, 2]", "{a, 1}", "a", "1", "2"])
def test_every_label_is_read_as_what_it_stands_for(values):
    whole = hierarchy_from_rows("x", [[value, "root"] for value in values])
    sets, nodes = make_sets(whole, values[:2], values[1:], values[:-1], values[-1:])
    try:
        labels = sets.labels_of(nodes)
    except UserError:
        return
    assert len({*labels}) == len({*nodes.tolist()})
    read, found = find_shown(labels, whole)
    assert found.tolist() == read.find_nodes(labels).tolist()
    assert read.labels_of(read.find_nodes(labels)) == labels
    covered = find_covered(read, read.find_nodes(labels))
    assert covered.tolist() == sets.find_covered(nodes).tolist()
    verified = VerifiedSets({value: [value, "root"] for value in values})
    for text, row in zip(labels, covered, strict=True):
        if text not in whole.node_of:
            assert verified.read(text) == {values[leaf] for leaf in np.flatnonzero(row)}


@given(seed=st.integers(0, 2**32))
def test_what_a_set_says_of_itself_is_what_its_values_say(seed):
    random = Random(seed)
    whole = make_hierarchy(random, "a")
    leaves = np.arange(whole.leaf_count)
    drawn = [
        whole.labels_of(
            leaves[sorted(random.sample(range(len(leaves)), random.randint(1, len(leaves))))]
        )
        for _ in range(4)
    ]
    sets, nodes = make_sets(whole, *drawn)
    records = np.array([random.randint(0, 9) for _ in leaves])
    covered = sets.find_covered(nodes)
    sizes = covered.sum(axis=1)
    assert [whole.labels_of(np.flatnonzero(row)) for row in covered] == drawn
    assert sets.count_below(nodes, records).tolist() == (covered @ records).tolist()
    is_value = nodes < whole.leaf_count
    assert sets.ncp_of(nodes).tolist() == np.where(is_value, 0, sizes / len(leaves)).tolist()
    for node in range(whole.root + 1):
        below = find_covered(whole, np.array([node]))[0]
        assert sets.lie_below(nodes, node).tolist() == (~covered | below).all(axis=1).tolist()


def test_the_domain_has_what_its_hierarchy_has():
    sets, _ = make_sets(DAY)
    assert isinstance(sets, Sets)
    assert (sets.attribute, sets.importance, sets.root_label) == ("day", 1, "*")
    assert not sets.is_over_text
