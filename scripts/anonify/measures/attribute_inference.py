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

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from anonify.base.seeding import Seed, make_generator
from anonify.base.values import Codes
from anonify.releases.sampling import sample_counts
from anonify.tables.classes import count_classes
from anonify.tables.counts import Counts, records_of, sum_counts
from anonify.tables.typed import code_meanings

Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Pairs:
    """The distinct pairs of equivalence class and value of a sensitive attribute, by class.

    Parameters
    ----------
    classes : array (pairs,), rising.
    values : array (pairs,), numbered from 0 in their order; −1 for records without a value.
    records : array (pairs,), how many have each.
    is_suppressed : array (pairs,), whether the class is that of the suppressed records.
    """

    classes: Codes
    values: Codes
    records: Counts
    is_suppressed: Flags


def count_pairs(
    values: "pd.Series[Any]", classes: Codes, is_suppressed: Flags, records: Counts
) -> Pairs:
    """Count the records of each equivalence class and value.

    Parameters
    ----------
    values : array (rows,), of a sensitive attribute; those that mean the same are one.
    classes : array (rows,), the equivalence class of each, numbered from 0; suppressed records have
        one of their own.
    is_suppressed : array (rows,).
    records : array (rows,), how many records each row stands for.
    """
    codes, size = code_meanings(values)
    cells, members = np.unique(classes * (size + 1) + codes + 1, return_inverse=True)
    numbers, places = np.divmod(cells, size + 1)
    return Pairs(
        numbers,
        places - 1,
        sum_counts(records, members),
        sum_counts(is_suppressed * records, members) > 0,
    )


def measure_inference(
    pairs: Pairs, released: Counts, *, leaves_out_suppressed: bool = False
) -> list[dict[str, Any]]:
    """Return how often the guesses of a sensitive attribute are right.

    Parameters
    ----------
    released : array (pairs,), records that were not deleted.
    leaves_out_suppressed : whether suppressed people count nowhere.

    Returns
    -------
    Two rows, told apart by ``members``: ``all`` people who have a value, or those alone whose
    records were not deleted (``kept``). Per cent of them: ``success`` of the attacker,
    ``success_without_own_record`` if the person's own record were not in the table, and
    ``baseline``, the success of guessing the most frequent value of all. They are NaN where nobody
    is left. No rows where nobody has a value.
    """
    # Nothing can be guessed of who has no value.
    is_asked = pairs.values >= 0
    if leaves_out_suppressed:
        is_asked = is_asked & ~pairs.is_suppressed
    if not is_asked.any():
        return []
    classes, values = (
        np.unique(each[is_asked], return_inverse=True)[1] for each in (pairs.classes, pairs.values)
    )
    everyone, released = pairs.records[is_asked], released[is_asked]
    # What suppressed records show is said of nobody.
    known = np.where(pairs.is_suppressed[is_asked], 0, released)
    frequencies = sum_counts(released, values)
    guesses, is_robust = _guess(classes, values, known, frequencies)
    is_guessed = values == guesses[classes]
    lost = released[is_guessed & ~is_robust[classes]].sum()
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
                "baseline": people[values == most_frequent].sum() * share,
            }
        )
    return found


def infer_samples(
    tables: Mapping[str, pd.DataFrame],
    quasi_identifiers: Sequence[str],
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
    tables : by sensitive attribute the anonymized, not sampled table, of records or counted
        (:mod:`anonify.tables.counts`), with ``is_suppressed`` where records are suppressed.
    method, k : what it was made with; with deletion, repeat and attribute they are the key of what
        is drawn.
    deletions : per cent.
    leaves_out_suppressed : whether suppressed people count nowhere.

    Returns
    -------
    Rows with ``method``, ``k``, ``deletion``, ``repeat``, ``attribute`` and what
    :func:`measure_inference` returns; deletion 0 is the table itself. How many records of a class
    have each value after deletion is drawn, and not which records they are.
    """
    pairs = {}
    for attribute, frame in tables.items():
        classes = count_classes(frame, quasi_identifiers)
        pairs[attribute] = count_pairs(
            frame[attribute],
            classes.members,
            classes.is_suppressed[classes.members],
            records_of(frame),
        )
    rows = []
    for deletion, repeat in [(0, 1), *product(deletions, range(1, repeats + 1))]:
        made: dict[str, Any] = {"method": method, "k": k, "deletion": deletion, "repeat": repeat}
        for attribute, counted in pairs.items():
            released = counted.records
            if deletion:
                generator = make_generator(seed, "infer", *made.values(), attribute)
                released = sample_counts(released, counted.classes, deletion, generator)
            measured = measure_inference(
                counted, released, leaves_out_suppressed=leaves_out_suppressed
            )
            rows += [{**made, "attribute": attribute, **row} for row in measured]
    return rows


def _guess(
    classes: Codes, values: Codes, known: Counts, frequencies: Counts
) -> tuple[Codes, Flags]:
    """Return the value that is guessed in each class, and whether it is without a person's record.

    Parameters
    ----------
    classes, values : arrays (pairs,), as of :class:`Pairs`, without a gap.
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
    order = known * size + size - 1 - ranks[values]
    starts = np.flatnonzero(np.diff(classes, prepend=-1))
    # In a class of which nothing is known it is the most frequent value of all.
    best = np.maximum(np.maximum.reduceat(order, starts), size - 1)
    second = np.maximum.reduceat(np.where(order == best[classes], -1, order), starts)
    best_rank, count = size - 1 - best % size, best // size
    # A value that does not occur in the class is guessed before others only where it is frequent.
    elsewhere = np.where(best_rank == 0, min(1, size - 1), 0)
    second = np.maximum(second, np.where(elsewhere == best_rank, -1, size - 1 - elsewhere))
    second_rank, second_count = size - 1 - second % size, second // size
    less = np.maximum(count - 1, 0)
    is_ahead = weights[by_rank[best_rank]] - size > weights[by_rank[second_rank]]
    is_robust = (second < 0) | (less > second_count) | ((less == second_count) & is_ahead)
    return by_rank[best_rank], is_robust
