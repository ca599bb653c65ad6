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

Only the values that a class has are counted and looked at, so that many classes of many different
values take no more memory than their records.
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
    of_class, of_value : arrays (cells,), each pair of a class and a value that it has, in order.
    in_cell : array (cells,), how many of the class have the value.
    with_value : array (classes,), the sum of ``in_cell``.
    in_table : array (values,), records, suppressed ones included.
    is_number : whether the values have an order, in which they stand.
    suppressed_records : number of suppressed records.
    """

    classes: pd.DataFrame
    members: npt.NDArray[np.integer]
    sizes: npt.NDArray[np.intp]
    of_class: npt.NDArray[np.intp]
    of_value: npt.NDArray[np.intp]
    in_cell: Floats
    with_value: Floats
    in_table: Floats
    is_number: bool
    suppressed_records: int

    @property
    def shares(self) -> Floats:
        """Array (cells,): share of the value among those of the class that have one."""
        return np.asarray(self.in_cell / self.with_value[self.of_class])

    @property
    def expected(self) -> Floats:
        """Array (values,): share of each value in the whole table."""
        return np.asarray(self.in_table / self.in_table.sum())

    def add_up(self, of_cells: npt.NDArray[Any]) -> Floats:
        """Array (classes,): the sum over the cells of each class."""
        return _add_up(self.of_class, of_cells, len(self.sizes))


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
    if not len(counts.sizes):
        raise ValueError("every record is suppressed")
    distinct = int(_count_distinct(counts).min())
    entropy_l = float(np.exp(_entropies(counts)).min())
    changes = counts.shares / counts.expected[counts.of_value]
    beta = float(changes.max(initial=1)) - 1
    return Privacy(
        k=int(counts.sizes.min()),
        alpha=float(counts.shares.max(initial=0)),
        distinct_l=distinct,
        entropy_l=entropy_l,
        whole_entropy_l=math.floor(entropy_l * (1 + ROUNDING)),
        recursive_c=_find_recursive_c(counts, distinct),
        t=float(_distances(counts).max()),
        beta=beta,
        enhanced_beta=beta if _gains_are_bounded(counts, changes) else math.inf,
        delta=_find_delta(counts, changes),
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
    is_certain = (_count_distinct(counts) == 1)[counts.members] & (codes[is_kept] >= 0)
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
    cells, in_cell = _count(release[is_kept], members * (values + 1) + of_table[is_kept])
    of_class, of_value = np.divmod(cells, values + 1)
    has_value = of_value < values
    of_class, of_value, in_cell = of_class[has_value], of_value[has_value], in_cell[has_value]
    return Counts(
        classes=kept.iloc[first],
        members=members,
        sizes=_count(release[is_kept], members)[1].astype(np.intp),
        of_class=of_class,
        of_value=of_value,
        in_cell=in_cell,
        with_value=_add_up(of_class, in_cell, len(first)),
        in_table=_count(release[codes >= 0], codes[codes >= 0])[1],
        is_number=is_number,
        suppressed_records=int(count_each(release)[~is_kept].sum()),
    )


def _count(
    rows: pd.DataFrame, numbers: npt.NDArray[np.intp]
) -> tuple[npt.NDArray[np.intp], Floats]:
    """Return the numbers that there are, in order, and the records, or people, of each.

    Who has a number again counts once.
    """
    weights = None
    if "anonify.person" in rows:
        numbers = count_once(numbers, rows["anonify.person"].to_numpy())
    elif "anonify.records" in rows:
        weights = rows["anonify.records"].to_numpy()
    places, found = pd.factorize(numbers, sort=True)
    return found, _add_up(places, weights, len(found))


def _add_up(places: npt.NDArray[np.intp], weights: npt.NDArray[Any] | None, length: int) -> Floats:
    return np.bincount(places, weights=weights, minlength=length).astype(np.float64)


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


def _count_distinct(counts: Counts) -> npt.NDArray[np.intp]:
    return np.bincount(counts.of_class, minlength=len(counts.sizes))


def _entropies(counts: Counts) -> Floats:
    """Array (classes,): natural logarithm; −∞ where no record has a value, so that ℓ is 0."""
    found = -counts.add_up(counts.shares * np.log(counts.shares))
    return np.where(counts.with_value > 0, found, -np.inf)


def _find_recursive_c(counts: Counts, distinct: int) -> float:
    """Return above what c the table is recursively diverse; infinite where a class has no value."""
    if distinct == 0:
        return math.inf
    return float(np.divide(*_split_frequencies(counts, distinct)).max())


def _split_frequencies(counts: Counts, l: int) -> tuple[Floats, Floats]:  # noqa: E741
    """Arrays (classes,): r₁ and r_ℓ + … + r_m, with r the frequencies, largest first."""
    falling = counts.in_cell[np.lexsort((-counts.in_cell, counts.of_class))]
    begins = np.searchsorted(counts.of_class, np.arange(len(counts.sizes)))
    rank = np.arange(len(falling)) - begins[counts.of_class] + 1
    return counts.add_up(falling * (rank == 1)), counts.add_up(falling * (rank >= l))


def _distances(counts: Counts) -> Floats:
    """Array (classes,): earth mover's distance of each class from the whole table.

    A class without any value tells nothing of them; its distance is 0.
    """
    if counts.is_number:
        return _move_ranks(counts) / max(len(counts.in_table) - 1, 1)
    # What the values of the class have too much is what all others have too little.
    return counts.add_up(np.maximum(counts.shares - counts.expected[counts.of_value], 0))


def _move_ranks(counts: Counts) -> Floats:
    """Array (classes,): how many ranks the shares of a class are moved, those of the table at last.

    That is the sum, over the values, of how far the class's cumulative share is from the table's.
    The first stays as it is from one value of the class to the next, and the second only grows:
    it is below the first up to a value, and above it from there.
    """
    table = counts.in_table.cumsum() / counts.in_table.sum()
    area = np.concatenate([[0], table.cumsum()])
    is_first = np.diff(counts.of_class, prepend=-1) > 0
    is_last = np.diff(counts.of_class, append=len(counts.sizes)) > 0
    begin = counts.of_value
    end = np.where(is_last, len(table), np.roll(begin, -1))
    before = counts.in_cell.cumsum() - counts.in_cell
    share = before + counts.in_cell - before[is_first][is_first.cumsum() - 1]
    share /= counts.with_value[counts.of_class]
    crossing = np.clip(np.searchsorted(table, share), begin, end)
    below = share * (crossing - begin) - (area[crossing] - area[begin])
    above = area[end] - area[crossing] - share * (end - crossing)
    moved = np.where(end - begin == 1, np.abs(share - table[begin]), below + above)
    # Up to the first value of a class its cumulative share is 0.
    return counts.add_up(moved + np.where(is_first, area[begin], 0))


def _gains_are_bounded(counts: Counts, changes: Floats) -> bool:
    """Tell whether no value gains more than −ln of its share in the whole table."""
    bounds = -np.log(counts.expected[counts.of_value])
    return bool((changes - 1 <= bounds + ROUNDING).all())


def _find_delta(counts: Counts, changes: Floats) -> float:
    """Return the δ; infinite where a class that has any value lacks one of the table."""
    if len(changes) < (counts.with_value > 0).sum() * len(counts.in_table):
        return math.inf
    lowest, highest = float(changes.min(initial=1)), float(changes.max(initial=1))
    return max(-math.log(lowest), math.log(highest))
