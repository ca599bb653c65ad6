"""The lattice of transformations: each lifts every quasi-identifier to one of its levels.

A transformation is a tuple of levels, one for each hierarchy, counted from the least one that a
release may show. It lies below another one where no level is higher; its classes are finer then.
"""

from collections.abc import Callable, Sequence
from math import prod

import numpy as np
import numpy.typing as npt

from anonify.base.values import Codes
from anonify.domains.hierarchy import Hierarchy
from anonify.tables.classes import number_keys, pack

Transformation = tuple[int, ...]

# Their account takes some 100 bytes each; numpy has arrays of 64 dimensions at most.
MOST_TRANSFORMATIONS, MOST_ATTRIBUTES = 1_000_000, 64

# Possible classes up to which their numbers have room in 63 bits.
MOST_KEYS = 2**62


def has_room(hierarchies: Sequence[Hierarchy]) -> bool:
    """Tell whether there are so few transformations that account can be kept of each."""
    count = prod(hierarchy.shown_height + 1 for hierarchy in hierarchies)
    return count <= MOST_TRANSFORMATIONS and len(hierarchies) <= MOST_ATTRIBUTES


def generalize(tuples: Codes, hierarchies: Sequence[Hierarchy], levels: Transformation) -> Codes:
    """Return the leaves of an array (m, d) lifted to the levels: array (m, d) of nodes."""
    columns = [
        hierarchy.ancestors[leaves, hierarchy.least_level + level]
        for leaves, hierarchy, level in zip(tuples.T, hierarchies, levels, strict=True)
    ]
    return np.stack(columns, axis=1)


def find_classes(tuples: Codes, hierarchies: Sequence[Hierarchy], levels: Transformation) -> Codes:
    """Array (m,): the class of each tuple under a transformation, numbered without a gap."""
    places = [tree.least_level + level for tree, level in zip(hierarchies, levels, strict=True)]
    span = prod(tree.level_widths[place] for tree, place in zip(hierarchies, places, strict=True))
    if span >= MOST_KEYS:
        keys = pack(generalize(tuples, hierarchies, levels))
        return np.asarray(np.unique(keys, return_inverse=True)[1])
    keys = np.zeros(len(tuples), dtype=np.intp)
    for leaves, hierarchy, place in zip(tuples.T, hierarchies, places, strict=True):
        if hierarchy.level_widths[place] > 1:
            keys *= hierarchy.level_widths[place]
            keys += hierarchy.level_codes[place][leaves]
    return number_keys(keys, span)[1]


def below(levels: Transformation) -> tuple[slice, ...]:
    """Return where in an array over the lattice a transformation and all below it stand."""
    return tuple(slice(level + 1) for level in levels)


def above(levels: Transformation) -> tuple[slice, ...]:
    """Return where in an array over the lattice a transformation and all above it stand."""
    return tuple(slice(level, None) for level in levels)


def get_transformation(place: int, shape: tuple[int, ...]) -> Transformation:
    """Return the transformation at a place of the flattened lattice."""
    return tuple(int(level) for level in np.unravel_index(place, shape))


# What is known of a transformation: nothing, that it is not feasible, or that it or one below it
# is, so that nothing is gained by looking at it.
UNKNOWN, INFEASIBLE, FEASIBLE = range(3)

Known = npt.NDArray[np.int8]


def settle(start: Transformation, known: Known, look_at: Callable[[Transformation], None]) -> None:
    """Look at transformations until something is known of one.

    A path of such ones is followed upwards from it and halved, for what is found out of one in
    the middle settles many that lie below or above it.

    Parameters
    ----------
    known : array over the lattice.
    look_at : finds out about a transformation and marks it, and what follows from it.
    """
    while known[start] == UNKNOWN:
        path = _follow(start, known)
        low, high = 0, len(path)
        while low < high:
            middle = (low + high) // 2
            if known[path[middle]] == UNKNOWN:
                look_at(path[middle])
            if known[path[middle]] == FEASIBLE:
                high = middle
            else:
                low = middle + 1


def _follow(start: Transformation, known: Known) -> list[Transformation]:
    """Return a path upwards of transformations of which nothing is known."""
    path = [start]
    while True:
        higher = (
            (*path[-1][:place], level + 1, *path[-1][place + 1 :])
            for place, level in enumerate(path[-1])
            if level + 1 < known.shape[place]
        )
        step = next((levels for levels in higher if known[levels] == UNKNOWN), None)
        if step is None:
            return path
        path.append(step)
