"""Cuts of parts of a table in two, along an order of an attribute's values.

The values that a part has of an attribute are looked at in their order; those that are not ordered
in that of their hierarchy, and in that of falling frequency in the part. A cut parts the first ones
from the others. What it saves is the NCP of that attribute, summed over the records.

Source: sets found by prefixes of an order as in Breiman et al., Classification and Regression
Trees, 1984.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from anonify.base.values import Codes
from anonify.recoding.axes import Bundle, Cells, Flags, Floats, Scale
from anonify.recoding.recoding import Counts

Marks = npt.NDArray[np.uint8]

ORDERS = 2
"""Orders of an attribute along which it may be cut; one that is ordered has the first alone."""


@dataclass(frozen=True)
class Cuts:
    """The best cut of each part along each order, two orders for each attribute in turn.

    Parameters
    ----------
    gains : array (orders, parts), what each saves of its attribute's loss; −∞ where there is none.
    records : array (orders, parts), of the first half.
    are_second : for each bundle, and each order that it has, an array (cells,), whether a cell is
        in the second half.
    """

    gains: Floats
    records: Counts
    are_second: Sequence[Sequence[Flags]]

    def mark(self, bundles: Sequence[Bundle], cells: Sequence[Cells], orders: Codes) -> Marks:
        """Array (t,): one bit for each choice, set where a tuple is in the second half of its part.

        Parameters
        ----------
        cells : in which the cuts were found.
        orders : array (choices, parts), the order of each part's cut; at most eight choices.
        """
        bits = np.zeros(self.gains.shape, dtype=np.uint8)
        powers = np.left_shift(1, np.arange(len(orders), dtype=np.uint8))
        np.put_along_axis(bits, orders, powers[:, np.newaxis], axis=0)
        marks = np.zeros(cells[0].of_tuples.shape[1], dtype=np.uint8)
        for bundle, own, are_second in zip(bundles, cells, self.are_second, strict=True):
            of_cells = np.zeros(len(own.parts), dtype=np.uint8)
            for number, is_second in enumerate(are_second):
                of_parts = bits[ORDERS * bundle.attributes + number].ravel(order="F")
                of_cells |= of_parts[own.parts] * is_second
            marks |= np.bitwise_or.reduce(of_cells[own.of_tuples])
        return marks


def find_cuts(bundles: Sequence[Bundle], cells: Sequence[Cells], k: int) -> Cuts:
    """Find the best cut of each part along each order of each attribute.

    Parameters
    ----------
    cells : of some parts, in each bundle.
    k : records that both halves must have.
    """
    axes = [len(bundle.attributes) for bundle in bundles]
    shape = (ORDERS * sum(axes), len(cells[0].starts) // axes[0])
    gains, records = np.full(shape, -np.inf), np.zeros(shape, dtype=np.int64)
    are_second: list[list[Flags]] = []
    for bundle, own, width in zip(bundles, cells, axes, strict=True):
        are_second.append([])
        for number, order in enumerate(_list_orders(bundle, own)):
            gain, first, is_second = _find_best(bundle, own, order, k)
            rows = ORDERS * bundle.attributes + number
            gains[rows], records[rows] = gain.reshape(-1, width).T, first.reshape(-1, width).T
            are_second[-1].append(is_second)
    return Cuts(gains, records, are_second)


def _list_orders(scale: Scale, cells: Cells) -> Iterator[Codes]:
    """List the orders of each part's cells: arrays (cells,), the cell at each place."""
    yield np.arange(len(cells.parts))
    if not scale.is_ordered:
        yield np.lexsort((cells.units, -cells.records, cells.parts))


def _find_best(bundle: Bundle, cells: Cells, order: Codes, k: int) -> tuple[Floats, Counts, Flags]:
    """Find the best cut of each part between two cells that follow each other in an order.

    Returns
    -------
    Arrays (parts,), (parts,) and (cells,): what the cut saves, the records of the first half, and
    whether each cell is in the second one.
    """
    parts, starts, ends = cells.parts, cells.starts[cells.parts], cells.ends[cells.parts]
    upto = np.append(0, cells.records[order].cumsum())
    first, second = upto[1:] - upto[starts], upto[ends] - upto[1:]
    loss = (first + second) * bundle.measure_parts(cells)[parts]
    loss_first, loss_second = _measure_halves(bundle, cells, order)
    gain = (loss - first * loss_first - second * loss_second) * bundle.weights[cells.units]
    places = np.arange(len(parts))
    gain[(places + 1 == ends) | (first < k) | (second < k)] = -np.inf
    best = np.maximum.reduceat(gain, cells.starts)
    hits = np.flatnonzero(gain == best[parts])[::-1]
    last = np.empty(len(best), dtype=np.intp)
    last[parts[hits]] = hits  # The first one of each part is written last.
    is_second = np.empty(len(parts), dtype=bool)
    is_second[order] = places > last[parts]
    return best, first[last], is_second


def _measure_halves(scale: Scale, cells: Cells, order: Codes) -> tuple[Floats, Floats]:
    """Return for a cut behind each cell the widths of both halves; the second may be empty."""
    starts, ends = cells.starts[cells.parts], cells.ends[cells.parts]
    places = np.arange(len(order))
    units = cells.units[order]
    first, last = units[starts], units[ends - 1]
    following = units[np.minimum(places + 1, ends - 1)]
    if scale.is_ordered:
        return scale.measure(first, units), scale.measure(following, last)
    upto = np.append(0.0, (scale.high - scale.low)[units].cumsum())
    return (
        scale.add_up(upto[1:] - upto[starts], places + 1 - starts, first),
        scale.add_up(upto[ends] - upto[1:], ends - 1 - places, last),
    )
