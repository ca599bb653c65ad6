"""How many people a cell is about: the one way to count them.

Without ``people`` a record is a person.
"""

import numpy as np
import numpy.typing as npt

from anonify.tables.counts import Counts

People = npt.NDArray[np.intp]


def count_people(records: int, people: People | None = None) -> int:
    """Return how many people some records are of.

    Parameters
    ----------
    people : array (rows,), the person of each, numbered from 0.

    >>> count_people(3, np.array([4, 4, 0]))
    2
    """
    return records if people is None else len(np.unique(people))


def count_fewest_people(records: int, of_each: Counts | None = None) -> int:
    """Return of how many people a number of records of a group are at least.

    Which records they are is not known, so they may be those of whoever has most.

    Parameters
    ----------
    records : how many records of the group, at most all.
    of_each : array (people,), how many records of the group each has; None if each is a person.

    >>> count_fewest_people(3, np.array([1, 2, 1]))
    2
    """
    if of_each is None or not records:
        return records
    most_first = np.sort(of_each)[::-1]
    return int(np.searchsorted(most_first.cumsum(), records)) + 1
