"""The bounded search, against all transformations."""

from itertools import product
from random import Random

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.profile import draws
from tests.unit.conftest import draw_records, make_hierarchy

from anonify.recoding.bounded import Look, bound_by_pairs, search
from anonify.recoding.lattice import find_classes
from anonify.tables.classes import group


def make_case(random):
    """Hierarchies, distinct tuples with counts, and values that grow with the levels."""
    hierarchies = [make_hierarchy(random, name) for name in "abcd"[: random.randint(1, 4)]]
    groups = group(draw_records(random, hierarchies, 3))
    values = [
        np.cumsum([random.choice([0.0, 0.5, 1.0]) for _ in range(tree.shown_height + 1)])
        for tree in hierarchies
    ]
    return hierarchies, groups.tuples, groups.sizes, values


def count_large(tuples, counts, hierarchies, levels, k):
    sizes = np.bincount(find_classes(tuples, hierarchies, levels), weights=counts)
    return int(sizes[sizes >= k].sum())


@settings(max_examples=draws(200))
@given(seed=st.integers(0, 2**32), k=st.integers(2, 4), most=st.integers(0, 60))
def test_it_finds_the_best_or_tells_that_it_has_stopped(seed, k, most):
    random = Random(seed)
    hierarchies, tuples, counts, values = make_case(random)
    least = counts.sum() - random.choice([0, 1, counts.sum() // 3])
    top = tuple(tree.shown_height for tree in hierarchies)

    def measure(levels):
        return sum(of_levels[level] for of_levels, level in zip(values, levels, strict=True))

    def look_at(levels):
        is_feasible = count_large(tuples, counts, hierarchies, levels, k) >= least
        return Look(is_feasible, is_feasible, 1)

    feasible = [
        (measure(levels), sum(levels), levels)
        for levels in product(*(range(level + 1) for level in top))
        if look_at(levels).is_feasible
    ]
    whole = search(top, measure, look_at, 10**9)
    assert whole.is_proven
    assert whole.levels == (min(feasible)[2] if feasible else None)
    pairs = bound_by_pairs(tuples, counts, hierarchies, values, k, least)
    assert all(pairs <= value + 1e-9 for value, _, _ in feasible)
    part = search(top, measure, look_at, most, pairs)
    if part.is_proven:
        assert part.levels == whole.levels
    elif part.levels is not None:
        assert look_at(part.levels).is_feasible
        assert part.bound <= measure(whole.levels) + 1e-9
        assert part.bound <= measure(part.levels)
    else:
        assert not feasible or part.bound <= measure(whole.levels) + 1e-9
