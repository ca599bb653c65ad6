"""The local recoding of least NCP over all local recodings, by integer programming.

A class may stand at any tuple of nodes that k records lie below. With x the records of each
cell in each class and y whether a class is there, the program is to minimize the NCP of x
where x sums to the records of each cell, and to at least k·y and in each cell to at most as
many as it has times y in each class.

Few classes matter. The linear program over some of them gives each cell a price, what its
records cost as it were. At these prices every other class has a cost of opening it: what its
records, at least k, would cost there beyond their price. Where that is negative, the class
joins the program. In the end the prices prove a lower bound, and that no class whose cost of
opening exceeds the distance of the bound from a recoding already found is part of a better one.
Cells that the classes left cannot tell apart are one, and HiGHS solves the program of these.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import product
from math import isclose, prod
from time import monotonic

import numpy as np
import numpy.typing as npt
from scipy.optimize import Bounds, LinearConstraint, linprog, milp
from scipy.sparse import csr_array, diags_array, eye_array, hstack, vstack

from anonify.base.values import Codes
from anonify.domains.domain import Domain, require_hierarchies
from anonify.domains.hierarchy import Hierarchy
from anonify.methods import greedy
from anonify.recoding.cells import (
    Allocation,
    Cells,
    Costs,
    Remainder,
    cost_of,
    group_cells,
    list_lineages,
    recode,
)
from anonify.recoding.recoding import Counts, TupleRecoding
from anonify.tables.classes import group
from anonify.tables.counts import sum_counts

# What it begins with.
EFFORT = greedy.EFFORT

# Pairs of a cell and a tuple of nodes above it that are listed; these take some 300 MB.
MOST_PAIRS = 3_000_000
# Pairs that HiGHS gets; these take up to 700 MB.
MOST_SOLVED = 100_000
# Classes that join the linear program at a time. The prices of the first ones are far off: at
# these nearly all classes seem to be missing.
MOST_ADDED = 30
# A smaller cost, in NCP of one record, is rounding.
TOLERANCE = 1e-6


def anonymize(
    tuples: Codes,
    counts: Counts,
    domains: Sequence[Domain],
    k: int,
    generator: np.random.Generator,
    *,
    time_limit: float = 60.0,
    remainder: Remainder = "generalize",
) -> TupleRecoding:
    """Anonymize tuples; deterministic unless the time is up, so the generator is not used.

    Where the time is up or the table is too large for the program, the result is the best one
    found, at least the greedy one, and how good depends on the machine. The facts tell, weighted by
    the importance of the attributes: ``ncp_bound``, no local recoding has less NCP, in per cent;
    ``ncp_gap``, the distance from it; and ``search``, whether the result is ``proven optimal``.

    Parameters
    ----------
    tuples : array (m, d) of leaves, distinct.
    counts : array (m,), records of each; n < k in all give one class of n, or n suppressed records.
    k : smallest class allowed.
    time_limit : seconds that the programs may take altogether.
    remainder : ``generalize`` asks k records of the class at the roots too; ``suppress`` lets
        it have fewer, which are then suppressed and cost an NCP of 1 in each attribute.
    """
    hierarchies = require_hierarchies(domains)
    cells = group_cells(tuples, counts, hierarchies, k)
    allocation = greedy.allocate(cells, hierarchies, k, remainder, generator)
    start = _Solution(allocation, _cost(allocation, hierarchies), _least_cost(cells, hierarchies))
    solution = _solve(start, cells, hierarchies, k, remainder, monotonic() + time_limit)
    facts = _describe(solution, int(counts.sum()) * len(hierarchies))
    return recode(solution.allocation, counts, hierarchies, k, remainder, facts)


@dataclass(frozen=True)
class _Solution:
    """The best allocation found so far.

    Parameters
    ----------
    cost : its NCP, summed over records and attributes.
    bound : what no allocation costs less than.
    is_too_large : whether there were too many pairs.
    """

    allocation: Allocation
    cost: float
    bound: float
    is_too_large: bool = False

    @property
    def is_proven(self) -> bool:
        return self.cost <= self.bound or isclose(self.cost, self.bound, rel_tol=1e-8, abs_tol=1e-6)


def _describe(solution: _Solution, values: int) -> dict[str, float | str]:
    scale = 100 / max(values, 1)
    bound = min(solution.bound, solution.cost)
    if solution.is_proven:
        search = "proven optimal"
    else:
        search = "too large for the program" if solution.is_too_large else "time limit reached"
    return {
        "ncp_bound": round(scale * bound, 6),
        "ncp_gap": round(scale * (solution.cost - bound), 6),
        "search": search,
    }


def _cost(allocation: Allocation, hierarchies: Sequence[Hierarchy]) -> float:
    return float(allocation.records @ cost_of(allocation.nodes, hierarchies))


def _least_cost(cells: Cells, hierarchies: Sequence[Hierarchy]) -> float:
    """Return what it would cost if every cell were a class."""
    return float(cells.counts @ cost_of(cells.nodes, hierarchies))


def _solve(
    start: _Solution,
    cells: Cells,
    hierarchies: Sequence[Hierarchy],
    k: int,
    remainder: Remainder,
    deadline: float,
) -> _Solution:
    if start.is_proven:
        return start
    combinations = prod(list_lineages(tree).shape[1] for tree in hierarchies)
    if combinations * len(cells.nodes) > MOST_PAIRS:
        return replace(start, is_too_large=True)
    program = _list_pairs(cells, hierarchies, k, remainder)
    prices = np.zeros(len(cells.nodes))
    portions = start.allocation
    np.maximum.at(prices, portions.cells, cost_of(portions.nodes, hierarchies))
    proof, is_kept = _price(program, prices, deadline)
    best = replace(start, bound=max(start.bound, proof.bound))
    while not best.is_proven:
        kept = _keep(program, is_kept)
        if len(kept.cell) > MOST_SOLVED:
            return replace(best, is_too_large=True)
        found = _solve_integer(kept, cells.members, deadline)
        if found is None:
            return best
        best = _improve(best, *found, proof.bound_without(is_kept), hierarchies)
        can_help = proof.opening <= best.cost - proof.bound + TOLERANCE
        can_help[0] = True
        if not (can_help & ~is_kept).any():
            return best
        is_kept = can_help
    return best


def _improve(
    best: _Solution,
    allocation: Allocation | None,
    bound_with: float,
    bound_without: float,
    hierarchies: Sequence[Hierarchy],
) -> _Solution:
    """Return the better allocation, and the better bound.

    Parameters
    ----------
    bound_with, bound_without : what no allocation costs less than that has only the classes of
        the program, or another one.
    """
    if allocation is not None and _cost(allocation, hierarchies) < best.cost:
        best = replace(best, allocation=allocation, cost=_cost(allocation, hierarchies))
    return replace(best, bound=max(best.bound, min(bound_with, bound_without, best.cost)))


@dataclass(frozen=True)
class _Program:
    """Which cells may go to which classes.

    Parameters
    ----------
    members : array (grouped cells,), the cell of each; cells may have been merged.
    sizes : array (cells,), records in each.
    nodes : array (classes, d); the first class is at the roots.
    ranks : array (classes, d), a number for each node, higher for a node further down.
    costs : array (classes,), NCP of a record.
    least : array (classes,), the records that a class must have if it is there.
    cell, place : arrays (pairs,), a cell and a class above it, sorted by cell.
    """

    members: Codes
    sizes: Counts
    nodes: Codes
    ranks: Codes
    costs: Costs
    least: Counts
    cell: Codes
    place: Codes


def _list_pairs(
    cells: Cells, hierarchies: Sequence[Hierarchy], k: int, remainder: Remainder
) -> _Program:
    """List all classes that k records lie below, with the cells below."""
    lineages = [list_lineages(tree) for tree in hierarchies]
    span = max(len(tree.labels) for tree in hierarchies)
    nodes, ranks, cell, place = [], [], [], []
    count = 0
    for depths in product(*(range(each.shape[1]) for each in lineages)):
        columns = zip(lineages, cells.nodes.T, depths, strict=True)
        above = np.stack([ways[column, depth] for ways, column, depth in columns], axis=1)
        below = np.flatnonzero((above >= 0).all(axis=1))
        classes = group(above[below])
        is_large = np.bincount(classes.members, weights=cells.counts[below]) >= k
        number = count + is_large.cumsum() - 1
        is_in_large = is_large[classes.members]
        nodes.append(classes.tuples[is_large])
        # The nodes above one cell in one attribute differ in depth.
        ranks.append(np.tile(depths, (len(nodes[-1]), 1)) * span + nodes[-1])
        cell.append(below[is_in_large])
        place.append(number[classes.members[is_in_large]])
        count += len(nodes[-1])
    order = np.argsort(np.concatenate(cell), kind="stable")
    least = np.full(count, k)
    # All depths 0 came first: the roots.
    least[0] = k if remainder == "generalize" else 0
    return _Program(
        np.arange(len(cells.nodes)),
        cells.counts,
        np.concatenate(nodes),
        np.concatenate(ranks),
        cost_of(np.concatenate(nodes), hierarchies),
        least,
        np.concatenate(cell)[order],
        np.concatenate(place)[order],
    )


def _keep(program: _Program, is_kept: npt.NDArray[np.bool_]) -> _Program:
    """Leave classes out, and make one cell of those that may go to the same of the others."""
    is_kept_pair = is_kept[program.place]
    cell, place = program.cell[is_kept_pair], program.place[is_kept_pair]
    first = np.flatnonzero(np.diff(cell, prepend=-1))
    # Which classes they are is told by the lowest node that one of them has in each attribute.
    merged = group(np.maximum.reduceat(program.ranks[place], first, axis=0))
    pairs = group(np.stack([merged.members[cell], (is_kept.cumsum() - 1)[place]], axis=1)).tuples
    return _Program(
        merged.members[program.members],
        sum_counts(program.sizes, merged.members),
        program.nodes[is_kept],
        program.ranks[is_kept],
        program.costs[is_kept],
        program.least[is_kept],
        pairs[:, 0],
        pairs[:, 1],
    )


@dataclass(frozen=True)
class _Proof:
    """What prices prove.

    Parameters
    ----------
    bound : what no allocation costs less than.
    opening : array (classes,), cost of opening each.
    """

    bound: float
    opening: Costs

    def bound_without(self, is_kept: npt.NDArray[np.bool_]) -> float:
        """Return what no allocation costs less than that has a class which is not kept."""
        return self.bound + float(np.maximum(self.opening[~is_kept], 0).min(initial=np.inf))


def _prove(program: _Program, prices: Costs) -> _Proof:
    """Take the records of each class that cost least beyond their price, at least as it must.

    Parameters
    ----------
    prices : array (cells,); any prove something.
    """
    beyond = program.costs[program.place] - prices[program.cell]
    order = np.lexsort((beyond, program.place))
    place, beyond = program.place[order], beyond[order]
    records = program.sizes[program.cell[order]]
    before = records.cumsum() - records
    before -= before[np.searchsorted(place, np.arange(len(program.costs)))][place]
    missing = np.clip(program.least[place] - before, 0, records)
    taken = np.where(beyond < 0, records, missing)
    opening = np.bincount(place, weights=taken * beyond)
    bound = float(prices @ program.sizes + np.minimum(opening, 0).sum())
    return _Proof(bound, np.asarray(opening, dtype=float))


def _price(
    program: _Program, prices: Costs, deadline: float
) -> tuple[_Proof, npt.NDArray[np.bool_]]:
    """Solve the linear program; return the best proof, and which classes that took.

    Parameters
    ----------
    prices : array (cells,), to begin with.
    """
    best = _prove(program, prices)
    is_kept = best.opening <= TOLERANCE
    is_kept[0] = True
    while True:
        kept = _keep(program, is_kept)
        found = _find_prices(kept, deadline)
        if found is None:
            return best, is_kept
        proof = _prove(program, found[kept.members])
        best = max(best, proof, key=lambda each: each.bound)
        opening = np.where(is_kept, 0.0, proof.opening)
        missing = np.argsort(opening, kind="stable")[:MOST_ADDED]
        if opening[missing[0]] >= -TOLERANCE:
            return best, is_kept
        is_kept[missing[opening[missing] < -TOLERANCE]] = True


def _find_prices(program: _Program, deadline: float) -> Costs | None:
    """Return the price of each cell that the linear program gives, unless the time is up."""
    seconds = deadline - monotonic()
    if seconds <= 0 or len(program.cell) > MOST_SOLVED:
        return None
    matrices = _matrices(program)
    result = linprog(
        _objective(program),
        A_ub=vstack([-matrices.least, matrices.there]).tocsr(),
        b_ub=np.zeros(len(program.costs) + len(program.cell)),
        A_eq=matrices.cells,
        b_eq=program.sizes,
        bounds=np.stack([np.zeros(matrices.cells.shape[1]), _most(program)], axis=1),
        options={"time_limit": seconds},
    )
    return np.asarray(result.eqlin.marginals) if result.status == 0 else None


def _solve_integer(
    program: _Program, members: Codes, deadline: float
) -> tuple[Allocation | None, float] | None:
    """Return the best allocation found and the proven bound, or None where the time is up.

    Whole classes are enough: where these are given, a vertex of the linear program that is left,
    a transport, has whole records.

    Parameters
    ----------
    members : array (m,), the grouped cell of each tuple.
    """
    seconds = deadline - monotonic()
    if seconds <= 0:
        return None
    matrices = _matrices(program)
    pairs, classes = len(program.cell), len(program.costs)
    result = milp(
        _objective(program),
        integrality=np.repeat([0, 1], [pairs, classes]),
        bounds=Bounds(0, _most(program)),
        constraints=[
            LinearConstraint(matrices.cells, program.sizes, program.sizes),
            LinearConstraint(matrices.least, 0, np.inf),
            LinearConstraint(matrices.there, -np.inf, 0),
        ],
        options={"time_limit": seconds, "mip_rel_gap": 0},
    )
    if result.x is None:
        return None, -np.inf if result.mip_dual_bound is None else float(result.mip_dual_bound)
    allocation = _transport(program, matrices, result.x[pairs:] > 0.5, members)
    return allocation, float(result.mip_dual_bound)


def _transport(
    program: _Program,
    matrices: "_Matrices",
    is_there: npt.NDArray[np.bool_],
    members: Codes,
) -> Allocation | None:
    """Return the allocation of least NCP to given classes."""
    is_there = is_there | (program.least == 0)
    pairs = np.flatnonzero(is_there[program.place])
    result = linprog(
        program.costs[program.place[pairs]],
        A_ub=-matrices.least[is_there][:, pairs],
        b_ub=-program.least[is_there],
        A_eq=matrices.cells[:, pairs],
        b_eq=program.sizes,
        method="highs-ds",
    )
    if result.status != 0:
        return None
    return Allocation(
        program.members[members],
        program.cell[pairs],
        program.nodes[program.place[pairs]],
        np.round(result.x).astype(np.int64),
    )


@dataclass(frozen=True)
class _Matrices:
    """Rows of the program; the columns are the records of each pair, then the classes.

    Parameters
    ----------
    cells : the records of each cell, array (cells, pairs + classes).
    least : by how much each class is larger than it must be, array (classes, pairs + classes).
    there : by how much a pair exceeds what its class allows, array (pairs, pairs + classes).
    """

    cells: csr_array
    least: csr_array
    there: csr_array


def _matrices(program: _Program) -> _Matrices:
    pairs, classes = len(program.cell), len(program.costs)
    columns, ones = np.arange(pairs), np.ones(pairs)
    cells = csr_array((ones, (program.cell, columns)), shape=(len(program.sizes), pairs + classes))
    records = csr_array((ones, (program.place, columns)), shape=(classes, pairs))
    most = program.sizes[program.cell].astype(float)
    limits = csr_array((-most, (columns, program.place)), shape=(pairs, classes))
    return _Matrices(
        cells,
        hstack([records, diags_array(-program.least.astype(float))]).tocsr(),
        hstack([eye_array(pairs), limits]).tocsr(),
    )


def _objective(program: _Program) -> Costs:
    return np.concatenate([program.costs[program.place], np.zeros(len(program.costs))])


def _most(program: _Program) -> Costs:
    return np.concatenate([program.sizes[program.cell], np.ones(len(program.costs))])
