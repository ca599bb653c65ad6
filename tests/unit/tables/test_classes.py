import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from anonify.tables.classes import group, pack


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
