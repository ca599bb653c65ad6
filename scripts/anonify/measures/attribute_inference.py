"""Attribute inference: what a released table tells about people whose quasi-identifiers are known.

The attacker finds a person's equivalence class and guesses its most frequent value of a sensitive
attribute. Of equally frequent values it is the one that is more frequent in the whole released
table. Where the class says nothing, for the person is suppressed or no record of the class was
released, the guess is the most frequent value of the whole released table, which is also what the
attacker is compared with: someone who knows no quasi-identifier.

A table also tells about people who are not in it. What a person gives away by taking part is the
difference to the guess that the table would suggest without the person's own record.

Sources: Machanavajjhala et al., ℓ-Diversity, TKDD 2007 (homogeneous classes); Yeom et al., Privacy
Risk in Machine Learning, CSF 2018 (attribute advantage, as a difference to people outside).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from anonify.base.seeding import Seed, make_key
from anonify.base.values import SUPPRESSED, Codes
from anonify.releases.sampling import sample
from anonify.tables.classes import count_classes
from anonify.tables.storage import Table
from anonify.tables.typed import code_meanings, find_present

Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Pairs:
    """The distinct pairs of equivalence class and value of a sensitive attribute, by class.

    Parameters
    ----------
    members : array (people,), the pair of each.
    classes : array (pairs,), rising from 0 without a gap.
    values : array (pairs,), numbered from 0 in their order.
    is_suppressed : array (people,).
    """

    members: Codes
    classes: Codes
    values: Codes
    is_suppressed: Flags

    def count(self, people: Codes) -> Codes:
        """Array (pairs,): how often each pair occurs among people."""
        return np.bincount(self.members[people], minlength=len(self.classes))


def group_pairs(values: "pd.Series[Any]", classes: Codes, is_suppressed: Flags) -> Pairs:
    """Group people by equivalence class and value.

    Parameters
    ----------
    values : of a sensitive attribute, for all people of the anonymized table who have one; those
        that mean the same are one.
    classes : array (people,), the equivalence class of each, numbered from 0.
    is_suppressed : array (people,).
    """
    codes, size = code_meanings(values)
    cells, members = np.unique(classes * size + codes, return_inverse=True)
    return Pairs(members, cells // size, cells % size, is_suppressed)


def measure_inference(pairs: Pairs, kept: Codes) -> list[dict[str, Any]]:
    """Return how often the guesses of a sensitive attribute are right.

    Parameters
    ----------
    kept : array (records,), whose records were not deleted, as places among the people.

    Returns
    -------
    Two rows, told apart by ``members``: ``all`` people, or the ``kept`` ones alone. Per cent of
    them: ``success`` of the attacker, ``success_without_own_record`` if the person's own record
    were not in the table, and ``baseline``, the success of guessing the most frequent value of all.
    They are NaN where nobody is left.
    """
    everyone = pairs.count(np.arange(len(pairs.members)))
    released = pairs.count(kept)
    # What suppressed records show is said of nobody.
    known = pairs.count(kept[~pairs.is_suppressed[kept]])
    frequencies = _count_values(pairs.values, released)
    guesses, is_robust = _guess(pairs, known, frequencies)
    is_guessed = pairs.values == guesses[pairs.classes]
    lost = released[is_guessed & ~is_robust[pairs.classes]].sum()
    most_frequent = frequencies.argmax()
    found = []
    for members, people in (("all", everyone), ("kept", released)):
        share = 100 / people.sum() if people.any() else np.nan
        hits = people[is_guessed].sum()
        found.append(
            {
                "members": members,
                "success": hits * share,
                "success_without_own_record": (hits - lost) * share,
                "baseline": people[pairs.values == most_frequent].sum() * share,
            }
        )
    return found


def infer_samples(
    release: Table,
    method: str,
    k: int,
    deletions: Sequence[int],
    repeats: int,
    seed: Seed,
    *,
    leaves_out_suppressed: bool = False,
) -> list[dict[str, Any]]:
    """Return how often guesses are right of each attribute of a table, and of its samples.

    Parameters
    ----------
    release : anonymized, not sampled.
    method, k : what it was made with; with deletion and repeat they are the key of what is drawn,
        so that the samples are those of the rule ``sample``.
    deletions : per cent.
    leaves_out_suppressed : whether suppressed people count nowhere.

    Returns
    -------
    Rows with ``method``, ``k``, ``deletion``, ``repeat``, ``attribute`` and what
    :func:`measure_inference` returns; deletion 0 is the table itself.
    """
    names = release.quasi_identifiers
    attributes = [
        column.name for column in release.columns if column.role in ("sensitive", "target")
    ]
    classes = count_classes(release.frame, names).members
    is_suppressed = release.frame[SUPPRESSED].to_numpy(bool)
    drawn = {(0, 1): np.arange(len(classes))}
    for deletion, repeat in product(deletions, range(1, repeats + 1)):
        key = make_key(seed, "sample", method, k, deletion, repeat)
        drawn[deletion, repeat] = sample(classes, deletion, key)
    pairs: dict[str, Pairs] = {}
    present: dict[str, Flags] = {}
    for name in attributes:
        # Nothing can be guessed of who has no value.
        has_value = find_present(release.frame[name]).to_numpy(bool)
        if leaves_out_suppressed:
            has_value = has_value & ~is_suppressed
        if has_value.any():
            _, shown = np.unique(classes[has_value], return_inverse=True)
            values = release.frame.loc[has_value, name]
            pairs[name] = group_pairs(values, shown, is_suppressed[has_value])
            present[name] = has_value
    return [
        {"method": method, "k": k, "deletion": deletion, "repeat": repeat, "attribute": attribute}
        | measured
        for (deletion, repeat), kept in drawn.items()
        for attribute in pairs
        for measured in measure_inference(pairs[attribute], _renumber(kept, present[attribute]))
    ]


def _renumber(kept: Codes, has_value: Flags) -> Codes:
    """Return places among all people as places among those who have a value."""
    places = np.cumsum(has_value) - 1
    return np.asarray(places[kept[has_value[kept]]])


def _count_values(values: Codes, counts: Codes) -> Codes:
    """Array (values,): how often each value occurs."""
    frequencies = np.zeros(values.max() + 1, dtype=np.intp)
    np.add.at(frequencies, values, counts)
    return frequencies


def _guess(pairs: Pairs, known: Codes, frequencies: Codes) -> tuple[Codes, Flags]:
    """Return the value that is guessed in each class, and whether it is without a person's record.

    Parameters
    ----------
    known : array (pairs,), records that are known to be of the pair's class.
    frequencies : array (values,), of the whole released table; of equally frequent values the
        first in order is guessed.

    Returns
    -------
    Arrays (classes,). The record is one of the guessed value, of the class or suppressed.
    """
    size = len(frequencies)
    # Distinct numbers, the greater the more frequent; with a record less, by `size` smaller.
    weights = frequencies * size + size - 1 - np.arange(size)
    by_rank = np.argsort(-weights)
    ranks = np.empty(size, dtype=np.intp)
    ranks[by_rank] = np.arange(size)
    # What the guess is chosen by: how often it is known in the class, then how frequent it is.
    order = known * size + size - 1 - ranks[pairs.values]
    starts = np.flatnonzero(np.diff(pairs.classes, prepend=-1))
    # In a class of which nothing is known it is the most frequent value of all.
    best = np.maximum(np.maximum.reduceat(order, starts), size - 1)
    second = np.maximum.reduceat(np.where(order == best[pairs.classes], -1, order), starts)
    best_rank, count = size - 1 - best % size, best // size
    # A value that does not occur in the class is guessed before others only where it is frequent.
    elsewhere = np.where(best_rank == 0, min(1, size - 1), 0)
    second = np.maximum(second, np.where(elsewhere == best_rank, -1, size - 1 - elsewhere))
    second_rank, second_count = size - 1 - second % size, second // size
    less = np.maximum(count - 1, 0)
    is_ahead = weights[by_rank[best_rank]] - size > weights[by_rank[second_rank]]
    is_robust = (second < 0) | (less > second_count) | ((less == second_count) & is_ahead)
    return by_rank[best_rank], is_robust
