from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anonify.domain import encode_leaves, encode_nodes, read_domain, write_domain
from anonify.errors import UserError
from anonify.hierarchy import (
    build_hierarchy,
    hierarchy_from_rows,
    parse_interval,
)
from anonify.verification import read_hierarchy_rows

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


# Built from intervals


def test_intervals_of_a_width_are_closed_below_and_open_above():
    built = build_hierarchy("age", ["4.9", "5.0"], {"intervals": [{"start": 0, "width": 5}]})
    assert path(built, "4.9") == ["4.9", "0-5", "*"]
    assert path(built, "5.0") == ["5.0", "5-10", "*"]


def test_intervals_of_a_width_count_from_their_start():
    built = build_hierarchy("age", ["1", "6"], {"intervals": [{"start": 2, "width": 5}]})
    assert path(built, "1") == ["1", "-3-2", "*"]
    assert path(built, "6") == ["6", "2-7", "*"]


def test_intervals_stand_above_each_other_from_narrow_to_wide():
    widths = [{"start": 0, "width": width} for width in (5, 10, 20)]
    built = build_hierarchy("age", ["80.0"], {"intervals": widths})
    assert path(built, "80.0") == ["80.0", "80-85", "80-90", "80-100", "*"]


def test_a_decimal_width_holds_its_own_multiples():
    # 0.3 ÷ 0.1 is 2.999… in double precision; 0.3 still begins the interval 0.3-0.4.
    built = build_hierarchy("ph", ["0.3"], {"intervals": [{"start": 0, "width": 0.1}]})
    assert path(built, "0.3") == ["0.3", "0.3-0.4", "*"]


def test_intervals_between_edges_are_closed_below_and_open_above():
    built = build_hierarchy("bmi", ["29.99", "30.0"], {"intervals": [{"edges": [10, 30, 50]}]})
    assert path(built, "29.99") == ["29.99", "10-30", "*"]
    assert path(built, "30.0") == ["30.0", "30-50", "*"]


@pytest.mark.parametrize("value", ["9.99", "50.0"])
def test_a_value_outside_the_edges_is_told_with_the_edges(value):
    with pytest.raises(UserError, match=rf"'bmi': the value {value} lies outside .* 10 to 50"):
        build_hierarchy("bmi", ["20.0", value], {"intervals": [{"edges": [10, 30, 50]}]})


def test_edges_that_do_not_rise_are_told():
    with pytest.raises(UserError, match=r"'bmi': the edges .* do not rise"):
        build_hierarchy("bmi", ["15.0"], {"intervals": [{"edges": [10, 30, 20]}]})


def test_an_interval_that_reaches_into_two_of_the_next_level_is_told():
    # 4-8 lies in 0-6 with its 5 and in 6-12 with its 7.
    levels = [{"start": 0, "width": 4}, {"start": 0, "width": 6}]
    with pytest.raises(UserError, match="'4-8' lies under both '0-6' and '6-12'"):
        build_hierarchy("age", ["5", "7"], {"intervals": levels})


def test_intervals_over_text_are_told_with_the_value():
    with pytest.raises(UserError, match=r"'size'.*'tall'"):
        build_hierarchy("size", ["tall"], {"intervals": [{"start": 0, "width": 5}]})


def test_labels_of_large_intervals_keep_all_digits():
    built = build_hierarchy(
        "salary", ["1234567", "1234569"], {"intervals": [{"start": 0, "width": 1}]}
    )
    assert path(built, "1234567") == ["1234567", "1234567-1234568", "*"]
    assert path(built, "1234569") == ["1234569", "1234569-1234570", "*"]


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


# Built from a tree, or flat


def test_an_empty_rule_gives_the_flat_hierarchy():
    built = build_hierarchy("gender", ["Female", "Male"], {})
    assert path(built, "Male") == ["Male", "*"]
    assert built.height == 1


def test_a_tree_gives_each_leaf_the_nodes_above_it():
    tree = {"Europe": {"North": ["Sweden", "Norway"], "South": ["Italy"]}}
    built = build_hierarchy("country", ["Italy", "Norway", "Sweden"], {"tree": tree})
    assert path(built, "Norway") == ["Norway", "North", "Europe", "*"]
    assert path(built, "Italy") == ["Italy", "South", "Europe", "*"]


def test_a_leaf_of_less_depth_stays_itself_until_the_others_have_caught_up():
    tree = {"Europe": {"North": ["Sweden"]}, "Asia": ["Japan"]}
    built = build_hierarchy("country", ["Japan", "Sweden"], {"tree": tree})
    assert path(built, "Sweden") == ["Sweden", "North", "Europe", "*"]
    assert path(built, "Japan") == ["Japan", "Japan", "Asia", "*"]


def test_numbers_in_a_tree_are_the_values_of_that_text():
    built = build_hierarchy("grade", ["1", "2"], {"tree": {"good": [1, 2]}})
    assert path(built, "2") == ["2", "good", "*"]


def test_a_value_that_the_tree_lacks_is_told():
    with pytest.raises(UserError, match=r"'country': the value 'Peru' is no leaf .* add it"):
        build_hierarchy("country", ["Japan", "Peru"], {"tree": {"Asia": ["Japan"]}})


def test_a_leaf_that_stands_twice_in_the_tree_is_told():
    tree = {"Europe": ["Turkey"], "Asia": ["Turkey"]}
    with pytest.raises(UserError, match="'country': the leaf 'Turkey' stands twice"):
        build_hierarchy("country", ["Turkey"], {"tree": tree})


@pytest.mark.parametrize("rule", [{}, {"tree": {"known": ["Female"], "unknown": ["*"]}}])
def test_a_value_that_is_written_like_the_root_is_told(rule):
    with pytest.raises(UserError, match=r"'gender': '\*' is a value and generalizes others"):
        build_hierarchy("gender", ["*", "Female"], rule)


@pytest.mark.parametrize("below", ["Japan", 5, None])
def test_a_tree_without_a_list_of_leaves_is_told(below):
    with pytest.raises(UserError, match=r"'country'.*Asia"):
        build_hierarchy("country", ["Japan"], {"tree": {"Asia": below}})


# Built from rows


def test_rows_of_different_length_are_told():
    with pytest.raises(UserError, match="'x': row 2 has 2 levels where row 1 has 3"):
        hierarchy_from_rows("x", [["a", "ab", "*"], ["b", "*"]])


def test_a_leaf_with_two_rows_is_told():
    with pytest.raises(UserError, match="'x': the leaf 'a' stands twice"):
        hierarchy_from_rows("x", [["a", "ab", "*"], ["b", "ab", "*"], ["a", "ab", "*"]])


def test_rows_without_a_common_root_are_told():
    with pytest.raises(UserError, match="'x': the top level has 2 labels"):
        hierarchy_from_rows("x", [["a", "ab"], ["c", "cd"]])


def test_a_hierarchy_without_leaves_is_told():
    with pytest.raises(UserError, match="'x': it has no leaf"):
        hierarchy_from_rows("x", [])


def test_a_label_with_two_parents_is_told():
    rows = [["a", "n", "p", "*"], ["b", "n", "q", "*"]]
    with pytest.raises(UserError, match="'n' lies under both 'p' and 'q'"):
        hierarchy_from_rows("x", rows)


def test_a_label_with_two_parents_on_different_levels_is_told():
    # n lies under p in the first row and under the root in the second.
    rows = [["a", "n", "p", "*"], ["b", "b", "n", "*"]]
    with pytest.raises(UserError, match=r"'n' lies under both"):
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
    with pytest.raises(UserError, match=r"nowhere\.csv: there is no such hierarchy file"):
        read_domain(tmp_path / "nowhere.csv", "x")


def test_a_hierarchy_file_that_is_not_utf_8_is_told(tmp_path):
    file = tmp_path / "x.csv"
    file.write_bytes("ä;*\n".encode("latin-1"))
    with pytest.raises(UserError, match=r"x\.csv: the file is not UTF-8 text"):
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


# Columns


def column(*values):
    return pd.Series(values, dtype="category")


def test_values_become_leaves(tree):
    assert encode_leaves(column("e", "a", "e"), tree).tolist() == [4, 0, 4]


def test_released_values_become_nodes(tree):
    encoded = encode_nodes(column("ab", "a", "*"), tree)
    assert [tree.labels[node] for node in encoded] == ["ab", "a", "*"]


def test_a_value_without_a_leaf_is_told_with_its_record(tree):
    with pytest.raises(UserError, match="column 'x', record 2: the value 'z' is no leaf"):
        encode_leaves(column("a", "z", "z"), tree)


def test_a_generalized_value_is_no_leaf(tree):
    with pytest.raises(UserError, match="the value 'ab' is no leaf"):
        encode_leaves(column("ab"), tree)


def test_a_label_without_a_node_is_told(tree):
    with pytest.raises(UserError, match="record 1: the value 'z' is no label"):
        encode_nodes(column("z"), tree)


def test_a_missing_value_is_told(tree):
    with pytest.raises(UserError, match="record 2"):
        encode_nodes(column("a", None), tree)
