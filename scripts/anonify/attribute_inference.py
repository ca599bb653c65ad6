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

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from anonify.equivalence import Codes

Counts = npt.NDArray[np.int64]


def measure_inference(
    values: "pd.Series[Any]",
    classes: Codes,
    is_suppressed: npt.NDArray[np.bool_],
    kept: Codes,
) -> list[dict[str, Any]]:
    """Return how often the guesses of a sensitive attribute are right.

    Parameters
    ----------
    values : of the attribute, for all people of the anonymized table.
    classes : array (people,), the equivalence class of each, numbered from 0.
    is_suppressed : array (people,).
    kept : array (records,), whose records were not deleted, as places among the people.

    Returns
    -------
    Two rows, told apart by ``members``: ``all`` people, or the ``kept`` ones alone. Per cent of
    them: ``success`` of the attacker, ``success_without_own_record`` if the person's own record
    were not in the table, and ``baseline``, the success of guessing the most frequent value of all.
    """
    codes = _rank_by_frequency(values, kept)
    # What suppressed records show is said of nobody.
    shown = kept[~is_suppressed[kept]]
    before = _count(classes, codes, np.arange(len(codes)))
    released = _count(classes, codes, kept, like=before)
    known = _count(classes, codes, shown, like=before)
    guesses = known.argmax(axis=1)
    rows = np.arange(len(known))
    less = known.copy()
    less[rows, guesses] -= 1
    is_robust = less.argmax(axis=1) == guesses
    found = []
    for members, people in (("all", before), ("kept", released)):
        hits = people[rows, guesses]
        # Suppressed people are guessed without their own record anyway, and so are deleted ones.
        lost = np.where(is_robust, 0, known[rows, guesses])
        found.append(
            {
                "members": members,
                "success": 100 * hits.sum() / people.sum(),
                "success_without_own_record": 100 * (hits - lost).sum() / people.sum(),
                "baseline": 100 * people[:, 0].sum() / people.sum(),
            }
        )
    return found


def _rank_by_frequency(values: "pd.Series[Any]", kept: Codes) -> Codes:
    """Array (people,): each value as its rank, the most frequent of the kept records 0."""
    codes, domain = pd.factorize(values, sort=True, use_na_sentinel=False)
    frequencies = np.bincount(codes[kept], minlength=len(domain))
    ranks = np.empty(len(domain), dtype=np.intp)
    ranks[np.argsort(-frequencies, kind="stable")] = np.arange(len(domain))
    return ranks[codes]


def _count(classes: Codes, codes: Codes, places: Codes, like: Counts | None = None) -> Counts:
    """Array (classes, values): how often each value occurs in each class, of people in places."""
    shape = (classes.max() + 1, codes.max() + 1) if like is None else like.shape
    cells = classes[places] * shape[1] + codes[places]
    return np.bincount(cells, minlength=shape[0] * shape[1]).reshape(shape)
