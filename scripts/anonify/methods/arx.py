"""Local recoding as ARX does it: full-domain generalization in rounds.

Each round looks for the full-domain generalization of the remaining records that loses least
while a given number of records may stay in classes smaller than k. Records in large enough
classes keep that recoding; the others go into the next round. What no round takes is
suppressed.

Source: ARX 3.9 (Prasser, Kohlmayer), local transformation with 1,000 iterations, metric
Loss with geometric mean, generalization/suppression factor 0. Where attributes differ in
importance, it is the weighted geometric mean; ARX multiplies the factors of the product by its
attribute weights, which changes no order.
"""

from collections.abc import Sequence
from functools import cache, reduce

import numpy as np
import numpy.typing as npt
import scipy

from anonify.base.values import Codes
from anonify.domains.domain import Domain, require_hierarchies
from anonify.domains.hierarchy import Hierarchy
from anonify.recoding.bounded import (
    MOST_WORK,
    Found,
    Objective,
    Search,
    Walls,
    count_allowed,
    count_steps,
)
from anonify.recoding.effort import Effort
from anonify.recoding.lattice import (
    FEASIBLE,
    INFEASIBLE,
    UNKNOWN,
    Transformation,
    above,
    below,
    generalize,
    get_transformation,
    has_room,
    settle,
)
from anonify.recoding.recoding import Counts, TupleRecoding, recode_undivided, roots
from anonify.recoding.requirements import ClassRules, Requirement
from anonify.recoding.rollup import LiftedTables
from anonify.tables.counts import sum_counts

KEEPS_LEVELS = True

EFFORT = Effort(
    count_steps,
    most=10**11,
    instead="choose mondrian, or give the hierarchies fewer levels",
)

ITERATIONS = 1000
PRECISION = 1e10
ROUNDING = 1e-12
# Where a search is bounded, a round takes so much of the work that is left at most, or what an even
# share of all is, where that is more: so no round takes all, nor is left without.
SHARE_OF_ROUND = 1 / 64


def anonymize(
    tuples: Codes,
    counts: Counts,
    domains: Sequence[Domain],
    k: int,
    generator: np.random.Generator,
    *,
    requirements: Sequence[Requirement] = (),
    people: "scipy.sparse.csr_array | None" = None,
) -> TupleRecoding:
    """Anonymize tuples; deterministic, so the generator is not used.

    Parameters
    ----------
    tuples : array (m, d) of leaves, distinct.
    counts : array (m,), records of each.
    k : smallest class allowed; the suppressed records may be fewer.
    requirements : what every class must keep beside k; not the suppressed records.
    people : sparse array (m, people), who has records of each tuple, of whom every class must have
        k; without it, records are counted.

    Returns
    -------
    TupleRecoding. Where there are more than a million transformations, rounds may stop at their
    effort: its facts are in how many they did, and the largest gap of any round between the loss
    that it took and the bound that it proved, in per cent of the loss where all is generalized.

    Raises
    ------
    UserError : a domain is no hierarchy.
    """
    hierarchies = require_hierarchies(domains)
    records = int(counts.sum())
    nodes = np.tile(roots(hierarchies), (len(tuples), 1))
    is_suppressed = np.ones(len(tuples), dtype=bool)
    remaining = np.arange(len(tuples))
    tables = LiftedTables(tuples, ClassRules(counts, k, requirements, people), hierarchies)
    top = tuple(hierarchy.shown_height for hierarchy in hierarchies)
    most = None
    if has_room(hierarchies):
        most = np.full([level + 1 for level in top], records)
    before: tuple[Transformation, Walls] | None = None
    rounds, stopped, gap = 0, 0, 0.0
    share = 1 - 1 / ITERATIONS
    while counts[remaining].sum() >= k:
        total = int(counts[remaining].sum())
        least = total - int(share * total)
        rounds += 1
        if most is None:
            share_of_work = max(SHARE_OF_ROUND * (MOST_WORK - tables.work), MOST_WORK / ITERATIONS)
            most_work = tables.work + int(share_of_work)
            found, walls = _seek_some(tables, hierarchies, least, before, most_work)
            levels, stopped, gap = (
                found.levels,
                stopped + (not found.is_proven),
                max(gap, found.gap),
            )
            before = None if levels is None else (levels, walls)
        else:
            levels = _find_transformation(tables, hierarchies, least, most)
        if levels is None:
            break
        is_allowed = tables.take_allowed(levels)
        taken, remaining = remaining[is_allowed], remaining[~is_allowed]
        nodes[taken] = generalize(tuples[taken], hierarchies, levels)
        is_suppressed[taken] = False
        if levels == top or not len(remaining):
            break
        share = 1 - min(1.0, records / (ITERATIONS * int(counts[remaining].sum())))
    facts: dict[str, float | int | str] = {}
    if most is None:
        facts["search"] = f"stopped at its effort in {stopped} of {rounds} rounds"
        facts["largest_gap"] = round(100 * gap, 6)
    return recode_undivided(counts, nodes, is_suppressed, facts)


def _seek_some(
    tables: LiftedTables,
    hierarchies: Sequence[Hierarchy],
    least: int,
    before: tuple[Transformation, Walls] | None,
    most: int,
) -> tuple[Found, Walls]:
    """Search as :func:`_find_transformation` does, where there is no room for all of them.

    Parameters
    ----------
    before : what the round before has found, and its walls.
    most : the work of the tables at which the search stops.
    """
    losses = _list_losses(tables.table.tuples, tables.table.rules.counts, hierarchies)

    def measure(levels: Transformation) -> float:
        chosen = [loss[level] for loss, level in zip(losses, levels, strict=True)]
        return float(reduce(np.multiply, chosen) - 1)

    costs = [np.log(loss) for loss in losses]
    # A sum of logarithms is rounded otherwise than a product.
    objective = Objective(
        measure, measure, costs, lambda total: float(np.exp(total - ROUNDING) - 1)
    )
    start, walls = ([], {}) if before is None else ([before[0]], before[1])
    search = Search(tables, least, objective, walls)
    return search.run(most, start), search.list_walls()


def _find_transformation(
    tables: LiftedTables,
    hierarchies: Sequence[Hierarchy],
    least: int,
    most: npt.NDArray[np.int64],
) -> Transformation | None:
    """Return the feasible transformation of least loss.

    Transformations are tried in the order of their loss, so the first feasible one is the best.
    Among equal losses the lower sum of levels comes first, as in ARX; among equal sums, where
    ARX takes what its search meets first, the one that leaves the first attributes lower.

    Parameters
    ----------
    tables : of what no round has taken yet.
    least : records that must lie in allowed classes.
    most : array (H_1 + 1, …, H_d + 1); for each transformation no more records than this lie in
        allowed classes. Brought up to date: what a transformation was found to have is the most
        for all below it, whose classes are finer, and in later rounds, which have fewer records.
    """
    known = np.where(most < least, INFEASIBLE, UNKNOWN).astype(np.int8)

    @cache
    def count(levels: Transformation) -> tuple[int, int]:
        return count_allowed(tables, levels)

    def look_at(levels: Transformation) -> None:
        taken, bound = count(levels)
        part = most[below(levels)]
        np.minimum(part, bound, out=part)
        known[levels] = INFEASIBLE
        if bound < least:
            known[below(levels)] = INFEASIBLE
        if taken >= least:
            known[above(levels)] = FEASIBLE

    per_attribute = _list_losses(tables.table.tuples, tables.table.rules.counts, hierarchies)
    losses = np.asarray(reduce(np.multiply.outer, per_attribute) - 1)
    places = np.flatnonzero(known == UNKNOWN)
    heights = np.stack(np.unravel_index(places, known.shape)).sum(axis=0)
    for place in places[np.lexsort((heights, losses.ravel()[places]))]:
        levels = get_transformation(place, known.shape)
        settle(levels, known, look_at)
        if known[levels] == FEASIBLE:
            taken, bound = count(levels)
            # What was taken leaves with this round.
            part = most[below(levels)]
            np.minimum(part, bound - taken, out=part)
            return levels
    return None


def _list_losses(
    tuples: Codes, counts: Counts, hierarchies: Sequence[Hierarchy]
) -> list[npt.NDArray[np.float64]]:
    """Return for each attribute an array (levels,): its factor of a transformation's loss + 1.

    Suppression costs nothing.
    """
    total = int(counts.sum())
    per_attribute = []
    for codes, hierarchy in zip(tuples.T, hierarchies, strict=True):
        records = sum_counts(counts, codes, hierarchy.leaf_count)
        # Whole numbers and the pow of the C library, for processors sum and raise in ways of their
        # own, and which losses are equal hangs on the last bit.
        lost = records @ hierarchy.leaves_below[hierarchy.shown]
        least = total / hierarchy.leaf_count
        loss = np.maximum(0, (lost / hierarchy.leaf_count - least) / max(total - least, 1e-300))
        per_attribute.append(np.floor(loss * PRECISION) / PRECISION)
    # The root is taken before the product, as in ARX.
    weights = sum(hierarchy.importance for hierarchy in hierarchies)
    return [
        np.array([pow(1 + each, hierarchy.importance / weights) for each in loss.tolist()])
        for loss, hierarchy in zip(per_attribute, hierarchies, strict=True)
    ]
