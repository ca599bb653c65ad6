import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anonify.domains.domain import encode_shown
from anonify.domains.ranges import Ranges, parse_range

AGE = Ranges("age", ("-1.5", "0", "3", "8.5"))
WITH_MISSING = Ranges("age", ("0", "4", "10", ""))


def join(ranges, *labels):
    """The label of the narrowest node around some values."""
    nodes = ranges.find_nodes(labels)
    joined = nodes[:1]
    for node in nodes[1:]:
        joined = ranges.join(joined, np.array([node]))
    return ranges.labels_of(joined)[0]


def test_values_are_joined_to_the_range_between_them():
    assert join(AGE, "0", "3") == "[0, 3]"
    assert join(AGE, "3", "0") == "[0, 3]"
    assert join(AGE, "3", "3") == "3"
    assert join(AGE, "[-1.5, 0]", "3") == "[-1.5, 3]"
    assert join(AGE, "[-1.5, 3]", "0") == "[-1.5, 3]"


def test_the_range_of_the_whole_domain_is_the_root():
    assert join(AGE, "-1.5", "8.5") == "*"
    assert join(AGE, "*", "0") == "*"


def test_a_missing_value_lies_in_no_range():
    assert join(WITH_MISSING, "", "") == ""
    assert join(WITH_MISSING, "", "0") == "*"
    assert join(WITH_MISSING, "[0, 4]", "") == "*"
    # All numbers are not yet the whole domain.
    assert join(WITH_MISSING, "0", "10") == "[0, 10]"


def test_the_ncp_is_the_width_of_a_range_over_that_of_the_domain():
    labels = ["0", "[-1.5, 0]", "[0, 8.5]", "*"]
    assert AGE.ncp_of(AGE.find_nodes(labels)).tolist() == [0, 0.15, 0.85, 1]
    labels = ["", "[0, 4]", "[0, 10]", "*"]
    assert WITH_MISSING.ncp_of(WITH_MISSING.find_nodes(labels)).tolist() == [0, 0.4, 1, 1]


def test_bounds_are_those_of_the_range():
    nodes = WITH_MISSING.find_nodes(["4", "[4, 10]", "*", ""])
    assert WITH_MISSING.bounds_of(nodes).tolist() == [[4, 4], [4, 10], [0, 10], [np.inf, -np.inf]]


def test_records_in_a_range_are_counted():
    nodes = WITH_MISSING.find_nodes(["4", "[0, 4]", "[4, 10]", "*", ""])
    counts = WITH_MISSING.count_below(nodes, np.array([1, 2, 4, 8]))
    assert counts.tolist() == [2, 3, 6, 15, 8]


@pytest.mark.parametrize("label", ["[3, 0]", "[0, 0]", "[0, 4]", "[0,3]", "5", "0-3", "[, 3]"])
def test_what_is_no_range_of_the_domain_is_not_found(label):
    assert AGE.find_nodes([label]).tolist() == [-1]


def test_labels_of_ranges_are_parsed():
    assert parse_range("[-1.5, 3]") == (-1.5, 3)
    assert parse_range("-1.5") is None


def test_a_domain_of_one_value_has_no_range():
    ranges = Ranges("age", ("7",))
    assert join(ranges, "7", "7") == "7"
    assert ranges.ncp_of(ranges.find_nodes(["7", "*"])).tolist() == [0, 1]


@given(
    values=st.lists(st.integers(-50, 50), min_size=1, max_size=6, unique=True),
    has_missing=st.booleans(),
    data=st.data(),
)
def test_a_label_leads_back_to_its_node(values, has_missing, data):
    labels = (*map(str, sorted(values)), *([""] if has_missing else []))
    ranges = Ranges("age", labels)
    leaves = data.draw(st.lists(st.integers(0, len(labels) - 1), min_size=2, max_size=2))
    node = ranges.join(np.array(leaves[:1]), np.array(leaves[1:]))
    released = pd.Series(ranges.labels_of(node)).astype("category")
    assert encode_shown(released, ranges)[1].tolist() == node.tolist()
    assert 0 <= ranges.ncp_of(node)[0] <= 1
    assert (ranges.join(node, np.array(leaves[:1])) == node).all()


# Edges

CUT = Ranges("age", ("18", "19", "34", "40", "61", ""), ("0", "20", "40", "60", "80"))


def test_joined_values_show_edges_of_which_only_the_last_is_held():
    assert join(CUT, "18", "18") == "18"
    assert join(CUT, "18", "19") == "[0, 20["
    assert join(CUT, "18", "34") == "[0, 40["
    # 40 begins the range that it lies in.
    assert join(CUT, "34", "40") == "[20, 60["
    assert join(CUT, "40", "61") == "[40, 80]"
    assert join(CUT, "[0, 20[", "61") == "[0, 80]"
    assert join(CUT, "61", "") == "*"
    assert join(CUT, "*", "18") == "*"


def test_the_last_edge_may_be_a_value():
    ranges = Ranges("age", ("10", "20", "30"), ("0", "20", "30"))
    assert join(ranges, "20", "30") == "[20, 30]"
    assert join(ranges, "10", "30") == "*"


def test_a_release_shows_a_range_where_all_have_one_value():
    nodes = CUT.find_nodes(["18", "34", "61", "", "*", "[0, 40["])
    shown = ["[0, 20[", "[20, 40[", "[60, 80]", "", "*", "[0, 40["]
    assert CUT.labels_of(CUT.widen(nodes)) == shown
    # Of one interval that is all.
    whole = Ranges("age", ("1", "2"), ("0", "5"))
    assert whole.labels_of(whole.widen(np.arange(2))) == ["*", "*"]
    # Without edges a value stays.
    assert AGE.widen(np.arange(4)).tolist() == [0, 1, 2, 3]


def test_the_ncp_is_the_width_between_edges_over_that_of_all_edges():
    labels = ["18", "[0, 20[", "[20, 80]", "[0, 80]", "*", ""]
    assert CUT.ncp_of(CUT.find_nodes(labels)).tolist() == [0, 20 / 80, 60 / 80, 1, 1, 0]


def test_a_range_up_to_an_edge_is_bounded_below_it():
    low, high = CUT.bounds_of(CUT.find_nodes(["[20, 40["]))[0].tolist()
    assert low == 20
    assert 39.99 < high < 40
    shown = CUT.find_nodes(["40", "[60, 80]", "*"])
    assert CUT.bounds_of(shown).tolist() == [[40, 40], [60, 80], [0, 80]]
    assert CUT.ends_of(CUT.find_nodes(["[20, 40["])).tolist() == [[20, 40]]


def test_records_between_edges_are_counted():
    nodes = CUT.find_nodes(["18", "[0, 20[", "[20, 60[", "*", ""])
    counts = CUT.count_below(nodes, np.array([1, 2, 4, 8, 16, 32]))
    assert counts.tolist() == [1, 3, 12, 63, 32]


@pytest.mark.parametrize(
    "label", ["[0, 20]", "[60, 80[", "[20, 20[", "[20, 0[", "[18, 34[", "[0, 81]", "0", "]0, 20["]
)
def test_what_does_not_end_at_edges_is_not_found(label):
    assert CUT.find_nodes([label]).tolist() == [-1]


def test_a_range_that_holds_no_value_has_a_node():
    ranges = Ranges("age", ("1", "9"), ("0", "2", "8", "10"))
    nodes = ranges.find_nodes(["[2, 8["])
    assert ranges.labels_of(nodes) == ["[2, 8["]
    assert ranges.count_below(nodes, np.array([1, 1])).tolist() == [0]


@given(
    numbers=st.lists(st.integers(-50, 50), min_size=1, max_size=6, unique=True),
    inner=st.lists(st.integers(-60, 60), max_size=5),
    has_missing=st.booleans(),
    data=st.data(),
)
def test_ranges_with_edges_cover_what_they_join(numbers, inner, has_missing, data):
    last = max(numbers) + data.draw(st.integers(0, 2))
    edges = sorted({min(numbers) - 3, last, *(edge for edge in inner if edge < last)})
    labels = (*map(str, sorted(numbers)), *([""] if has_missing else []))
    ranges = Ranges("age", labels, (*map(str, edges),))
    leaves = data.draw(st.lists(st.integers(0, len(labels) - 1), min_size=2, max_size=2))
    node = ranges.widen(ranges.join(np.array(leaves[:1]), np.array(leaves[1:])))
    (label,) = ranges.labels_of(node)
    assert ranges.find_nodes([label]).tolist() == node.tolist()
    values = [labels[leaf] for leaf in leaves]
    if label == "*":
        # All numbers, or a missing value beside a number.
        assert "" in values or ranges.ncp_of(node)[0] == 1
    elif label == "":
        assert values == ["", ""]
    else:
        low, high = parse_range(label)
        assert {low, high} <= {*edges}
        is_closed = label.endswith("]")
        assert is_closed == (high == edges[-1])
        for value in map(float, values):
            assert low <= value < high or (is_closed and value == high)
        # No edge lies between the lower end and the values.
        assert not [edge for edge in edges[:-1] if low < edge <= min(map(float, values))]
        assert ranges.ncp_of(node)[0] == pytest.approx((high - low) / (edges[-1] - edges[0]))
    joined = ranges.join(node, np.array(leaves[:1]))
    assert ranges.labels_of(joined) == [label]
