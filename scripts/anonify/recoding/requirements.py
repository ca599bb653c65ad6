"""What an equivalence class must keep beside its size: ℓ-diversity and t-closeness.

Each requirement looks at how often the values of one sensitive attribute occur in a class, among
its records that have one.

Sources: Machanavajjhala et al., ℓ-Diversity, TKDD 2007 (distinct, Section 3; entropy,
Definition 4.1; recursive, Definition 4.2); Li, Li, Venkatasubramanian, t-Closeness, ICDE 2007.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd
import scipy

from anonify.base.errors import UserError
from anonify.base.values import AnyCodes, Codes
from anonify.recoding.people import count_members
from anonify.recoding.recoding import Counts
from anonify.tables.classes import Groups, group
from anonify.tables.typed import code_meanings

# A class with ℓ equally frequent values has an entropy of log ℓ, but for rounding.
ROUNDING = 1e-9

# Cells of the classes × values that are looked at at once where all of them are.
BLOCK = 2_000_000

# Sparse array (classes, values): records, or people, that have each value in each class.
Frequencies: TypeAlias = "scipy.sparse.csr_array"


class UnreachableError(UserError):
    """Nothing that is released of these records could keep what is asked for."""


@dataclass(frozen=True)
class Requirement:
    """A requirement on the values of a sensitive attribute in every class.

    Parameters
    ----------
    name : as the configuration has it, with its parameters.
    frequencies : sparse array (rows, values), how many records of each row have each value; a
        row is what the method gets, a record or a tuple. Where people have several records, the
        columns are pairs of a person and a value.
    values : sparse array (pairs, values), the value of each of these pairs; else None.
    is_met : takes a sparse array (classes, values) of records, or people, and tells for each class.
    holds_when_merged : whether a class that meets it, merged with any other, still does. It
        holds for distinct ℓ-diversity alone; of the others only two classes that both meet the
        requirement are sure to meet it together.
    """

    name: str
    frequencies: "scipy.sparse.csr_array"
    is_met: Callable[[Frequencies], npt.NDArray[np.bool_]]
    holds_when_merged: bool
    values: "scipy.sparse.csr_array | None" = None

    def count(self, classes: "scipy.sparse.csr_array") -> Frequencies:
        """Sparse array (classes, values): records, or people, that have each value in each class.

        Parameters
        ----------
        classes : sparse array (classes, columns), ``frequencies`` summed up in each class.
        """
        return _count_values(classes, self.values)

    def select(self, rows: Codes) -> "Requirement":
        """Return the requirement of some of its rows; what a class is compared with stays."""
        return replace(self, frequencies=self.frequencies[rows])

    def sum_up(self, groups: Groups) -> "Requirement":
        """Return the requirement with a row for each group of its rows."""
        rows = self.frequencies.tocoo()
        summed = scipy.sparse.csr_array(
            (rows.data, (groups.members[rows.row], rows.col)),
            shape=(len(groups.tuples), rows.shape[1]),
        )
        return replace(self, frequencies=summed)


def make_requirement(
    rule: Mapping[str, Any],
    column: "pd.Series[Any]",
    people: Codes | None = None,
    records: Counts | None = None,
) -> Requirement:
    """Make a requirement of records from its rule in the configuration.

    Parameters
    ----------
    rule : as :func:`require`.
    column : the sensitive attribute of each record; numbers, or text. Texts that mean the same
        are one value, and a missing one is none: it adds nothing to a class.
    people : array (records,), the person of each record. How often a value occurs is how many
        people of a class have it then; without it, how many records.
    records : array (rows,), how many records each row stands for; without it, one.

    Raises
    ------
    UnreachableError : as :func:`require`.
    """
    codes, size = code_meanings(column)
    present = np.flatnonzero(codes >= 0)
    shown, width, of_pairs = codes[present], size, None
    if people is not None:
        pairs = group(np.stack([people[present], shown], axis=1))
        of_pairs = _mark(
            np.arange(len(pairs.tuples)), pairs.tuples[:, 1], (len(pairs.tuples), size)
        )
        shown, width = pairs.members, len(pairs.tuples)
    frequencies = _mark(present, shown, (len(codes), width))
    if records is not None:
        frequencies.data *= records[present]
    return require(rule, frequencies, pd.api.types.is_numeric_dtype(column), of_pairs)


def _mark(rows: Codes, columns: Codes, shape: tuple[int, int]) -> "scipy.sparse.csr_array":
    """Sparse array with a 1 in each of these places."""
    return scipy.sparse.csr_array((np.ones(len(rows)), (rows, columns)), shape=shape)


def _count_values(
    classes: "scipy.sparse.csr_array", of_pairs: "scipy.sparse.csr_array | None"
) -> "scipy.sparse.csr_array":
    """Return how many records of each class have each value, or people where there are pairs."""
    if of_pairs is None:
        return classes
    return (classes > 0).astype(float) @ of_pairs


def require(
    rule: Mapping[str, Any],
    frequencies: "scipy.sparse.csr_array",
    is_number: bool,
    values: "scipy.sparse.csr_array | None" = None,
) -> Requirement:
    """Make a requirement from its rule and the frequencies of the sensitive values.

    Parameters
    ----------
    rule : ``attribute`` and ``model``: ``distinct_l_diversity`` and ``entropy_l_diversity``
        with ``l``, ``recursive_l_diversity`` with ``l`` and ``c``, ``t_closeness`` with ``t``.
    frequencies : sparse array (rows, values), how many records of each record or tuple have each
        value; the values in their order.
    is_number : whether values are as far apart as their ranks; otherwise all are equally far.
    values : as :class:`Requirement`.

    Raises
    ------
    UnreachableError : the whole table does not meet the requirement, so no class of it can be
        sure to.
    """
    in_all = scipy.sparse.csr_array(np.asarray(frequencies.sum(axis=0), dtype=float)[np.newaxis])
    totals = _count_values(in_all, values)
    model = rule["model"]
    parameters = ", ".join(f"{key} = {rule[key]}" for key in ("c", "l", "t") if key in rule)
    name = f"{model} of {rule['attribute']!r} ({parameters})"
    checks: dict[str, Callable[[Frequencies], npt.NDArray[np.bool_]]] = {
        "distinct_l_diversity": lambda counts: np.diff(counts.indptr) >= rule["l"],
        "entropy_l_diversity": lambda counts: entropy(counts) >= np.log(rule["l"]) - ROUNDING,
        "recursive_l_diversity": lambda counts: is_recursively_diverse(
            counts, rule["c"], rule["l"]
        ),
        "t_closeness": lambda counts: (
            earth_movers_distance(counts, totals, is_number) <= rule["t"] + ROUNDING
        ),
    }
    is_met = checks[model]
    if not is_met(totals).all():
        raise UnreachableError(
            f"requirements: the whole table does not meet {name}, so no release of it can; "
            "ask for less"
        )
    return Requirement(name, frequencies, is_met, model == "distinct_l_diversity", values)


def entropy(counts: Frequencies) -> npt.NDArray[np.float64]:
    """Array (classes,): entropy of the values in each class, natural logarithm; −∞ without any."""
    shares = _find_shares(counts)
    shares.data *= -np.log(shares.data)
    return np.where(np.diff(shares.indptr) > 0, shares.sum(axis=1), -np.inf)


def is_recursively_diverse(counts: Frequencies, c: float, l: int) -> npt.NDArray[np.bool_]:  # noqa: E741
    """Tell for each class whether r₁ < c·(r_ℓ + … + r_m), with r the frequencies, largest first."""
    cells = counts.tocoo()
    falling = np.lexsort((-cells.data, cells.row))
    rank = np.arange(1, counts.nnz + 1) - counts.indptr[cells.row[falling]]
    by_rank = scipy.sparse.csr_array(
        (cells.data[falling], (cells.row[falling], rank - 1)),
        shape=(counts.shape[0], max(counts.shape[1], l)),
    )
    return np.asarray(by_rank[:, :1].sum(axis=1) < c * by_rank[:, l - 1 :].sum(axis=1))


def earth_movers_distance(
    counts: Frequencies, totals: Frequencies, is_number: bool
) -> npt.NDArray[np.float64]:
    """Array (classes,): distance of the values in each class from those in the whole table.

    Text: all values are equally far apart, so this is the variational distance. Numbers: the
    distance of two values is that of their ranks, divided by the number of values − 1. A class
    without a value tells nothing of them: its distance is 0.
    """
    shares, expected = _find_shares(counts), _find_shares(totals).toarray()[0]
    if not is_number:
        # The values that a class has more often than the table make up for all others.
        shares.data = np.maximum(shares.data - expected[shares.indices], 0)
        return np.asarray(shares.sum(axis=1))
    classes = np.flatnonzero(np.diff(shares.indptr))
    blocks = np.array_split(classes, math.ceil(len(classes) * len(expected) / BLOCK) or 1)
    moved = np.zeros(counts.shape[0])
    for block in blocks:
        difference = shares[block].toarray() - expected
        moved[block] = np.abs(difference.cumsum(axis=1)).sum(axis=1)
    return np.asarray(moved / max(len(expected) - 1, 1))


def _find_shares(counts: Frequencies) -> Frequencies:
    """Sparse array (classes, values): share of each value in each class."""
    sums = np.repeat(counts.sum(axis=1), np.diff(counts.indptr))
    return scipy.sparse.csr_array(
        (counts.data / sums, counts.indices, counts.indptr), shape=counts.shape
    )


@dataclass(frozen=True)
class ClassRules:
    """Decides which classes a table may be released with.

    Parameters
    ----------
    counts : array (m,), records of each distinct tuple.
    k : smallest class allowed, in people where there are some, else in records.
    requirements : with a row for each tuple.
    people : sparse array (m, people), who has records of each tuple; None where each record is
        of another person.
    """

    counts: Counts
    k: int
    requirements: Sequence[Requirement] = ()
    people: "scipy.sparse.csr_array | None" = None

    def select(self, tuples: Codes) -> "ClassRules":
        """Return the rules of some of the tuples, numbered anew."""
        return ClassRules(
            self.counts[tuples],
            self.k,
            [requirement.select(tuples) for requirement in self.requirements],
            None if self.people is None else self.people[tuples],
        )

    def sum_up(self, groups: Groups) -> "ClassRules":
        """Return the rules of groups of the tuples, each of which is one tuple then."""
        people = None
        if self.people is not None:
            pairs = self.people.tocoo()
            shape = (len(groups.tuples), self.people.shape[1])
            people = scipy.sparse.csr_array(
                (pairs.data, (groups.members[pairs.row], pairs.col)), shape=shape
            )
        return ClassRules(
            groups.sizes,
            self.k,
            [requirement.sum_up(groups) for requirement in self.requirements],
            people,
        )

    @property
    def ask_for_records_alone(self) -> bool:
        """Tell whether k records are all that a class must have."""
        return self.people is None and not self.requirements

    @property
    def hold_when_merged(self) -> bool:
        """Tell whether a class that is allowed stays so, whatever it is merged with."""
        return all(requirement.holds_when_merged for requirement in self.requirements)

    def are_large(self, tuples: AnyCodes, members: Codes) -> npt.NDArray[np.bool_]:
        """Array (classes,): whether each class has k people; see :meth:`are_allowed`."""
        large = np.asarray(np.bincount(members, weights=self.counts[tuples]) >= self.k)
        if self.people is None or not large.any():
            return large
        return np.asarray(large & (count_members(members, self.people[tuples]) >= self.k))

    def are_allowed(self, tuples: AnyCodes, members: Codes) -> npt.NDArray[np.bool_]:
        """Array (classes,): whether each class is large enough and meets the requirements.

        Parameters
        ----------
        tuples : array (t,), numbers of distinct tuples.
        members : array (t,), the class of each, numbered from 0 without a gap.
        """
        allowed = self.are_large(tuples, members)
        for requirement in self.requirements:
            if not allowed.any():
                break
            indicator = scipy.sparse.csr_array(
                (np.ones(len(members)), (members, np.arange(len(members)))),
                shape=(len(allowed), len(members)),
            )
            in_class = indicator[np.flatnonzero(allowed)] @ requirement.frequencies[tuples]
            allowed[allowed] = requirement.is_met(requirement.count(in_class))
        return allowed
