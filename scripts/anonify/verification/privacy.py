"""Which privacy models a released table achieves, computed from the table alone.

It verifies what anonymizers promise, on purpose without a line of theirs or of the requirements
that they are given. Suppressed records are in no class; where a model compares a class with the
whole table, that is all records, since the table shows the sensitive values of the suppressed
ones as well.

Values are what a reader takes them for: `HIV` and `hiv` are one. A missing one is none. Shares are
of the records that have one, so nobody is hidden by records that say nothing; a class without any
has an ℓ of 0, an α of 0 and a distance of 0.

Sources: Sweeney, k-Anonymity, 2002; Wong et al., (α, k)-Anonymity, KDD 2006; Machanavajjhala et
al., ℓ-Diversity, TKDD 2007; Li, Li, Venkatasubramanian, t-Closeness, ICDE 2007; Cao and Karras,
Publishing Microdata with a Robust Privacy Guarantee, PVLDB 2012 (β-likeness); Brickell and
Shmatikov, The Cost of Privacy, KDD 2008 (δ-disclosure).

For a table without suppressed records pyCANON (1.0.1 to 1.3.6) has the same values, but:

- recursive (c, ℓ)-diversity: it sets the rarest value of a class against the most frequent ones,
  the definition the most frequent against the rare ones; its c is 1, or 2 at most;
- entropy ℓ-diversity: it cuts off decimals without regard to rounding, so that two equally
  frequent values have an ℓ of 1;
- t-closeness: it fails where all numbers are equal (t = 0);
- enhanced β-likeness: it takes the larger of two bounds that both have to hold; its β is never
  above −ln of the rarest value's share, even where no β will do;
- δ-disclosure: it skips the values that a class lacks, for which the definition has no δ.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from anonify.verification.meanings import number_texts
from anonify.verification.releases import (
    VerificationError,
    count_each,
    count_once,
    number_classes,
)

# Of shares that are computed in different orders.
ROUNDING = 1e-9

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Privacy:
    """What a table achieves for one sensitive attribute.

    Parameters
    ----------
    k : records in the smallest class.
    alpha : largest share of one value in a class, 0 to 1, of the records that have one.
    distinct_l : smallest number of different values in a class.
    entropy_l : smallest exp(entropy) of a class; the table is entropy ℓ-diverse up to this ℓ.
    whole_entropy_l : the largest whole number among those ℓ.
    recursive_c : the table is recursively (c, ℓ)-diverse with ℓ = ``distinct_l`` for every c
        above this; where ℓ is 1, it equals ``alpha``. Infinite where ℓ is 0.
    t : largest distance of a class from the whole table, 0 to 1. Numbers are as far apart as
        their ranks among the table's distinct values, texts all equally far.
    beta : largest relative gain (q − p) ÷ p of a value with the share p in the whole table and q
        in a class; the table has basic β-likeness with this β.
    enhanced_beta : the same if no gain is above −ln p, else infinite: there is no such β.
    delta : largest distance of ln(q ÷ p) from 0; the table has δ-disclosure privacy for every δ
        above this. Infinite where a class lacks a value.
    suppressed_records : number of suppressed records.
    """

    k: int
    alpha: float
    distinct_l: int
    entropy_l: float
    whole_entropy_l: int
    recursive_c: float
    t: float
    beta: float
    enhanced_beta: float
    delta: float
    suppressed_records: int


@dataclass(frozen=True)
class Counts:
    """How often the values of a sensitive attribute occur: how many people have them.

    Where each record is a person of its own, that is how many records have them.

    Parameters
    ----------
    classes : frame (classes, quasi-identifiers).
    members : array (rows,), the class of each row that is not suppressed.
    sizes : array (classes,), records that are not suppressed, or their people.
    in_class : array (classes, values), those of them that have each value.
    in_table : array (values,), records, suppressed ones included.
    is_number : whether the values have an order, in which they stand.
    suppressed_records : number of suppressed records.
    """

    classes: pd.DataFrame
    members: npt.NDArray[np.integer]
    sizes: npt.NDArray[np.intp]
    in_class: Floats
    in_table: Floats
    is_number: bool
    suppressed_records: int


def measure_privacy(
    release: pd.DataFrame, quasi_identifiers: Sequence[str], attribute: str
) -> Privacy:
    """Measure what a table achieves for one sensitive attribute.

    Parameters
    ----------
    release : frame with the quasi-identifiers, the attribute, and ``is_suppressed`` where
        suppressed records are to be kept apart; of records, or distinct rows with how many records
        each stands for in ``anonify.records``.
    attribute : numbers, or text; texts that mean the same are one value, and a missing one is
        none.

    Raises
    ------
    ValueError : there is no record that is not suppressed.
    """
    counts = count_values(release, quasi_identifiers, attribute)
    if not len(counts.in_class):
        raise ValueError("every record is suppressed")
    distinct = int(_count_distinct(counts).min())
    entropy_l = float(np.exp(_entropies(counts)).min())
    # A class without any value says nothing about how likely one is.
    says = counts.in_class.any(axis=1)
    changes = _shares(counts)[says] / (counts.in_table / max(counts.in_table.sum(), 1))
    beta = float(changes.max(initial=1)) - 1
    return Privacy(
        k=int(counts.sizes.min()),
        alpha=float(_shares(counts).max(initial=0)),
        distinct_l=distinct,
        entropy_l=entropy_l,
        whole_entropy_l=math.floor(entropy_l * (1 + ROUNDING)),
        recursive_c=_find_recursive_c(counts, distinct),
        t=float(_distances(counts).max()),
        beta=beta,
        enhanced_beta=beta if _gains_are_bounded(counts, changes) else math.inf,
        delta=_find_delta(changes),
        suppressed_records=counts.suppressed_records,
    )


def verify_requirements(
    release: pd.DataFrame,
    quasi_identifiers: Sequence[str],
    rules: Sequence[Mapping[str, Any]],
) -> None:
    """Check that every class keeps the requirements of the configuration.

    Parameters
    ----------
    release : as :func:`measure_privacy`.
    rules : each an ``attribute``, a ``model`` and its parameters ``l``, ``c`` and ``t``.

    Raises
    ------
    VerificationError : a class does not, or the model is unknown; the message names the class,
        the rule and the value.
    """
    for rule in rules:
        counts = count_values(release, quasi_identifiers, rule["attribute"])
        name, values, is_met = _judge_rule(rule, counts)
        if not is_met.all():
            place = int((~is_met).argmax())
            labels = ", ".join(map(str, counts.classes.iloc[place]))
            raise VerificationError(
                f"the class ({labels}) has {name} {values[place]:.6g} of "
                f"{rule['attribute']!r}, against {rule['model']} "
                + ", ".join(f"{key} = {rule[key]}" for key in ("c", "l", "t") if key in rule)
            )


def judge_requirement(
    release: pd.DataFrame, quasi_identifiers: Sequence[str], rule: Mapping[str, Any]
) -> tuple[float, bool]:
    """Return the worst value that a class has, and whether all classes keep the requirement.

    The value is an ℓ, a t, or the c that recursive ℓ-diversity has to be above.

    Parameters
    ----------
    release, rule : as :func:`verify_requirements`.
    """
    counts = count_values(release, quasi_identifiers, rule["attribute"])
    _, values, is_met = _judge_rule(rule, counts)
    is_diversity = rule["model"] in ("distinct_l_diversity", "entropy_l_diversity")
    return float(values.min() if is_diversity else values.max()), bool(is_met.all())


def count_certain(
    release: pd.DataFrame, quasi_identifiers: Sequence[str], attribute: str
) -> "pd.Series[int]":
    """Count the people whose value all have who have one in their class (an α of 1).

    Returns
    -------
    By value how many people, most frequent first. Of texts that mean the same the most frequent
    one stands for all.
    """
    counts = count_values(release, quasi_identifiers, attribute)
    is_kept = _find_kept(release)
    codes, _ = _number_values(release[attribute])
    is_certain = (_shares(counts) == 1).any(axis=1)[counts.members] & (codes[is_kept] >= 0)
    shown = release.loc[is_kept].loc[is_certain]
    shown = pd.DataFrame(
        {
            "code": codes[is_kept][is_certain],
            "value": shown[attribute].astype("str"),
            "people": count_each(shown),
        }
    )
    if "anonify.person" in release:
        # Who has records in several such classes is one person.
        shown = shown.assign(person=release["anonify.person"], people=1)
        shown = shown.drop_duplicates(["code", "value", "person"])
    spelt = shown.groupby(["code", "value"]).agg({"people": "sum"}).reset_index()
    spelt = spelt.sort_values("people", ascending=False, kind="stable")
    spelt = spelt.drop_duplicates("code").set_index("code")
    if "person" in shown:
        shown = shown.drop_duplicates(["code", "person"])
    people = shown.groupby("code")["people"].sum()
    values = spelt.loc[people.index, "value"]
    found = pd.Series(people.to_numpy(), index=values.to_numpy(), dtype=int)
    return found.sort_values(ascending=False, kind="stable")


def _judge_rule(
    rule: Mapping[str, Any], counts: Counts
) -> tuple[str, npt.NDArray[Any], npt.NDArray[np.bool_]]:
    """Return what is measured, its value for each class, and whether that will do."""
    match rule["model"]:
        case "distinct_l_diversity":
            distinct = _count_distinct(counts)
            return "ℓ", distinct, distinct >= rule["l"]
        case "entropy_l_diversity":
            effective = np.exp(_entropies(counts))
            return "ℓ", effective, effective >= rule["l"] * (1 - ROUNDING)
        case "recursive_l_diversity":
            highest, rest = _split_frequencies(counts, rule["l"])
            bounds = np.divide(highest, rest, out=np.full(len(rest), np.inf), where=rest > 0)
            # As the definition has it: rounded, 55 ÷ 25 < 2.2 is false, but 55 < 2.2 · 25 true.
            return "a bound of c", bounds, highest < rule["c"] * rest
        case "t_closeness":
            distances = _distances(counts)
            return "t", distances, distances <= rule["t"] + ROUNDING
        case model:
            raise VerificationError(f"{model!r} is no requirement that can be verified")


def count_values(release: pd.DataFrame, quasi_identifiers: Sequence[str], attribute: str) -> Counts:
    """Count the values of a sensitive attribute in each class; see :func:`measure_privacy`."""
    codes, is_number = _number_values(release[attribute])
    is_kept = _find_kept(release)
    kept = release.loc[is_kept, list(quasi_identifiers)]
    members = number_classes(kept)
    first = np.empty(int(members.max(initial=-1)) + 1, dtype=np.intp)
    first[members[::-1]] = np.arange(len(members))[::-1]
    values = int(codes.max(initial=-1)) + 1
    # Who has none is counted behind the values, and left out at the end.
    of_table = np.where(codes < 0, values, codes)
    cells = members * (values + 1) + of_table[is_kept]
    of_kept = release[is_kept]
    in_class = _count(of_kept, cells, len(first) * (values + 1))
    return Counts(
        classes=kept.iloc[first],
        members=members,
        sizes=_count(of_kept, members, len(first)).astype(np.intp),
        in_class=in_class.reshape(len(first), values + 1)[:, :values],
        in_table=_count(release, of_table, values)[:values],
        is_number=is_number,
        suppressed_records=int(count_each(release)[~is_kept].sum()),
    )


def _count(rows: pd.DataFrame, numbers: npt.NDArray[Any], least: int) -> Floats:
    """Array (numbers,): records, or people, of each number; who has it again counts once."""
    if "anonify.person" not in rows:
        return np.bincount(numbers, weights=count_each(rows), minlength=least).astype(np.float64)
    counted = count_once(numbers, rows["anonify.person"].to_numpy())
    return np.bincount(counted, minlength=least).astype(np.float64)


def _number_values(column: "pd.Series[Any]") -> tuple[npt.NDArray[np.intp], bool]:
    """Return the number of each record's value, −1 where it has none, and whether they are numbers.

    Texts that a reader takes for one are one, whatever their letters.
    """
    if pd.api.types.is_numeric_dtype(column):
        return pd.factorize(column, sort=True)[0], True
    codes = number_texts(column)
    # Numbered anew without a gap, for the values of nobody would be counted, too.
    codes = pd.factorize(np.where(codes < 0, np.nan, codes), sort=True)[0]
    return codes, False


def _find_kept(release: pd.DataFrame) -> npt.NDArray[np.bool_]:
    if "is_suppressed" not in release.columns:
        return np.ones(len(release), dtype=bool)
    return ~release["is_suppressed"].to_numpy(bool)


def _count_distinct(counts: Counts) -> npt.NDArray[np.int64]:
    return np.asarray((counts.in_class > 0).sum(axis=1))


def _shares(counts: Counts) -> Floats:
    """Array (classes, values): share among the records with a value; 0 where there are none."""
    present = counts.in_class.sum(axis=1, keepdims=True)
    return np.asarray(counts.in_class / np.maximum(present, 1))


def _entropies(counts: Counts) -> Floats:
    """Array (classes,): natural logarithm; −∞ where no record has a value, so that ℓ is 0."""
    shares = _shares(counts)
    logs = np.log(shares, out=np.zeros_like(shares), where=shares > 0)
    return np.where(shares.any(axis=1), -(shares * logs).sum(axis=1), -np.inf)


def _find_recursive_c(counts: Counts, distinct: int) -> float:
    """Return above what c the table is recursively diverse; infinite where a class has no value."""
    if distinct == 0:
        return math.inf
    return float(np.divide(*_split_frequencies(counts, distinct)).max())


def _split_frequencies(counts: Counts, l: int) -> tuple[Floats, Floats]:  # noqa: E741
    """Arrays (classes,): r₁ and r_ℓ + … + r_m, with r the frequencies, largest first."""
    falling = np.sort(counts.in_class, axis=1)[:, ::-1]
    return falling[:, :1].sum(axis=1), falling[:, l - 1 :].sum(axis=1)


def _distances(counts: Counts) -> Floats:
    """Array (classes,): earth mover's distance of each class from the whole table.

    A class without any value tells nothing of them; its distance is 0.
    """
    says = counts.in_class.any(axis=1, keepdims=True)
    moved = _shares(counts) - says * counts.in_table / max(counts.in_table.sum(), 1)
    if not counts.is_number:
        return np.asarray(np.abs(moved).sum(axis=1) / 2)
    return np.asarray(np.abs(moved.cumsum(axis=1)).sum(axis=1) / max(len(counts.in_table) - 1, 1))


def _gains_are_bounded(counts: Counts, changes: Floats) -> bool:
    """Tell whether no value gains more than −ln of its share in the whole table."""
    bounds = -np.log(counts.in_table / counts.in_table.sum())
    return bool((changes - 1 <= bounds + ROUNDING).all())


def _find_delta(changes: Floats) -> float:
    lowest, highest = float(changes.min(initial=1)), float(changes.max(initial=1))
    return math.inf if lowest == 0 else max(-math.log(lowest), math.log(highest))
