from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anonify.recoding import lattice
from anonify.recoding.lattice import (
    FEASIBLE,
    INFEASIBLE,
    UNKNOWN,
    above,
    below,
    find_classes,
    settle,
)
from anonify.tables import classes
from anonify.tables.classes import group


def list_transformations(hierarchies):
    return list(product(*(range(tree.height + 1) for tree in hierarchies)))


@given(data=st.data(), dense=st.sampled_from([0, 1000]), most_keys=st.sampled_from([0, 2**62]))
def test_tuples_are_in_one_class_where_their_nodes_are_equal(tables, data, dense, most_keys):
    table = data.draw(tables)
    tuples = group(table.records).tuples
    levels = data.draw(st.sampled_from(list_transformations(table.hierarchies)))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(classes, "DENSE", dense)
        patch.setattr(lattice, "MOST_KEYS", most_keys)
        members = find_classes(tuples, table.hierarchies, levels)
    nodes = lattice.generalize(tuples, table.hierarchies, levels)
    for number in range(len(tuples)):
        same = (nodes == nodes[number]).all(axis=1)
        assert (members == members[number]).tolist() == same.tolist()
    assert sorted(set(members.tolist())) == list(range(members.max() + 1))


@given(shape=st.lists(st.integers(1, 4), min_size=1, max_size=3), data=st.data())
def test_whatever_is_feasible_upwards_is_settled_right(shape, data):
    # Feasible is what lies above one of some transformations.
    everything = list(product(*(range(size) for size in shape)))
    minimal = data.draw(st.lists(st.sampled_from(everything), max_size=3))
    is_feasible = np.zeros(shape, dtype=bool)
    for levels in minimal:
        is_feasible[above(levels)] = True
    known = np.full(shape, UNKNOWN, dtype=np.int8)
    looked_at = []

    def look_at(levels):
        assert known[levels] == UNKNOWN
        looked_at.append(levels)
        if is_feasible[levels]:
            known[above(levels)] = FEASIBLE
        else:
            known[below(levels)] = INFEASIBLE

    for levels in everything:
        settle(levels, known, look_at)
    assert ((known == FEASIBLE) == is_feasible).all()
    assert len(looked_at) == len(set(looked_at))
