"""Tables lifted to a transformation, from which those above it are found.

Classes only grow upwards. So what lies above a transformation can be found from its classes, one
tuple for each, which are far fewer than the tuples of the table. A search that looks at many
transformations keeps some of the tables that it makes.

Source: LeFevre, DeWitt, Ramakrishnan, Incognito: Efficient Full-Domain K-Anonymity, SIGMOD 2005
(rollup).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from anonify.base.values import Codes
from anonify.domains.hierarchy import Hierarchy
from anonify.recoding.lattice import Transformation, find_classes
from anonify.recoding.requirements import ClassRules
from anonify.tables.classes import Groups
from anonify.tables.counts import sum_counts

# So many times fewer tuples a lifted table has at least that is kept; another spares nothing.
SHRINKAGE = 2


@dataclass(frozen=True)
class Lifted:
    """The classes of a transformation, as a table.

    Parameters
    ----------
    levels : the transformation; negative where leaves are not yet lifted to the least level.
    tuples : array (t, d) of leaves, one tuple of each class: what is above it is above the others.
    rules : of the classes, with a row for each.
    """

    levels: Transformation
    tuples: Codes
    rules: ClassRules

    def are_large(self, members: Codes) -> npt.NDArray[np.bool_]:
        """Array (t,): whether each tuple is in a class of k people.

        Parameters
        ----------
        members : array (t,), the class of each tuple, numbered from 0 without a gap.
        """
        return self.rules.are_large(np.arange(len(members)), members)[members]

    def are_allowed(self, members: Codes) -> npt.NDArray[np.bool_]:
        """Array (t,): whether each tuple is in an allowed class; see :meth:`are_large`."""
        return self.rules.are_allowed(np.arange(len(members)), members)[members]

    def lift(self, levels: Transformation, members: Codes) -> "Lifted":
        """Return the classes of a transformation above."""
        one_of_each = np.empty(int(members.max(initial=-1)) + 1, dtype=np.intp)
        one_of_each[members] = np.arange(len(members))
        tuples = self.tuples[one_of_each]
        groups = Groups(tuples, sum_counts(self.rules.counts, members), members)
        return Lifted(levels, tuples, self.rules.sum_up(groups))

    def select(self, rows: Codes) -> "Lifted":
        """Return some of the classes."""
        return Lifted(self.levels, self.tuples[rows], self.rules.select(rows))


class LiftedTables:
    """A table and what was lifted of it, no more than has as many tuples as the table together.

    Parameters
    ----------
    tuples : array (m, d) of leaves.
    rules : with a row for each tuple.
    """

    def __init__(self, tuples: Codes, rules: ClassRules, hierarchies: Sequence[Hierarchy]) -> None:
        self.table = Lifted(tuple(-tree.least_level for tree in hierarchies), tuples, rules)
        self.hierarchies = hierarchies
        # Tuples times attributes that were read.
        self.work = 0
        # The one that was used last is the last one.
        self._kept: list[Lifted] = []
        self._in_vain: set[Transformation] = set()

    def find_classes(self, levels: Transformation) -> tuple[Lifted, Codes]:
        """Return a table that is fine enough, and the class of each of its tuples.

        It is the smallest one already made, or one that is made of it on the way.

        Returns
        -------
        Classes are numbered from 0 without a gap, the same whichever table it is.
        """
        table = self._find_smallest(levels)
        while table.levels != levels:
            step = self._step(table.levels, levels)
            if step in self._in_vain:
                step = levels
            members = find_classes(table.tuples, self.hierarchies, step)
            self.work += members.size * len(levels)
            if SHRINKAGE * (int(members.max(initial=-1)) + 1) <= len(members):
                table = table.lift(step, members)
                self._keep(table)
            elif step == levels:
                return table, members
            else:
                self._in_vain.add(step)
        return table, np.arange(len(table.tuples))

    def _find_smallest(self, levels: Transformation) -> Lifted:
        fine = [table for table in self._kept if _is_below(table.levels, levels)]
        if not fine:
            return self.table
        table = min(fine, key=lambda each: len(each.tuples))
        self._kept.remove(table)
        self._kept.append(table)
        return table

    def _step(self, start: Transformation, levels: Transformation) -> Transformation:
        """Return the step towards a transformation that joins the most nodes of an attribute."""

        def measure_step(attribute: int) -> float:
            tree = self.hierarchies[attribute]
            place = tree.least_level + start[attribute]
            return tree.level_widths[place] / tree.level_widths[place + 1]

        open_ones = [place for place, level in enumerate(start) if level < levels[place]]
        highest = max(open_ones, key=measure_step)
        return (*start[:highest], start[highest] + 1, *start[highest + 1 :])

    def _keep(self, lifted: Lifted) -> None:
        self._kept.append(lifted)
        while sum(len(table.tuples) for table in self._kept) > len(self.table.tuples):
            self._kept.pop(0)

    def take_allowed(self, levels: Transformation) -> npt.NDArray[np.bool_]:
        """Take out the tuples in allowed classes of a transformation.

        Returns
        -------
        Array (m,): which tuples of the table these were.
        """
        self._kept = [
            self._take(table, levels)[0] for table in self._kept if _is_below(table.levels, levels)
        ]
        self.table, is_allowed = self._take(self.table, levels)
        return is_allowed

    def _take(self, table: Lifted, levels: Transformation) -> tuple[Lifted, npt.NDArray[np.bool_]]:
        members = find_classes(table.tuples, self.hierarchies, levels)
        is_allowed = table.are_allowed(members)
        return table.select(np.flatnonzero(~is_allowed)), is_allowed


def _is_below(levels: Transformation, others: Transformation) -> bool:
    return all(level <= other for level, other in zip(levels, others, strict=True))
