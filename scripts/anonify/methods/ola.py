"""Optimal Lattice Anonymization: the best full-domain generalization with a suppression limit.

Of all transformations that leave no more records than the limit in classes that are not
allowed, OLA takes the one of least criterion, and suppresses those records. As in the original,
a criterion looks at the generalization of all records and charges nothing for suppression. So
what lies above a feasible transformation is no better and need not be looked at. Precision alone
may be better above, where a node begins at another level for each of its leaves; there it is
looked at. That is all the search relies on besides class sizes: it finds the true optimum, also
where a requirement beside k is kept by a class and not by a larger one.

Source: El Emam et al., A Globally Optimal k-Anonymity Method for the De-Identification of Health
Data, JAMIA 2009.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import cache, reduce
from math import prod
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import scipy

from anonify.base.errors import UserError
from anonify.base.values import Codes
from anonify.domains.domain import Domain, require_hierarchies
from anonify.domains.hierarchy import Hierarchy
from anonify.recoding.bounded import MOST_WORK, Objective, Search, count_steps
from anonify.recoding.effort import Effort
from anonify.recoding.lattice import (
    FEASIBLE,
    INFEASIBLE,
    UNKNOWN,
    Transformation,
    above,
    below,
    generalize,
    get_transformation,
    has_room,
    settle,
)
from anonify.recoding.penalties import PENALTIES
from anonify.recoding.recoding import Counts, TupleRecoding, recode_undivided, roots
from anonify.recoding.requirements import ClassRules, Requirement
from anonify.recoding.rollup import LiftedTables

KEEPS_LEVELS = True

EFFORT = Effort(
    count_steps,
    most=10**11,
    instead="choose mondrian, or give the hierarchies fewer levels",
)

Criterion = Literal[
    "entropy", "entropy_bits", "precision", "loss", "discernibility", "average_class_size"
]
Values = npt.NDArray[np.float64]
Facts = dict[str, float | int | str]

# The criteria that are counted from the sizes of the classes; larger classes are never better.
OF_CLASSES: Mapping[str, Callable[[npt.NDArray[Any]], float]] = {
    "discernibility": lambda sizes: float((sizes**2).sum()),
    "average_class_size": lambda sizes: float(sizes.mean()),
}
# Equal sums, added up in another order, differ in later ones, which would decide their tie. A sum
# over all records has fewer.
DECIMALS, OF_SUMS = 9, 6
# By what part a sum in another order may be more.
ROUNDING = 1e-12


def anonymize(
    tuples: Codes,
    counts: Counts,
    domains: Sequence[Domain],
    k: int,
    generator: np.random.Generator,
    *,
    suppression_limit: float = 5.0,
    criterion: Criterion = "entropy",
    requirements: Sequence[Requirement] = (),
    people: "scipy.sparse.csr_array | None" = None,
) -> TupleRecoding:
    """Anonymize tuples; deterministic, so the generator is not used.

    Of several transformations of the same criterion, to nine decimals (six of bits), the one of the
    lower sum of levels is taken, then the one that leaves the first attributes lower. Where no
    transformation is feasible, which takes fewer records than k or a highest level that may be
    shown, every record is suppressed.

    Parameters
    ----------
    tuples : array (m, d) of leaves, distinct.
    counts : array (m,), records of each.
    k : smallest class allowed; the suppressed records may be fewer.
    suppression_limit : per cent of the records that may be suppressed, 0 to 100.
    criterion : what is least, with nothing suppressed: ``entropy`` (non-uniform entropy, per
        cent of its greatest value, the mean over the attributes; the original's choice),
        ``entropy_bits`` (the same in bits, the sum over records and attributes, in which an
        attribute of many values counts for more; what ARX minimizes), ``precision`` (the greatest
        one, 0 to 1), ``loss`` (NCP, per cent), ``discernibility`` (sum of squared class sizes) or
        ``average_class_size`` (records). Defined in :mod:`anonify.measures.information_loss`;
        attributes are weighted by their importance.
    requirements : what every class must keep beside k.
    people : sparse array (m, people), who has records of each tuple, of whom every class must have
        k; without it, records are counted.

    Returns
    -------
    TupleRecoding; its facts are the levels, the criterion's value, and how many of the
    transformations were looked at. Where there are more than a million, the search may stop at its
    effort: then the facts tell a bound that no feasible one is better than.

    Raises
    ------
    UserError : a domain is no hierarchy, or the limit is not from 0 to 100.
    """
    if not 0 <= suppression_limit <= 100:
        raise UserError(
            f"`method_options.ola.suppression_limit` is {suppression_limit}; it should be per cent "
            "from 0 to 100"
        )
    hierarchies = require_hierarchies(domains)
    tables = LiftedTables(tuples, ClassRules(counts, k, requirements, people), hierarchies)
    # A limit of 0.29 % of 10,000 records is 29 of them, which a product falls short of.
    limit = int(suppression_limit * int(counts.sum()) / 100 + 1e-9)
    values = _list_values(criterion, tuples, counts, hierarchies)
    seek = _seek_all if has_room(hierarchies) else _seek_some
    best, value, told = seek(criterion, tables, limit, values)
    nodes = np.tile(roots(hierarchies), (len(tuples), 1))
    if best is None:
        return recode_undivided(counts, nodes, np.ones(len(tuples), dtype=bool))
    is_allowed = tables.take_allowed(best)
    nodes[is_allowed] = generalize(tuples[is_allowed], hierarchies, best)
    facts: Facts = {
        "levels": ", ".join(
            f"{hierarchy.attribute} {hierarchy.least_level + level}"
            for hierarchy, level in zip(hierarchies, best, strict=True)
        ),
        criterion: 1 - value if criterion == "precision" else value,
        "transformations": prod(hierarchy.shown_height + 1 for hierarchy in hierarchies),
        **told,
    }
    return recode_undivided(counts, nodes, ~is_allowed, facts)


def _seek_all(
    criterion: Criterion, tables: LiftedTables, limit: int, per_attribute: Sequence[Values]
) -> tuple[Transformation | None, float, Facts]:
    """Return the best feasible transformation, its value, and what is told of the search.

    Account is kept of all transformations.

    Parameters
    ----------
    tables : of all tuples.
    limit : records that may lie in classes that are not allowed.
    per_attribute : as :func:`_list_values`.
    """
    total = reduce(np.add.outer, per_attribute)
    values = _sum_up(criterion, total, tables, len(per_attribute))
    feasible, looked_at = _find_feasible(tables, limit, values)
    told: Facts = {"transformations_looked_at": looked_at}
    if not feasible:
        return None, 0.0, told
    if criterion in OF_CLASSES:
        for levels in feasible:
            values[levels] = _measure_classes(criterion, tables, levels)
    best = min(feasible, key=lambda levels: (values[levels], sum(levels), levels))
    return best, float(values[best]), told


def _seek_some(
    criterion: Criterion, tables: LiftedTables, limit: int, per_attribute: Sequence[Values]
) -> tuple[Transformation | None, float, Facts]:
    """Do the same within a stated effort, where there is no room for all transformations."""
    attributes = len(per_attribute)
    # What no higher level falls below.
    floors = [np.minimum.accumulate(values[::-1])[::-1] for values in per_attribute]

    def sum_up(values: Sequence[Values], levels: Transformation) -> float:
        total = sum(of_levels[level] for of_levels, level in zip(values, levels, strict=True))
        return float(_sum_up(criterion, total, tables, attributes))

    @cache
    def measure(levels: Transformation) -> float:
        if criterion in OF_CLASSES:
            return _measure_classes(criterion, tables, levels)
        return sum_up(per_attribute, levels)

    def floor(levels: Transformation) -> float:
        return measure(levels) if criterion in OF_CLASSES else sum_up(floors, levels)

    def bound(total: float) -> float:
        return float(_sum_up(criterion, total * (1 - ROUNDING), tables, attributes))

    least = int(tables.table.rules.counts.sum()) - limit
    search = Search(tables, least, Objective(measure, floor, floors, bound), {})
    found = search.run(MOST_WORK)
    told: Facts = {"transformations_looked_at": found.looked_at}
    if found.levels is None:
        return None, 0.0, told
    value = measure(found.levels)
    # What is best of precision is the most.
    told[f"{criterion}_bound"] = 1 - found.bound if criterion == "precision" else found.bound
    told[f"{criterion}_gap"] = found.gap
    told["search"] = "proven optimal" if found.is_proven else "stopped at its effort"
    return found.levels, value, told


def _measure_classes(criterion: Criterion, tables: LiftedTables, levels: Transformation) -> float:
    table, members = tables.find_classes(levels)
    return OF_CLASSES[criterion](np.bincount(members, weights=table.rules.counts))


def _find_feasible(
    tables: LiftedTables, limit: int, values: Values
) -> tuple[list[Transformation], int]:
    """Return feasible transformations, the best ones among them, and how many were looked at.

    Nothing below one whose small classes alone hold too many records is feasible.

    Parameters
    ----------
    tables : of all tuples.
    limit : records that may lie in classes that are not allowed.
    values : array over the lattice, the smaller, the better; what lies above a feasible
        transformation is looked at where its value is smaller.
    """
    known = np.full(values.shape, UNKNOWN, dtype=np.int8)
    looked_at: dict[Transformation, bool] = {}

    def look_at(levels: Transformation) -> None:
        table, members = tables.find_classes(levels)
        counts = table.rules.counts
        known[levels] = INFEASIBLE
        if counts[~table.are_large(members)].sum() > limit:
            known[below(levels)] = INFEASIBLE
            looked_at[levels] = False
            return
        looked_at[levels] = bool(counts[~table.are_allowed(members)].sum() <= limit)
        if looked_at[levels]:
            is_no_better = values[above(levels)] >= values[levels]
            known[above(levels)][is_no_better] = FEASIBLE

    for place in np.argsort(np.indices(known.shape).sum(axis=0), axis=None, kind="stable"):
        settle(get_transformation(place, known.shape), known, look_at)
    return [levels for levels, is_feasible in looked_at.items() if is_feasible], len(looked_at)


def _list_values(
    criterion: Criterion, tuples: Codes, counts: Counts, hierarchies: Sequence[Hierarchy]
) -> list[Values]:
    """Return for each attribute an array (levels,): its part in the criterion; less is better.

    Zeros for a criterion that is counted from the classes.
    """
    per_attribute = []
    for leaves, hierarchy in zip(tuples.T, hierarchies, strict=True):
        if criterion in OF_CLASSES:
            per_attribute.append(np.zeros(hierarchy.shown_height + 1))
            continue
        records = np.bincount(leaves, weights=counts, minlength=hierarchy.leaf_count)
        nodes = np.arange(len(hierarchy.labels))
        penalties = PENALTIES[criterion](hierarchy, nodes, records)
        mean = records @ penalties[hierarchy.shown] / records.sum()
        per_attribute.append(hierarchy.importance * mean)
    return per_attribute


def _sum_up(
    criterion: Criterion, total: Values | float, tables: LiftedTables, attributes: int
) -> Values:
    """Return the criterion of what the parts of the attributes are in all."""
    if criterion == "entropy_bits":
        return np.asarray(np.round(total * tables.table.rules.counts.sum(), OF_SUMS))
    return np.asarray(np.round(total / attributes, DECIMALS))
