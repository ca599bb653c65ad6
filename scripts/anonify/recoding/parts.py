"""What a method offers whose parts of a table do not depend on each other."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from anonify.base.values import Codes
from anonify.domains.domain import Domain
from anonify.recoding.effort import Effort
from anonify.recoding.recoding import Counts, TupleRecoding


@dataclass(frozen=True)
class Cut:
    """What a part is split into.

    Parameters
    ----------
    nodes : array (children, d); one child alone where no split is allowed: that is a class.
    attribute : the one that it is split along.
    places : array (leaves,), the child that each value of this attribute goes to.
    """

    nodes: Codes
    attribute: int
    places: Codes


class Cutter(Protocol):
    """A method that can anonymize a table part by part, with the classes of the whole table."""

    EFFORT: Effort

    def cut_part(
        self, nodes: Codes, histograms: Sequence[Counts], domains: Sequence[Domain], k: int
    ) -> Cut:
        """Split one part as the method does, by how often each value occurs in it alone.

        It needs no tuples, so that a table can be cut whose tuples do not fit in memory.

        Parameters
        ----------
        nodes : array (d,), of the part.
        histograms : for each attribute an array (leaves,), the records of the part with each value.
        """

    def anonymize_parts(
        self,
        tuples: Codes,
        counts: Counts,
        domains: Sequence[Domain],
        k: int,
        nodes: Codes,
        members: Codes,
    ) -> TupleRecoding:
        """Anonymize tuples that :meth:`cut_part` has brought into parts of the table.

        Parameters
        ----------
        tuples : array (m, d) of leaves, distinct within a part.
        counts : array (m,), records of each.
        nodes : array (parts, d).
        members : array (m,), the part of each tuple; none is empty.
        """
