"""Axes: quasi-identifiers whose values are cut into ranges or sets.

The values of an attribute stand on an axis, as units: single values, nodes of the least level of a
hierarchy that a release may show, or places between the edges of ranges. Parts of a table are
looked at through cells, the pairs of a part and a unit that some record of the part has.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from anonify.base.values import MISSING, AnyCodes, Codes
from anonify.domains.domain import Domain, ShownDomain
from anonify.domains.hierarchy import Hierarchy, Nodes
from anonify.domains.ranges import Ranges
from anonify.domains.sets import Runs, find_places, gather_sets, join_nodes
from anonify.recoding.recoding import Counts
from anonify.tables.classes import count_keys

Numbers = npt.NDArray[np.int32]
Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Cells:
    """The units that parts of a table have.

    Parameters
    ----------
    parts, units : arrays (cells,), of each cell, ascending.
    records : array (cells,), records of the part that have the unit.
    of_tuples : array (t,), the cell of each tuple.
    starts, ends : arrays (parts,), the first cell of each part, and the one after its last.
    """

    parts: Codes
    units: Codes
    records: Counts
    of_tuples: Numbers
    starts: Codes
    ends: Codes


@dataclass(frozen=True)
class Scale:
    """Units, of one attribute or of several in turn, and how wide they are.

    Parameters
    ----------
    low, high : arrays (units,), where each unit begins and ends; a range is as wide as from the
        one to the other. Of sets, ``high`` − ``low`` add up.
    is_exact : array (units,), whether a unit by itself is a value that is shown as it is.
    is_missing : array (units,), whether it is a missing value among numbers: the last unit of its
        attribute, which is shown with any other as the root.
    spans : array (units,), width of the whole domain of the unit.
    is_ordered : whether units are shown as ranges; else any are shown together, as sets.
    """

    low: Floats
    high: Floats
    is_exact: Flags
    is_missing: Flags
    spans: Floats
    is_ordered: bool

    def measure(self, first: AnyCodes, last: AnyCodes) -> Floats:
        """Return the width of the range from one unit to another, for each pair."""
        width = self.high[last] - self.low[first]
        width[(first == last) & self.is_exact[first]] = 0.0
        is_whole = self.is_missing[last] & (first < last)
        width[is_whole] = self.spans[last[is_whole]]
        return width

    def add_up(self, sizes: Floats, counts: Codes, some: AnyCodes) -> Floats:
        """Return the width of sets of units.

        Parameters
        ----------
        sizes, counts : arrays of one shape, the sum of the units' own widths, and their number.
        some : likewise, one of the units of each.
        """
        is_value = (counts == 1) & self.is_exact[some]
        return np.where(is_value | (counts == 0), 0.0, np.minimum(sizes, self.spans[some]))

    def measure_parts(self, cells: Cells) -> Floats:
        """Array (parts,): the width of what each part shows."""
        first, last = cells.units[cells.starts], cells.units[cells.ends - 1]
        if self.is_ordered:
            return self.measure(first, last)
        sizes = np.add.reduceat((self.high - self.low)[cells.units], cells.starts)
        return self.add_up(sizes, cells.ends - cells.starts, first)

    def measure_some(self, cells: Cells, is_in: Flags) -> Floats:
        """Array (choices, parts): the width of what each part would show with some of its cells.

        Parameters
        ----------
        is_in : array (choices, cells); a part with none has no width.
        """
        last = np.maximum.reduceat(np.where(is_in, cells.units, -1), cells.starts, axis=1)
        if self.is_ordered:
            units = np.where(is_in, cells.units, len(self.low))
            first = np.minimum.reduceat(units, cells.starts, axis=1)
            is_there = last >= 0
            width = np.zeros(last.shape)
            width[is_there] = self.measure(first[is_there], last[is_there])
            return width
        counts = np.add.reduceat(is_in, cells.starts, axis=1, dtype=np.int32)
        own = np.where(is_in, (self.high - self.low)[cells.units], 0.0)
        return self.add_up(np.add.reduceat(own, cells.starts, axis=1), counts, last)


@dataclass(frozen=True)
class Axis(Scale):
    """The axis of an attribute.

    Parameters
    ----------
    domain : of the attribute.
    units : array (leaves,), the unit of each leaf.
    of_tuples : array (m,), the unit of each tuple.
    nodes : array (units,), what each unit is shown as by itself.
    weight : what a record loses by a width of 1.
    """

    domain: Domain
    units: Numbers
    of_tuples: Numbers
    nodes: Nodes
    weight: float

    def find_cells(self, tuples: Numbers, members: Numbers, counts: Counts, parts: int) -> Cells:
        """Find the cells of some parts.

        Parameters
        ----------
        tuples, members : arrays (t,), numbers of tuples, and the part of each.
        counts : array (m,), records of each tuple.
        """
        width = len(self.low)
        keys = np.multiply(members, width, dtype=np.intp)
        keys += self.of_tuples[tuples]
        present, records, of_tuples = count_keys(keys, counts[tuples].astype(float), parts * width)
        of_parts, units = np.divmod(present, width)
        starts = np.searchsorted(of_parts, np.arange(parts), side="left")
        ends = np.searchsorted(of_parts, np.arange(parts), side="right")
        return Cells(of_parts, units, records, of_tuples, starts, ends)

    def measure_without(
        self, cells: Cells, tuples: Codes, members: Codes, counts: Counts
    ) -> Floats:
        """Array (t,): the width of what the part of each tuple would show without that tuple.

        Parameters
        ----------
        tuples, members : arrays (t,), numbers of tuples, and the part of each; it has others.
        """
        own = cells.of_tuples[tuples]
        starts, ends = cells.starts[members], cells.ends[members]
        is_sole = cells.records[own] == counts[tuples]
        first, last = starts + (is_sole & (own == starts)), ends - 1 - (is_sole & (own == ends - 1))
        if self.is_ordered:
            return self.measure(cells.units[first], cells.units[last])
        widths = self.high - self.low
        sizes = np.add.reduceat(widths[cells.units], cells.starts)[members]
        sizes = sizes - np.where(is_sole, widths[cells.units[own]], 0.0)
        return self.add_up(sizes, ends - starts - is_sole, cells.units[first])

    def measure_with(self, cells: Cells, parts: Codes, units: Numbers) -> Floats:
        """Array (pairs,): the width of what a part would show with one more unit.

        Parameters
        ----------
        parts, units : arrays (pairs,).
        """
        first, last = cells.units[cells.starts[parts]], cells.units[cells.ends[parts] - 1]
        if self.is_ordered:
            return self.measure(np.minimum(first, units), np.maximum(last, units))
        width = len(self.low)
        keys = cells.parts.astype(np.intp) * width + cells.units
        wanted = parts * width + units
        found = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
        is_new = keys[found] != wanted
        widths = self.high - self.low
        sizes = np.add.reduceat(widths[cells.units], cells.starts)[parts]
        counts = cells.ends[parts] - cells.starts[parts] + is_new
        return self.add_up(sizes + np.where(is_new, widths[units], 0.0), counts, units)

    def name(self, cells: Cells) -> tuple[ShownDomain, Nodes]:
        """Return the domain of what parts show, and the node of each part."""
        first, last = cells.units[cells.starts], cells.units[cells.ends - 1]
        nodes = self.nodes[first]
        several = np.flatnonzero(cells.ends - cells.starts > 1)
        if isinstance(self.domain, Ranges):
            # The values of a range stand in their order, so do their units.
            lowest = np.searchsorted(self.units, first[several], side="left")
            highest = np.searchsorted(self.units, last[several], side="right") - 1
            nodes[several] = self.domain.join(lowest, highest)
            return self.domain, nodes
        if self.is_ordered:
            runs = self._list_ranges(first[several], last[several])
        else:
            runs = _list_sets(self.domain, self.nodes, cells, several)
        sets, found = gather_sets(self.domain, runs)
        # The root may not be allowed: all values, or a missing one with others, then lie below a
        # node of the highest level that is.
        tops = self.domain.shown[self.domain.first_leaf[nodes[several]], -1]
        nodes[several] = np.where(found == sets.root, tops, found)
        return sets, nodes

    def _list_ranges(self, first: Codes, last: Codes) -> list[Runs]:
        low = np.where(self.is_missing[last], 0, first)
        return [((low, high),) for low, high in zip(low.tolist(), last.tolist(), strict=True)]


@dataclass(frozen=True)
class Bundle(Scale):
    """Axes side by side, all ordered or none, whose parts are looked at in one go.

    The units of the axes follow each other. So do, for each part, the cells of the attributes:
    in these cells a part counts once for each attribute.

    Parameters
    ----------
    attributes : array (a,), the number of each axis among all.
    columns : array (units,), which of the a axes a unit is on.
    weights : array (units,), what a record loses by a width of 1.
    of_tuples : array (a, m), the unit of each tuple on each axis.
    """

    attributes: Codes
    columns: Codes
    weights: Floats
    of_tuples: Numbers

    def find_cells(self, tuples: Numbers, members: Numbers, counts: Counts, parts: int) -> Cells:
        """Find the cells of some parts; as :meth:`Axis.find_cells`."""
        axes, width = len(self.attributes), len(self.low)
        keys = self.of_tuples.take(tuples, axis=1).astype(np.intp)
        keys += np.multiply(members, width, dtype=np.intp)
        of_rows = np.tile(counts[tuples].astype(float), axes)
        present, records, numbers = count_keys(keys.ravel(), of_rows, parts * width)
        of_parts, units = np.divmod(present, width)
        of_parts = of_parts * axes + self.columns[units]
        sizes = np.bincount(of_parts, minlength=parts * axes)
        ends = sizes.cumsum()
        return Cells(
            of_parts,
            units,
            records,
            numbers.reshape(keys.shape),
            ends - sizes,
            ends,
        )


def bundle(axes: Sequence[Axis]) -> list[Bundle]:
    """Return axes in one bundle of the ordered ones and one of the others, if there are any."""
    bundles = []
    for is_ordered in (True, False):
        numbers = [number for number, axis in enumerate(axes) if axis.is_ordered == is_ordered]
        own = [axes[number] for number in numbers]
        if not own:
            continue
        widths = [len(axis.low) for axis in own]
        starts = np.cumsum([0, *widths[:-1]], dtype=np.int32)
        bundles.append(
            Bundle(
                low=np.concatenate([axis.low for axis in own]),
                high=np.concatenate([axis.high for axis in own]),
                is_exact=np.concatenate([axis.is_exact for axis in own]),
                is_missing=np.concatenate([axis.is_missing for axis in own]),
                spans=np.concatenate([axis.spans for axis in own]),
                is_ordered=is_ordered,
                attributes=np.array(numbers),
                columns=np.repeat(np.arange(len(own)), widths),
                weights=np.repeat([axis.weight for axis in own], widths),
                of_tuples=np.stack([axis.of_tuples for axis in own]) + starts[:, np.newaxis],
            )
        )
    return bundles


def make_axis(domain: Domain, leaves: Numbers) -> Axis:
    """Return the axis of an attribute: ranges where its values are numbers, else sets.

    Numbers make sets, too, where no value may be shown itself, or where those below a node of the
    highest level do not follow each other.

    Parameters
    ----------
    leaves : array (m,), the leaf of each tuple.
    """
    return _lay_ranges(domain, leaves) if isinstance(domain, Ranges) else _lay(domain, leaves)


def _lay_ranges(domain: Ranges, leaves: Numbers) -> Axis:
    _, values, numbers = np.unique(domain.places, return_index=True, return_inverse=True)
    shown = domain.widen(values)
    ends = domain.ends_of(shown)
    is_missing = values >= len(domain.numbers)
    ends[is_missing] = 0.0
    span = float(np.ptp(domain.ends_of(np.array([domain.root])))) if len(domain.numbers) else 0.0
    span = span or 1.0
    units = numbers.astype(np.int32)
    return Axis(
        low=ends[:, 0],
        high=ends[:, 1],
        is_exact=shown == values,
        is_missing=is_missing,
        spans=np.full(len(values), span),
        is_ordered=True,
        domain=domain,
        units=units,
        of_tuples=units[leaves],
        nodes=shown,
        weight=domain.importance / span,
    )


def _lay(domain: Hierarchy, leaves: Numbers) -> Axis:
    places = find_places(domain)
    shown = domain.shown[places.leaves]
    found, first, members = np.unique(shown[:, 0], return_index=True, return_inverse=True)
    order = np.argsort(first)
    units = np.argsort(order)[members][places.of_leaves].astype(np.int32)
    numbers = len(places.leaves) - (MISSING in domain.node_of)
    is_ordered = (
        places.has_ranges and domain.least_level == 0 and _stand_together(shown[:numbers, -1])
    )
    nodes, low = found[order], first[order].astype(float)
    is_missing = np.zeros(len(nodes), dtype=bool)
    is_missing[numbers:] = is_ordered and numbers > 0
    return Axis(
        low=low,
        high=low + domain.leaves_below[nodes],
        is_exact=nodes < domain.leaf_count,
        is_missing=is_missing,
        spans=np.full(len(nodes), float(domain.leaf_count)),
        is_ordered=is_ordered,
        domain=domain,
        units=units,
        of_tuples=units[leaves],
        nodes=nodes,
        weight=domain.importance / domain.leaf_count,
    )


def _stand_together(codes: Codes) -> bool:
    """Tell whether equal ones of these codes follow each other."""
    return int((np.diff(codes) != 0).sum()) + 1 <= max(len(np.unique(codes)), 1)


def _list_sets(domain: Hierarchy, nodes: Nodes, cells: Cells, parts: Codes) -> list[Runs]:
    """Return what some parts show of the units that they have.

    Parameters
    ----------
    nodes : array (units,), which each unit is shown as by itself.
    """
    places = find_places(domain)
    runs_of: dict[bytes, Runs] = {}
    shown = []
    for start, end in zip(cells.starts[parts].tolist(), cells.ends[parts].tolist(), strict=True):
        present = cells.units[start:end]
        key = present.tobytes()
        if key not in runs_of:
            runs_of[key] = join_nodes(places, _drop_covered(domain, nodes[present]))
        shown.append(runs_of[key])
    return shown


def _drop_covered(domain: Hierarchy, nodes: Nodes) -> Nodes:
    """Return nodes without those below another one: a missing value may stand at the root."""
    if nodes.max() < domain.leaf_count:
        return nodes
    above = domain.join(nodes[:, np.newaxis], nodes) == nodes
    return np.asarray(nodes[above.sum(axis=1) == 1])
