"""Regrouping: tuples of neighbouring classes are put together anew where that loses less.

Cuts leave classes of k to 2 k − 1 records, and part records that are near each other. So classes
that stand in a row are taken in windows of some hundred tuples, and the tuples of a window are put
together anew as in k-member clustering, by the NCP of what is released. A class starts with the
tuple that is furthest from the class before, and takes again and again the one with which what it
shows widens least, until it is allowed. Where a last class never is, each of its tuples joins the
class that widens least by it. A window gets its new classes if they lose less than those that it
had. All windows are gone through at once, tuple by tuple.

The time grows with the tuples times those of a window; in memory are some windows at a time.

Source: Byun, Kamra, Bertino, Li, Efficient k-Anonymization Using Clustering Techniques, DASFAA
2007.
"""

from collections.abc import Iterator, Sequence

import numpy as np

from anonify.base.values import Codes
from anonify.recoding.axes import Axis, Bundle, Flags, Floats, bundle
from anonify.recoding.neighbours import SMALLEST_GAIN
from anonify.recoding.requirements import ClassRules
from anonify.recoding.widening import RangeWidening, SetWidening
from anonify.tables.classes import group

WINDOW = 1_000
"""Tuples of a window, of whole classes; one of more than twice as many stays as it is."""

CELLS = 500_000
"""Places in windows and attributes that are looked at at a time, about."""

SHRUNK = 0.8
"""Share of its places that are left when a window is made smaller."""


def regroup(axes: Sequence[Axis], rules: ClassRules, classes: Codes, tops: Codes) -> Codes:
    """Array (t,): the class of each tuple then, numbered in the order in which they are neighbours.

    Deterministic; of tuples that are equally near, or far, the earliest one is taken.

    Parameters
    ----------
    axes : of the tuples.
    rules : of the tuples; every class keeps them.
    classes : array (t,), the class of each tuple, in the order in which classes are neighbours,
        from 0 without a gap.
    tops : array (t,), what a class must not mix.
    """
    windows = _number_windows(classes, tops)
    found = np.full(len(classes), -1, dtype=np.intp)
    bundles = bundle(axes)
    for rows in _list_windows(windows, rules, len(axes)):
        own = _Growth(bundles, rules, rows).run()
        is_found = own >= 0
        found[rows[is_found]] = own[is_found] + found.max() + 1
    is_left = np.bincount(windows, weights=found < 0) > 0
    found = np.where(is_left[windows], len(classes) + classes, found)
    is_better = _find_better(axes, rules, classes, found, windows)
    return _line_up(np.where(is_better[windows], found, len(classes) + classes), classes, rules)


def _number_windows(classes: Codes, tops: Codes) -> Codes:
    """Array (t,): the window of each tuple."""
    ends = np.bincount(classes).cumsum()
    top_of = np.empty(len(ends), dtype=np.intp)
    top_of[classes] = tops
    blocks = np.stack([top_of, (ends - 1) // WINDOW], axis=1)
    return group(blocks).members[classes]


def _list_windows(windows: Codes, rules: ClassRules, attributes: int) -> Iterator[Codes]:
    """List windows that may gain, some at a time: arrays (windows, places) of tuples, else −1."""
    order, sizes = np.argsort(windows, kind="stable"), np.bincount(windows)
    starts = sizes.cumsum() - sizes
    is_divisible = np.bincount(windows, weights=rules.counts) >= 2 * rules.k
    fit = np.flatnonzero(is_divisible & (sizes <= 2 * WINDOW))
    at_once = max(1, CELLS // (WINDOW * attributes))
    for first in range(0, len(fit), at_once):
        own = fit[first : first + at_once, np.newaxis]
        places = np.arange(sizes[own].max())
        tuples = order[np.minimum(starts[own] + places, len(order) - 1)]
        yield np.where(places < sizes[own], tuples, -1)


class _Growth:
    """Classes that grow in several windows at once, one after the other in each.

    Parameters
    ----------
    rows : array (windows, places) of tuples, −1 where there is none.
    """

    def __init__(self, bundles: Sequence[Bundle], rules: ClassRules, rows: Codes) -> None:
        self._rules = rules
        self._rows = rows
        # Of all places, flat: their class, that of those done which is nearest, and how far it is.
        self._classes = np.full(rows.size, -1, dtype=np.intp)
        self._nearest = np.full(rows.size, -1, dtype=np.intp)
        self._least = np.full(rows.size, np.inf)
        self._done: list[Codes] = []
        self._count = 0
        # Of the windows and places that are left.
        self._widenings = [
            (RangeWidening if each.is_ordered else SetWidening)(each, rows) for each in bundles
        ]
        self._windows = np.arange(len(rows))
        self._places = np.arange(rows.size).reshape(rows.shape)
        self._is_left = rows >= 0
        self._distances = np.zeros(rows.shape)
        self._numbers = np.zeros(len(rows), dtype=np.intp)
        self._records = np.zeros(len(rows), dtype=np.int64)
        self._is_new = np.ones(len(rows), dtype=bool)

    def run(self) -> Codes:
        """Array (windows, places): the class of each tuple, −1 where there is none."""
        while self._drop():
            self._join()
        is_done = np.zeros(self._count + 1, dtype=bool)
        is_done[np.concatenate([np.zeros(0, dtype=np.intp), *self._done])] = True
        found = np.where(is_done[self._classes], self._classes, self._nearest)
        return np.where(self._rows < 0, -1, found.reshape(self._rows.shape))

    def _drop(self) -> bool:
        """Drop windows that are done, and places where many are; tell whether any are left."""
        left = self._is_left.sum(axis=1)
        most = int(left.max(initial=0))
        if left.all() and most > SHRUNK * self._is_left.shape[1]:
            return True
        windows = np.flatnonzero(left)
        places = np.argsort(~self._is_left[windows], axis=1, kind="stable")[:, :most]
        for each in self._widenings:
            each.select(windows, places)
        self._places = np.take_along_axis(self._places[windows], places, axis=1)
        self._is_left = np.take_along_axis(self._is_left[windows], places, axis=1)
        self._distances = np.take_along_axis(self._distances[windows], places, axis=1)
        self._windows, self._numbers = self._windows[windows], self._numbers[windows]
        self._records, self._is_new = self._records[windows], self._is_new[windows]
        return len(windows) > 0

    def _join(self) -> None:
        """Let a tuple join the class of each window, or start the next one."""
        new, grown = np.flatnonzero(self._is_new), np.flatnonzero(~self._is_new)
        signs = np.where(self._is_new, -1.0, 1.0)[:, np.newaxis]
        chosen = np.where(self._is_left, signs * self._distances, np.inf).argmin(axis=1)
        for each in self._widenings:
            if len(new):
                each.start(new, chosen[new])
            if len(grown):
                each.widen(grown, chosen[grown])
        self._distances = _add_up([each.prices for each in self._widenings])
        self._numbers[new] = self._count + np.arange(len(new))
        self._count += len(new)
        self._records[new] = 0
        everywhere = np.arange(len(chosen))
        places = self._places[everywhere, chosen]
        self._is_left[everywhere, chosen] = False
        self._classes[places] = self._numbers
        self._records += self._rules.counts[self._rows.ravel()[places]]
        self._is_new = self._are_allowed()
        if self._is_new.any():
            self._finish(np.flatnonzero(self._is_new), chosen[self._is_new])

    def _are_allowed(self) -> Flags:
        """Array (windows,): whether the class of each is allowed as it is."""
        is_allowed = self._records >= self._rules.k
        if self._rules.ask_for_records_alone or not is_allowed.any():
            return is_allowed
        large = np.flatnonzero(is_allowed)
        rows = self._rows[self._windows[large]]
        classes = self._classes.reshape(self._rows.shape)[self._windows[large]]
        is_in = classes == self._numbers[large, np.newaxis]
        is_allowed[large] = self._rules.are_allowed(rows[is_in], np.nonzero(is_in)[0])
        return is_allowed

    def _finish(self, windows: Codes, chosen: Codes) -> None:
        """Note what the classes of some windows, which are done, are the nearest of.

        Parameters
        ----------
        chosen : array (windows,), where the tuple is that joined last.
        """
        self._done.append(self._numbers[windows])
        distances = self._distances[windows]
        distances -= distances[np.arange(len(windows)), chosen][:, np.newaxis]
        places = self._places[windows]
        is_nearer = distances < self._least[places]
        self._least[places[is_nearer]] = distances[is_nearer]
        numbers = np.broadcast_to(self._numbers[windows, np.newaxis], places.shape)
        self._nearest[places[is_nearer]] = numbers[is_nearer]


def _add_up(prices: Sequence[Floats]) -> Floats:
    """Array (windows, places): the distances, of arrays (a, windows, places)."""
    total = np.asarray(prices[0].sum(axis=0))
    for each in prices[1:]:
        total += each.sum(axis=0)
    return total


def _find_better(
    axes: Sequence[Axis], rules: ClassRules, before: Codes, after: Codes, windows: Codes
) -> Flags:
    """Array (windows,): whether all new classes of each are allowed, and lose less in all."""
    after = np.unique(after, return_inverse=True)[1]
    gains = _lose(axes, rules, before) - _lose(axes, rules, after)
    is_allowed = rules.are_allowed(np.arange(len(after)), after)[after]
    is_forbidden = np.bincount(windows, weights=~is_allowed) > 0
    return np.asarray(~is_forbidden & (np.bincount(windows, weights=gains) > SMALLEST_GAIN))


def _lose(axes: Sequence[Axis], rules: ClassRules, classes: Codes) -> Floats:
    """Array (t,): what the records of each tuple lose in all."""
    parts, count = classes.astype(np.int32), int(classes.max()) + 1
    tuples, losses = np.arange(len(parts), dtype=np.int32), np.zeros(count)
    for axis in axes:
        cells = axis.find_cells(tuples, parts, rules.counts, count)
        losses += axis.weight * axis.measure_parts(cells)
    return np.asarray(losses[classes] * rules.counts)


def _line_up(classes: Codes, before: Codes, rules: ClassRules) -> Codes:
    """Array (t,): classes numbered by the mean of the numbers that their records had before."""
    classes = np.unique(classes, return_inverse=True)[1]
    records = np.bincount(classes, weights=rules.counts)
    places = np.bincount(classes, weights=rules.counts * before) / records
    return np.argsort(np.argsort(places, kind="stable"))[classes]
