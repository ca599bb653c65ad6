"""Information loss of a released table: the normalized certainty penalty (NCP) and other measures.

Sources beside those of :mod:`anonify.recoding.penalties`: Bayardo and Agrawal, Data Privacy through
Optimal k-Anonymization, ICDE 2005 (discernibility); LeFevre et al., Mondrian, ICDE 2006 (average
class size).

ARX shows precision and entropy as what is kept, 100 % for the original, and names the precision
of one attribute generalization intensity. Its entropy of a table generalized to several levels
is another figure: it counts level by level, each among the records generalized that far.
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from anonify.base.values import SUPPRESSED, Codes
from anonify.domains.domain import Domain, Domains, ShownDomain, encode_leaves, encode_shown
from anonify.recoding.penalties import Records, penalize_entropy, penalize_level
from anonify.tables.classes import count_classes
from anonify.tables.counts import Counts, count_records, records_of, sum_counts


def measure_ncp(release: pd.DataFrame, domains: Domains) -> dict[str, float]:
    """Return the NCP of each quasi-identifier in per cent, 0 to 100.

    The NCP of a value is 0 for a leaf, else the leaves below its node, or in its set, divided by
    all leaves of the hierarchy, or for a range of numbers that have none its width divided by that
    of the domain; a suppressed value counts 1. The NCP of the table is the mean over the
    quasi-identifiers (:func:`mean_ncp`).
    Other definitions, by the range of values or by leaves − 1, give other figures.

    Parameters
    ----------
    release : of records, or counted (:mod:`anonify.tables.counts`).

    Source: Xu et al., Utility-Based Anonymization Using Local Recoding, KDD 2006; the paper,
    Section 6.2.1.
    """
    ncp = {}
    for name, domain in domains.items():
        shown, nodes, records = count_nodes(release, name, domain)
        ncp[name] = _average_ncp(shown, nodes, records)
    return ncp


def _average_ncp(shown: ShownDomain, nodes: Codes, records: Counts) -> float:
    return 100 * float(np.average(shown.ncp_of(nodes), weights=records))


def count_nodes(
    release: pd.DataFrame, name: str, domain: Domain
) -> tuple[ShownDomain, Codes, Counts]:
    """Count the records of each node that a quasi-identifier shows.

    Returns
    -------
    What they are nodes of, and arrays (nodes,): the nodes, ascending, and how many records show
    each.

    Raises
    ------
    UserError : a label is no node of the domain, and no set of its values.
    """
    shown, encoded = encode_shown(release[name], domain)
    nodes, members = np.unique(encoded, return_inverse=True)
    return shown, nodes, sum_counts(records_of(release), members)


def mean_ncp(ncp: Mapping[str, float]) -> float:
    """Return the NCP of a table in per cent from that of its quasi-identifiers."""
    return sum(ncp.values()) / len(ncp)


def measure_quality(
    original: pd.DataFrame, release: pd.DataFrame, domains: Domains, k: int
) -> dict[str, float]:
    """Measure what a table has kept.

    Parameters
    ----------
    original, release : frames of the same records, in any order, or counted; the release with
        ``is_suppressed``.
    domains : of each quasi-identifier.

    Returns
    -------
    As :func:`measure_quality_by_counts`.
    """
    return measure_quality_by_counts(count_leaves(original, domains), release, domains, k)


def count_leaves(original: pd.DataFrame, domains: Domains) -> dict[str, Records]:
    """Return for each quasi-identifier an array (leaves,): records that have each value."""
    return {
        name: sum_counts(
            records_of(original), encode_leaves(original[name], domain), domain.leaf_count
        )
        for name, domain in domains.items()
    }


def measure_quality_by_counts(
    counts: Mapping[str, Records], release: pd.DataFrame, domains: Domains, k: int
) -> dict[str, float]:
    """Measure what a table has kept, where the original is known by its counts alone.

    Parameters
    ----------
    counts : of the original's values, as :func:`count_leaves`.
    release : with ``is_suppressed``.
    domains : of each quasi-identifier.

    Returns
    -------
    ``ncp`` : per cent; :func:`measure_ncp`.
    ``precision`` : 0 to 1; 1 − mean over records and quasi-identifiers of the level of the
    released node divided by the height of its hierarchy. For a range or set, its NCP stands
    for that.
    ``generalization_intensity_<name>`` : per cent; that share of levels for one quasi-identifier.
    ``non_uniform_entropy`` : per cent; bits that are needed to tell each value among the records
    that its released node covers, of the bits to tell it among all records; mean over the
    quasi-identifiers.
    ``discernibility`` : records²; the sum of squared class sizes, each suppressed record counting
    as many as the table has records.
    ``average_class_size`` : records in a class, suppressed ones apart.
    ``normalized_average_class_size`` : that divided by k (C_AVG); 1 is the best.
    """
    classes = count_classes(release, list(domains))
    sizes = classes.records[~classes.is_suppressed]
    suppressed = count_records(release[release[SUPPRESSED].to_numpy(bool)])
    ncp, intensity, entropy = {}, {}, []
    for name, domain in domains.items():
        shown, nodes, records = count_nodes(release, name, domain)
        ncp[name] = _average_ncp(shown, nodes, records)
        levels = penalize_level(shown, nodes, counts[name])
        bits = penalize_entropy(shown, nodes, counts[name])
        intensity[name] = np.average(levels, weights=records)
        entropy.append(np.average(bits, weights=records))
    average = float(sizes.mean()) if len(sizes) else float("nan")
    return {
        "ncp": mean_ncp(ncp),
        "precision": 1 - float(np.mean(list(intensity.values()))),
        **{
            f"generalization_intensity_{name}": 100 * float(value)
            for name, value in intensity.items()
        },
        "non_uniform_entropy": float(np.mean(entropy)),
        "discernibility": float((sizes**2).sum() + suppressed * count_records(release)),
        "average_class_size": average,
        "normalized_average_class_size": average / k,
    }
