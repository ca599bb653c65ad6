import numpy as np
import pytest

from anonify.anomed.attack import measure_attack
from anonify.base.errors import UserError


def test_false_positives_are_a_share_of_those_who_are_no_members():
    # 2 of 4 members are found; 1 of 4 others is taken for one. Divided by all 8 records, as in
    # the reference package, the rate would be 1/8.
    prediction = np.array([True, True, False, False, True, False, False, False])
    membership = np.array([True] * 4 + [False] * 4)
    assert measure_attack(prediction, membership) == {
        "accuracy": 5 / 8,
        "tpr": 0.5,
        "fpr": 0.25,
        "advantage": 0.25,
    }


@pytest.mark.parametrize("membership", [[True, True], [False, False], [True, False, True]])
def test_members_and_others_are_needed(membership):
    with pytest.raises(UserError, match="with members and others"):
        measure_attack(np.array([True, False]), np.array(membership))
