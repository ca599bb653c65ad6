from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anonify.base.errors import UserError
from anonify.base.values import number_of, parse_interval
from anonify.domains.domain import encode_leaves, encode_shown
from anonify.domains.files import read_domain, write_domain
from anonify.domains.hierarchy import HierarchyError, hierarchy_from_rows
from anonify.domains.rules import build_hierarchy
from anonify.verification.releases import read_hierarchy_rows

# Leaves at three depths: c is a child of abc, d and e reach the root one level earlier.
ROWS = [
    ["a", "ab", "abc", "*"],
    ["b", "ab", "abc", "*"],
    ["c", "c", "abc", "*"],
    ["d", "de", "de", "*"],
    ["e", "de", "de", "*"],
]


@pytest.fixture
def tree():
    return hierarchy_from_rows("x", ROWS)


def path(hierarchy, leaf):
    """The labels above a leaf, the leaf first."""
    return [hierarchy.labels[node] for node in hierarchy.ancestors[hierarchy.node_of[leaf]]]


def leaves_under(hierarchy, node):
    """The leaves below a node, from the table of ancestors alone."""
    paths = hierarchy.ancestors.tolist()
    return {leaf for leaf, nodes in enumerate(paths) if node in nodes}


def by_label(hierarchy, values):
    return dict(zip(hierarchy.labels, np.asarray(values).tolist(), strict=True))


# Read from text


@pytest.mark.parametrize(
    ("label", "bounds"),
    [
        ("10-30", (10, 30)),
        ("0.5-1.25", (0.5, 1.25)),
        ("-5-0", (-5, 0)),
        ("-10--5", (-10, -5)),
        ("27.32", None),
        ("-5", None),
        ("*", None),
        ("low-high", None),
        ("10-", None),
    ],
)
def test_the_bounds_of_an_interval_are_read_from_its_label(label, bounds):
    assert parse_interval(label) == bounds


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("-2.5", -2.5),
        ("1970-01-01", 0),
        ("1969-12-31", -1),
        # 1972 had 366 days.
        ("1973-01-01", 365 + 365 + 366),
    ],
)
def test_numbers_and_dates_stand_for_numbers(text, number):
    assert number_of(text) == number


@pytest.mark.parametrize("text", ["", "old", "1970-02-30", "1970-1-1", "01.01.1970", "1970-W01-1"])
def test_other_text_stands_for_no_number(text):
    with pytest.raises(ValueError, match=r"."):
        number_of(text)


# Built from rows


def test_rows_of_different_length_are_told():
    with pytest.raises(UserError, match="'x': row 2 has 2 levels where row 1 has 3"):
        hierarchy_from_rows("x", [["a", "ab", "*"], ["b", "*"]])


def test_a_leaf_with_two_rows_is_told():
    with pytest.raises(UserError, match="'x': the leaf 'a' stands twice; keep one row"):
        hierarchy_from_rows("x", [["a", "ab", "*"], ["b", "ab", "*"], ["a", "ab", "*"]])


def test_all_mistakes_of_rows_are_told():
    rows = [["a", "n", "p", "*"], ["b", "n", "q", "*"], ["c", "m", "p", "*"], ["a", "n", "p", "*"]]
    with pytest.raises(HierarchyError) as caught:
        hierarchy_from_rows("x", [*rows, ["d", "m", "q", "*"]])
    mend = "order the levels from narrow to wide, and give different nodes different labels"
    assert caught.value.mistakes == (
        "hierarchy of 'x': the leaf 'a' stands twice; keep one row",
        f"hierarchy of 'x': 'n' lies under both 'p' and 'q' of level 2; {mend}",
        f"hierarchy of 'x': 'm' lies under both 'p' and 'q' of level 2; {mend}",
    )
    assert str(caught.value) == caught.value.mistakes[0]


def test_rows_without_a_common_root_are_told():
    with pytest.raises(UserError, match="'x': the top level has 2 labels"):
        hierarchy_from_rows("x", [["a", "ab"], ["c", "cd"]])


def test_a_hierarchy_without_leaves_is_told():
    with pytest.raises(UserError, match="'x': it has no leaf"):
        hierarchy_from_rows("x", [])


def test_a_label_with_two_parents_is_told():
    rows = [["a", "n", "p", "*"], ["b", "n", "q", "*"]]
    with pytest.raises(UserError, match="'n' lies under both 'p' and 'q' of level 2; order the"):
        hierarchy_from_rows("x", rows)


def test_a_label_with_two_parents_on_different_levels_is_told():
    # n lies under p in the first row and under the root in the second.
    rows = [["a", "n", "p", "*"], ["b", "b", "n", "*"]]
    with pytest.raises(UserError, match=r"'n' lies under both 'p' and '\*'; every node needs one"):
        hierarchy_from_rows("x", rows)


def test_a_label_that_comes_back_after_another_is_told():
    rows = [["a", "n", "p", "p", "*"], ["b", "b", "q", "n", "*"]]
    with pytest.raises(UserError, match=r"'n'"):
        hierarchy_from_rows("x", rows)


def test_a_leaf_that_also_generalizes_another_leaf_is_told():
    # Whoever reads the label b could not tell the value from the node over a and b.
    with pytest.raises(UserError, match=r"'b'"):
        hierarchy_from_rows("x", [["a", "b", "*"], ["b", "b", "*"]])


def test_a_leaf_may_reach_the_root_before_the_others():
    # The root is repeated for a, so that both rows have three labels.
    built = hierarchy_from_rows("x", [["a", "*", "*"], ["b", "n", "*"]])
    assert built.labels[built.root] == "*"


# Read and written


def test_a_hierarchy_is_written_as_arx_reads_it(tmp_path, tree):
    write_domain(tree, tmp_path / "x.csv")
    assert (tmp_path / "x.csv").read_text().splitlines() == [";".join(row) for row in ROWS]


@given(data=st.data())
def test_a_hierarchy_comes_back_as_it_was_written(tmp_path_factory, hierarchies, data):
    file = tmp_path_factory.mktemp("hierarchy") / "a.csv"
    written = data.draw(hierarchies)
    write_domain(written, file)
    read = read_domain(file, "a")
    assert read.labels == written.labels
    assert read.ancestors.tolist() == written.ancestors.tolist()


def test_a_hierarchy_saved_by_a_spreadsheet_is_read(tmp_path):
    file = tmp_path / "x.csv"
    file.write_bytes("\ufeffa;*\r\nä;*\r\n".encode())  # a byte order mark, CRLF
    assert read_domain(file, "x").labels == ("a", "ä", "*")


@given(st.lists(st.text("ab;,\"' #\\é\u2028", min_size=1), min_size=1, unique=True))
def test_labels_with_separators_and_quotation_marks_come_back(tmp_path_factory, domain):
    file = tmp_path_factory.mktemp("hierarchy") / "x.csv"
    write_domain(build_hierarchy("x", domain, {}), file)
    assert read_domain(file, "x").labels == (*domain, "*")
    # The verification has a reader of its own.
    assert read_hierarchy_rows(file) == {value: [value, "*"] for value in domain}


def test_a_missing_hierarchy_file_is_told(tmp_path):
    with pytest.raises(UserError, match=r"nowhere\.csv: there is no such file"):
        read_domain(tmp_path / "nowhere.csv", "x")


def test_a_hierarchy_file_that_is_not_utf_8_is_told(tmp_path):
    file = tmp_path / "x.csv"
    file.write_bytes("ä;*\n".encode("latin-1"))
    with pytest.raises(UserError, match=r"x\.csv, line 1: the file is not UTF-8 text"):
        read_domain(file, "x")


# Looked up: by hand


def test_leaves_are_numbered_first_and_the_root_last(tree):
    assert tree.labels[:5] == ("a", "b", "c", "d", "e")
    assert tree.labels[tree.root] == "*"
    assert (tree.leaf_count, tree.height) == (5, 3)


def test_each_node_knows_how_many_leaves_it_covers(tree):
    leaf = dict.fromkeys("abcde", 1)
    assert by_label(tree, tree.leaves_below) == {**leaf, "ab": 2, "abc": 3, "de": 2, "*": 5}


def test_the_ncp_of_a_node_is_its_share_of_the_leaves_and_that_of_a_leaf_is_0(tree):
    leaf = dict.fromkeys("abcde", 0)
    assert by_label(tree, tree.ncp) == {**leaf, "ab": 0.4, "abc": 0.6, "de": 0.4, "*": 1}


def test_the_parent_of_a_node_is_the_next_other_node_above_it(tree):
    parents = {"a": "ab", "b": "ab", "c": "abc", "d": "de", "e": "de"}
    parents |= {"ab": "abc", "abc": "*", "de": "*", "*": "*"}
    assert {
        label: tree.labels[node] for label, node in by_label(tree, tree.parent).items()
    } == parents


@pytest.mark.parametrize(
    ("leaf", "node", "common"),
    [
        ("a", "a", "a"),
        ("a", "b", "ab"),
        ("a", "c", "abc"),
        ("a", "d", "*"),
        ("b", "ab", "ab"),
        ("c", "ab", "abc"),
        ("d", "e", "de"),
        ("d", "abc", "*"),
        ("a", "*", "*"),
    ],
)
def test_the_lowest_common_ancestor_covers_both(tree, leaf, node, common):
    found = tree.join(np.array([tree.node_of[leaf]]), np.array([tree.node_of[node]]))
    assert tree.labels[found[0]] == common


def test_levels_that_do_not_nest_are_told():
    # Level 1 joins a and b, level 2 parts them again.
    with pytest.raises(UserError, match="'C' stays on level 2 in some rows"):
        hierarchy_from_rows("x", [["a", "C", "P", "P", "*"], ["b", "C", "C", "P", "*"]])


def test_a_common_ancestor_is_found_although_it_stands_on_different_levels():
    # n stands on level 1 over a and on level 2 over b; its parent is p in both rows.
    tree = hierarchy_from_rows("x", [["a", "n", "p", "*", "*"], ["b", "b", "n", "p", "*"]])
    found = tree.join(np.array([0]), np.array([1]))
    assert tree.labels[found[0]] == "n"


def test_bounds_are_the_numbers_of_the_domain_and_not_those_of_the_label():
    built = build_hierarchy("age", ["1", "4", "7"], {"intervals": [{"start": 0, "width": 5}]})
    bounds = {"1": [1, 1], "4": [4, 4], "7": [7, 7], "0-5": [1, 4], "5-10": [7, 7], "*": [1, 7]}
    assert by_label(built, built.bounds_of(np.arange(len(built.labels)))) == bounds


def test_bounds_of_dates_are_days_since_1970():
    built = build_hierarchy("birth", ["1970-01-03", "1970-02-01", ""], {"dates": ["month"]})
    bounds = by_label(built, built.bounds_of(np.arange(len(built.labels))))
    assert (bounds["1970-01-03"], bounds["1970-02"], bounds["*"]) == ([2, 2], [31, 31], [2, 31])
    assert bounds[""] == [np.inf, -np.inf]
    assert not built.is_over_text


# Looked up: in any hierarchy


@given(data=st.data())
def test_leaves_below_are_counted_right(hierarchies, data):
    tree = data.draw(hierarchies)
    assert tree.leaves_below.tolist() == [
        len(leaves_under(tree, node)) for node in range(len(tree.labels))
    ]


@given(data=st.data())
def test_generalizing_never_narrows(hierarchies, data):
    tree = data.draw(hierarchies)
    for nodes in tree.ancestors.tolist():
        covered = [leaves_under(tree, node) for node in nodes]
        assert all(low <= high for low, high in pairwise(covered))
        assert sorted(tree.ncp[nodes]) == tree.ncp[nodes].tolist()
        assert 0 <= tree.ncp[nodes[0]] <= tree.ncp[nodes[-1]] <= 1


@given(data=st.data())
def test_the_parent_is_the_lowest_node_above_in_every_row(hierarchies, data):
    tree = data.draw(hierarchies)
    for nodes in tree.ancestors.tolist():
        distinct = list(dict.fromkeys(nodes))
        assert tree.parent[distinct].tolist() == [*distinct[1:], tree.root]


@given(data=st.data())
def test_no_lower_ancestor_covers_both(hierarchies, data):
    tree = data.draw(hierarchies)
    nodes = np.arange(len(tree.labels))
    for other in nodes.tolist():
        found = tree.join(np.full(len(nodes), other), nodes)
        for node, common in enumerate(found.tolist()):
            both = leaves_under(tree, other) | leaves_under(tree, node)
            above = [leaves_under(tree, any_node) for any_node in nodes.tolist()]
            assert leaves_under(tree, common) == min((s for s in above if s >= both), key=len)


@given(data=st.data())
def test_all_pairs_are_joined_as_each_pair_is(hierarchies, data):
    tree = data.draw(hierarchies)
    leaves = np.arange(tree.leaf_count)[::-1]
    nodes = np.arange(len(tree.labels))
    np.testing.assert_array_equal(
        tree.join_all(leaves, nodes),
        [tree.join(np.full(len(nodes), leaf), nodes) for leaf in leaves],
    )


# Columns


def column(*values):
    return pd.Series(values, dtype="category")


def test_values_become_leaves(tree):
    assert encode_leaves(column("e", "a", "e"), tree).tolist() == [4, 0, 4]


def test_released_values_become_nodes(tree):
    _, encoded = encode_shown(column("ab", "a", "*"), tree)
    assert [tree.labels[node] for node in encoded] == ["ab", "a", "*"]


def test_a_value_without_a_leaf_is_told_with_its_record(tree):
    with pytest.raises(UserError, match="column 'x', record 2: the value 'z' is no leaf"):
        encode_leaves(column("a", "z", "z"), tree)


def test_a_generalized_value_is_no_leaf(tree):
    with pytest.raises(UserError, match="the value 'ab' is no leaf"):
        encode_leaves(column("ab"), tree)


def test_a_label_without_a_node_is_told(tree):
    with pytest.raises(UserError, match="record 1: the value 'z' is no label"):
        encode_shown(column("z"), tree)


def test_a_missing_value_is_told(tree):
    with pytest.raises(UserError, match="record 2"):
        encode_shown(column("a", None), tree)
