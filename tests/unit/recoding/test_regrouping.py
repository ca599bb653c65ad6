"""Tuples of neighbouring classes that are put together anew, against a plain way to do it."""

from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.profile import draws
from tests.unit import plain_regrouping
from tests.unit.methods.test_ncp_mondrian import make_table
from tests.unit.recoding.test_neighbours import lose, start

from anonify.domains.rules import build_hierarchy
from anonify.recoding import regrouping
from anonify.recoding.axes import make_axis
from anonify.recoding.regrouping import regroup
from anonify.recoding.requirements import ClassRules

LETTERS = build_hierarchy("letter", [*"abcd"], {})
DIGITS = build_hierarchy("digit", [*"0123456789"], {"intervals": [{"start": 0, "width": 5}]})


def put_together(rows, classes, k=2):
    """The classes of tuples of a letter and a digit, as texts such as ``a0 b1``, in their row."""
    domains = (LETTERS, DIGITS)
    axes = [
        make_axis(domain, domain.find_nodes([row[place] for row in rows]).astype(np.int32))
        for place, domain in enumerate(domains)
    ]
    rules = ClassRules(np.ones(len(rows), dtype=int), k)
    made = regroup(axes, rules, np.array(classes), np.zeros(len(rows), dtype=np.intp))
    return [
        " ".join(row for row, own in zip(rows, made.tolist(), strict=True) if own == number)
        for number in range(made.max() + 1)
    ]


def draw(seed):
    random = Random(seed)
    domains, records = make_table(random)
    axes, rules, classes = start(random, domains, records, random.randint(1, 4))
    tops = np.zeros(len(classes), dtype=np.intp)
    if random.random() < 0.3:
        tops = (classes > classes.max() / 2).astype(np.intp)
    return random, domains, axes, rules, classes, tops


def test_classes_of_more_than_k_are_put_together_to_more_classes():
    # Three records lose 2/4 + 5/10 each, the others as much. The first class is of a0 and a1, which
    # lose 2/10 each; furthest from it is c9, to which c8 is nearest, and b4 and b5 are left.
    rows = ["a0", "a1", "b4", "b5", "c8", "c9"]
    assert put_together(rows, [0, 0, 0, 1, 1, 1]) == ["a0 a1", "b4 b5", "c8 c9"]


def test_what_is_left_over_joins_the_class_that_widens_least():
    # Furthest from a0 and a1 is b6, and b5 is nearest to it. By b4 the one class widens from 2 to 5
    # digits, and from a value to two letters, the other one from 2 to 3 digits.
    rows = ["a0", "a1", "b4", "b5", "b6"]
    assert put_together(rows, [0, 1, 0, 1, 1]) == ["a0 a1", "b4 b5 b6"]


def test_a_window_keeps_its_classes_where_the_new_ones_do_not_lose_less():
    # Nearest to a4 is a3. But a0 and a7 then lose 8/10 each, and all but 4 · 4/10 as they are.
    rows = ["a4", "a7", "a0", "a3"]
    assert put_together(rows, [0, 0, 1, 1]) == ["a4 a7", "a0 a3"]


def test_a_window_of_more_than_twice_its_tuples_keeps_its_classes(monkeypatch):
    rows, classes = ["a0", "b1", "a2", "b3", "a4"], [0, 0, 0, 0, 0]
    assert len(put_together(rows, classes)) == 2
    monkeypatch.setattr(regrouping, "WINDOW", 2)
    assert len(put_together(rows, classes)) == 1


@settings(max_examples=draws(300))
@given(seed=st.integers(0, 2**32))
def test_all_windows_at_once_are_regrouped_as_one_after_the_other_would_be(seed):
    random, domains, axes, rules, classes, tops = draw(seed)
    # A leaf of each unit.
    leaves = [np.unique(axis.units, return_index=True)[1][axis.of_tuples] for axis in axes]
    window = random.randint(1, 12)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(regrouping, "WINDOW", window)
        made = regroup(axes, rules, classes, tops)
    expected = plain_regrouping.regroup(leaves, rules, domains, classes, tops, window)
    found = [np.flatnonzero(made == number).tolist() for number in range(made.max() + 1)]
    assert found == [*map(sorted, expected)]


@settings(max_examples=draws(300))
@given(seed=st.integers(0, 2**32))
def test_new_classes_are_allowed_lose_no_more_and_mix_nothing(seed):
    random, _, axes, rules, classes, tops = draw(seed)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(regrouping, "WINDOW", random.randint(1, 30))
        made = regroup(axes, rules, classes, tops)
    everyone = np.arange(len(made))
    assert rules.are_allowed(everyone, made).all() == rules.are_allowed(everyone, classes).all()
    assert lose(axes, rules.counts, made) <= lose(axes, rules.counts, classes) + 1e-9
    assert {*made.tolist()} == {*range(made.max() + 1)}
    assert not {*made[tops == 0].tolist()} & {*made[tops == 1].tolist()}


@given(seed=st.integers(0, 2**32))
def test_it_does_not_matter_how_many_windows_are_gone_through_at_a_time(seed):
    _, _, axes, rules, classes, tops = draw(seed)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(regrouping, "WINDOW", 5)
        expected = regroup(axes, rules, classes, tops)
        patch.setattr(regrouping, "CELLS", 1)
        patch.setattr(regrouping, "SHRUNK", 0.1)
        found = regroup(axes, rules, classes, tops)
    assert found.tolist() == expected.tolist()
