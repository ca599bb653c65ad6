"""The bounded search, against all transformations."""

from itertools import product
from random import Random

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.profile import draws
from tests.unit.conftest import draw_records, make_hierarchy

from anonify.recoding.bounded import Objective, Search
from anonify.recoding.lattice import find_classes
from anonify.recoding.requirements import ClassRules
from anonify.recoding.rollup import LiftedTables
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


@settings(max_examples=draws(200))
@given(seed=st.integers(0, 2**32), k=st.integers(2, 4), most=st.integers(0, 400_000))
def test_it_finds_the_best_or_tells_that_it_has_stopped(seed, k, most):
    random = Random(seed)
    hierarchies, tuples, counts, values = make_case(random)
    least = int(counts.sum()) - random.choice([0, 1, int(counts.sum()) // 3])

    def measure(levels):
        return float(sum(of[level] for of, level in zip(values, levels, strict=True)))

    def is_feasible(levels):
        sizes = np.bincount(find_classes(tuples, hierarchies, levels), weights=counts)
        return sizes[sizes >= k].sum() >= least

    feasible = [
        (measure(levels), sum(levels), levels)
        for levels in product(*(range(tree.shown_height + 1) for tree in hierarchies))
        if is_feasible(levels)
    ]

    def search(work, walls):
        tables = LiftedTables(tuples, ClassRules(counts, k), hierarchies)
        made = Search(
            tables, least, Objective(measure, measure, values, lambda costs: costs), walls
        )
        return made.run(work), made.list_walls()

    whole, walls = search(10**9, {})
    assert whole.is_proven
    assert whole.levels == (min(feasible)[2] if feasible else None)
    # What lies below a wall is not feasible, or what was found.
    for _, _, levels in feasible:
        for wall, records in walls.items():
            is_below = all(low <= high for low, high in zip(levels, wall, strict=True))
            assert not is_below or (wall == whole.levels and records < least)
    part, _ = search(most, {})
    if part.is_proven:
        assert part.levels == whole.levels
    elif part.levels is not None:
        assert is_feasible(part.levels)
        assert part.bound <= whole.value + 1e-9
        assert part.value == measure(part.levels) == part.bound + part.gap
