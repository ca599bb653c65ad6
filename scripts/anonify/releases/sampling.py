"""Stratified sampling of an anonymized table: every equivalence class loses the same share.

Source: the paper, Section 5 (stratified sampling), and its repository.
"""

from fractions import Fraction

import numpy as np
import numpy.typing as npt

from anonify.base.errors import UserError
from anonify.base.seeding import rank_by_key
from anonify.base.values import Codes
from anonify.base.words import count


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
    by_class = by_chance[np.argsort(members[by_chance], kind="stable")]
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
