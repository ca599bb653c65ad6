import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anonify.domains.domain import encode_nodes
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
    assert encode_nodes(released, ranges).tolist() == node.tolist()
    assert 0 <= ranges.ncp_of(node)[0] <= 1
    assert (ranges.join(node, np.array(leaves[:1])) == node).all()
