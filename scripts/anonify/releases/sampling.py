"""Stratified sampling of an anonymized table: every equivalence class loses the same share.

Source: the paper, Section 5 (stratified sampling), and its repository.
"""

from fractions import Fraction

import numpy as np
import numpy.typing as npt

from anonify.base.errors import UserError
from anonify.base.seeding import rank_by_key
from anonify.base.sorting import order_keys
from anonify.base.values import Codes
from anonify.base.words import count
from anonify.tables.counts import Counts, sum_counts


def count_deletions(
    sizes: npt.NDArray[np.int64], deletion: int | Fraction
) -> npt.NDArray[np.int64]:
    """Array (classes,): records that each class loses, ⌈deletion · size ÷ 100⌉.

    Parameters
    ----------
    sizes : records in each class.
    deletion : per cent, 0 to 100; exact, so that 10 % of 250 is 25 and not 26.

    >>> count_deletions(np.array([250, 251, 29]), 10).tolist()
    [25, 26, 3]
    """
    share = Fraction(deletion) / 100
    # Python's numbers: those of numpy would overflow at a share with many digits.
    present, places = np.unique(sizes, return_inverse=True)
    counts = [-(-size * share.numerator // share.denominator) for size in present.tolist()]
    return np.array(counts, dtype=np.int64)[places]


def sample(members: Codes, deletion: int | Fraction, key: str) -> npt.NDArray[np.intp]:
    """Return the records that stay, in their order.

    Parameters
    ----------
    members : array (records,), the equivalence class of each record; the suppressed records
        are a class like any other.
    deletion : per cent of each class that is deleted, chosen uniformly without replacement.
    key : of the draw, as of :func:`anonify.base.seeding.make_key`; deleted are the first records of
        each class by their rank (:func:`anonify.base.seeding.rank_by_key`).
    """
    sizes = np.bincount(members)
    by_chance = rank_by_key(len(members), key)
    by_class = by_chance[order_keys(members[by_chance])]
    starts = np.cumsum(sizes) - sizes
    rank = np.arange(len(members)) - np.repeat(starts, sizes)
    stays = rank >= np.repeat(count_deletions(sizes, deletion), sizes)
    return np.sort(by_class[stays])


def sample_people(
    members: Codes, people: Codes, deletion: int | Fraction, key: str
) -> npt.NDArray[np.intp]:
    """Return the records of the people who stay, in their order: nobody is deleted in part.

    A person counts in one class, the first of those that have records of the person.

    Parameters
    ----------
    members, people : arrays (records,), the equivalence class and the person of each record.
    deletion : per cent of the people of each class who are deleted.
    key : of the draw, as of :func:`sample`; people are ranked as they are numbered.
    """
    numbers, persons = np.unique(people, return_inverse=True)
    classes = np.full(len(numbers), members.max(initial=0))
    np.minimum.at(classes, persons, members)
    stays = np.zeros(len(numbers), dtype=bool)
    stays[sample(classes, deletion, key)] = True
    return np.flatnonzero(stays[persons])


def sample_counts(
    counts: Counts, members: Codes, deletion: int | Fraction, generator: np.random.Generator
) -> Counts:
    """Array (cells,): how many records of each cell stay when :func:`sample` draws them.

    Of a class that is a multivariate hypergeometric number for each of its cells.

    Parameters
    ----------
    counts, members : arrays (cells,), how many records each cell has, and its equivalence class.
    deletion : per cent of each class that is deleted.
    """
    rest = sum_counts(counts, members)
    left = rest - count_deletions(rest, deletion)
    of_each = np.bincount(members)
    order = np.argsort(members, kind="stable")
    rank = np.empty(len(members), dtype=np.intp)
    rank[order] = np.arange(len(members)) - np.repeat(of_each.cumsum() - of_each, of_each)
    stays = np.zeros(len(counts), dtype=np.int64)
    # The first cell of every class, then the second: what is left is drawn from what is left.
    for cells in np.split(np.argsort(rank, kind="stable"), np.bincount(rank).cumsum()[:-1]):
        classes = members[cells]
        rest[classes] -= counts[cells]
        stays[cells] = generator.hypergeometric(counts[cells], rest[classes], left[classes])
        left[classes] -= stays[cells]
    return stays


def check_small_classes(sizes: npt.NDArray[np.int64], least: int, where: str) -> str:
    """Say how many classes of a sample have one or two people left; nothing where none has.

    Parameters
    ----------
    sizes : array (classes,), people that each class has left, or records where each is one.
    least : people that every class needs that is left.
    where : the sample, as the message should name it.

    Raises
    ------
    UserError : a class has fewer.
    """
    small = int(((sizes > 0) & (sizes < least)).sum())
    if small:
        verb = "has" if small == 1 else "have"
        raise UserError(
            f"{where}: {count(small, 'class')} {verb} fewer than {least} people left, against "
            "`least_after_deletion`; delete less, or choose a larger k"
        )
    one, two = (int((sizes == people).sum()) for people in (1, 2))
    if not one and not two:
        return ""
    return f"{where}: {count(one, 'class')} with one person left, {two:,} with two"
