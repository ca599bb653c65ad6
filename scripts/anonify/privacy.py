"""Which privacy models a released table achieves, computed from the table alone.

It verifies what anonymizers promise, on purpose without a line of theirs or of the requirements
that they are given. Suppressed records are no class and count for nothing here.

Sources: Sweeney, k-Anonymity, 2002; Wong et al., (α, k)-Anonymity, KDD 2006; Machanavajjhala et
al., ℓ-Diversity, TKDD 2007; Li, Li, Venkatasubramanian, t-Closeness, ICDE 2007. The values are
those of pyCANON, but for recursive (c, ℓ)-diversity: there pyCANON 1.0 takes the least frequent
value of a class where the definition has the most frequent one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from anonify.verification import VerificationError

# Of shares that are computed in different orders.
ROUNDING = 1e-9

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Privacy:
    """What a table achieves for one sensitive attribute.

    Parameters
    ----------
    k : records in the smallest class.
    alpha : largest share of one value in a class, 0 to 1.
    distinct_l : smallest number of different values in a class.
    entropy_l : smallest exp(entropy) of a class; the table is entropy ℓ-diverse up to this ℓ.
    recursive_c : the table is recursively (c, ℓ)-diverse with ℓ = ``distinct_l`` for every c
        above this.
    t : largest distance of a class from the whole table, 0 to 1: of all released records that
        are not suppressed. Numbers are as far apart as their ranks, texts all equally far.
    """

    k: int
    alpha: float
    distinct_l: int
    entropy_l: float
    recursive_c: float
    t: float


def measure_privacy(
    release: pd.DataFrame, quasi_identifiers: Sequence[str], attribute: str
) -> Privacy:
    """Measure what a table achieves for one sensitive attribute.

    Parameters
    ----------
    release : frame with the quasi-identifiers, the attribute, and ``is_suppressed`` where
        suppressed records are to be left out.

    Raises
    ------
    ValueError : there is no record that is not suppressed.
    """
    counts, _ = _count_values(release, quasi_identifiers, attribute)
    if not len(counts):
        raise ValueError("every record is suppressed")
    distinct = int((counts > 0).sum(axis=1).min())
    return Privacy(
        k=int(counts.sum(axis=1).min()),
        alpha=float(_shares(counts).max()),
        distinct_l=distinct,
        entropy_l=float(np.exp(_entropies(counts)).min()),
        recursive_c=float(_recursive_bounds(counts, distinct).max()),
        t=float(_distances(counts, _is_number(release[attribute])).max()),
    )


def verify_requirements(
    release: pd.DataFrame,
    quasi_identifiers: Sequence[str],
    rules: Sequence[Mapping[str, Any]],
) -> None:
    """Check that every class keeps the requirements of the configuration.

    Parameters
    ----------
    rules : each an ``attribute``, a ``model`` and its parameters ``l``, ``c`` and ``t``. The
        distance of t-closeness is from the whole table, suppressed records included: that is
        what the table was before.

    Raises
    ------
    VerificationError : a class does not; the message names it, the rule and the value.
    """
    for rule in rules:
        counts, labels = _count_values(release, quasi_identifiers, rule["attribute"])
        if not len(counts):
            continue
        name, values, is_met = _judge(rule, counts, release[rule["attribute"]])
        if not is_met.all():
            place = int((~is_met).argmax())
            raise VerificationError(
                f"the class ({labels[place]}) has {name} {values[place]:.6g} of "
                f"{rule['attribute']!r}, against {rule['model']} "
                + ", ".join(f"{key} = {rule[key]}" for key in ("c", "l", "t") if key in rule)
            )


def _judge(
    rule: Mapping[str, Any], counts: Floats, column: "pd.Series[Any]"
) -> tuple[str, Floats, npt.NDArray[np.bool_]]:
    """Return what is measured, its value for each class, and whether that will do."""
    if rule["model"] == "distinct_l_diversity":
        values = (counts > 0).sum(axis=1).astype(float)
        return "ℓ", values, values >= rule["l"]
    if rule["model"] == "entropy_l_diversity":
        values = np.exp(_entropies(counts))
        return "ℓ", values, values >= rule["l"] - ROUNDING
    if rule["model"] == "recursive_l_diversity":
        values = _recursive_bounds(counts, rule["l"])
        return "a bound of c", values, values < rule["c"]
    whole = column.astype("str").value_counts()
    domain = sorted(column.unique()) if _is_number(column) else sorted(whole.index)
    totals = np.array([whole[str(value)] for value in domain], dtype=float)
    values = _distances(counts, _is_number(column), totals)
    return "t", values, values <= rule["t"] + ROUNDING


def _count_values(
    release: pd.DataFrame, quasi_identifiers: Sequence[str], attribute: str
) -> tuple[Floats, list[str]]:
    """Array (classes, values), the values of the whole table in order; and each class's name."""
    column = release[attribute]
    order = sorted(column.unique()) if _is_number(column) else sorted(column.astype("str").unique())
    if not _is_number(column):
        column = column.astype("str")
    kept = release
    if "is_suppressed" in release.columns:
        kept = release[~release["is_suppressed"]]
    codes = pd.Categorical(column.loc[kept.index], categories=order).codes
    by_class = kept.groupby(list(quasi_identifiers), observed=True, dropna=False, sort=True)
    number = by_class.ngroup().to_numpy()
    counts = np.zeros((by_class.ngroups, len(order)))
    np.add.at(counts, (number, codes), 1)
    first = kept[list(quasi_identifiers)].iloc[np.unique(number, return_index=True)[1]]
    return counts, [", ".join(map(str, row)) for row in first.itertuples(index=False)]


def _is_number(column: "pd.Series[Any]") -> bool:
    return bool(pd.api.types.is_numeric_dtype(column))


def _shares(counts: Floats) -> Floats:
    return np.asarray(counts / counts.sum(axis=1, keepdims=True))


def _entropies(counts: Floats) -> Floats:
    shares = _shares(counts)
    logs = np.log(shares, out=np.zeros_like(shares), where=shares > 0)
    return np.asarray(-(shares * logs).sum(axis=1))


def _recursive_bounds(counts: Floats, l: int) -> Floats:  # noqa: E741
    """Array (classes,): r₁ ÷ (r_ℓ + … + r_m), with r the frequencies, largest first."""
    falling = np.sort(counts, axis=1)[:, ::-1]
    tail = falling[:, l - 1 :].sum(axis=1)
    bounds = np.full(len(counts), np.inf)
    return np.asarray(np.divide(falling[:, 0], tail, out=bounds, where=tail > 0))


def _distances(counts: Floats, is_number: bool, totals: Floats | None = None) -> Floats:
    """Array (classes,): earth mover's distance of each class from the whole table."""
    whole = counts.sum(axis=0) if totals is None else totals
    moved = _shares(counts) - whole / whole.sum()
    if not is_number:
        return np.asarray(np.abs(moved).sum(axis=1) / 2)
    return np.asarray(np.abs(moved.cumsum(axis=1)).sum(axis=1) / max(counts.shape[1] - 1, 1))
