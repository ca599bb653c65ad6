import ast
import re
from pathlib import Path

import pandas as pd
import pytest

from anonify.verification import releases as verification
from anonify.verification import sets
from anonify.verification.releases import (
    Verification,
    VerificationError,
    number_classes,
    verify_labels,
    verify_levels,
    verify_other_columns,
    verify_recoding,
    verify_release,
)


@pytest.fixture
def files(tmp_path):
    (tmp_path / "sex.csv").write_text("F;*\nM;*\n")
    (tmp_path / "age.csv").write_text("1;1-3;*\n2;1-3;*\n3;3-5;*\n")
    return {"sex": tmp_path / "sex.csv", "age": tmp_path / "age.csv"}


def table(*rows):
    frame = pd.DataFrame(rows, columns=["sex", "age", "ill", "is_suppressed"])
    return frame.astype({"sex": "category", "age": "category"})


@pytest.fixture
def original():
    rows = [("F", "1", 0, False), ("F", "2", 1, False), ("M", "3", 0, False)]
    return table(*rows).drop(columns="is_suppressed")


@pytest.fixture
def release():
    return table(("F", "1-3", 0, False), ("F", "1-3", 1, False), ("*", "*", 0, True))


def change(release, record, **values):
    """The release with other values in a record."""
    frame = release.astype("object")
    for name, value in values.items():
        frame.loc[record, name] = value
    return frame.astype({"is_suppressed": "bool", "ill": "int64"})


# Classes


def test_classes_and_suppressed_records_are_counted(release):
    assert verify_release(release, ["sex", "age"], 2, 3) == Verification(2, 1, 1)


def test_the_achieved_k_is_the_size_of_the_smallest_class():
    frame = table(*[("F", "1", 0, False)] * 3, *[("M", "1", 0, False)] * 4)
    assert verify_release(frame, ["sex", "age"], 2, 7) == Verification(3, 2, 0)


def test_a_class_that_is_too_small_is_named(release):
    with pytest.raises(
        VerificationError, match=r"class \(F, 1-3\) has 2 records, fewer than k = 3"
    ):
        verify_release(release, ["sex", "age"], 3, 3)


def test_a_class_that_is_too_small_is_named_with_a_single_quasi_identifier(release):
    with pytest.raises(VerificationError, match=r"class \(F\) has 2 records"):
        verify_release(release, ["sex"], 3, 3)


def test_suppressed_records_do_not_fill_a_class_at_the_root(release):
    # One record of * that is not suppressed, and one that is.
    frame = change(release, 1, sex="*", age="*")
    with pytest.raises(VerificationError, match=r"class \(.*\) has 1 records"):
        verify_release(frame, ["sex", "age"], 2, 3)


def test_a_record_without_a_value_is_not_overlooked(release):
    with pytest.raises(VerificationError):
        verify_release(change(release, 2, age=None, is_suppressed=False), ["sex", "age"], 2, 3)


@pytest.mark.parametrize("count", [2, 4])
def test_a_lost_or_added_record_is_found(release, count):
    with pytest.raises(VerificationError, match=f"3 records were released of {count}"):
        verify_release(release, ["sex", "age"], 2, count)


def test_a_table_of_suppressed_records_alone_achieves_0():
    frame = table(("*", "*", 0, True), ("*", "*", 1, True))
    assert verify_release(frame, ["sex", "age"], 2, 2) == Verification(0, 0, 2)


# Record by record


def test_a_right_recoding_passes(original, release, files):
    verify_recoding(original, release, files)


@pytest.mark.parametrize("label", ["3-5", "2", "1-5"])
def test_a_value_that_does_not_cover_the_original_is_found(original, release, files, label):
    with pytest.raises(VerificationError, match=f"age: '{label}' does not generalize '1'"):
        verify_recoding(original, change(release, 0, age=label), files)


def test_a_suppressed_record_that_shows_a_value_is_found(original, release, files):
    with pytest.raises(VerificationError, match="sex: 1 suppressed records show a value"):
        verify_recoding(original, change(release, 2, sex="M"), files)


def test_a_changed_sensitive_value_is_found(original, release, files):
    with pytest.raises(VerificationError, match="ill: values differ"):
        verify_recoding(original, change(release, 1, ill=0), files)


def test_quotation_marks_belong_to_the_label(tmp_path):
    (tmp_path / "size.csv").write_text('"""s""";*\n"5"" pipe";*\n')
    frame = pd.DataFrame({"size": pd.Categorical(['"s"', '5" pipe'])})
    verify_recoding(frame, frame.assign(is_suppressed=False), {"size": tmp_path / "size.csv"})


def test_a_record_that_recoding_lost_is_found(original, release, files):
    with pytest.raises(VerificationError, match="2 records were released of 3"):
        verify_recoding(original, release.iloc[:2], files)


# Tables in unknown order


def test_labels_of_the_hierarchies_pass(release, files):
    verify_labels(release, files)


def test_a_label_that_is_in_no_hierarchy_is_found(release, files):
    with pytest.raises(VerificationError, match="age: '1-9' is not in the hierarchy"):
        verify_labels(change(release, 0, age="1-9"), files)


def test_other_columns_may_come_in_another_order(original, release):
    verify_other_columns(original, release.iloc[[2, 0, 1]], ["ill"])


def test_a_changed_value_is_found_in_any_order(original, release):
    with pytest.raises(VerificationError, match=r"2 combinations .* such as ill [01]$"):
        verify_other_columns(original, change(release, 1, ill=0).iloc[[2, 0, 1]], ["ill"])


def test_values_that_changed_places_between_records_are_found(original, release):
    # Both columns have the same values as before, but no longer together.
    before, after = (frame.assign(old=[0, 1, 1]) for frame in (original, release))
    after["old"] = [1, 0, 1]
    verify_other_columns(before, after, ["old"])
    with pytest.raises(VerificationError, match="such as ill"):
        verify_other_columns(before, after, ["ill", "old"])


# Independence


def test_verification_shares_no_code_with_what_it_verifies():
    files = [Path(each.__file__) for each in (verification, sets)]
    nodes = [node for file in files for node in ast.walk(ast.parse(file.read_text()))]
    imported = [
        alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names
    ]
    imported += [
        "." * node.level + (node.module or "") for node in nodes if isinstance(node, ast.ImportFrom)
    ]
    assert "pandas" in imported
    ours = {name for name in imported if name.startswith((".", "anonify"))}
    assert ours == {"anonify.verification.sets"}


# Ranges


@pytest.fixture
def ranges(tmp_path):
    (tmp_path / "age.csv").write_text('1\n2.5\n30\n""\n')
    return {"age": tmp_path / "age.csv"}


def recode(files, value, label, is_suppressed=False):
    before = pd.DataFrame({"age": [value]})
    verify_recoding(before, pd.DataFrame({"age": [label], "is_suppressed": is_suppressed}), files)


@pytest.mark.parametrize(
    ("value", "label"),
    [("2.5", "2.5"), ("2.5", "[1, 2.5]"), ("2.5", "[1, 30]"), ("2.5", "*"), ("", ""), ("", "*")],
)
def test_a_range_generalizes_the_values_within_it(ranges, value, label):
    recode(ranges, value, label)
    verify_labels(pd.DataFrame({"age": [label]}), ranges)


@pytest.mark.parametrize(
    ("value", "label"),
    [
        ("30", "[1, 2.5]"),
        ("1", "[2.5, 30]"),
        ("", "[1, 30]"),
        ("1", "2.5"),
        ("2.5", "[1, 20]"),
        ("2.5", "[30, 1]"),
        ("2.5", "1-30"),
        ("7", "*"),
    ],
)
def test_anything_else_does_not(ranges, value, label):
    with pytest.raises(VerificationError, match="does not generalize"):
        recode(ranges, value, label)


def test_a_suppressed_record_shows_no_range(ranges):
    recode(ranges, "1", "*", is_suppressed=True)
    with pytest.raises(VerificationError, match="show a value"):
        recode(ranges, "1", "[1, 30]", is_suppressed=True)


@pytest.mark.parametrize("label", ["[1, 20]", "[30, 1]", "[1, ]", "7"])
def test_a_range_between_other_values_is_not_in_the_hierarchy(ranges, label):
    with pytest.raises(VerificationError, match="not in the hierarchy"):
        verify_labels(pd.DataFrame({"age": [label]}), ranges)


# Ranges that end at cut points


@pytest.fixture
def cut(tmp_path):
    (tmp_path / "age.csv").write_text('0;2;10.5;30\n1\n2\n2.5\n30\n""\n')
    return {"age": tmp_path / "age.csv"}


@pytest.mark.parametrize(
    ("value", "label"),
    [
        ("1", "[0, 2["),
        ("2", "[2, 10.5["),
        ("2", "[0, 10.5["),
        ("30", "[10.5, 30]"),
        ("2.5", "[0, 30]"),
        ("2.5", "*"),
        ("", ""),
        ("", "*"),
    ],
)
def test_a_range_between_cut_points_generalizes_the_values_within_it(cut, value, label):
    recode(cut, value, label)
    verify_labels(pd.DataFrame({"age": [label]}), cut)


@pytest.mark.parametrize(
    ("value", "label"),
    [
        # The upper end is not in a range, unless it is the last one.
        ("2", "[0, 2["),
        ("30", "[10.5, 30["),
        ("1", "[0, 2]"),
        ("1", "[2, 10.5["),
        # A value shows itself, or the values that it lies between.
        ("1", "1"),
        ("1", "[1, 2["),
        ("2.5", "[2, 2.5]"),
        ("1", "[0, 7["),
        ("1", "[2, 0["),
        ("", "[0, 30]"),
        ("1", ""),
        ("7", "[2, 10.5["),
        ("7", "*"),
    ],
)
def test_anything_else_does_not_where_there_are_cut_points(cut, value, label):
    with pytest.raises(VerificationError, match="does not generalize"):
        recode(cut, value, label)


@pytest.mark.parametrize(
    "label", ["1", "[1, 2]", "[0, 2]", "[10.5, 30[", "[0, 31]", "30", "]0, 2["]
)
def test_a_range_that_ends_elsewhere_is_not_in_the_hierarchy(cut, label):
    with pytest.raises(VerificationError, match="not in the hierarchy"):
        verify_labels(pd.DataFrame({"age": [label]}), cut)


# Levels


def show_ages(*labels, is_suppressed=False):
    return pd.DataFrame({"age": labels, "is_suppressed": is_suppressed})


@pytest.fixture
def steps(tmp_path):
    # Of the third value a label stays the same over two levels.
    (tmp_path / "age.csv").write_text("1;1-3;1-9;*\n2;1-3;1-9;*\n5;4-9;4-9;*\n;;;*\n")
    return {"age": tmp_path / "age.csv"}


@pytest.mark.parametrize(
    ("levels", "labels"),
    [
        ((0, None), ["1", "5", "1-3", "*", ""]),
        ((1, None), ["1-3", "4-9", "*", ""]),
        ((2, 2), ["1-9", "4-9", ""]),
        ((0, 1), ["2", "4-9", ""]),
    ],
)
def test_allowed_levels_and_suppressed_records_pass(steps, levels, labels):
    verify_levels(show_ages(*labels), steps, {"age": levels})
    verify_levels(show_ages("*", is_suppressed=True), steps, {"age": levels})


@pytest.mark.parametrize(
    ("levels", "label"),
    [((1, None), "1"), ((1, None), "5"), ((2, 2), "1-3"), ((0, 2), "*"), ((0, 1), "1-9")],
)
def test_another_level_is_told(steps, levels, label):
    with pytest.raises(VerificationError, match=f"age: '{re.escape(label)}' is on none of the lev"):
        verify_levels(show_ages("4-9", label), steps, {"age": levels})


@pytest.mark.parametrize("kind", ["category", "object"])
def test_classes_are_numbered_in_the_order_of_their_values(kind):
    frame = pd.DataFrame({"sex": ["m", "f", None, "m", "f"], "age": ["2", "1", "1", "1", "1"]})
    frame = frame.astype(kind)
    expected = frame.groupby(["sex", "age"], observed=True, dropna=False).ngroup()
    assert number_classes(frame).tolist() == expected.tolist() == [2, 0, 3, 1, 0]


def test_many_values_do_not_mix_classes_up():
    # Four columns of a hundred thousand values: more tuples than 63 bits can number.
    frame = pd.DataFrame(
        {name: pd.Categorical.from_codes([9, 0, 9], range(100_000)) for name in "abcd"}
    )
    assert number_classes(frame).tolist() == [1, 0, 1]


# Sets


@pytest.fixture
def trees(tmp_path):
    (tmp_path / "town.csv").write_text('Aln;North;*\n"B, {x}";North;*\nCarn;South;*\n"";*;*\n')
    (tmp_path / "age.csv").write_text("1;1-3;*\n2;1-3;*\n3;3-5;*\n4.5;3-5;*\n")
    return {name: tmp_path / f"{name}.csv" for name in ("town", "age")}


def check_set(trees, name, value, label):
    before = pd.DataFrame({name: [value]})
    after = pd.DataFrame({name: [label], "is_suppressed": False})
    verify_recoding(before, after, {name: trees[name]})
    verify_labels(after, {name: trees[name]})


@pytest.mark.parametrize(
    ("name", "value", "label"),
    [
        ("town", "Carn", "{Aln, Carn}"),
        ("town", "B, {x}", '{Aln, "B, {x}"}'),
        ("town", "", '{Carn, ""}'),
        ("town", "Aln", "{North, Carn}"),
        ("age", "2", "[1, 3]"),
        ("age", "4.5", "{1, 4.5}"),
    ],
)
def test_a_set_covers_its_values(trees, name, value, label):
    check_set(trees, name, value, label)


@pytest.mark.parametrize(
    ("name", "value", "label"),
    [
        ("town", "Carn", "{Aln, North}"),
        ("town", "Carn", "{Carn}"),
        ("town", "Carn", "{Carn, Carn}"),
        ("town", "Carn", "{Carn, Dun}"),
        ("town", "Carn", "{Carn, Aln"),
        ("town", "Carn", '{Carn, "Aln}'),
        ("town", "Aln", "[Aln, Carn]"),
        ("age", "4.5", "[1, 3]"),
        ("age", "2", "[1, 3["),
        ("age", "2", "[0, 3]"),
        ("age", "2", "{1, 3}"),
    ],
)
def test_a_set_without_the_value_or_of_others_than_values_is_told(trees, name, value, label):
    with pytest.raises(VerificationError, match=f"{name}: .* does not generalize {value!r}"):
        check_set(trees, name, value, label)


def test_a_set_of_allowed_nodes_below_one_of_the_highest_level_passes(trees):
    def verify(label, levels):
        shown = pd.DataFrame({"age": [label], "is_suppressed": False})
        verify_levels(shown, {"age": trees["age"]}, {"age": levels})

    verify("{1-3, 3-5}", (1, 2))
    verify("[1, 2]", (0, 1))
    for label, levels in [("[1, 2]", (1, 2)), ("[2, 3]", (0, 1)), ("{1-3, 3}", (1, 2))]:
        with pytest.raises(VerificationError, match="is on none of the levels"):
            verify(label, levels)
