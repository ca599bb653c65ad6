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

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from anonify.equivalence import Codes

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
    values : of a sensitive attribute, for all people of the anonymized table.
    classes : array (people,), the equivalence class of each, numbered from 0.
    is_suppressed : array (people,).
    """
    codes, domain = pd.factorize(values, sort=True, use_na_sentinel=False)
    cells, members = np.unique(classes * len(domain) + codes, return_inverse=True)
    return Pairs(members, cells // len(domain), cells % len(domain), is_suppressed)


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
    ranks = _rank_by_frequency(pairs.values, released)[pairs.values]
    guesses, is_robust = _guess(pairs.classes, ranks, known)
    is_guessed = ranks == guesses[pairs.classes]
    # Suppressed people are guessed without their own record anyway, and so are deleted ones.
    lost = known[is_guessed & ~is_robust[pairs.classes]].sum()
    found = []
    for members, people in (("all", everyone), ("kept", released)):
        share = 100 / people.sum() if people.any() else np.nan
        hits = people[is_guessed].sum()
        found.append(
            {
                "members": members,
                "success": hits * share,
                "success_without_own_record": (hits - lost) * share,
                "baseline": people[ranks == 0].sum() * share,
            }
        )
    return found


def _rank_by_frequency(values: Codes, counts: Codes) -> Codes:
    """Array (values,): the rank of each value, the most frequent one 0."""
    frequencies = np.zeros(values.max() + 1, dtype=np.intp)
    np.add.at(frequencies, values, counts)
    ranks = np.empty(len(frequencies), dtype=np.intp)
    ranks[np.argsort(-frequencies, kind="stable")] = np.arange(len(ranks))
    return ranks


def _guess(classes: Codes, ranks: Codes, known: Codes) -> tuple[Codes, Flags]:
    """Return the rank of each class's guess, and whether one record less would not change it."""
    size = int(ranks.max()) + 1
    starts = np.flatnonzero(np.diff(classes, prepend=-1))
    # Of equally frequent values the one of the lowest rank is the greatest; of a class without
    # records the value that is most frequent of all.
    order = known * size + (size - 1 - ranks)
    nothing = size - 1
    best = np.maximum(np.maximum.reduceat(order, starts), nothing)
    others = np.where(order == best[classes], -1, order)
    second = np.maximum.reduceat(others, starts)
    guesses = size - 1 - best % size
    second = np.where(guesses > 0, np.maximum(second, nothing), second)
    return guesses, best - size > second
