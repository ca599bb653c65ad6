"""What a release of any library is worth, by code that shares nothing with what made it.

A released value is what the hierarchy's file says: a value, a node, a set ``{a, b}`` of either, a
range ``[low, high]`` or ``low-high``, or values parted by commas. What it covers is all that the
measures look at.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.metrics import balanced_accuracy_score
from sklearn.tree import DecisionTreeClassifier

from anonify.domains.hierarchy import Hierarchy
from anonify.verification.sets import Sets

RECORD, COUNT = "record", "count"
"""Columns of a release: the place of its record in the original, and how many a row stands for."""

LEAST_IN_LEAF = 20
"""Records in a leaf of the decision tree at least."""

_NUMBER = r"(-?\d+(?:\.\d+)?)"
_RANGE = re.compile(rf"\[{_NUMBER}, {_NUMBER}\]|{_NUMBER}-{_NUMBER}")

Hierarchies = Mapping[str, Hierarchy]


@dataclass(frozen=True)
class Covered:
    """What the released values of an attribute cover.

    Parameters
    ----------
    of_rows : array (rows,), the number of each row's value.
    leaves : array (values, leaves), which leaves each value covers.
    """

    of_rows: npt.NDArray[np.intp]
    leaves: npt.NDArray[np.bool_]

    @property
    def shares(self) -> npt.NDArray[np.float64]:
        """Array (values, leaves): one record of each value, spread evenly over what it covers."""
        return np.asarray(self.leaves / self.leaves.sum(axis=1, keepdims=True))


def find_covered_leaves(released: "pd.Series[str]", hierarchy: Hierarchy) -> Covered:
    """Read the released values of an attribute.

    Raises
    ------
    ValueError : a value covers nothing that the hierarchy knows.
    """
    values, of_rows = np.unique(released.to_numpy(dtype=str), return_inverse=True)
    rows = hierarchy.rows.tolist()
    leaves = [row[0] for row in rows]
    sets = Sets({row[0]: row for row in rows})
    below: dict[str, list[int]] = {}
    for place, row in enumerate(rows):
        for label in {*row}:
            below.setdefault(label, []).append(place)
    numbers = _read_numbers(leaves)
    covered = np.zeros((len(values), len(leaves)), dtype=bool)
    for is_covered, value in zip(covered, values.tolist(), strict=True):
        span = _RANGE.fullmatch(value)
        if value not in below and span and numbers is not None:
            low, high = (float(end) for end in span.groups() if end is not None)
            is_covered[:] = (low <= numbers) & (numbers <= high)
        else:
            members = [value] if value in below else sets.read(value) or value.split(",")
            for member in members:
                is_covered[below.get(_spell(member, leaves, numbers), [])] = True
        if not is_covered.any():
            raise ValueError(f"{hierarchy.attribute!r}: {value!r} is no value, node, set or range")
    return Covered(of_rows.astype(np.intp), covered)


def measure_ncp(covered: Covered, released: npt.NDArray[np.int64]) -> float:
    """Return the NCP of an attribute, summed over the records: 0 for a value, 1 for all.

    Parameters
    ----------
    released : array (rows,), how many records each row stands for.
    """
    sizes = covered.leaves.sum(axis=1)
    ncp = np.where(sizes > 1, sizes / covered.leaves.shape[1], 0.0)
    return float(ncp[covered.of_rows] @ released)


def measure_release(
    release: pd.DataFrame, original: pd.DataFrame, hierarchies: Hierarchies
) -> dict[str, float | str]:
    """Measure a release of any library by our definitions.

    Parameters
    ----------
    release : text, without suppressed records; :data:`COUNT` where a row is several records,
        :data:`RECORD` where they can be told.
    original : text, all records.

    Returns
    -------
    ``achieved_k`` and ``suppressed_records``; ``covers``: whether each released value covers the
        original one, ``yes`` or ``no``, or that the release has no order to tell by; ``ncp`` in per
        cent; ``discernibility``, the squared sizes of the classes, and for each suppressed record
        all records; ``mean_class_size``; and ``distribution_error`` in per cent: how far the shares
        of an attribute's values as the release lets expect them are from the original ones, half
        the sum of the differences, on average over the attributes. There a suppressed record is
        spread over all values.
    """
    names, records = list(hierarchies), len(original)
    counts = _read_counts(release)
    suppressed = records - int(counts.sum())
    sizes = pd.Series(counts).groupby([release[name].to_numpy() for name in names]).sum()
    lost, errors, are_covered = [], [], []
    for name, hierarchy in hierarchies.items():
        covered = find_covered_leaves(release[name], hierarchy)
        leaf_of = {leaf: place for place, leaf in enumerate(hierarchy.rows[:, 0].tolist())}
        leaves = original[name].map(leaf_of).to_numpy()
        lost.append(measure_ncp(covered, counts))
        released = np.bincount(covered.of_rows, counts, len(covered.leaves)) @ covered.shares
        expected = released + suppressed / len(leaf_of)
        present = np.bincount(leaves, minlength=len(leaf_of))
        errors.append(float(np.abs(expected - present).sum() / 2 / records))
        if RECORD in release:
            own = leaves[release[RECORD].astype(int).to_numpy()]
            are_covered.append(bool(covered.leaves[covered.of_rows, own].all()))
    return {
        "achieved_k": int(sizes.min()),
        "suppressed_records": suppressed,
        "covers": ("yes" if all(are_covered) else "no") if are_covered else "order not kept",
        "ncp": 100 * float(np.mean(lost) + suppressed) / records,
        "discernibility": float((sizes.astype(float) ** 2).sum() + suppressed * records),
        "mean_class_size": float(sizes.mean()),
        "distribution_error": 100 * float(np.mean(errors)),
    }


def measure_utility(
    release: pd.DataFrame, held_out: pd.DataFrame, hierarchies: Hierarchies, target: str
) -> float:
    """Return the balanced accuracy, in per cent, of a decision tree trained on a release.

    It is tested on original records that were not anonymized. An attribute is one number: the mean
    of what a value covers, of the numbers themselves, or of the places in the hierarchy. Classes
    of the target weigh the same, so who always says the most frequent one has 100 % ÷ classes.

    Parameters
    ----------
    target : the column that is predicted.
    """
    tree = DecisionTreeClassifier(
        min_samples_leaf=LEAST_IN_LEAF, class_weight="balanced", random_state=0
    )
    # A row for each record: weights of rows would count neither for leaves nor for classes.
    rows = np.repeat(np.arange(len(release)), _read_counts(release))
    tree.fit(_encode(release, hierarchies)[rows], release[target].to_numpy()[rows])
    predicted = tree.predict(_encode(held_out, hierarchies))
    return 100 * float(balanced_accuracy_score(held_out[target].to_numpy(), predicted))


def _encode(table: pd.DataFrame, hierarchies: Hierarchies) -> npt.NDArray[np.float64]:
    columns = []
    for name, hierarchy in hierarchies.items():
        covered = find_covered_leaves(table[name], hierarchy)
        leaves = hierarchy.rows[:, 0].tolist()
        numbers = _read_numbers(leaves)
        places = np.arange(len(leaves)) if numbers is None else numbers
        columns.append((covered.shares @ places)[covered.of_rows])
    return np.column_stack(columns)


def _read_counts(release: pd.DataFrame) -> npt.NDArray[np.int64]:
    if COUNT in release:
        return release[COUNT].to_numpy(dtype=np.int64)
    return np.ones(len(release), dtype=np.int64)


def _read_numbers(leaves: Sequence[str]) -> npt.NDArray[np.float64] | None:
    """Return the leaves as numbers, None where one is none."""
    try:
        return np.array([float(leaf) for leaf in leaves])
    except ValueError:
        return None


def _spell(member: str, leaves: Sequence[str], numbers: npt.NDArray[np.float64] | None) -> str:
    """Return a number as the hierarchy writes it: a library that reads 8 may write 8.0."""
    if numbers is None or member in leaves or not re.fullmatch(_NUMBER, member):
        return member
    same = np.flatnonzero(numbers == float(member))
    return leaves[same[0]] if len(same) else member
