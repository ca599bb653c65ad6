"""Greedy local recoding with local search.

The cheapest classes come first: of all tuples of nodes that k records not yet released lie
below, the one of least NCP becomes a class of all of them, until none is left. Then a class is
opened, or widened, wherever that lowers the NCP (:mod:`anonify.recoding.drawing`).

With many attributes there are too many tuples of nodes to look through. Where there are more
combinations of depths than :data:`MOST_LISTED`, classes are opened at the tuples that split trees
suggest (:mod:`anonify.recoding.split_trees`). Then the children of open classes are tried: what
shows of one attribute a node that is one deeper.

Unlike ARX, which lifts all records of a round to the same levels, each class is chosen by
itself. NCP is weighted by the importance of the attributes.
"""

from collections.abc import Callable, Sequence
from functools import partial
from math import ceil, prod
from typing import Annotated

import numpy as np

from anonify.base.values import Codes
from anonify.domains.domain import Domain, require_hierarchies
from anonify.domains.hierarchy import Hierarchy
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
from anonify.recoding.drawing import SMALLEST_GAIN, draw
from anonify.recoding.effort import Effort, Task
from anonify.recoding.node_search import Found, Rows, join_found, search_nodes
from anonify.recoding.open_classes import OpenClasses
from anonify.recoding.recoding import Counts, TupleRecoding
from anonify.recoding.split_trees import ROUNDS, share_out
from anonify.tables.classes import group, number_keys
from anonify.tables.counts import sum_counts


def _list_factors(task: Task) -> dict[str, int]:
    trees = [domain for domain in task.domains if isinstance(domain, Hierarchy)]
    if prod(list_lineages(tree).shape[1] for tree in trees) <= MOST_LISTED:
        return {"distinct tuples": task.rows, "classes": task.classes}
    return {
        "distinct tuples": task.rows,
        "quasi-identifiers": len(task.domains),
        "split trees": ROUNDS * task.options.get("trees", 1),
    }


EFFORT = Effort(_list_factors, most=5 * 10**9, instead="choose arx or mondrian, or a larger k")

Trees = Annotated[int, range(1, 21)]

# Classes are looked for up to an NCP that rises in so many steps, so that there are not too many
# at a time. It hardly matters for which ones are taken.
STEPS = 40
# A class is tried if so large a share of k would gain; the rest must be filled up.
SHARES = (1.0, 0.8, 0.6, 0.4, 0.2)
# The most promising ones tried at each share. With smaller shares there are more, so a large
# table stops at the first share that has more.
MOST_TRIED = 3_000
# Combinations of depths up to which all tuples of nodes are looked through; Adult's eight
# attributes have 6,480. With more, split trees suggest the classes, and fewer are tried.
MOST_LISTED = 50_000
MOST_SUGGESTED = 300


def anonymize(
    tuples: Codes,
    counts: Counts,
    domains: Sequence[Domain],
    k: int,
    generator: np.random.Generator,
    *,
    remainder: Remainder = "generalize",
    trees: Trees = 1,
) -> TupleRecoding:
    """Anonymize tuples; deterministic unless there are several split trees.

    Without split trees no record can move to a cheaper class that is there while its own keeps k;
    with them that is so of nearly all.

    Parameters
    ----------
    tuples : array (m, d) of leaves, distinct.
    counts : array (m,), records of each; n < k in all give one class of n, or n suppressed records.
    k : smallest class allowed.
    remainder : ``generalize`` asks k records of the class at the roots too; ``suppress`` lets
        it have fewer, which are then suppressed.
    trees : split trees that are grown at a time, from 1 to 20, where there are more than 50,000
        combinations of levels. More lose less NCP, and take as many times as long.
    """
    hierarchies = require_hierarchies(domains)
    cells = group_cells(tuples, counts, hierarchies, k)
    allocation = allocate(cells, hierarchies, k, remainder, generator, trees)
    return recode(allocation, counts, hierarchies, k, remainder, {})


def allocate(
    cells: Cells,
    hierarchies: Sequence[Hierarchy],
    k: int,
    remainder: Remainder,
    generator: np.random.Generator,
    trees: int = 1,
) -> Allocation:
    """Share the records of cells out among classes, as :func:`anonymize` does."""
    classes = OpenClasses(cells, hierarchies, k, remainder)
    if cells.counts.sum() < k:
        return classes.allocation()
    if prod(len(ways) for ways in classes.ways) <= MOST_LISTED:
        _open_cheapest(classes)
        _fill_up_roots(classes)
        _improve(classes, partial(_search_listed, classes), MOST_TRIED)
        _settle(classes)
    else:
        _open_suggested(classes, trees, generator)
        _fill_up_roots(classes)
        _improve(classes, partial(_search_children, classes), MOST_SUGGESTED * trees)
    return classes.allocation()


def _open_cheapest(classes: OpenClasses) -> None:
    for limit in np.linspace(0, classes.costs[0], STEPS + 1)[1:]:
        if classes.sizes[0] < classes.k:
            break
        at_roots = classes.portions_of(0)
        limits = np.full(len(at_roots), limit)
        found = _search(classes, at_roots, limits, classes.k)
        costs = cost_of(found.nodes, classes.hierarchies)
        for node in found.nodes[np.lexsort((-found.records, costs))]:
            portions = classes.portions_below(node)
            portions = portions[classes.place[portions] == 0]
            if classes.records[portions].sum() >= classes.k:
                classes.move(portions, classes.find(node))


def _fill_up_roots(classes: OpenClasses) -> None:
    """Give the class at the roots as many records as it needs, of the costliest classes."""
    if not classes.sizes[0]:
        return
    costliest = 1 + np.argsort(-classes.costs[1:], kind="stable")
    for can_close in (False, True):
        for place in costliest.tolist():
            missing = int(classes.least[0] - classes.sizes[0])
            spare = int(classes.sizes[place]) - (0 if can_close else classes.k)
            amount = spare if can_close else min(spare, missing)
            if missing > 0 and amount > 0:
                classes.move_some(classes.portions_of(place), amount, 0)


def _open_suggested(classes: OpenClasses, trees: int, generator: np.random.Generator) -> None:
    """Open the classes that split trees suggest; what is left goes to the cheapest above it."""
    counts = classes.cells.counts
    nodes, taken_by = share_out(
        classes.ways, classes.hierarchies, counts, classes.k, trees, generator
    )
    cells = np.flatnonzero(taken_by >= 0)
    opened = group(nodes[taken_by[cells]])
    classes.place[cells] = classes.open(opened.tuples)[opened.members]
    classes.sizes = sum_counts(classes.records, classes.place, len(classes.sizes))
    if classes.sizes[0] < classes.k:
        left = np.flatnonzero(classes.place == 0)
        places = classes.cheapest_above(left, 0)
        for cell, place in zip(left[places >= 0], places[places >= 0], strict=True):
            classes.move(np.array([cell]), int(place))


def _improve(classes: OpenClasses, search: Callable[[int], Found], most: int) -> None:
    """Draw records from costlier classes as long as that lowers the NCP.

    Parameters
    ----------
    search : finds the tuples of nodes that so many records would gain from.
    most : how many of these are tried at each share of k.
    """
    for share in SHARES:
        classes.join_portions()
        found = search(ceil(share * classes.k))
        for node in found.nodes[np.argsort(-found.gains, kind="stable")[:most]]:
            draw(classes, node)
        if len(found.nodes) > most:
            break
    classes.join_portions()


def _settle(classes: OpenClasses) -> None:
    """Let open classes draw until no record can move to a cheaper one."""
    while sum(draw(classes, node) for node in classes.nodes[classes.sizes > 0]):
        classes.join_portions()


def _search_children(classes: OpenClasses, least: int) -> Found:
    """Find the children of open classes, in one attribute each, that so many would gain from."""
    opened = np.flatnonzero(classes.sizes)
    below = [classes.cells_below(node) for node in classes.nodes[opened]]
    cells = np.concatenate(below)
    members = np.repeat(np.arange(len(opened)), [len(each) for each in below])
    counts = classes.cells.counts
    # Where records of a cell are in several classes, they are taken to pay the mean.
    sums = classes.records * classes.costs[classes.place]
    paid = np.bincount(classes.cell, weights=sums) / counts
    gains = paid[cells] - classes.costs[opened][members]
    found = []
    for attribute, tree in enumerate(classes.hierarchies):
        tops = classes.nodes[opened, attribute]
        depths = classes.depths[attribute][tops]
        rows = np.flatnonzero((depths < len(classes.ways[attribute]) - 1)[members])
        parts, own = members[rows], cells[rows]
        nodes = classes.ways[attribute][depths[parts] + 1, own]
        gain = gains[rows] + tree.loss[tops[parts]] - tree.loss[nodes]
        gaining = np.flatnonzero((nodes >= 0) & (gain > SMALLEST_GAIN))
        width = len(tree.labels)
        keys = parts[gaining] * width + nodes[gaining]
        present, numbers = number_keys(keys, len(opened) * width)
        records = counts[own[gaining]]
        gaining_records = sum_counts(records, numbers, len(present))
        places, children = np.divmod(present, width)
        lowered = classes.nodes[opened[places]]
        lowered[:, attribute] = children
        gained = np.bincount(numbers, weights=records * gain[gaining], minlength=len(present))
        is_enough = gaining_records >= least
        found.append(
            Found(lowered[is_enough], gaining_records[is_enough], gained[is_enough].astype(float))
        )
    return join_found(found)


def _search_listed(classes: OpenClasses, least: int) -> Found:
    """Find all tuples of nodes that so many records would gain from."""
    everything = np.arange(len(classes.cell))
    return _search(classes, everything, classes.costs[classes.place], least)


def _search(classes: OpenClasses, portions: Codes, limits: Costs, least: int) -> Found:
    """Find all tuples of nodes that so many records of some portions would gain from."""
    rows = Rows(
        [ways[:, classes.cell[portions]] for ways in classes.ways],
        classes.cells.nodes[classes.cell[portions]],
        classes.records[portions],
        limits - SMALLEST_GAIN,
    )
    return search_nodes(rows, classes.hierarchies, least)
