"""Mondrian that shows sets and ranges, and cuts where least is lost.

All records start in one part. A part is cut in two as long as both are allowed: numbers, in their
order, between two values; other values into two sets, by a prefix of the order of the hierarchy or
of that of falling frequency in the part. A part that cannot be cut is a class; of each attribute it
shows exactly the range, or the set, of the values that it has.

For each attribute and order the cut is looked for that saves the most NCP of that attribute, summed
over the records. Of these cuts the few best ones of a part are priced: what both of its halves
would lose over all attributes. The cheapest allowed one is made; of several the first.

Parts do not depend on each other, so all that are left are cut in one go, level by level, in
chunks, so that what is in memory stays bounded.

Sources: LeFevre, DeWitt, Ramakrishnan, Mondrian Multidimensional K-Anonymity, ICDE 2006; for the
choice of cuts by information loss Xu et al., Utility-Based Anonymization Using Local Recoding, KDD
2006, whose NCP it is, and for sets found by prefixes of an order Breiman et al., Classification and
Regression Trees, 1984.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import scipy

from anonify.base.values import Codes
from anonify.domains.domain import Domain
from anonify.recoding.axes import Axis, Bundle, Cells, Flags, Floats, Numbers, bundle, make_axis
from anonify.recoding.cuts import Marks, find_cuts
from anonify.recoding.effort import Effort
from anonify.recoding.levels import are_limited, find_tops
from anonify.recoding.neighbours import move_to_neighbours
from anonify.recoding.recoding import Counts, TupleRecoding, recode_undivided, roots
from anonify.recoding.regrouping import regroup
from anonify.recoding.requirements import ClassRules, Requirement
from anonify.tables.classes import DENSE, group, number_keys

KEEPS_LEVELS = True

EFFORT = Effort(
    lambda task: {"distinct tuples": task.rows, "quasi-identifiers": len(task.domains)},
    most=2 * 10**8,
    instead="choose mondrian, or give hierarchies a `least_level`, so that fewer values differ",
)

CANDIDATES = 8
"""Cuts of a part that are priced: those that save the most of their own attribute."""

FIRST_LOOKS = 5
"""How often a tuple may be looked at, on average, before classes are put together anew."""

HALVES = ((np.arange(256) << 8) + (~np.arange(256) & 255)).astype(np.uint16)
"""Which halves have a tuple with these marks: a bit for each first half, then for each second."""

CELLS = 500_000
"""Pairs of a part and a value that are counted at a time."""


def anonymize(
    tuples: Codes,
    counts: Counts,
    domains: Sequence[Domain],
    k: int,
    generator: np.random.Generator,
    *,
    polish: bool = False,
    requirements: Sequence[Requirement] = (),
    people: "scipy.sparse.csr_array | None" = None,
) -> TupleRecoding:
    """Anonymize tuples; deterministic, so the generator is not used.

    Suppresses records only where levels are limited: those of a part between the highest levels
    that is no class. What is released are nodes of the domains that the recoding names.

    Parameters
    ----------
    tuples : array (m, d) of leaves, distinct.
    counts : array (m,), records of each; n < k in all give one class of n, as does a table that
        does not meet the requirements.
    polish : whether tuples then move to a neighbouring class as long as that loses less, and, where
        there are no requirements, are put together anew with those of neighbouring classes.
    requirements : what every class must keep beside k.
    people : sparse array (m, people), who has records of each tuple, of whom every class must have
        k; without it, records are counted.
    """
    rules = ClassRules(counts, k, requirements, people)
    axes = [
        make_axis(domain, leaves)
        for domain, leaves in zip(domains, tuples.T.astype(np.int32), strict=True)
    ]
    parts = np.zeros(len(tuples), dtype=np.intp)
    is_kept = np.ones(len(tuples), dtype=bool)
    if are_limited(domains):
        parts = group(find_tops(tuples, domains)).members
        is_kept = rules.are_allowed(np.arange(len(tuples)), parts)[parts]
    kept = np.flatnonzero(is_kept).astype(np.int32)
    classes = _divide(bundle(axes), rules, kept, parts[kept])
    if polish and len(kept):
        classes = _polish(axes, rules, kept, classes, parts[kept])
    count = int(classes.max(initial=-1)) + 1
    named = [axis.name(axis.find_cells(kept, classes, counts, count)) for axis in axes]
    shown = [domain for domain, _ in named]
    nodes = np.tile(roots(shown), (len(tuples), 1))
    nodes[kept] = np.stack([of_classes[classes] for _, of_classes in named], axis=1)
    return recode_undivided(counts, nodes, ~is_kept, domains=shown)


def _divide(
    bundles: Sequence[Bundle], rules: ClassRules, tuples: Numbers, members: Codes
) -> Numbers:
    """Array (t,): the class of each tuple, numbered from 0 without a gap.

    Classes are numbered in a row in which those stand together that were one part for longest.

    Parameters
    ----------
    tuples, members : arrays (t,), numbers of tuples, ascending, and the part that each is in.
    """
    classes = np.empty(len(rules.counts), dtype=np.int32)
    all_tuples, found = tuples, 0
    # Of each level, which parts are cut.
    levels: list[list[Flags]] = []
    members = np.unique(members, return_inverse=True)[1]
    width = sum(len(each.low) for each in bundles)
    while len(tuples):
        order = np.argsort(members, kind="stable")
        tuples, members = tuples[order], members[order]
        left, halves, made = [tuples[:0]], [members[:0]], 0
        levels.append([])
        for rows in _list_chunks(members, max(1, CELLS // width)):
            own = members[rows] - members[rows.start]
            is_cut, side = _cut(bundles, rules, tuples[rows], own)
            levels[-1].append(is_cut)
            is_open = is_cut[own]
            number = np.where(is_cut, np.cumsum(is_cut), np.cumsum(~is_cut)) - 1
            classes[tuples[rows][~is_open]] = found + number[own][~is_open]
            left.append(tuples[rows][is_open])
            halves.append(made + 2 * number[own][is_open] + side[is_open])
            found += int((~is_cut).sum())
            made += 2 * int(is_cut.sum())
        tuples, members = np.concatenate(left), np.concatenate(halves)
    return _line_up([np.concatenate(each) for each in levels])[classes[all_tuples]]


def _line_up(levels: Sequence[Flags]) -> Numbers:
    """Array (classes,): the place of each class in a row from the first halves to the second ones.

    Parameters
    ----------
    levels : for each level an array (parts,), which parts are cut. Their halves are the parts of
        the next level, two by two; the others are classes, numbered level by level.
    """
    below = [np.ones(0, dtype=np.intp)]
    for is_cut in reversed(levels):
        classes = np.ones(len(is_cut), dtype=np.intp)
        classes[is_cut] = below[0].reshape(-1, 2).sum(axis=1)
        below.insert(0, classes)
    starts = below[0].cumsum() - below[0] if levels else np.zeros(0, dtype=np.intp)
    places = []
    for is_cut, of_halves in zip(levels, below[1:], strict=True):
        places.append(starts[~is_cut])
        first = of_halves[::2]
        starts = np.stack([starts[is_cut], starts[is_cut] + first], axis=1).ravel()
    return np.concatenate([np.zeros(0, dtype=np.intp), *places]).astype(np.int32)


def _polish(
    axes: Sequence[Axis], rules: ClassRules, kept: Numbers, classes: Numbers, tops: Codes
) -> Numbers:
    of_kept = [replace(axis, of_tuples=axis.of_tuples[kept]) for axis in axes]
    of_rules = rules.select(kept.astype(np.intp))
    polished = classes.astype(np.intp)
    # Beside requirements new classes would tell more of what is sensitive than moves do.
    if not rules.requirements:
        # What moves gain is gained first: the new classes of k records let hardly any move.
        polished = move_to_neighbours(of_kept, of_rules, polished, tops, FIRST_LOOKS)
        polished = regroup(of_kept, of_rules, polished, tops)
    return move_to_neighbours(of_kept, of_rules, polished, tops).astype(np.int32)


def _list_chunks(members: Codes, parts: int) -> Iterator[slice]:
    """List the rows of some parts at a time, of ascending members numbered without a gap."""
    starts = np.arange(0, members[-1] + 1, parts)
    bounds = [*np.searchsorted(members, starts).tolist(), len(members)]
    return map(slice, bounds[:-1], bounds[1:])


def _cut(
    bundles: Sequence[Bundle], rules: ClassRules, tuples: Numbers, members: Numbers
) -> tuple[Flags, Flags]:
    """Cut each part in two where it can be cut.

    Parameters
    ----------
    tuples, members : arrays (t,), numbers of tuples and the part of each, from 0 without a gap.

    Returns
    -------
    Array (parts,), whether each is cut, and array (t,), whether a tuple is in the second half.
    """
    parts = int(members[-1]) + 1
    records = np.bincount(members, weights=rules.counts[tuples])
    is_large = records >= 2 * rules.k
    is_cut, side = np.zeros(parts, dtype=bool), np.zeros(len(tuples), dtype=bool)
    rows = np.flatnonzero(is_large[members])
    if len(rows):
        own = (is_large.cumsum() - 1)[members[rows]]
        is_cut[is_large], side[rows] = _cut_large(bundles, rules, tuples[rows], own)
    return is_cut, side


def _cut_large(
    bundles: Sequence[Bundle], rules: ClassRules, tuples: Numbers, members: Numbers
) -> tuple[Flags, Flags]:
    """Cut parts of 2 k records or more; as :func:`_cut`."""
    parts = int(members[-1]) + 1
    cells = [each.find_cells(tuples, members, rules.counts, parts) for each in bundles]
    cuts = find_cuts(bundles, cells, rules.k)
    # Of equal prices the earlier candidate's counts, in the order of attributes.
    chosen = np.sort(np.argsort(-cuts.gains, axis=0, kind="stable")[:CANDIDATES], axis=0)
    marks = cuts.mark(bundles, cells, chosen)
    prices = _price(bundles, cells, marks, np.take_along_axis(cuts.records, chosen, axis=0))
    prices[np.isneginf(np.take_along_axis(cuts.gains, chosen, axis=0))] = np.inf
    return _choose(prices, marks, rules, tuples, members)


def _price(
    bundles: Sequence[Bundle], cells: Sequence[Cells], marks: Marks, records: Counts
) -> npt.NDArray[np.float64]:
    """Array (candidates, parts): what both halves of each part would lose over all attributes.

    Parameters
    ----------
    marks : array (t,), one bit for each candidate that would have the tuple in the second half.
    records : array (candidates, parts), of the first half.
    """
    powers = (1 << np.arange(16).reshape(2, -1)[:, : len(records)]).astype(np.uint16)
    total = np.add.reduceat(cells[0].records, cells[0].starts)[:: len(bundles[0].attributes)]
    of_halves = np.concatenate([records, total - records])
    attributes = sum(len(each.attributes) for each in bundles)
    losses = np.empty((attributes, *of_halves.shape))
    for each, own in zip(bundles, cells, strict=True):
        widths = each.measure_some(own, (_mark_halves(own, marks) & powers.reshape(-1, 1)) > 0)
        loss = widths.reshape(*of_halves.shape, -1) * of_halves[..., np.newaxis]
        loss *= each.weights[own.units[own.starts]].reshape(len(total), -1)
        losses[each.attributes] = np.moveaxis(loss, -1, 0)
    return np.asarray(losses.reshape(-1, *records.shape).sum(axis=0))


def _mark_halves(cells: Cells, marks: Marks) -> npt.NDArray[np.uint16]:
    """Array (cells,): one bit for each half that has some tuple of the cell.

    The lower eight are of the first halves of the candidates, the others of the second ones.

    Parameters
    ----------
    marks : array (t,), as in :func:`_price`.
    """
    numbers, halves = cells.of_tuples.ravel(), HALVES[marks]
    span = len(cells.parts) << 8
    if span <= DENSE * len(numbers):
        # Few pairs of a cell and marks are possible: to list them takes a fraction of the time.
        is_there = np.zeros(span, dtype=bool)
        is_there[(cells.of_tuples.astype(np.intp) << 8) + marks] = True
        numbers, patterns = np.divmod(np.flatnonzero(is_there), 256)
        halves = HALVES[patterns]
    else:
        halves = np.tile(halves, len(cells.of_tuples))
    present = np.zeros(len(cells.parts), dtype=np.uint16)
    np.bitwise_or.at(present, numbers, halves)
    return present


def _choose(
    prices: Floats, marks: Marks, rules: ClassRules, tuples: Numbers, members: Numbers
) -> tuple[Flags, Flags]:
    """Choose the cheapest cut of each part of which both halves are allowed.

    Returns
    -------
    As :func:`_cut`.
    """
    parts = prices.shape[1]
    if rules.ask_for_records_alone:
        # Both halves of each candidate have them.
        return np.isfinite(prices.min(axis=0)), _is_second(marks, prices.argmin(axis=0)[members])
    is_cut = np.zeros(parts, dtype=bool)
    while True:
        choice = prices.argmin(axis=0)
        is_tried = ~is_cut & np.isfinite(prices.min(axis=0))
        if not is_tried.any():
            return is_cut, _is_second(marks, choice[members])
        rows = np.flatnonzero(is_tried[members])
        own = members[rows]
        halves, numbers = number_keys(
            2 * own.astype(np.intp) + _is_second(marks[rows], choice[own]), 2 * parts
        )
        are_allowed = rules.are_allowed(tuples[rows], numbers)
        allowed_halves = np.bincount(halves // 2, weights=are_allowed, minlength=parts)
        is_cut |= is_tried & (allowed_halves == 2)
        is_passed = is_tried & ~is_cut
        prices[choice[is_passed], is_passed] = np.inf


def _is_second(marks: Marks, choices: Codes) -> Flags:
    """Array (t,): whether each tuple is in the second half by the choice of its part."""
    return (marks >> choices.astype(np.uint8) & 1).astype(np.bool_)
