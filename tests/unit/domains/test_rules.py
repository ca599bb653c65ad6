import re
from datetime import date
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anonify.base.errors import UserError
from anonify.domains.hierarchy import HierarchyError
from anonify.domains.rules import TIMES, build_hierarchy
from anonify.settings.description import read_description


def path(hierarchy, leaf):
    """The labels above a leaf, the leaf first."""
    return [hierarchy.labels[node] for node in hierarchy.ancestors[hierarchy.node_of[leaf]]]


def refuse(attribute, domain, rule):
    """Build a hierarchy in vain, and return all its mistakes."""
    with pytest.raises(HierarchyError) as caught:
        build_hierarchy(attribute, domain, rule)
    assert str(caught.value) == caught.value.mistakes[0]
    return [
        mistake.removeprefix(f"hierarchy of {attribute!r}: ") for mistake in caught.value.mistakes
    ]


# Intervals


def test_intervals_of_a_width_are_closed_below_and_open_above():
    built = build_hierarchy("age", ["4.9", "5.0"], {"intervals": [{"start": 0, "width": 5}]})
    assert path(built, "4.9") == ["4.9", "0-5", "*"]
    assert path(built, "5.0") == ["5.0", "5-10", "*"]


def test_large_whole_numbers_keep_all_their_digits():
    rule = {"intervals": [{"start": 0, "width": 1000}]}
    built = build_hierarchy("ms", ["1700000000000123", "1700000000001999"], rule)
    assert path(built, "1700000000000123")[1] == "1700000000000000-1700000000001000"
    assert path(built, "1700000000001999")[1] == "1700000000001000-1700000000002000"


def test_a_value_just_below_an_edge_lies_below_it():
    rule = {"intervals": [{"start": 10, "width": 2}]}
    built = build_hierarchy("age", ["17.9999999999999", "0.1"], rule)
    assert path(built, "17.9999999999999")[1] == "16-18"


@pytest.mark.parametrize(("value", "width"), [("0.5", 1e-15), ("1e300", 1000)])
def test_intervals_finer_than_numbers_are_written_are_told(value, width):
    (mistake,) = refuse("a", [value], {"intervals": [{"start": 0, "width": width}]})
    assert mistake == (
        f"level 1 of `intervals`: the width {width} cannot tell {value} from its neighbours; take "
        "wider intervals"
    )


def test_intervals_of_a_width_count_from_their_start():
    built = build_hierarchy("age", ["1", "6"], {"intervals": [{"start": 2, "width": 5}]})
    assert path(built, "1") == ["1", "-3-2", "*"]
    assert path(built, "6") == ["6", "2-7", "*"]


def test_intervals_stand_above_each_other_from_narrow_to_wide():
    widths = [{"start": 0, "width": width} for width in (5, 10, 20)]
    built = build_hierarchy("age", ["80.0"], {"intervals": widths})
    assert path(built, "80.0") == ["80.0", "80-85", "80-90", "80-100", "*"]


def test_a_decimal_width_holds_its_own_multiples():
    # 0.3 ÷ 0.1 is 2.999… in double precision; 0.3 still begins the interval 0.3-0.4, and that of
    # the edges, which end at another double than the third multiple of 0.1, holds it.
    levels = [{"start": 0, "width": 0.1}, {"edges": [0, 0.3, 0.4, 1]}, {"edges": [0, 0.4, 1]}]
    built = build_hierarchy("ph", ["0.3"], {"intervals": levels})
    assert path(built, "0.3") == ["0.3", "0.3-0.4", "0.3-0.4", "0-0.4", "*"]


def test_intervals_between_edges_are_closed_below_and_open_above():
    built = build_hierarchy("bmi", ["29.99", "30.0"], {"intervals": [{"edges": [10, 30, 50]}]})
    assert path(built, "29.99") == ["29.99", "10-30", "*"]
    assert path(built, "30.0") == ["30.0", "30-50", "*"]


def test_labels_of_large_intervals_keep_all_digits():
    built = build_hierarchy(
        "salary", ["1234567", "1234569"], {"intervals": [{"start": 0, "width": 1}]}
    )
    assert path(built, "1234567") == ["1234567", "1234567-1234568", "*"]
    assert path(built, "1234569") == ["1234569", "1234569-1234570", "*"]


@pytest.mark.parametrize(
    "level",
    [
        {"start": 0, "width": 9, "open_below": 18, "open_above": 90},
        {"edges": [18, 27, 90], "open_below": 18, "open_above": 90},
        {"edges": [0, 18, 27, 90, 120], "open_below": 18, "open_above": 90},
    ],
    ids=["width", "edges", "more edges"],
)
def test_open_intervals_hold_everything_below_and_everything_from_a_number(level):
    ages = ["-3", "17", "18", "90", "200"]
    built = build_hierarchy("age", ages, {"intervals": [level]})
    assert [path(built, age)[1] for age in ages] == ["<18", "<18", "18-27", ">=90", ">=90"]


def test_open_intervals_may_meet():
    level = {"edges": [0, 18], "open_below": 18, "open_above": 18}
    built = build_hierarchy("age", ["17", "18"], {"intervals": [level]})
    assert [path(built, age)[1] for age in ("17", "18")] == ["<18", ">=18"]


def test_open_intervals_may_widen():
    levels = [{"start": 0, "width": 5, "open_above": 90}, {"edges": [0, 60], "open_above": 60}]
    built = build_hierarchy("age", ["7", "62", "95"], {"intervals": levels})
    assert path(built, "62") == ["62", "60-65", ">=60", "*"]
    assert path(built, "95") == ["95", ">=90", ">=60", "*"]


@pytest.mark.parametrize(
    ("label", "shown"),
    [("{low} to {high}", "10 to 20"), ("{low}-{last}", "10-19"), ("from {low}", "from 10")],
)
def test_intervals_are_labelled_as_the_rule_says(label, shown):
    level = {"start": 0, "width": 10, "open_above": 90, "label": label}
    built = build_hierarchy("age", ["10", "95"], {"intervals": [level]})
    assert [path(built, age)[1] for age in ("10", "95")] == [shown, ">=90"]


def test_intervals_between_edges_may_have_names():
    level = {
        "edges": [18, 65],
        "open_below": 18,
        "open_above": 65,
        "labels": ["child", "adult", "old"],
    }
    built = build_hierarchy("age", ["5", "18", "70"], {"intervals": [level]})
    assert [path(built, age)[1] for age in ("5", "18", "70")] == ["child", "adult", "old"]
    closed = {"edges": [0, 0.1, 0.3], "labels": ["low", "high"]}
    built = build_hierarchy("ph", ["0.05", "0.1"], {"intervals": [closed]})
    assert [path(built, ph)[1] for ph in ("0.05", "0.1")] == ["low", "high"]


def test_the_same_name_may_stand_for_the_same_interval_on_two_levels():
    levels = [
        {"edges": [0, 18, 65, 120], "labels": ["child", "adult", "old"]},
        {"edges": [0, 65, 120], "labels": ["below 65", "old"]},
    ]
    assert path(build_hierarchy("age", ["70"], {"intervals": levels}), "70") == [
        "70",
        "old",
        "old",
        "*",
    ]


@pytest.mark.parametrize(
    ("level", "mistakes"),
    [
        (
            {"edges": [10, 30, 20]},
            ["level 1 of `intervals`: the edges [10, 30, 20] do not rise; sort them"],
        ),
        (
            {"edges": [10, float("inf")]},
            ["level 1 of `intervals`: the numbers [10, inf] are not all finite; give finite ones"],
        ),
        (
            {"edges": [10, 50], "open_above": 40},
            [
                "level 1 of `intervals`: `open_above: 40` is none of the edges [10, 50]; give one "
                "of them, or add it to them"
            ],
        ),
        (
            {"start": 0, "width": 10, "open_below": 12},
            [
                "level 1 of `intervals`: `open_below: 12` cuts the interval 10-20; give one of its "
                "ends"
            ],
        ),
        (
            {"start": 0, "width": 10, "open_below": 40, "open_above": 20},
            ["level 1 of `intervals`: `open_below: 40` is more than `open_above: 20`; swap them"],
        ),
        (
            {"start": 0, "width": 10, "label": "{low} to {hihg}"},
            [
                "level 1 of `intervals`: `label` has the unknown field {hihg}; use {low}, {high} "
                "or {last}"
            ],
        ),
        (
            {"start": 0, "width": 10, "label": "{low:.1f}"},
            [
                "level 1 of `intervals`: `label` has the unknown field {low:.1f}; use {low}, "
                "{high} or {last}"
            ],
        ),
        (
            {"start": 0, "width": 10, "label": "{low} to {high"},
            [
                "level 1 of `intervals`: `label` '{low} to {high' has a brace without its partner; "
                "write {low}, {high} or {last}"
            ],
        ),
        (
            {"start": 0, "width": 2.5, "label": "{low}-{last}"},
            [
                "level 1 of `intervals`: `label` has {last}, the last whole number of an interval, "
                "but 2.5 is no whole number; use {high}, or whole numbers and `type: integer`"
            ],
        ),
        (
            {"start": 0, "width": 10, "label": "{low}", "labels": ["young"]},
            ["level 1 of `intervals`: it has both `label` and `labels`; keep one of them"],
        ),
        (
            {"start": 0, "width": 10, "labels": ["young"]},
            [
                "level 1 of `intervals`: `labels` need `edges`; give those in place of `start` and "
                "`width`, or a `label`"
            ],
        ),
        (
            {"edges": [18, 65], "open_above": 65, "labels": ["adult", "*", "old"]},
            [
                "level 1 of `intervals`: it has 3 `labels` for the intervals 18-65, >=65; give one "
                "for each",
                "level 1 of `intervals`: '*' among its `labels` is that of the root; use another "
                "one",
            ],
        ),
    ],
)
def test_a_level_that_is_wrong_in_itself_is_told(level, mistakes):
    assert refuse("age", ["20"], {"intervals": [level]}) == mistakes


def test_the_last_whole_number_needs_values_that_are_whole_numbers():
    level = {"start": 0, "width": 10, "label": "{low}-{last}"}
    assert refuse("age", ["20.0"], {"intervals": [level]}) == [
        "level 1 of `intervals`: `label` has {last}, the last whole number of an interval, but "
        "20.0 is no whole number; use {high}, or whole numbers and `type: integer`"
    ]


def test_each_value_outside_the_edges_is_told():
    assert refuse("bmi", ["9.99", "20.0", "50.0"], {"intervals": [{"edges": [10, 30, 50]}]}) == [
        "the value 9.99 lies outside the edges 10 to 50 of level 1; add an edge below it, or "
        "`open_below: 10`",
        "the value 50.0 lies outside the edges 10 to 50 of level 1; add an edge above it, or "
        "`open_above: 50`",
    ]


def test_each_value_that_is_no_number_is_told():
    assert refuse("size", ["tall", "5", "nan"], {"intervals": [{"start": 0, "width": 5}]}) == [
        "the value 'tall' is no number, so it lies in no interval; mend it, or give the attribute "
        "a `tree`",
        "the value 'nan' is no number, so it lies in no interval; mend it, or give the attribute "
        "a `tree`",
    ]


@pytest.mark.parametrize(
    ("levels", "cut"),
    [
        ([{"start": 0, "width": 20}, {"start": 0, "width": 10}], "0-10 of level 2 cuts 0-20"),
        # 5 lies in 4-8, which reaches into 0-6 and 6-12.
        ([{"start": 0, "width": 4}, {"start": 0, "width": 6}], "0-6 of level 2 cuts 4-8"),
        ([{"edges": [0, 10, 20]}, {"edges": [0, 7, 20]}], "0-7 of level 2 cuts 0-10"),
        # No value lies in 15-20.
        ([{"start": 0, "width": 5}, {"edges": [0, 18, 65]}], "0-18 of level 2 cuts 15-20"),
        (
            [{"edges": [0, 3], "open_above": 3}, {"edges": [0, 20]}],
            "0-20 of level 2 cuts >=3",
        ),
    ],
)
def test_a_level_that_cuts_an_interval_of_the_one_before_is_told(levels, cut):
    assert refuse("age", ["5"], {"intervals": levels}) == [
        f"the interval {cut} of level 1; order the levels from narrow to wide, and make every edge "
        "of level 2 an edge of level 1"
    ]


def test_a_level_that_repeats_the_one_before_is_told():
    levels = [{"start": 0, "width": 10}, {"start": 0, "width": 10, "label": "{low}"}]
    mistakes = refuse("age", ["5"], {"intervals": levels})
    assert mistakes == ["level 2 of `intervals` repeats level 1; leave one of them out"]


def test_a_label_of_two_intervals_is_told():
    levels = [{"start": 0, "width": width, "label": "from {low}"} for width in (10, 20)]
    assert refuse("age", ["5"], {"intervals": levels}) == [
        "the label 'from 0' stands for 0-10 on level 1 and for 0-20 on level 2; give each interval "
        "a label of its own"
    ]


def test_a_label_that_is_a_value_is_told():
    level = {"start": 0, "width": 2, "label": "{low}"}
    assert refuse("age", ["4", "5"], {"intervals": [level]}) == [
        "'4' is a value and generalizes others too; use another label for one of them"
    ]


# Prefixes


def test_codes_are_cut_to_their_first_characters():
    built = build_hierarchy("illness", ["E11", "E11.9", "J4"], {"prefixes": [3, 1]})
    assert path(built, "E11.9") == ["E11.9", "E11*", "E*", "*"]
    assert path(built, "E11") == ["E11", "E11*", "E*", "*"]


def test_a_code_that_is_shorter_than_the_prefix_stays_as_it_is():
    built = build_hierarchy("illness", ["J", "J4", "J45"], {"prefixes": [3, 2]})
    assert path(built, "J45") == ["J45", "J45*", "J4*", "*"]
    assert path(built, "J4") == ["J4", "J4", "J4*", "*"]
    assert path(built, "J") == ["J", "J", "J", "*"]


def test_prefixes_that_do_not_fall_are_told():
    assert refuse("zip", ["12345"], {"prefixes": [1, 3, 3]}) == [
        "level 2 of `prefixes` keeps 3 characters where level 1 keeps 1; order the levels from "
        "narrow to wide, so that the numbers fall",
        "level 3 of `prefixes` keeps 3 characters where level 2 keeps 3; order the levels from "
        "narrow to wide, so that the numbers fall",
    ]


def test_a_code_that_looks_like_a_label_of_prefixes_is_told():
    assert refuse("zip", ["123*", "12345"], {"prefixes": [3]}) == [
        "the value '123*' ends in `*` as the labels of `prefixes` do; mend it in the table, or "
        "give the attribute a `tree`"
    ]


# Dates


def test_dates_are_generalized_to_longer_and_longer_times():
    built = build_hierarchy("birth", ["1980-03-31", "1980-04-01"], {"dates": list(TIMES)})
    assert path(built, "1980-03-31") == [
        "1980-03-31",
        "1980-03",
        "1980-Q1",
        "1980",
        "1980s",
        "*",
    ]
    assert path(built, "1980-04-01")[1:3] == ["1980-04", "1980-Q2"]


def test_levels_of_dates_may_be_left_out():
    built = build_hierarchy("birth", ["1999-12-31"], {"dates": ["quarter", "decade"]})
    assert path(built, "1999-12-31") == ["1999-12-31", "1999-Q4", "1990s", "*"]


def test_dates_in_another_order_are_told():
    assert refuse("birth", ["1980-03-01"], {"dates": ["year", "month"]}) == [
        "level 2 of `dates`, `month`, is not wider than level 1, `year`; order the levels from "
        "narrow to wide, such as [month, year]"
    ]


@pytest.mark.parametrize("value", ["1980-02-30", "01.03.1980", "1980-W09-1", "19800301", "1980"])
def test_a_value_that_is_no_date_is_told(value):
    assert refuse("birth", ["1980-03-01", value], {"dates": ["year"]}) == [
        f"the value {value!r} is no date as YYYY-MM-DD; mend it, or give the column `type: date` "
        "and say by `format` how its dates are written"
    ]


# Trees, or none


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


def test_all_mistakes_of_a_tree_are_told():
    tree = {"Europe": ["Turkey"], "Asia": ["Turkey"], "Africa": "Mali", "America": [["Peru"]]}
    assert refuse("country", ["Chile", "Turkey", "yes"], {"tree": tree}) == [
        "the leaf 'Turkey' stands twice in the tree; keep it under one node",
        "under Africa stands 'Mali' where a list of leaves should be",
        "in the list under America stands ['Peru'] where a leaf should be",
        "the value 'Chile' is no leaf of the tree; add it under the node that generalizes it, in "
        "quotes if it looks like yes or 010",
        "the value 'yes' is no leaf of the tree; add it under the node that generalizes it, in "
        "quotes if it looks like yes or 010",
    ]


@pytest.mark.parametrize("below", [5, None])
def test_a_tree_without_a_list_of_leaves_is_told(below):
    assert refuse("country", [], {"tree": {"World": {"Asia": below}}}) == [
        f"under Asia in World stands {below!r} where a list of leaves should be"
    ]


def test_leaves_are_in_the_order_of_their_tree():
    tree = {"North": ["Carn", "Aln"], "South": ["Esk", "Brae", "Dun"]}
    built = build_hierarchy("town", ["Aln", "Brae", "Carn", "Esk", ""], {"tree": tree})
    assert built.labels[: built.leaf_count] == ("Carn", "Aln", "Esk", "Brae", "")


def test_a_node_under_two_others_is_told():
    tree = {"Europe": {"North": ["Sweden"]}, "America": {"North": ["Canada"]}}
    assert refuse("country", ["Canada", "Sweden"], {"tree": tree}) == [
        "'North' lies under both 'Europe' and 'America' of level 2; order the levels from narrow "
        "to wide, and give different nodes different labels"
    ]


@pytest.mark.parametrize("rule", [{}, {"tree": {"known": ["Female"], "unknown": ["*"]}}])
def test_a_value_that_is_written_like_the_root_is_told(rule):
    assert refuse("gender", ["*", "Female"], rule) == [
        "'*' is a value and generalizes others too; use another label for one of them"
    ]


# In a description


def describe(folder, hierarchy):
    (folder / "clinic.yaml").write_text(
        "name: clinic\ntitle: Clinic\nfile: clinic.csv\ncolumns:\n"
        f"  age: {{role: quasi-identifier, type: integer, hierarchy: {hierarchy}}}\n"
        "  ill: {role: target, type: integer}\n"
    )
    return read_description(folder / "clinic.yaml", "clinic.yaml")["columns"]["age"]["hierarchy"]


@pytest.mark.parametrize(
    "hierarchy",
    [
        "{}",
        "{file: age.csv}",
        f"{{file: age.csv, sha256: {'a' * 64}, sources: [{{url: 'https://x.org/age.csv'}}]}}",
        "{prefixes: [3, 1]}",
        "{dates: [month, quarter, year, decade]}",
        "{tree: {low: [1, 2]}}",
        "{intervals: [{start: 0, width: 5, open_above: 90, label: '{low} to {last}'}]}",
        "{intervals: [{edges: [0, 5], open_below: 0, open_above: 5, labels: [a, b, c]}]}",
    ],
)
def test_a_description_takes_each_rule(tmp_path, hierarchy):
    assert isinstance(describe(tmp_path, hierarchy), dict)


@pytest.mark.parametrize(
    ("hierarchy", "message"),
    [
        (
            "{file: a.csv, prefixes: [1]}",
            "`columns.age.hierarchy` is {'file': 'a.csv', 'prefixes': [1]}; it should be one of "
            "`intervals`, `tree`, `prefixes`, `dates`, `code` and `file` (with its `sha256` and "
            "`sources`), or {} for the flat hierarchy",
        ),
        ("{dates: [year], prefixes: [1]}", "it should be one of `intervals`"),
        (f"{{sha256: {'a' * 64}}}", "it should be one of `intervals`"),
        ("{prefixes: [0]}", "`columns.age.hierarchy.prefixes[0]` is 0; it should be a whole"),
        ("{prefixes: 3}", "it should be a falling list of how many characters are kept"),
        ("{code: {}}", "`columns.age.hierarchy.code` lacks the key `system`; add it"),
        (
            "{code: {system: icd11}}",
            "`columns.age.hierarchy.code.system` is 'icd11'; it should be `icd10`, `icd9cm`, "
            "`atc`, `nuts`, `uk_postcode` or `isco`",
        ),
        ("{dates: [week]}", "it should be `month`, `quarter`, `year` or `decade`"),
        (
            "{intervals: [{start: 0, width: 5, label: five}]}",
            "`columns.age.hierarchy.intervals[0].label` is 'five'; it should be a text with {low}, "
            "{high} or {last} in it",
        ),
    ],
)
def test_a_description_takes_nothing_else(tmp_path, hierarchy, message):
    with pytest.raises(UserError, match=re.escape(message)):
        describe(tmp_path, hierarchy)


# By any rule


def draw_widths(data, key):
    """Widths that are multiples of each other, some of them open at a multiple of all."""
    factors = data.draw(st.lists(st.integers(2, 4), min_size=1, max_size=3))
    widths = [1]
    for factor in factors:
        widths.append(widths[-1] * factor)
    opened = {key: data.draw(st.integers(-2, 2)) * widths[-1]} if key else {}
    return [{"start": 0, "width": width, **opened} for width in widths]


def draw_edges(data):
    edges = sorted(data.draw(st.sets(st.integers(-50, 50), min_size=2, max_size=12)))
    fewer = [edges[0], *edges[1:-1][::2], edges[-1]]
    open_ends = {"open_below": edges[0], "open_above": edges[-1]}
    return [{"edges": e, **open_ends} for e in ([edges, fewer] if fewer != edges else [edges])]


@given(data=st.data())
def test_every_rule_gives_every_value_a_leaf_and_levels_that_nest(data):
    name = data.draw(st.sampled_from(["widths", "edges", "prefixes", "dates"]))
    numbers = st.integers(-100, 100).map(str)
    if name == "widths":
        key = data.draw(st.sampled_from(["", "open_below", "open_above"]))
        values, rule = numbers, {"intervals": draw_widths(data, key)}
    elif name == "edges":
        values, rule = numbers, {"intervals": draw_edges(data)}
    elif name == "prefixes":
        lengths = data.draw(st.sets(st.integers(1, 6), min_size=1))
        values, rule = st.text("ab1.-", min_size=1), {"prefixes": sorted(lengths, reverse=True)}
    else:
        times = data.draw(st.sets(st.sampled_from(TIMES), min_size=1))
        values = st.dates(date(1000, 1, 1)).map(date.isoformat)
        rule = {"dates": sorted(times, key=TIMES.index)}
    domain = [*data.draw(st.lists(values, min_size=1, unique=True)), ""]
    built = build_hierarchy("x", domain, rule)
    assert built.labels[: built.leaf_count] == tuple(domain)
    assert path(built, "") == [*[""] * built.height, "*"]
    for nodes in built.ancestors.tolist():
        assert nodes[-1] == built.root
        covered = [
            {leaf for leaf, way in enumerate(built.ancestors.tolist()) if node in way}
            for node in nodes
        ]
        assert all(low <= high for low, high in pairwise(covered))
    for low, high in pairwise(built.ancestors.T.tolist()):
        assert len(set(zip(low, high, strict=True))) == len(set(low))


@pytest.mark.parametrize("digits", [310, 4301, 50_000])
@pytest.mark.parametrize(
    "rule", [{"intervals": [{"start": 0, "width": 10}]}, {"tree": {"a": ["1"]}}]
)
def test_a_number_of_any_length_is_told_in_a_short_sentence(digits, rule):
    for long in ("9" * digits, "-" + "9" * digits, "0" * digits + "9007199254740993"):
        with pytest.raises(HierarchyError, match=r"the (value|whole number) ") as caught:
            build_hierarchy("age", ["1", long], rule)
        assert all(len(mistake) < 400 for mistake in caught.value.mistakes)
