from collections.abc import Iterator, Sequence
from itertools import count, pairwise
from random import Random
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import settings
from hypothesis import strategies as st

from anonify.hierarchy import ROOT, Hierarchy, hierarchy_from_rows

settings.register_profile("same_examples_everywhere", derandomize=True, deadline=None)
settings.load_profile("same_examples_everywhere")


@pytest.fixture(scope="session")
def hierarchies() -> st.SearchStrategy[Hierarchy]:
    """Random hierarchies of up to 8 leaves.

    Nodes may have a single child or stay the same over several levels, and leaves may lie at
    different depths.
    """
    return st.integers(0, 2**32).map(lambda seed: make_hierarchy(Random(seed), "a"))


@pytest.fixture(scope="session")
def tables() -> st.SearchStrategy[SimpleNamespace]:
    """Random tables: ``records``, ``hierarchies``, and a ``k`` that the table has records for."""
    return st.integers(0, 2**32).map(lambda seed: make_table(Random(seed)))


def make_hierarchy(random: Random, attribute: str) -> Hierarchy:
    leaves = [f"leaf {number}" for number in range(random.randint(1, 8))]
    names = (f"node {number}" for number in count())
    paths = list_paths(random, leaves, random.randint(1, 4), names)
    return hierarchy_from_rows(attribute, [[*paths[leaf], ROOT] for leaf in leaves])


def make_table(random: Random) -> SimpleNamespace:
    hierarchies = [make_hierarchy(random, name) for name in "abc"[: random.randint(1, 3)]]
    k = random.randint(2, 4)
    # The smaller of two numbers: some values are frequent, others rare.
    records = [
        [
            min(random.randrange(tree.leaf_count), random.randrange(tree.leaf_count))
            for tree in hierarchies
        ]
        for _ in range(random.randint(k, 30))
    ]
    return SimpleNamespace(records=np.array(records), hierarchies=hierarchies, k=k)


def list_paths(
    random: Random, leaves: Sequence[str], levels: int, names: Iterator[str]
) -> dict[str, list[str]]:
    """List for each leaf its label and those of the nodes above it, one for each level."""
    if levels == 1:
        return {leaf: [leaf] for leaf in leaves}
    paths = {}
    cuts = [place for place in range(1, len(leaves)) if random.random() < 0.4]
    for low, high in pairwise([0, *cuts, len(leaves)]):
        part = leaves[low:high]
        if len(part) == 1 and random.random() < 0.5:
            paths[part[0]] = [part[0]] * levels
            continue
        node, repeats = next(names), random.choice([1, 1, levels - 1])
        below = list_paths(random, part, levels - repeats, names)
        paths |= {leaf: [*path, *[node] * repeats] for leaf, path in below.items()}
    return paths
