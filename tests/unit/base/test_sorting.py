import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anonify.base.sorting import order_keys


@given(st.lists(st.integers(0, 2**63 - 1) | st.integers(0, 3)))
def test_places_are_those_of_a_stable_sort(keys):
    expected = sorted(range(len(keys)), key=keys.__getitem__)
    assert order_keys(np.array(keys, dtype=np.int64)).tolist() == expected


# Five numbers take three bits: with 60 bits for the key, 63 are just enough.
@pytest.mark.parametrize("largest", [2**60 - 1, 2**60])
def test_the_largest_key_that_is_joined_and_the_next_one_are_sorted_alike(largest):
    keys = np.array([largest, 0, largest - 1, largest, 0])
    assert order_keys(keys).tolist() == [1, 4, 2, 0, 3]


def test_small_types_of_numbers_are_sorted_by_value():
    keys = np.array([255, 0, 7, 255] * 100, dtype=np.uint8)
    assert keys[order_keys(keys)].tolist() == sorted(keys.tolist())
