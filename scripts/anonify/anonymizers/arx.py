"""Local recoding as ARX does it: full-domain generalization in rounds.

Each round looks for the full-domain generalization of the remaining records that loses least
while a given number of records may stay in classes smaller than k. Records in large enough
classes keep that recoding; the others go into the next round. What no round takes is
suppressed.

Source: ARX 3.9 (Prasser, Kohlmayer), local transformation with 1,000 iterations, metric
Loss with geometric mean, generalization/suppression factor 0.
"""

from collections.abc import Sequence
from functools import reduce

import numpy as np
import numpy.typing as npt

from anonify.anonymizers.recoding import Recoding, roots
from anonify.domain import Domain, require_hierarchies
from anonify.equivalence import Codes, pack
from anonify.equivalence import group_tuples as group
from anonify.hierarchy import Hierarchy

ITERATIONS = 1000
PRECISION = 1e10


def anonymize(
    records: Codes, domains: Sequence[Domain], k: int, generator: np.random.Generator
) -> Recoding:
    """Anonymize records; deterministic, so the generator is not used.

    Parameters
    ----------
    records : array (n, d) of leaves.
    k : smallest class allowed; the suppressed records may be fewer.
    """
    hierarchies = require_hierarchies(domains)
    groups = group(records)
    nodes = np.tile(roots(hierarchies), (len(groups.tuples), 1))
    is_suppressed = np.ones(len(groups.tuples), dtype=bool)
    remaining = np.arange(len(groups.tuples))
    top = tuple(hierarchy.height for hierarchy in hierarchies)
    most = np.full([level + 1 for level in top], len(records))
    share = 1 - 1 / ITERATIONS
    while groups.sizes[remaining].sum() >= k:
        tuples, sizes = groups.tuples[remaining], groups.sizes[remaining]
        least = int(sizes.sum()) - int(share * sizes.sum())
        found = _find_transformation(tuples, sizes, hierarchies, k, least, most)
        if found is None:
            break
        levels, is_large = found
        nodes[remaining[is_large]] = _generalize(tuples[is_large], hierarchies, levels)
        is_suppressed[remaining[is_large]] = False
        remaining = remaining[~is_large]
        if levels == top or not len(remaining):
            break
        share = 1 - min(1.0, len(records) / (ITERATIONS * int(groups.sizes[remaining].sum())))
    return Recoding(nodes[groups.members], is_suppressed[groups.members])


def _find_transformation(
    tuples: Codes,
    sizes: npt.NDArray[np.int64],
    hierarchies: Sequence[Hierarchy],
    k: int,
    least: int,
    most: npt.NDArray[np.int64],
) -> tuple[tuple[int, ...], npt.NDArray[np.bool_]] | None:
    """Return the feasible transformation of least loss and which tuples lie in large classes.

    Transformations are tried in the order of their loss, so the first feasible one is the
    best.

    Parameters
    ----------
    least : records that must lie in classes of k or more.
    most : array (H_1 + 1, …, H_d + 1); for each transformation no more records than this lie in
        large classes. Brought up to date: what a transformation was found to have is the most
        for all below it, whose classes are finer, and in later rounds, which have fewer records.
    """
    losses = _losses(tuples, sizes, hierarchies)
    places = np.flatnonzero(most >= least)
    heights = np.stack(np.unravel_index(places, most.shape)).sum(axis=0)
    for place in places[np.lexsort((heights, losses.ravel()[places]))]:
        levels = tuple(int(level) for level in np.unravel_index(place, most.shape))
        if most[levels] < least:
            continue
        keys = pack(_generalize(tuples, hierarchies, levels))
        _, members = np.unique(keys, return_inverse=True)
        is_large = (np.bincount(members, weights=sizes) >= k)[members]
        covered = int(sizes[is_large].sum())
        is_feasible = covered >= least
        # The records in the large classes of a feasible one leave with this round.
        below = tuple(slice(level + 1) for level in levels)
        np.minimum(most[below], 0 if is_feasible else covered, out=most[below])
        if is_feasible:
            return levels, is_large
    return None


def _generalize(tuples: Codes, hierarchies: Sequence[Hierarchy], levels: tuple[int, ...]) -> Codes:
    columns = [
        hierarchy.ancestors[codes, level]
        for codes, hierarchy, level in zip(tuples.T, hierarchies, levels, strict=True)
    ]
    return np.stack(columns, axis=1)


def _losses(
    tuples: Codes, sizes: npt.NDArray[np.int64], hierarchies: Sequence[Hierarchy]
) -> npt.NDArray[np.float64]:
    """Array (H_1 + 1, …, H_d + 1): the loss of every transformation; suppression costs nothing."""
    total = int(sizes.sum())
    per_attribute = []
    for codes, hierarchy in zip(tuples.T, hierarchies, strict=True):
        records = np.bincount(codes, weights=sizes, minlength=hierarchy.leaf_count)
        shares = (hierarchy.leaves_below / hierarchy.leaf_count)[hierarchy.ancestors]
        least = total / hierarchy.leaf_count
        loss = np.maximum(0, (records @ shares - least) / max(total - least, 1e-300))
        per_attribute.append(np.floor(loss * PRECISION) / PRECISION)
    product = reduce(np.multiply.outer, [loss + 1 for loss in per_attribute])
    return np.asarray(product ** (1 / len(hierarchies)) - 1)
