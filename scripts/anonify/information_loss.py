"""Information loss of a released table: the normalized certainty penalty (NCP)."""

from collections.abc import Mapping

import pandas as pd

from anonify.domain import Domain, encode_nodes


def measure_ncp(release: pd.DataFrame, domains: Mapping[str, Domain]) -> dict[str, float]:
    """Return the NCP of each quasi-identifier in per cent, 0 to 100.

    The NCP of a value is 0 for a leaf, else the leaves below its node divided by all leaves of
    the hierarchy, or for a range its width divided by that of the domain; a suppressed value
    counts 1. The NCP of the table is the mean over the
    quasi-identifiers (:func:`mean_ncp`). Other definitions, by the range of values or by
    leaves − 1, give other figures.

    Source: Xu et al., Utility-Based Anonymization Using Local Recoding, KDD 2006; the paper,
    Section 6.2.1.
    """
    return {
        name: 100 * float(domain.ncp_of(encode_nodes(release[name], domain)).mean())
        for name, domain in domains.items()
    }


def mean_ncp(ncp: Mapping[str, float]) -> float:
    """Return the NCP of a table in per cent from that of its quasi-identifiers."""
    return sum(ncp.values()) / len(ncp)
