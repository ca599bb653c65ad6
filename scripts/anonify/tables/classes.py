"""Equivalence classes: records that share a tuple of quasi-identifiers."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from anonify.base.values import Codes


@dataclass(frozen=True)
class Groups:
    """Distinct tuples of a code table and the records that have them.

    Parameters
    ----------
    tuples : array (groups, d), sorted.
    sizes : array (groups,), records in each group.
    members : array (records,), the group of each record.
    """

    tuples: Codes
    sizes: npt.NDArray[np.int64]
    members: Codes


def group(codes: Codes) -> Groups:
    """Group the rows of an array (records, d) of codes ≥ 0.

    >>> group(np.array([[1, 0], [0, 2], [1, 0]])).sizes.tolist()
    [1, 2]
    """
    keys = pack(codes)
    _, members, sizes = np.unique(keys, return_inverse=True, return_counts=True)
    # Where each group first stands would have to be sorted for; any of its records will do.
    one_of_each = np.empty(len(sizes), dtype=np.intp)
    one_of_each[members] = np.arange(len(codes))
    return Groups(codes[one_of_each], sizes, members)


def pack(codes: Codes) -> npt.NDArray[np.int64]:
    """Return array (records,): one number for each row, equal where the rows are equal.

    Rows compare as their numbers do. Columns are renumbered where 63 bits would overflow.
    """
    keys = np.zeros(len(codes), dtype=np.int64)
    span = 1
    for column in codes.T:
        base = int(column.max(initial=0)) + 1
        if span * base >= 2**62:
            keys = np.unique(keys, return_inverse=True)[1].astype(np.int64)
            span = int(keys.max(initial=0)) + 1
        keys = keys * base + column
        span *= base
    return keys
