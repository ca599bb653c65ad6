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
from functools import reduce
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array

from anonify.base.errors import UserError
from anonify.base.values import Codes
from anonify.domains.domain import Domain, require_hierarchies
from anonify.domains.hierarchy import Hierarchy
from anonify.recoding.effort import Effort
from anonify.recoding.lattice import (
    FEASIBLE,
    INFEASIBLE,
    UNKNOWN,
    Transformation,
    above,
    below,
    check_size,
    generalize,
    get_transformation,
    settle,
)
from anonify.recoding.penalties import PENALTIES
from anonify.recoding.recoding import Counts, TupleRecoding, recode_undivided, roots
from anonify.recoding.requirements import ClassRules, Requirement
from anonify.recoding.rollup import LiftedTables

KEEPS_LEVELS = True

EFFORT = Effort(
    lambda task: {"distinct tuples": task.rows, "transformations": task.transformations},
    most=10**11,
    instead="choose mondrian, or give the hierarchies fewer levels",
)

Criterion = Literal[
    "entropy", "entropy_bits", "precision", "loss", "discernibility", "average_class_size"
]
Values = npt.NDArray[np.float64]

# The criteria that are counted from the sizes of the classes; larger classes are never better.
OF_CLASSES: Mapping[str, Callable[[npt.NDArray[Any]], float]] = {
    "discernibility": lambda sizes: float((sizes**2).sum()),
    "average_class_size": lambda sizes: float(sizes.mean()),
}
# Equal sums, added up in another order, differ in later ones, which would decide their tie. A sum
# over all records has fewer.
DECIMALS, OF_SUMS = 9, 6


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
    people: csr_array | None = None,
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
    transformations were looked at.

    Raises
    ------
    UserError : a domain is no hierarchy, there are too many transformations, or the limit is
        not from 0 to 100.
    """
    if not 0 <= suppression_limit <= 100:
        raise UserError(
            f"`method_options.ola.suppression_limit` is {suppression_limit}; it should be per cent "
            "from 0 to 100"
        )
    hierarchies = require_hierarchies(domains)
    check_size(hierarchies)
    tables = LiftedTables(tuples, ClassRules(counts, k, requirements, people), hierarchies)
    # A limit of 0.29 % of 10,000 records is 29 of them, which a product falls short of.
    limit = int(suppression_limit * int(counts.sum()) / 100 + 1e-9)
    values = _tabulate(criterion, tuples, counts, hierarchies)
    feasible, looked_at = _find_feasible(tables, limit, values)
    nodes = np.tile(roots(hierarchies), (len(tuples), 1))
    if not feasible:
        return recode_undivided(counts, nodes, np.ones(len(tuples), dtype=bool))
    if criterion in OF_CLASSES:
        for levels in feasible:
            table, members = tables.find_classes(levels)
            sizes = np.bincount(members, weights=table.rules.counts)
            values[levels] = OF_CLASSES[criterion](sizes)
    best = min(feasible, key=lambda levels: (values[levels], sum(levels), levels))
    is_allowed = tables.take_allowed(best)
    nodes[is_allowed] = generalize(tuples[is_allowed], hierarchies, best)
    value = float(values[best])
    facts: dict[str, float | int | str] = {
        "levels": ", ".join(
            f"{hierarchy.attribute} {hierarchy.least_level + level}"
            for hierarchy, level in zip(hierarchies, best, strict=True)
        ),
        criterion: 1 - value if criterion == "precision" else value,
        "transformations": int(np.prod([hierarchy.shown_height + 1 for hierarchy in hierarchies])),
        "transformations_looked_at": looked_at,
    }
    return recode_undivided(counts, nodes, ~is_allowed, facts)


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


def _tabulate(
    criterion: Criterion, tuples: Codes, counts: Counts, hierarchies: Sequence[Hierarchy]
) -> Values:
    """Array (H_1 + 1, …, H_d + 1): each transformation's criterion; the smaller, the better.

    Zeros for a criterion that is counted from the classes.
    """
    if criterion in OF_CLASSES:
        return np.zeros([hierarchy.shown_height + 1 for hierarchy in hierarchies])
    per_attribute = []
    for leaves, hierarchy in zip(tuples.T, hierarchies, strict=True):
        records = np.bincount(leaves, weights=counts, minlength=hierarchy.leaf_count)
        nodes = np.arange(len(hierarchy.labels))
        penalties = PENALTIES[criterion](hierarchy, nodes, records)
        mean = records @ penalties[hierarchy.shown] / records.sum()
        per_attribute.append(hierarchy.importance * mean)
    total = reduce(np.add.outer, per_attribute)
    if criterion == "entropy_bits":
        return np.asarray(np.round(total * counts.sum(), OF_SUMS))
    return np.asarray(np.round(total / len(hierarchies), DECIMALS))
