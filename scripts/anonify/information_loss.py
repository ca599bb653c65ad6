"""Information loss of a released table: the normalized certainty penalty (NCP)."""

from collections.abc import Mapping

import pandas as pd

from anonify.hierarchy import Hierarchy, encode_nodes


def measure_ncp(release: pd.DataFrame, hierarchies: Mapping[str, Hierarchy]) -> dict[str, float]:
    """Return the NCP of each quasi-identifier in per cent, 0 to 100.

    The NCP of a value is 0 for a leaf, else the leaves below its node divided by all leaves of
    the hierarchy; a suppressed value counts 1. The NCP of the table is the mean over the
    quasi-identifiers (:func:`mean_ncp`). Other definitions, by the range of values or by
    leaves − 1, give other figures.

    Source: Xu et al., Utility-Based Anonymization Using Local Recoding, KDD 2006; the paper,
    Section 6.2.1.
    """
    return {
        name: 100 * float(hierarchy.ncp[encode_nodes(release[name], hierarchy)].mean())
        for name, hierarchy in hierarchies.items()
    }


def mean_ncp(ncp: Mapping[str, float]) -> float:
    """Return the NCP of a table in per cent from that of its quasi-identifiers."""
    return sum(ncp.values()) / len(ncp)
