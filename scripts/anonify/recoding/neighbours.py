"""Polishing: tuples move to a neighbouring class where that loses less.

Classes that were cut off by each other stand in a row. What is released of a class is the range or
the set of what it has, so a tuple at the rim of one may lie nearer to the next: its class shows
less without it, and the other one hardly more. Such tuples move, the best moves first, as long as
the NCP of all records falls. Classes overlap then, where the cuts alone part them.

Sources: Hartigan and Wong, Algorithm AS 136, 1979, whose k-means moves single records likewise; Xu
et al., Utility-Based Anonymization Using Local Recoding, KDD 2006, whose NCP is lowered.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from anonify.base.values import Codes
from anonify.recoding.axes import Axis, Flags
from anonify.recoding.requirements import ClassRules

NEIGHBOURS = 5
"""Classes before and behind its own that a tuple may move to."""

AT_ONCE = 100_000
"""Tuples whose moves are priced at a time, so that what is in memory stays bounded."""

SMALLEST_GAIN = 1e-7
"""A smaller one, in NCP of one record, is rounding."""


def move_to_neighbours(
    axes: Sequence[Axis], rules: ClassRules, classes: Codes, tops: Codes
) -> Codes:
    """Array (t,): the class of each tuple after all moves that are worth it.

    Deterministic; of moves that gain the same the one of the earlier tuple to the earlier class is
    made.

    Parameters
    ----------
    axes : of the tuples.
    rules : of the tuples; every class keeps them.
    classes : array (t,), the class of each tuple, in the order in which classes are neighbours,
        from 0 without a gap.
    tops : array (t,), what a class must not mix.
    """
    classes = classes.copy()
    top_of = np.empty(int(classes.max()) + 1, dtype=np.intp)
    top_of[classes] = tops
    changed = np.ones(len(top_of), dtype=bool)
    while changed.any():
        # What else there is has been looked at as it is.
        tuples = np.flatnonzero(_reach(changed)[classes])
        moves = _price(axes, rules, classes, top_of, tuples)
        changed[:] = False
        for tuple_, place in _choose(moves, classes, rules, changed):
            classes[tuple_] = place
    return classes


@dataclass(frozen=True)
class _Moves:
    """Moves that would lower the NCP, the best ones first.

    Parameters
    ----------
    tuples, places : arrays (moves,), which tuple moves to which class.
    """

    tuples: Codes
    places: Codes


def _reach(changed: Flags) -> Flags:
    """Array (classes,): which classes are neighbours of one that has changed, or are one."""
    near = np.convolve(changed, np.ones(2 * NEIGHBOURS + 1, dtype=int))
    return np.asarray(near[NEIGHBOURS:-NEIGHBOURS] > 0)


def _price(
    axes: Sequence[Axis], rules: ClassRules, classes: Codes, top_of: Codes, tuples: Codes
) -> _Moves:
    """Find the moves of some tuples that lower the NCP."""
    everyone = np.arange(len(classes), dtype=np.int32)
    sizes = np.bincount(classes, weights=rules.counts)
    found = []
    for axis in axes:
        cells = axis.find_cells(everyone, classes.astype(np.int32), rules.counts, len(sizes))
        found.append((axis, cells, axis.measure_parts(cells)))
    is_spare = sizes[classes[tuples]] - rules.counts[tuples] >= rules.k
    tuples = tuples[is_spare]
    made = [np.zeros((0, 3))]
    for start in range(0, len(tuples), AT_ONCE):
        some = tuples[start : start + AT_ONCE]
        rows, places = _list_places(classes[some], top_of)
        own, moved = classes[some], rules.counts[some].astype(float)
        gains = np.zeros(len(rows))
        for axis, cells, widths in found:
            without = axis.measure_without(cells, some, own, rules.counts)
            saved = sizes[own] * widths[own] - (sizes[own] - moved) * without
            wider = axis.measure_with(cells, places, axis.units[axis.leaves[some]][rows])
            added = (sizes[places] + moved[rows]) * wider - sizes[places] * widths[places]
            gains += axis.weight * (saved[rows] - added)
        is_worth = gains > SMALLEST_GAIN
        made.append(np.column_stack([gains, some[rows], places])[is_worth])
    moves = np.concatenate(made)
    moves = moves[np.argsort(-moves[:, 0], kind="stable")]
    return _Moves(*moves[:, 1:].T.astype(np.intp))


def _list_places(own: Codes, top_of: Codes) -> tuple[Codes, Codes]:
    """Return for each place that a tuple may move to the number of the tuple, and the class.

    Parameters
    ----------
    own : array (t,), the class of each tuple.
    """
    shifts = np.delete(np.arange(-NEIGHBOURS, NEIGHBOURS + 1), NEIGHBOURS)
    places = own[:, np.newaxis] + shifts
    is_there = (places >= 0) & (places < len(top_of))
    is_there &= top_of[np.where(is_there, places, 0)] == top_of[own][:, np.newaxis]
    rows = np.nonzero(is_there)[0]
    return rows, places[is_there]


def _choose(
    moves: _Moves, classes: Codes, rules: ClassRules, changed: Flags
) -> list[tuple[int, int]]:
    """Choose the best moves that share no class and break no rule, and note what they change.

    Parameters
    ----------
    changed : array (classes,), of which those are set that a move changes.
    """
    chosen = []
    for tuple_, place in zip(moves.tuples.tolist(), moves.places.tolist(), strict=True):
        own = int(classes[tuple_])
        if changed[own] or changed[place]:
            continue
        if rules.requirements or rules.people is not None:
            both = np.flatnonzero((classes == own) | (classes == place))
            is_other = (classes[both] == place) | (both == tuple_)
            if not rules.are_allowed(both, is_other.astype(np.intp)).all():
                continue
        changed[own] = changed[place] = True
        chosen.append((tuple_, place))
    return chosen
