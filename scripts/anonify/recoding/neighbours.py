"""Polishing: tuples move to a neighbouring class where that loses less.

Classes that were cut off by each other stand in a row. What is released of a class is the range or
the set of what it has, so a tuple at the rim of one may lie nearer to the next: its class shows
less without it, and the other one hardly more. Such tuples move, the best moves first, as long as
the NCP of all records falls. Classes overlap then, where the cuts alone part them. It ends when no
move is left that is worth it, or when tuples were looked at a stated number of times.

Sources: Hartigan and Wong, Algorithm AS 136, 1979, whose k-means moves single records likewise; Xu
et al., Utility-Based Anonymization Using Local Recoding, KDD 2006, whose NCP is lowered.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from anonify.base.values import Codes
from anonify.recoding.axes import Axis, Flags, Floats
from anonify.recoding.requirements import ClassRules

NEIGHBOURS = 5
"""Classes before and behind its own that a tuple may move to."""

AT_ONCE = 100_000
"""Tuples whose moves are priced at a time, so that what is in memory stays bounded."""

LOOKS = 100
"""How often a tuple may be looked at, on average; real tables took up to 60 times."""

SMALLEST_GAIN = 1e-7
"""A smaller one, in NCP of one record, is rounding."""

LEFT, MADE, FORBIDDEN = range(3)
"""What becomes of a move."""


def move_to_neighbours(
    axes: Sequence[Axis], rules: ClassRules, classes: Codes, tops: Codes, looks: int = LOOKS
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
    looks : how often a tuple may be looked at, on average.
    """
    classes = classes.copy()
    top_of = np.empty(int(classes.max()) + 1, dtype=np.intp)
    top_of[classes] = tops
    changed = np.ones(len(top_of), dtype=bool)
    left = looks * len(classes)
    while changed.any() and left > 0:
        # What else there is has been looked at as it is.
        tuples = np.flatnonzero(_reach(changed)[classes])
        left -= len(tuples)
        moves = _find_moves(axes, rules, classes, top_of, tuples)
        changed[:] = False
        while len(moves.tuples):
            verdicts = _choose(moves, classes, rules)
            made = moves.select(verdicts == MADE)
            changed[classes[made.tuples]] = changed[made.places] = True
            classes[made.tuples] = made.places
            # What was forbidden stays so until a class has changed.
            is_left = (verdicts == LEFT) & ~np.isin(moves.tuples, made.tuples)
            moves = moves.select(is_left & (left > 0))
            left -= int(np.count_nonzero(_mark(moves, classes)[classes]))
            moves = _price(axes, rules, classes, moves)
    return classes


@dataclass(frozen=True)
class _Moves:
    """Moves of tuples to classes.

    Parameters
    ----------
    tuples, places : arrays (moves,), which tuple moves to which class.
    gains : array (moves,), by how much each lowers the NCP of all records.
    """

    tuples: Codes
    places: Codes
    gains: Floats

    def select(self, is_in: Flags) -> "_Moves":
        return _Moves(self.tuples[is_in], self.places[is_in], self.gains[is_in])

    def sort(self) -> "_Moves":
        """Return them with the best ones first."""
        order = np.lexsort((self.places, self.tuples, -self.gains))
        return _Moves(self.tuples[order], self.places[order], self.gains[order])


def _reach(changed: Flags) -> Flags:
    """Array (classes,): which classes are neighbours of one that has changed, or are one."""
    near = np.convolve(changed, np.ones(2 * NEIGHBOURS + 1, dtype=int))
    return np.asarray(near[NEIGHBOURS:-NEIGHBOURS] > 0)


def _find_moves(
    axes: Sequence[Axis], rules: ClassRules, classes: Codes, top_of: Codes, tuples: Codes
) -> _Moves:
    """Find the moves of some tuples that lower the NCP, the best ones first."""
    # Tuples of a class stand together, so that each chunk has few classes.
    tuples = tuples[np.argsort(classes[tuples], kind="stable")]
    found = []
    for start in range(0, len(tuples), AT_ONCE):
        moves = _list_moves(tuples[start : start + AT_ONCE], classes, top_of)
        found.append(_price(axes, rules, classes, moves))
    parts = ([each.tuples, each.places, each.gains] for each in found)
    return _Moves(*map(np.concatenate, zip(*parts, strict=True))).sort()


def _list_moves(tuples: Codes, classes: Codes, top_of: Codes) -> _Moves:
    """List each move of some tuples to a neighbouring class; what it gains is not known yet."""
    own = classes[tuples]
    shifts = np.delete(np.arange(-NEIGHBOURS, NEIGHBOURS + 1), NEIGHBOURS)
    places = own[:, np.newaxis] + shifts
    is_there = (places >= 0) & (places < len(top_of))
    is_there &= top_of[np.where(is_there, places, 0)] == top_of[own][:, np.newaxis]
    rows = np.nonzero(is_there)[0]
    return _Moves(tuples[rows], places[is_there], np.zeros(len(rows)))


def _mark(moves: _Moves, classes: Codes) -> Flags:
    """Array (classes,): which classes moves begin or end in."""
    is_near = np.zeros(int(classes.max()) + 1, dtype=bool)
    is_near[classes[moves.tuples]] = is_near[moves.places] = True
    return is_near


def _price(axes: Sequence[Axis], rules: ClassRules, classes: Codes, moves: _Moves) -> _Moves:
    """Price moves anew and keep those that lower the NCP, the best ones first."""
    sizes = np.bincount(classes, weights=rules.counts)
    is_spare = sizes[classes[moves.tuples]] - rules.counts[moves.tuples] >= rules.k
    moves = moves.select(is_spare)
    is_near = _mark(moves, classes)
    members = np.flatnonzero(is_near[classes]).astype(np.int32)
    number = is_near.cumsum() - 1
    parts, sizes = number[classes[members]].astype(np.int32), sizes[is_near]
    movers, rows = np.unique(moves.tuples, return_inverse=True)
    places_of = np.searchsorted(members, movers)
    own, there = number[classes[movers]], number[moves.places]
    records = rules.counts[movers].astype(float)
    gains = np.zeros(len(rows))
    for axis in axes:
        cells = axis.find_cells(members, parts, rules.counts, len(sizes))
        widths = axis.measure_parts(cells)
        without = axis.measure_without(cells, places_of, own, rules.counts[members])
        saved = sizes[own] * widths[own] - (sizes[own] - records) * without
        wider = axis.measure_with(cells, there, axis.of_tuples[movers][rows])
        added = (sizes[there] + records[rows]) * wider - sizes[there] * widths[there]
        gains += axis.weight * (saved[rows] - added)
    priced = _Moves(moves.tuples, moves.places, gains)
    return priced.select(gains > SMALLEST_GAIN).sort()


def _choose(moves: _Moves, classes: Codes, rules: ClassRules) -> Codes:
    """Array (moves,): what becomes of each; the best ones allowed that share no class are made."""
    is_used = np.zeros(int(classes.max()) + 1, dtype=bool)
    verdicts = np.full(len(moves.tuples), LEFT)
    pairs = zip(moves.tuples.tolist(), moves.places.tolist(), strict=True)
    for number, (tuple_, place) in enumerate(pairs):
        own = int(classes[tuple_])
        if is_used[own] or is_used[place]:
            continue
        if rules.requirements or rules.people is not None:
            both = np.flatnonzero((classes == own) | (classes == place))
            is_other = (classes[both] == place) | (both == tuple_)
            if not rules.are_allowed(both, is_other.astype(np.intp)).all():
                verdicts[number] = FORBIDDEN
                continue
        is_used[own] = is_used[place] = True
        verdicts[number] = MADE
    return verdicts
