"""What a node costs in the place of a value: levels, NCP, entropy.

Sources: Sweeney, Achieving k-Anonymity Privacy Protection Using Generalization and Suppression,
2002 (precision, by levels); Xu et al., Utility-Based Anonymization Using Local Recoding, KDD 2006
(NCP); De Waal and Willenborg, Information Loss through Global Recoding and Local Suppression, 1999,
and Gionis and Tassa, k-Anonymization with Minimal Loss of Information, TKDE 2009 (non-uniform
entropy).
"""

import numpy as np
import numpy.typing as npt

from anonify.domains.domain import ShownDomain
from anonify.domains.hierarchy import Nodes

# Of logarithms, in bits.
ROUNDING = 1e-9

Records = npt.NDArray[np.int64]


def penalize_level(domain: ShownDomain, nodes: Nodes, records: Records) -> npt.NDArray[np.float64]:
    """Return for each node the share of levels up to it, 0 to 1; the counts are not used."""
    return domain.level_share_of(nodes)


def penalize_loss(domain: ShownDomain, nodes: Nodes, records: Records) -> npt.NDArray[np.float64]:
    """Return for each node its NCP in per cent; the counts are not used."""
    return 100 * domain.ncp_of(nodes)


def penalize_entropy(
    domain: ShownDomain, nodes: Nodes, records: Records
) -> npt.NDArray[np.float64]:
    """Return for each node its share in the non-uniform entropy, per cent.

    The mean over the released values of all records is the entropy of the attribute; a single
    node's share says nothing.

    Parameters
    ----------
    records : array (leaves,), records of the original table that have each value.
    """
    of_root = float(np.log2(records.sum())) - _average_bits(records)
    if of_root < ROUNDING:
        # A value that every record has takes no bits, released or not.
        return np.zeros(len(nodes))
    return np.asarray(100 * penalize_bits(domain, nodes, records) / of_root)


def penalize_bits(domain: ShownDomain, nodes: Nodes, records: Records) -> npt.NDArray[np.float64]:
    """Return for each node its share in the non-uniform entropy, in bits.

    The sum over the released values of all records is the entropy of the attribute; a single
    node's share says nothing.

    Parameters
    ----------
    records : array (leaves,), records of the original table that have each value.
    """
    covered = np.log2(np.maximum(domain.count_below(nodes, records), 1))
    return np.asarray(covered - _average_bits(records))


def _average_bits(records: Records) -> float:
    """Return the mean over all records of log2 of how many have the same value."""
    shown = records[records > 0]
    return float(shown @ np.log2(shown)) / float(shown.sum())


PENALTIES = {
    "precision": penalize_level,
    "loss": penalize_loss,
    "entropy": penalize_entropy,
    "entropy_bits": penalize_bits,
}
