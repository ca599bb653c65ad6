"""Tuples that move to neighbouring classes, against a plain search among all moves."""

from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array
from tests.profile import draws
from tests.unit.methods.test_ncp_mondrian import make_table

from anonify.recoding import neighbours
from anonify.recoding.axes import make_axis
from anonify.recoding.neighbours import move_to_neighbours
from anonify.recoding.people import list_people
from anonify.recoding.requirements import ClassRules, require
from anonify.tables.classes import group


def lose(axes, counts, classes):
    """The NCP of all records, summed up, by what each class shows."""
    total = 0.0
    everyone = np.arange(len(counts), dtype=np.int32)
    for axis in axes:
        cells = axis.find_cells(everyone, classes.astype(np.int32), counts, classes.max() + 1)
        shown, nodes = axis.name(cells)
        total += counts @ shown.loss_of(nodes)[classes]
    return total


def list_better(axes, rules, classes, tops):
    """All moves that lose less than the classes as they are, found by trying each."""
    before, better = lose(axes, rules.counts, classes), []
    for tuple_, own in enumerate(classes.tolist()):
        for place in range(max(0, own - 5), min(classes.max(), own + 5) + 1):
            moved = classes.copy()
            moved[tuple_] = place
            if (
                place != own
                and (classes == own).sum() > 1
                and tops[classes == place][0] == tops[tuple_]
                and rules.are_allowed(np.arange(len(moved)), moved).all()
                and lose(axes, rules.counts, moved) < before - 1e-6
            ):
                better.append((tuple_, place))
    return better


def start(random, domains, records, k):
    """Classes in a row that keep k records, with people who have several or without."""
    groups = group(records)
    owners = np.unique([random.randint(0, 9) for _ in records], return_inverse=True)[1]
    people = list_people(groups, owners) if random.random() < 0.3 else None
    kinds = np.zeros((len(groups.tuples), 3))
    np.add.at(kinds, (groups.members, [random.randrange(3) for _ in records]), 1)
    rule = {
        "attribute": "ill",
        "model": "distinct_l_diversity",
        "l": min(2, (kinds > 0).any(0).sum()),
    }
    requirements = [require(rule, csr_array(kinds), False)] if random.random() < 0.3 else []
    rules = ClassRules(groups.sizes, k, requirements, people)
    axes = [
        make_axis(domain, leaves)
        for domain, leaves in zip(domains, groups.tuples.T.astype(np.int32), strict=True)
    ]
    order = random.sample(range(len(groups.sizes)), len(groups.sizes))
    classes, number, own = np.zeros(len(order), dtype=np.intp), 0, []
    for tuple_ in order:
        own.append(tuple_)
        classes[tuple_] = number
        if rules.are_allowed(np.array(own), np.zeros(len(own), dtype=np.intp)).all():
            number, own = number + 1, []
    if own and number:
        classes[own] = number - 1
    return axes, rules, classes


@settings(max_examples=draws(300))
@given(seed=st.integers(0, 2**32), k=st.integers(1, 4))
def test_no_move_is_left_that_loses_less(seed, k):
    random = Random(seed)
    domains, records = make_table(random)
    axes, rules, classes = start(random, domains, records, k)
    tops = np.zeros(len(classes), dtype=np.intp)
    if random.random() < 0.3:
        tops = (classes > classes.max() / 2).astype(np.intp)
    moved = move_to_neighbours(axes, rules, classes, tops)
    everyone = np.arange(len(moved))
    whole = rules.are_allowed(everyone, classes).all()
    assert rules.are_allowed(everyone, moved).all() == whole
    assert lose(axes, rules.counts, moved) <= lose(axes, rules.counts, classes) + 1e-9
    if whole:
        assert list_better(axes, rules, moved, tops) == []
    for top in (0, 1):
        assert {*moved[tops == top].tolist()} == {*classes[tops == top].tolist()}


@given(seed=st.integers(0, 2**32))
def test_it_does_not_matter_how_many_are_priced_at_a_time(seed):
    random = Random(seed)
    domains, records = make_table(random)
    axes, rules, classes = start(random, domains, records, 2)
    tops = np.zeros(len(classes), dtype=np.intp)
    expected = move_to_neighbours(axes, rules, classes, tops)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(neighbours, "AT_ONCE", 2)
        found = move_to_neighbours(axes, rules, classes, tops)
    assert found.tolist() == expected.tolist()


@given(seed=st.integers(0, 2**32), looks=st.integers(0, 3))
def test_where_it_stops_early_classes_keep_their_rules_and_lose_no_more(seed, looks):
    random = Random(seed)
    domains, records = make_table(random)
    axes, rules, classes = start(random, domains, records, 2)
    tops = np.zeros(len(classes), dtype=np.intp)
    moved = move_to_neighbours(axes, rules, classes, tops, looks)
    everyone = np.arange(len(moved))
    assert rules.are_allowed(everyone, moved).all() == rules.are_allowed(everyone, classes).all()
    assert lose(axes, rules.counts, moved) <= lose(axes, rules.counts, classes) + 1e-9
    if looks == 0:
        assert moved.tolist() == classes.tolist()


@pytest.mark.parametrize("classes", [1, 3, 11, 12, 30])
def test_five_classes_on_either_side_are_looked_at_again(classes):
    for place in range(classes):
        changed = np.arange(classes) == place
        near = np.abs(np.arange(classes) - place) <= 5
        assert neighbours._reach(changed).tolist() == near.tolist()
