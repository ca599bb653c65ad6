"""The lattice of transformations: each lifts every quasi-identifier to one of its levels.

A transformation is a tuple of levels, one for each hierarchy. It lies below another one where no
level is higher; its classes are finer then.
"""

from collections.abc import Sequence

import numpy as np

from anonify.equivalence import Codes, pack
from anonify.hierarchy import Hierarchy

Transformation = tuple[int, ...]


def generalize(tuples: Codes, hierarchies: Sequence[Hierarchy], levels: Transformation) -> Codes:
    """Return the leaves of an array (m, d) lifted to the levels: array (m, d) of nodes."""
    columns = [
        hierarchy.ancestors[leaves, level]
        for leaves, hierarchy, level in zip(tuples.T, hierarchies, levels, strict=True)
    ]
    return np.stack(columns, axis=1)


def find_classes(tuples: Codes, hierarchies: Sequence[Hierarchy], levels: Transformation) -> Codes:
    """Array (m,): the class of each tuple under a transformation, numbered without a gap."""
    keys = pack(generalize(tuples, hierarchies, levels))
    return np.asarray(np.unique(keys, return_inverse=True)[1])


def below(levels: Transformation) -> tuple[slice, ...]:
    """Return where in an array over the lattice a transformation and all below it stand."""
    return tuple(slice(level + 1) for level in levels)


def above(levels: Transformation) -> tuple[slice, ...]:
    """Return where in an array over the lattice a transformation and all above it stand."""
    return tuple(slice(level, None) for level in levels)


def get_transformation(place: int, shape: tuple[int, ...]) -> Transformation:
    """Return the transformation at a place of the flattened lattice."""
    return tuple(int(level) for level in np.unravel_index(place, shape))
