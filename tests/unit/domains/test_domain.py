import re

import numpy as np
import pandas as pd
import pytest

from anonify.base.errors import UserError
from anonify.domains.domain import encode_records, encode_shown, require_hierarchies
from anonify.domains.files import build_domain, read_domain, read_domains, write_domain
from anonify.domains.hierarchy import Hierarchy, HierarchyError
from anonify.domains.ranges import Ranges


@pytest.fixture
def file(tmp_path):
    def write(text):
        path = tmp_path / "age.csv"
        path.write_text(text)
        return path

    return write


def rows_of(domain):
    return [[domain.labels[node] for node in path] for path in domain.ancestors.tolist()]


def test_numbers_without_a_hierarchy_are_generalized_to_ranges():
    domain = build_domain("age", ["1", "2"], {"type": "integer"})
    assert domain == Ranges("age", ("1", "2"))
    flat = build_domain("age", ["1", "2"], {"type": "integer", "hierarchy": {}})
    assert rows_of(flat) == [["1", "*"], ["2", "*"]]


def test_dates_without_a_hierarchy_are_generalized_to_the_root():
    domain = build_domain("birth", ["1980-03-01", ""], {"type": "date"})
    assert rows_of(domain) == [["1980-03-01", "*"], ["", "*"]]
    assert not domain.is_over_text


def test_text_without_a_hierarchy_is_generalized_to_the_root():
    assert rows_of(build_domain("sex", ["F", "M"], {"type": "category"})) == [
        ["F", "*"],
        ["M", "*"],
    ]


def test_a_hierarchy_from_a_file_keeps_values_that_the_table_has_not(file):
    path = file("1;1-2;*\n2;1-2;*\n3;3;*\n")
    domain = build_domain("age", ["1"], {"type": "integer", "hierarchy": {"file": "x"}}, path)
    assert rows_of(domain) == [["1", "1-2", "*"], ["2", "1-2", "*"], ["3", "3", "*"]]


def test_a_value_that_the_file_has_not_is_told(file):
    column = {"type": "integer", "hierarchy": {"file": "x"}}
    message = r"age\.csv: the value '9' of 'age' has no row; add one for it"
    with pytest.raises(UserError, match=message):
        build_domain("age", ["1", "9"], column, file("1;*\n2;*\n"))
    with pytest.raises(UserError, match=r"the value '0-9' of 'age' has no row"):
        build_domain("age", ["0-9"], column, file("1;0-9;*\n2;0-9;*\n"))


def test_all_mistakes_of_a_file_are_told(file):
    # Level 2 is narrower than level 1, and 1 stands twice.
    path = file("1;0-20;10-20;*\n11;0-20;10-20;*\n1;0-20;0-10;*\n")
    column = {"type": "integer", "hierarchy": {"file": "x"}}
    with pytest.raises(HierarchyError) as caught:
        build_domain("age", ["1", "9", "12"], column, path)
    assert [mistake.removeprefix(f"{path}: ") for mistake in caught.value.mistakes] == [
        "hierarchy of 'age': the leaf '1' stands twice; keep one row",
        "hierarchy of 'age': '0-20' lies under both '0-10' and '10-20' of level 2; order the "
        "levels from narrow to wide, and give different nodes different labels",
        "the value '9' of 'age' has no row; add one for it",
        "the value '12' of 'age' has no row; add one for it",
    ]


@pytest.mark.parametrize(
    "hierarchy",
    [
        {},
        {"intervals": [{"start": 0, "width": 10, "open_above": 10}]},
        {"prefixes": [1]},
        {"tree": {"low": ["1", "2"]}},
    ],
    ids=["flat", "intervals", "prefixes", "tree"],
)
def test_a_missing_value_is_generalized_straight_to_the_root(hierarchy):
    domain = build_domain("age", ["1", "2", ""], {"type": "integer", "hierarchy": hierarchy})
    assert set(rows_of(domain)[-1]) == {"", "*"}
    assert not domain.is_over_text


def test_a_tree_may_place_a_missing_value():
    column = {"type": "category", "hierarchy": {"tree": {"rest": ["x", ""], "rare": ["y"]}}}
    assert ["", "rest", "*"] in rows_of(build_domain("sex", ["x", "y", ""], column))


def test_a_file_without_a_row_for_a_missing_value_gets_one(file):
    column = {"type": "integer", "hierarchy": {"file": "x"}}
    assert rows_of(build_domain("age", ["1", ""], column, file("1;1-9;*\n"))) == [
        ["1", "1-9", "*"],
        ["", "", "*"],
    ]


@pytest.mark.parametrize(
    "domain",
    [
        Ranges("age", ("-1", "2.5", "")),
        Ranges("age", ("7",)),
        Ranges("age", ("-1", "2.5", ""), ("-1.5", "0", "2.5")),
        Ranges("age", ("7",), ("0", "10")),
        build_domain("age", ["1", "2", ""], {"type": "integer", "hierarchy": {}}),
        build_domain("age", ["\ufeffold", "young"], {"type": "category"}),
    ],
    ids=["ranges", "one number", "edges", "one number and edges", "hierarchy", "byte order mark"],
)
def test_what_was_written_is_read(domain, tmp_path):
    write_domain(domain, tmp_path / "age.csv")
    read = read_domain(tmp_path / "age.csv", "age")
    assert type(read) is type(domain)
    if isinstance(domain, Ranges):
        assert read == domain
    else:
        assert rows_of(read) == rows_of(domain)


@pytest.mark.parametrize(
    ("values", "rule", "edges"),
    [
        (["18", "34", "41"], {"start": 0, "width": 10}, ("10", "20", "30", "40", "50")),
        # The largest value is the last edge, where it is one.
        (["18", "34", "40"], {"start": 0, "width": 10}, ("10", "20", "30", "40")),
        (["40"], {"start": 0, "width": 10}, ("30", "40")),
        (["-7", "3"], {"start": 2, "width": 5}, ("-8", "-3", "2", "7")),
        (
            ["0.1", "0.3", "0.7"],
            {"start": 0, "width": 0.1},
            ("0.1", "0.2", "0.3", "0.4", "0.6", "0.7"),
        ),
        # Between far values no edges are listed that end no range.
        (["1.5", "1000000.0"], {"start": 0, "width": 1}, ("1", "2", "999999", "1000000")),
        (["18", "34", ""], {"edges": [0, 20.5, 40]}, ("0", "20.5", "40")),
        ([""], {"start": 0, "width": 10}, ()),
    ],
)
def test_ranges_end_where_they_are_said_to(values, rule, edges):
    domain = build_domain("age", values, {"type": "decimal", "ranges": rule})
    assert domain == Ranges("age", tuple(values), edges)


@pytest.mark.parametrize(
    ("rule", "sentence"),
    [
        ({"edges": [20, 40]}, "the value 18 lies below the edges 20 to 40"),
        ({"edges": [0, 40]}, "the value 1e16 lies above the edges 0 to 40"),
        ({"edges": [0, 1, 1]}, "the edges [0, 1, 1] do not rise"),
        ({"edges": [0, 1, 1 + 1e-14, 1e17]}, "are too near to each other"),
        ({"start": 0, "width": 0.1}, "the width 0.1 cannot tell 1e16 from its neighbours"),
        ({"start": 0, "width": 5e-324}, "the width 5e-324 cannot tell"),
    ],
)
def test_edges_that_do_not_fit_are_told(rule, sentence):
    with pytest.raises(UserError, match=re.escape(sentence)):
        build_domain("age", ["18", "1e16"], {"type": "decimal", "ranges": rule})


LARGE = 2**53


@pytest.mark.parametrize(
    ("column", "sentence"),
    [
        ({}, f"the numbers {LARGE + 3} and {LARGE + 5} are not told apart"),
        ({"ranges": {"start": 0, "width": 10}}, f"the whole number {LARGE + 3} is beyond"),
        ({"ranges": {"edges": [0, LARGE + 1]}}, f"the number {LARGE + 1} has too many digits"),
        ({"ranges": {"edges": [0, 2 * LARGE]}}, f"the whole number {LARGE + 3} is beyond"),
        (
            {"hierarchy": {"intervals": [{"start": 0, "width": 3}]}},
            f"the whole number {LARGE + 3} is beyond",
        ),
    ],
)
def test_whole_numbers_that_cannot_be_told_apart_are_told(column, sentence):
    values = [str(LARGE + 3), str(LARGE + 5)]
    with pytest.raises(UserError, match=re.escape(sentence)):
        build_domain("account", values, {"type": "integer", **column})


def test_whole_numbers_that_are_told_apart_have_ranges():
    values = ["-3", str(LARGE), str(LARGE + 3)]
    domain = build_domain("account", values, {"type": "integer"})
    assert domain == Ranges("account", tuple(values))
    both = domain.join(np.array([1]), np.array([2]))
    assert domain.labels_of(both) == [f"[{LARGE}, {LARGE + 3}]"]


def test_a_file_of_text_without_generalizations_is_told(file):
    with pytest.raises(UserError, match=r"age\.csv, row 2: 'old' of 'age' is no number"):
        read_domain(file("1\nold\n"), "age")


def test_the_domains_of_a_table_are_in_its_order_and_by_name(tmp_path):
    written = {
        "sex": build_domain("sex", ["F", "M"], {"type": "category"}),
        "age": Ranges("age", ("1", "2")),
    }
    paths = [tmp_path / f"{name}.csv" for name in written]
    for path, domain in zip(paths, written.values(), strict=True):
        write_domain(domain, path)
    domains = read_domains(paths, list(written))
    assert list(domains) == ["sex", "age"]
    assert [domain.attribute for domain in domains.values()] == ["sex", "age"]
    assert [domain.root_label for domain in domains.values()] == ["*", "*"]
    with pytest.raises(ValueError, match="shorter"):
        read_domains(paths[:1], ["sex", "age"])


def test_a_root_may_have_any_label(file):
    assert read_domain(file("1;old\n2;old\n"), "age").root_label == "old"


def test_records_are_encoded_with_a_missing_value():
    domain = build_domain("age", ["1", ""], {"type": "integer", "hierarchy": {}})
    frame = pd.DataFrame({"age": pd.Categorical(["", "1"])})
    assert encode_records(frame, {domain.attribute: domain}).tolist() == [[1], [0]]
    assert encode_shown(pd.Series(["*", ""]).astype("category"), domain)[1].tolist() == [2, 1]


def test_ranges_are_told_where_a_hierarchy_is_needed():
    tree = build_domain("sex", ["F"], {"type": "category"})
    assert isinstance(tree, Hierarchy)
    assert require_hierarchies([tree]) == [tree]
    with pytest.raises(UserError, match="'age' has no hierarchy"):
        require_hierarchies([tree, Ranges("age", ("1",))])
