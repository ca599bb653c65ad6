"""How a sensitive attribute is distributed over groups of a quasi-identifier.

A released value belongs to the group that contains everything it may stand for: an interval
to the bin around it. Values that reach over more than one group, `*` above all, belong to
none; the original evaluation leaves these records out without saying so.

Source: the paper, Section 6.2.2 (Figures 7, 8 and 9).
"""

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd

from anonify.base.errors import UserError
from anonify.domains.domain import Domain, encode_nodes
from anonify.domains.hierarchy import Nodes
from anonify.tables.typed import find_present

OUTSIDE = "in no group"
WITHOUT = "records_without_value"


def name_groups(distribution: Mapping[str, Any]) -> list[str]:
    """Return the labels of the groups: values as they are, bins as ``[low, high)``."""
    if "edges" in distribution:
        edges = distribution["edges"]
        return [f"[{low:g}, {high:g})" for low, high in pairwise(edges)]
    return [str(value) for value in distribution["values"]]


def assign_groups(distribution: Mapping[str, Any], domain: Domain, nodes: Nodes) -> Nodes:
    """Return the group of each node, −1 where it has none.

    Values may be generalized ones: all below them belong to the group, to the first where they
    are below several.
    """
    if "edges" in distribution:
        edges = np.array(distribution["edges"], dtype=float)
        if domain.is_over_text:
            raise UserError(
                f"distributions: {domain.attribute!r} has values that are no numbers and lie "
                "between no `edges`; list the `values`"
            )
        low, high = (np.searchsorted(edges, domain.bounds_of(nodes), side="right") - 1).T
        return np.where((low == high) & (low >= 0) & (low < len(edges) - 1), low, -1)
    names = name_groups(distribution)
    shown = domain.find_nodes(names)
    for label, node in zip(names, shown, strict=True):
        if node < 0:
            raise UserError(
                f"distributions: {label!r} is no value of {domain.attribute!r}; correct "
                "`values` in the dataset's configuration"
            )
    distinct, places = np.unique(nodes, return_inverse=True)
    groups = np.full(len(distinct), -1)
    for group in range(len(shown) - 1, -1, -1):
        covers = np.full(len(distinct), shown[group])
        groups[domain.join(distinct, covers) == covers] = group
    return groups[places]


def summarize(frame: pd.DataFrame, distribution: Mapping[str, Any], domain: Domain) -> pd.DataFrame:
    """Summarize one table.

    Parameters
    ----------
    distribution : ``statistic`` (``mean``, or ``count`` of the records that have ``value``),
        ``attribute``, ``by``, and the groups as ``edges`` or ``values``.

    Returns
    -------
    Frame with one row for each group and one for the records in no group: ``group``,
    ``value`` (mean, or number of records that have the value), ``records`` (those in the group
    that have a value of the attribute, of which the mean is) and ``records_without_value``.
    """
    names = [*name_groups(distribution), OUTSIDE]
    nodes = encode_nodes(frame[distribution["by"]], domain)
    groups = assign_groups(distribution, domain, nodes)
    groups = np.where(groups < 0, len(names) - 1, groups)
    is_present = find_present(frame[distribution["attribute"]]).to_numpy(bool)
    lacking = np.bincount(groups[~is_present], minlength=len(names))
    attribute, groups = frame.loc[is_present, distribution["attribute"]], groups[is_present]
    records = np.bincount(groups, minlength=len(names))
    if distribution["statistic"] == "mean":
        total = np.bincount(groups, weights=attribute.to_numpy(float), minlength=len(names))
        value = np.divide(total, records, out=np.full(len(names), np.nan), where=records > 0)
    else:
        has_value = (attribute == distribution["value"]).to_numpy(bool)
        value = np.bincount(groups[has_value], minlength=len(names)).astype(float)
    return pd.DataFrame({"group": names, "value": value, "records": records, WITHOUT: lacking})


def compare_distributions(
    original: pd.DataFrame,
    anonymized: pd.DataFrame,
    samples: Mapping[tuple[int, int], pd.DataFrame],
    distribution: Mapping[str, Any],
    domain: Domain,
    k: int,
) -> pd.DataFrame:
    """Summarize the original, the anonymized and the sampled tables.

    Parameters
    ----------
    samples : by deletion in per cent and repeat.
    k : the original's groups of fewer records have no value, for it would be that of a few
        people, of whom the anonymized table tells less.

    Returns
    -------
    Frame with one row for each table and group: ``data`` (original, anonymized, sampled),
    ``deletion`` (per cent), ``repeat``, ``group``, ``value`` as published, ``scaled_value``
    (counts of a sample times records of the anonymized table ÷ records of the sample, so that
    they can be compared; means as they are), ``records``, and ``records_left_out``: records
    that the original has in this group and the anonymized table does not (not given for
    samples, which lack records by design). All are counts of records that have a value of the
    attribute; the others are in ``records_without_value``, a column that is there if there are any.
    """
    before = summarize(original, distribution, domain)
    before["value"] = before["value"].where((before["records"] == 0) | (before["records"] >= k))
    after = summarize(anonymized, distribution, domain)
    left_out = (before["records"] - after["records"]).clip(lower=0)
    parts = [
        before.assign(data="original", deletion=0, repeat=1, scale=1.0, records_left_out=0),
        after.assign(data="anonymized", deletion=0, repeat=1, scale=1.0, records_left_out=left_out),
    ]
    for (deletion, repeat), frame in samples.items():
        parts.append(
            summarize(frame, distribution, domain).assign(
                data="sampled",
                deletion=deletion,
                repeat=repeat,
                scale=len(anonymized) / len(frame) if distribution["statistic"] == "count" else 1.0,
            )
        )
    table = pd.concat(parts, ignore_index=True)
    table["scaled_value"] = table["value"] * table["scale"]
    table["records_left_out"] = table["records_left_out"].astype("Int64")
    order = ["data", "deletion", "repeat", "group", "value", "scaled_value", "records"]
    lacking = [WITHOUT] if table[WITHOUT].any() else []
    return table[[*order, "records_left_out", *lacking]]
