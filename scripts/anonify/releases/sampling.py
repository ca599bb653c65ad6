"""Stratified sampling of an anonymized table: every equivalence class loses the same share.

Source: the paper, Section 5 (stratified sampling), and its repository.
"""

from fractions import Fraction

import numpy as np
import numpy.typing as npt

from anonify.base.values import Codes


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


def sample(
    members: Codes, deletion: int | Fraction, generator: np.random.Generator
) -> npt.NDArray[np.intp]:
    """Return the records that stay, shuffled.

    Parameters
    ----------
    members : array (records,), the equivalence class of each record; the suppressed records
        are a class like any other.
    deletion : per cent of each class that is deleted, chosen uniformly without replacement.
    """
    sizes = np.bincount(members)
    by_chance = generator.permutation(len(members))
    by_class = by_chance[np.argsort(members[by_chance], kind="stable")]
    starts = np.cumsum(sizes) - sizes
    rank = np.arange(len(members)) - np.repeat(starts, sizes)
    stays = rank >= np.repeat(count_deletions(sizes, deletion), sizes)
    return generator.permutation(by_class[stays])


def sample_people(
    members: Codes, people: Codes, deletion: int | Fraction, generator: np.random.Generator
) -> npt.NDArray[np.intp]:
    """Return the records of the people who stay, shuffled: nobody is deleted in part.

    A person counts in one class, the first of those that have records of the person.

    Parameters
    ----------
    members, people : arrays (records,), the equivalence class and the person of each record.
    deletion : per cent of the people of each class who are deleted.
    """
    numbers, persons = np.unique(people, return_inverse=True)
    classes = np.full(len(numbers), members.max(initial=0))
    np.minimum.at(classes, persons, members)
    stays = np.zeros(len(numbers), dtype=bool)
    stays[sample(classes, deletion, generator)] = True
    return generator.permutation(np.flatnonzero(stays[persons]))
