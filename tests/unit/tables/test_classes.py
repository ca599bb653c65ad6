import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from tests.unit.counted import draw_clinic

from anonify.base.values import RECORDS
from anonify.tables.classes import (
    count_classes,
    count_keys,
    count_selected,
    group,
    match_classes,
    pack,
)
from anonify.tables.counts import count_rows, select_rows

# Of codes


def test_records_with_the_same_tuple_form_a_group():
    groups = group(np.array([[1, 0], [0, 2], [1, 0], [1, 1]]))
    assert groups.tuples.tolist() == [[0, 2], [1, 0], [1, 1]]
    assert groups.sizes.tolist() == [1, 2, 1]
    assert groups.members.tolist() == [1, 0, 1, 2]


def test_tuples_that_would_meet_in_64_bits_stay_apart():
    # With three columns of 2³² codes each, the row (1, 0, 0) has the number 2⁶⁴, which wraps to
    # that of (0, 0, 0).
    last = 2**32 - 1
    codes = np.array([[0, 0, 0], [1, 0, 0], [last, last, last]])
    assert group(codes).sizes.tolist() == [1, 1, 1]


def test_rows_of_many_wide_columns_compare_as_tuples_do():
    # 12 columns of 2²⁰ codes are 240 bits. Rows differ in a single column each.
    codes = np.full((13, 12), 2**20 - 2) + np.eye(13, 12, dtype=int)
    assert np.argsort(pack(codes)).tolist() == [12, *range(11, -1, -1)]


@given(
    st.lists(st.tuples(st.integers(0, 9), st.integers(1, 99)), min_size=1),
    st.sampled_from([10, 10**6]),
)
def test_keys_are_counted_whether_few_or_many_are_possible(rows, span):
    keys, counts = np.array(rows).T
    present, records, numbers = count_keys(keys, counts.astype(float), span)
    expected = pd.Series(counts).groupby(keys).sum()
    assert (present.tolist(), records.tolist()) == (expected.index.tolist(), expected.tolist())
    assert present[numbers].tolist() == keys.tolist()


@given(
    st.tuples(st.integers(1, 30), st.integers(1, 6)).flatmap(
        # Few codes far apart: rows repeat, and wide columns need the renumbering.
        lambda shape: arrays(np.intp, shape, elements=st.sampled_from([0, 1, 2, 2**21, 2**31]))
    )
)
def test_groups_are_those_of_the_rows_as_tuples(codes):
    rows = [tuple(row) for row in codes.tolist()]
    groups = group(codes)
    assert [tuple(row) for row in groups.tuples.tolist()] == sorted(set(rows))
    assert [tuple(groups.tuples[group].tolist()) for group in groups.members] == rows
    assert groups.sizes.tolist() == [rows.count(row) for row in sorted(set(rows))]


# Of a released table


def table(*records):
    """Records as ``name``, or ``*`` for a suppressed one."""
    return pd.DataFrame(
        {
            "name": pd.Categorical(records),
            "is_suppressed": [record == "*" for record in records],
        }
    )


def match(anonymized, released):
    return match_classes(count_classes(anonymized, ["name"]), count_classes(released, ["name"]))


def test_classes_are_in_the_order_of_the_categories_each_with_its_records():
    frame = pd.DataFrame(
        {
            "size": pd.Categorical(["big", "small", "big"], ["small", "big", "huge"], ordered=True),
            "sex": pd.Categorical(["f", "m", "f"]),
            "ill": [1, 0, 0],
        },
        index=[5, 5, 6],
    )
    classes = count_classes(frame, ["size", "sex"])
    assert classes.tuples.values.tolist() == [["small", "m"], ["big", "f"]]
    assert classes.tuples.index.tolist() == [0, 1]
    assert classes.sizes.tolist() == [1, 2]
    assert classes.members.tolist() == [1, 0, 1]
    assert not classes.is_suppressed.any()


def test_suppressed_records_are_apart_from_a_class_at_the_root():
    frame = table("*", "*", "*").assign(is_suppressed=[False, True, False])
    classes = count_classes(frame, ["name"])
    assert classes.tuples["name"].tolist() == ["*", "*"]
    assert classes.sizes.tolist() == [2, 1]
    assert classes.is_suppressed.tolist() == [False, True]
    assert classes.members.tolist() == [0, 1, 0]


def test_a_table_without_records_has_no_classes():
    classes = count_classes(table("a").iloc[:0], ["name"])
    assert (len(classes.tuples), len(classes.sizes), len(classes.members)) == (0, 0, 0)


def test_classes_are_counted_before_and_after_sampling():
    counted = match(table(*"aaaabbb**"), table(*"aab*"))
    assert counted.values.tolist() == [["*", True, 2, 1], ["a", False, 4, 2], ["b", False, 3, 1]]
    assert counted.columns.tolist() == ["name", "is_suppressed", "size", "released_size"]


def test_a_class_of_which_no_record_is_released_is_listed_with_0():
    # The sample is read from a file that knows other categories.
    assert match(table(*"aab"), table("b"))["released_size"].tolist() == [0, 1]


# Of counts


@pytest.mark.parametrize("has_people", [False, True])
@pytest.mark.parametrize("names", [[], ["age"], ["age", "sex"], ["ill", "sex", "age"], ["note"]])
def test_columns_are_counted_as_their_records_would_be(names, has_people):
    release = draw_clinic(5, has_people).release
    counted = count_selected(release, ["sex", "age"])(names)
    records = select_rows(release)(names)
    assert counted.dtypes[records.columns].equals(records.dtypes)
    expected = count_rows(records, [*records])
    again = count_rows(counted, [*records])
    pd.testing.assert_frame_equal(again, expected)
    assert len(counted) == len(expected)
    assert counted[RECORDS].sum() == len(release)
