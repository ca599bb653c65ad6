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

from anonify.base.values import Codes
from anonify.recoding.axes import Bundle, Cells, Flags, Floats, Numbers, Scale
from anonify.recoding.recoding import Counts


@dataclass(frozen=True)
class Cuts:
    """The best cut of each part along each order, attribute by attribute.

    Parameters
    ----------
    gains : array (orders, parts), what each saves of its attribute's loss; −∞ where there is none.
    records : array (orders, parts), of the first half.
    is_second : array (cells,), whether each cell is in the second half, of the cells of one order
        after those of the other.
    starts : array (orders,), where the cells of each order start.
    columns : array (orders,), where the attribute of each order stands in the last array.
    cells : array (t, attributes), the cell of each tuple among those of an order.
    """

    gains: Floats
    records: Counts
    is_second: Flags
    starts: Codes
    columns: Codes
    cells: Numbers

    def part(self, orders: Codes, members: Numbers) -> Flags:
        """Array (choices, t): whether each tuple is in the second half of its part.

        Parameters
        ----------
        orders : array (choices, parts), the order of each part's cut.
        members : array (t,), the part of each tuple.
        """
        rows = np.arange(0, self.cells.size, self.cells.shape[1])
        cells = self.cells.ravel()[self.columns[orders][:, members] + rows]
        return np.asarray(self.is_second[self.starts[orders][:, members] + cells])


def find_cuts(bundles: Sequence[Bundle], cells: Sequence[Cells], k: int) -> Cuts:
    """Find the best cut of each part along each order of each attribute.

    Parameters
    ----------
    cells : of some parts, in each bundle.
    k : records that both halves must have.
    """
    gains, records, is_second, starts, columns, places = [], [], [], [], [], []
    start, column = 0, 0
    for bundle, own in zip(bundles, cells, strict=True):
        axes = len(bundle.attributes)
        for number, order in enumerate(_list_orders(bundle, own)):
            of_parts = _find_best(bundle, own, order, k)
            gains.append(of_parts[0].reshape(-1, axes).T)
            records.append(of_parts[1].reshape(-1, axes).T)
            is_second.append(of_parts[2])
            starts.append(np.full(axes, start))
            columns.append(np.arange(column, column + axes))
            places.append(2 * bundle.attributes + number)
            start += len(order)
        column += axes
    by_attribute = np.argsort(np.concatenate(places))
    return Cuts(
        np.concatenate(gains)[by_attribute],
        np.concatenate(records)[by_attribute],
        np.concatenate(is_second),
        np.concatenate(starts)[by_attribute],
        np.concatenate(columns)[by_attribute],
        np.concatenate([own.of_tuples for own in cells], axis=1),
    )


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
