"""A class draws records from others, where that lowers the NCP of all.

It takes from costlier classes as far as these keep k, empties such a class if the rest of it can
move to others, and fills up to k with what cheaper classes can spare.
"""

from dataclasses import dataclass

import numpy as np

from anonify.base.values import Codes
from anonify.recoding.cells import Costs, cost_of
from anonify.recoding.open_classes import OpenClasses
from anonify.recoding.recoding import Counts
from anonify.tables.counts import sum_counts

SMALLEST_GAIN = 1e-7
"""A smaller gain, in NCP of one record, is rounding."""


def draw(classes: OpenClasses, node: Codes) -> bool:
    """Open or widen a class with records of others, and tell whether that lowered the NCP."""
    draw = _plan(classes, node)
    _empty_sources(classes, draw)
    _fill_up(classes, draw)
    if not draw.pays(classes):
        return False
    place = classes.find(node)
    for source, amount in zip(draw.sources.tolist(), draw.amounts.tolist(), strict=True):
        if amount:
            portions = draw.portions[classes.place[draw.portions] == source]
            classes.move_some(portions, amount, place)
    for portion, other in draw.evicted:
        classes.move(np.array([portion]), other)
    return True


@dataclass
class _Draw:
    """What a class takes from others.

    Parameters
    ----------
    portions : array (p,), what it may have of the other classes.
    missing : records that it needs to be large enough.
    sources, available : arrays (s,), the classes of these portions, and the records there.
    worth : array (s,), by how much the NCP of a record falls.
    amounts : array (s,), records taken.
    evicted : portions that leave an emptied class for another one, and that class.
    loss : what this costs.
    """

    portions: Codes
    missing: int
    sources: Codes
    available: Counts
    worth: Costs
    amounts: Counts
    evicted: list[tuple[int, int]]
    loss: float = 0.0

    def still_missing(self) -> int:
        return self.missing - int(self.amounts.sum())

    def gain(self) -> float:
        return float(self.worth @ self.amounts) - self.loss

    def pays(self, classes: OpenClasses) -> bool:
        if self.still_missing() > 0 or self.gain() <= SMALLEST_GAIN:
            return False
        is_closed = np.isin(self.sources, [place for _, place in self.evicted])
        is_closed &= classes.sizes[self.sources] - self.amounts < classes.least[self.sources]
        return not is_closed.any()


def _plan(classes: OpenClasses, node: Codes) -> _Draw:
    """Take what gains and may go."""
    place = classes.place_of.get(tuple(node.tolist()), -1)
    size = int(classes.sizes[place]) if place >= 0 else 0
    portions = classes.portions_below(node)
    portions = portions[classes.place[portions] != place]
    places = classes.place[portions]
    counts = sum_counts(classes.records[portions], places)
    sources = np.flatnonzero(counts)
    available, sizes = counts[sources], classes.sizes[sources]
    spare = np.clip(sizes - classes.least[sources], 0, available)
    may_go = np.where(available == sizes, available, spare)
    worth = classes.costs[sources] - cost_of(node[np.newaxis], classes.hierarchies)
    amounts = np.where(worth > SMALLEST_GAIN, may_go, 0)
    return _Draw(portions, classes.k - size, sources, available, worth, amounts, [])


def _empty_sources(classes: OpenClasses, draw: _Draw) -> None:
    """Take all of costlier classes whose rest can move elsewhere, where it pays or is needed."""
    sizes = classes.sizes[draw.sources]
    # Where more would stay than go it hardly ever pays, and takes the most time to find out.
    is_candidate = (draw.worth > SMALLEST_GAIN) & (draw.amounts < draw.available)
    is_candidate &= sizes <= 2 * draw.available
    is_drawn = np.zeros(len(classes.cell), dtype=bool)
    is_drawn[draw.portions] = True
    options = []
    for number in np.flatnonzero(is_candidate).tolist():
        rest = classes.portions_of(draw.sources[number])
        moves = _find_elsewhere(classes, rest[~is_drawn[rest]], draw.sources[number])
        if moves is not None:
            evicted, loss = moves
            more = draw.available[number] - draw.amounts[number]
            options.append((loss - draw.worth[number] * more, number, evicted, loss))
    for change, number, evicted, loss in sorted(options):
        if change < -SMALLEST_GAIN or (draw.still_missing() > 0 and change < draw.gain()):
            draw.amounts[number] = draw.available[number]
            draw.evicted += evicted
            draw.loss += loss


def _find_elsewhere(
    classes: OpenClasses, portions: Codes, source: int
) -> tuple[list[tuple[int, int]], float] | None:
    """Return for each portion of a class the cheapest other one, and the loss; None without one."""
    others = classes.cheapest_above(classes.cell[portions], source)
    if (others < 0).any():
        return None
    lost = classes.records[portions] * (classes.costs[others] - classes.costs[source])
    return list(zip(portions.tolist(), others.tolist(), strict=True)), sum(lost.tolist())


def _fill_up(classes: OpenClasses, draw: _Draw) -> None:
    """Take what is missing from cheaper classes: what they can spare, or a whole class below."""
    sizes, least = classes.sizes[draw.sources], classes.least[draw.sources]
    is_below = draw.available == sizes
    spare = np.where(is_below, sizes, np.clip(sizes - least, 0, draw.available))
    spare[draw.worth > SMALLEST_GAIN] = 0
    order = np.argsort(-draw.worth, kind="stable")
    before = spare[order].cumsum() - spare[order]
    taken = np.zeros_like(spare)
    taken[order] = np.clip(draw.still_missing() - before, 0, spare[order])
    is_too_small = (taken > 0) & (sizes - taken < least)
    draw.amounts += np.where(is_too_small, spare, taken)
