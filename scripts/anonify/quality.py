"""What a released table has kept of the original one, beside its NCP.

Sources: Sweeney, Achieving k-Anonymity Privacy Protection Using Generalization and Suppression,
2002 (precision); Bayardo and Agrawal, Data Privacy through Optimal k-Anonymization, ICDE 2005
(discernibility); LeFevre et al., Mondrian, ICDE 2006 (average class size); De Waal and
Willenborg, Information Loss through Global Recoding and Local Suppression, 1999, and Gionis and
Tassa, k-Anonymization with Minimal Loss of Information, TKDE 2009 (non-uniform entropy).

ARX shows precision and entropy as what is kept, 100 % for the original, and names the precision
of one attribute generalization intensity. Its entropy of a table generalized to several levels
is another figure: it counts level by level, each among the records generalized that far.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from anonify.domain import Domain, encode_leaves, encode_nodes
from anonify.hierarchy import Nodes
from anonify.information_loss import mean_ncp, measure_ncp
from anonify.storage import SUPPRESSED

# Of logarithms, in bits.
ROUNDING = 1e-9

Records = npt.NDArray[np.int64]


def measure_quality(
    original: pd.DataFrame, release: pd.DataFrame, domains: Mapping[str, Domain], k: int
) -> dict[str, float]:
    """Measure what a table has kept.

    Parameters
    ----------
    original, release : frames of the same records, in any order; the release with
        ``is_suppressed``.
    domains : of each quasi-identifier.

    Returns
    -------
    ``ncp`` : per cent; :func:`anonify.information_loss.measure_ncp`.
    ``precision`` : 0 to 1; 1 − mean over records and quasi-identifiers of the level of the
    released node divided by the height of its hierarchy. For a range, its NCP stands for that.
    ``generalization_intensity_<name>`` : per cent; that share of levels for one quasi-identifier.
    ``non_uniform_entropy`` : per cent; bits that are needed to tell each value among the records
    that its released node covers, of the bits to tell it among all records; mean over the
    quasi-identifiers.
    ``discernibility`` : records²; the sum of squared class sizes, each suppressed record counting
    as many as the table has records.
    ``average_class_size`` : records in a class, suppressed ones apart.
    ``normalized_average_class_size`` : that divided by k (C_AVG); 1 is the best.
    """
    sizes = _count_classes(release, list(domains))
    suppressed = int(release[SUPPRESSED].sum())
    intensity, entropy = {}, []
    for name, domain in domains.items():
        leaves = encode_leaves(original[name], domain)
        nodes = encode_nodes(release[name], domain)
        records = np.bincount(leaves, minlength=domain.leaf_count)
        intensity[name] = penalize_level(domain, nodes, records).mean()
        entropy.append(penalize_entropy(domain, nodes, records).mean())
    average = float(sizes.mean()) if len(sizes) else float("nan")
    return {
        "ncp": mean_ncp(measure_ncp(release, domains)),
        "precision": 1 - float(np.mean(list(intensity.values()))),
        **{
            f"generalization_intensity_{name}": 100 * float(value)
            for name, value in intensity.items()
        },
        "non_uniform_entropy": float(np.mean(entropy)),
        "discernibility": float((sizes**2).sum() + suppressed * len(release)),
        "average_class_size": average,
        "normalized_average_class_size": average / k,
    }


def penalize_level(domain: Domain, nodes: Nodes, records: Records) -> npt.NDArray[np.float64]:
    """Return for each node the share of levels up to it, 0 to 1; the counts are not used."""
    return domain.level_share_of(nodes)


def penalize_loss(domain: Domain, nodes: Nodes, records: Records) -> npt.NDArray[np.float64]:
    """Return for each node its NCP in per cent; the counts are not used."""
    return 100 * domain.ncp_of(nodes)


def penalize_entropy(domain: Domain, nodes: Nodes, records: Records) -> npt.NDArray[np.float64]:
    """Return for each node its share in the non-uniform entropy, per cent.

    The mean over the released values of all records is the entropy of the attribute; a single
    node's share says nothing.

    Parameters
    ----------
    records : array (leaves,), records of the original table that have each value.
    """
    shown = records[records > 0]
    of_values = float(shown @ np.log2(shown)) / shown.sum()
    of_root = float(np.log2(shown.sum()))
    if of_root - of_values < ROUNDING:
        # A value that every record has takes no bits, released or not.
        return np.zeros(len(nodes))
    covered = np.log2(np.maximum(domain.count_below(nodes, records), 1))
    return np.asarray(100 * (covered - of_values) / (of_root - of_values))


PENALTIES = {"precision": penalize_level, "loss": penalize_loss, "entropy": penalize_entropy}


def _count_classes(release: pd.DataFrame, names: Sequence[str]) -> Records:
    kept = release[~release[SUPPRESSED]]
    return np.asarray(kept.groupby(list(names), observed=True).size(), dtype=np.int64)
