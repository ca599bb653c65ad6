import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anonify.base.errors import UserError
from anonify.methods import get_anonymizer
from anonify.recoding.requirements import ClassRules, make_requirement
from anonify.releases.recode import release_records
from anonify.tables.classes import group
from anonify.verification.privacy import verify_requirements

RULES = [
    {"model": "distinct_l_diversity", "l": 2},
    {"model": "entropy_l_diversity", "l": 2},
    {"model": "recursive_l_diversity", "l": 2, "c": 2},
    {"model": "t_closeness", "t": 0.25},
]


def allowed(values, members, rule, k=1):
    """Whether each class is allowed, where every record is a tuple of its own."""
    requirement = make_requirement({"attribute": "illness", **rule}, pd.Series(values))
    rules = ClassRules(np.ones(len(values), dtype=int), k, [requirement])
    return rules.are_allowed(np.arange(len(values)), np.array(members)).tolist()


# By hand: a class of a, a, a, b and one of a, b, c, c. Whole table: a 4/8, b 2/8, c 2/8.

VALUES = ["a", "a", "a", "b", "a", "b", "c", "c"]
MEMBERS = [0] * 4 + [1] * 4


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ({"model": "distinct_l_diversity", "l": 2}, [True, True]),
        ({"model": "distinct_l_diversity", "l": 3}, [False, True]),
        # exp of the entropy: 1.75 and 2.83.
        ({"model": "entropy_l_diversity", "l": 2}, [False, True]),
        # 3 against 1, and 2 against 1 + 1.
        ({"model": "recursive_l_diversity", "l": 2, "c": 3}, [False, True]),
        ({"model": "recursive_l_diversity", "l": 2, "c": 3.1}, [True, True]),
        # Half of 1/4 + 0 + 1/4, and half of 1/4 + 0 + 1/4.
        ({"model": "t_closeness", "t": 0.25}, [True, True]),
        ({"model": "t_closeness", "t": 0.24}, [False, False]),
    ],
)
def test_by_hand(rule, expected):
    assert allowed(VALUES, MEMBERS, rule) == expected


def test_numbers_are_as_far_apart_as_their_ranks():
    # Whole table 1/2, 1/4, 1/4. The class of three 1 and one 2 moves 1/4 from 3 to 1: two ranks
    # of two; so 1/4 from the first to the second, 1/4 on: (1/4 + 1/4) / 2.
    numbers = [{"a": 1, "b": 2, "c": 30}[value] for value in VALUES]
    assert allowed(numbers, MEMBERS, {"model": "t_closeness", "t": 0.25}) == [True, True]
    assert allowed(numbers, MEMBERS, {"model": "t_closeness", "t": 0.24}) == [False, False]


def test_a_class_must_be_large_enough_too():
    assert allowed(VALUES, [0] * 3 + [1] * 5, {"model": "distinct_l_diversity", "l": 1}, 4) == [
        False, True
    ]  # fmt: skip


def test_the_frequencies_of_records_add_up_to_those_of_their_tuples():
    rule = {"attribute": "illness", "model": "distinct_l_diversity", "l": 1}
    requirement = make_requirement(rule, pd.Series(["b", "a", "b", "c"]))
    of_tuples = requirement.sum_up(group(np.array([[1], [0], [1], [1]])))
    assert of_tuples.frequencies.toarray().tolist() == [[1, 0, 0], [0, 2, 1]]


def test_what_the_whole_table_does_not_meet_is_told():
    with pytest.raises(UserError, match=r"entropy_l_diversity of 'illness' \(l = 2\)"):
        make_requirement(
            {"attribute": "illness", "model": "entropy_l_diversity", "l": 2},
            pd.Series(["a", "a", "a", "b"]),
        )


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["model"])
@pytest.mark.parametrize("method", ["arx", "mondrian", "ncp_mondrian", "ola"])
@given(data=st.data(), seed=st.integers(0, 2**32), is_number=st.booleans())
def test_a_method_keeps_what_is_required(tables, method, rule, data, seed, is_number):
    table = data.draw(tables)
    values = np.random.default_rng(seed).choice(["1", "2", "2", "3"], len(table.records))
    illness = pd.Series(values).astype(int if is_number else str)
    rule = {"attribute": "illness", **rule}
    try:
        requirement = make_requirement(rule, illness)
    except UserError:
        return
    anonymize = get_anonymizer(method, requirements=[requirement])
    recoding = anonymize(table.records, table.hierarchies, table.k, np.random.default_rng())
    release = release_records(pd.DataFrame({"illness": illness}), table.by_name, recoding)
    names = [tree.attribute for tree in table.hierarchies]
    verify_requirements(release, names, [rule])
    kept = release[~release["is_suppressed"]]
    assert not len(kept) or kept.groupby(names, observed=True).size().min() >= table.k
