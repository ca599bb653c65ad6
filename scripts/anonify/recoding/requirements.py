"""What an equivalence class must keep beside its size: ℓ-diversity and t-closeness.

Each requirement looks at how often the values of one sensitive attribute occur in a class.

Sources: Machanavajjhala et al., ℓ-Diversity, TKDD 2007 (distinct, Section 3; entropy,
Definition 4.1; recursive, Definition 4.2); Li, Li, Venkatasubramanian, t-Closeness, ICDE 2007.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.sparse import csr_array

from anonify.base.errors import UserError
from anonify.base.values import Codes
from anonify.tables.classes import Groups

# A class with ℓ equally frequent values has an entropy of log ℓ, but for rounding.
ROUNDING = 1e-9

Counts = npt.NDArray[np.float64]


class UnreachableError(UserError):
    """Nothing that is released of these records could keep what is asked for."""


@dataclass(frozen=True)
class Requirement:
    """A requirement on the values of a sensitive attribute in every class.

    Parameters
    ----------
    name : as the configuration has it, with its parameters.
    values : array (records,), the sensitive value of each record as a code from 0.
    is_met : takes an array (classes, values) of records and tells for each class.
    holds_when_merged : whether a class that meets it, merged with any other, still does. It
        holds for distinct ℓ-diversity alone; of the others only two classes that both meet the
        requirement are sure to meet it together.
    """

    name: str
    values: Codes
    is_met: Callable[[Counts], npt.NDArray[np.bool_]]
    holds_when_merged: bool


def make_requirement(rule: Mapping[str, Any], column: "pd.Series[Any]") -> Requirement:
    """Make a requirement from its rule in the configuration.

    Parameters
    ----------
    rule : ``attribute`` and ``model``: ``distinct_l_diversity`` and ``entropy_l_diversity``
        with ``l``, ``recursive_l_diversity`` with ``l`` and ``c``, ``t_closeness`` with ``t``.
    column : the sensitive attribute; numbers, or text.

    Raises
    ------
    UnreachableError : the whole table does not meet the requirement, so no class of it can be
        sure to.
    """
    codes, domain = pd.factorize(column, sort=True, use_na_sentinel=False)
    values = np.asarray(codes, dtype=np.intp)
    totals = np.bincount(values, minlength=len(domain)).astype(float)
    model = rule["model"]
    parameters = ", ".join(f"{key} = {rule[key]}" for key in ("c", "l", "t") if key in rule)
    name = f"{model} of {rule['attribute']!r} ({parameters})"
    is_number = pd.api.types.is_numeric_dtype(column)
    checks: dict[str, Callable[[Counts], npt.NDArray[np.bool_]]] = {
        "distinct_l_diversity": lambda counts: (counts > 0).sum(axis=1) >= rule["l"],
        "entropy_l_diversity": lambda counts: entropy(counts) >= np.log(rule["l"]) - ROUNDING,
        "recursive_l_diversity": lambda counts: is_recursively_diverse(
            counts, rule["c"], rule["l"]
        ),
        "t_closeness": lambda counts: (
            earth_movers_distance(counts, totals, is_number) <= rule["t"] + ROUNDING
        ),
    }
    is_met = checks[model]
    if not is_met(totals[np.newaxis]).all():
        raise UnreachableError(
            f"requirements: the whole table does not meet {name}, so no release of it can; "
            "ask for less"
        )
    return Requirement(name, values, is_met, model == "distinct_l_diversity")


def entropy(counts: Counts) -> npt.NDArray[np.float64]:
    """Array (classes,): entropy of the values in each class, natural logarithm."""
    shares = counts / counts.sum(axis=1, keepdims=True)
    return np.asarray(-(shares * np.log(np.where(shares > 0, shares, 1.0))).sum(axis=1))


def is_recursively_diverse(counts: Counts, c: float, l: int) -> npt.NDArray[np.bool_]:  # noqa: E741
    """Tell for each class whether r₁ < c·(r_ℓ + … + r_m), with r the frequencies, largest first."""
    falling = -np.sort(-counts, axis=1)
    return np.asarray(falling[:, 0] < c * falling[:, l - 1 :].sum(axis=1))


def earth_movers_distance(
    counts: Counts, totals: npt.NDArray[np.float64], is_number: bool
) -> npt.NDArray[np.float64]:
    """Array (classes,): distance of the values in each class from those in the whole table.

    Text: all values are equally far apart, so this is the variational distance. Numbers: the
    distance of two values is that of their ranks, divided by the number of values − 1.
    """
    difference = counts / counts.sum(axis=1, keepdims=True) - totals / totals.sum()
    if is_number:
        moved = np.abs(difference.cumsum(axis=1)).sum(axis=1)
        return np.asarray(moved / max(counts.shape[1] - 1, 1))
    return np.asarray(np.abs(difference).sum(axis=1) / 2)


class Classes:
    """Decides which classes a table may be released with.

    Parameters
    ----------
    groups : the table's distinct tuples.
    k : smallest class allowed.
    """

    def __init__(self, groups: Groups, k: int, requirements: Sequence[Requirement] = ()) -> None:
        self.sizes = groups.sizes
        self.k = k
        self.requirements = requirements
        self.counts = [
            csr_array(
                (
                    np.ones(len(requirement.values)),
                    (groups.members, requirement.values),
                ),
                shape=(len(groups.tuples), requirement.values.max(initial=0) + 1),
            )
            for requirement in requirements
        ]

    @property
    def hold_when_merged(self) -> bool:
        """Tell whether a class that is allowed stays so, whatever it is merged with."""
        return all(requirement.holds_when_merged for requirement in self.requirements)

    def are_large(self, groups: Codes, members: Codes) -> npt.NDArray[np.bool_]:
        """Array (classes,): whether each class has k records; see :meth:`are_allowed`."""
        return np.asarray(np.bincount(members, weights=self.sizes[groups]) >= self.k)

    def are_allowed(self, groups: Codes, members: Codes) -> npt.NDArray[np.bool_]:
        """Array (classes,): whether each class is large enough and meets the requirements.

        Parameters
        ----------
        groups : array (g,), numbers of distinct tuples.
        members : array (g,), the class of each, numbered from 0 without a gap.
        """
        allowed = self.are_large(groups, members)
        for requirement, counts in zip(self.requirements, self.counts, strict=True):
            if not allowed.any():
                break
            indicator = csr_array(
                (np.ones(len(members)), (members, np.arange(len(members)))),
                shape=(len(allowed), len(members)),
            )
            in_class = indicator[np.flatnonzero(allowed)] @ counts[groups]
            allowed[allowed] = requirement.is_met(in_class.toarray())
        return allowed
