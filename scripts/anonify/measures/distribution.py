"""How a sensitive attribute is distributed over groups of a quasi-identifier.

A released value belongs to the group that contains everything it may stand for: an interval
to the bin around it. Values that reach over more than one group, `*` above all, belong to
none; the original evaluation leaves these records out without saying so.

Source: the paper, Section 6.2.2 (Figures 7, 8 and 9).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from anonify.base.errors import UserError
from anonify.base.values import RECORDS
from anonify.domains.domain import Domain, ShownDomain, encode_shown
from anonify.domains.hierarchy import Nodes
from anonify.domains.sets import Sets
from anonify.tables.counts import count_records, count_rows, records_of, sum_counts
from anonify.tables.typed import find_present

OUTSIDE = "in no group"
WITHOUT = "records_without_value"
WEIGHTED = ["weighted_value", "scaled_weighted_value", "weights"]
"""What a distribution says besides where the records have weights."""


@dataclass(frozen=True)
class Tables:
    """The tables over which a distribution is compared.

    Parameters
    ----------
    original, anonymized : frames of records, or counted (:mod:`anonify.tables.counts`).
    samples : likewise, by deletion in per cent and repeat.
    """

    original: pd.DataFrame
    anonymized: pd.DataFrame
    samples: Mapping[tuple[int, int], pd.DataFrame]


def list_columns(distribution: Mapping[str, Any]) -> list[str]:
    """List the columns that a distribution is of."""
    return [distribution[key] for key in ("by", "attribute", "weight") if key in distribution]


def name_groups(distribution: Mapping[str, Any]) -> list[str]:
    """Return the labels of the groups: values as they are, bins as ``[low, high)``."""
    if "edges" in distribution:
        edges = distribution["edges"]
        return [f"[{low:g}, {high:g})" for low, high in pairwise(edges)]
    return [str(value) for value in distribution["values"]]


def assign_groups(distribution: Mapping[str, Any], domain: ShownDomain, nodes: Nodes) -> Nodes:
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
    whole = domain.whole if isinstance(domain, Sets) else domain
    shown = whole.find_nodes(names)
    for label, node in zip(names, shown, strict=True):
        if node < 0:
            raise UserError(
                f"distributions: {label!r} is no value of {domain.attribute!r}; correct "
                "`values` in the dataset's configuration"
            )
    distinct, places = np.unique(nodes, return_inverse=True)
    groups = np.full(len(distinct), -1)
    for group in range(len(shown) - 1, -1, -1):
        groups[_lie_below(domain, distinct, shown[group])] = group
    return groups[places]


def _lie_below(domain: ShownDomain, nodes: Nodes, group: int) -> npt.NDArray[np.bool_]:
    """Tell for each node whether all that it covers is below a node of the domain or hierarchy."""
    if isinstance(domain, Sets):
        return domain.lie_below(nodes, group)
    covers = np.full(len(nodes), group)
    return np.asarray(domain.join(nodes, covers) == covers)


def summarize(frame: pd.DataFrame, distribution: Mapping[str, Any], domain: Domain) -> pd.DataFrame:
    """Summarize one table.

    Parameters
    ----------
    frame : of records, or counted.
    distribution : ``statistic`` (``mean``, or ``count`` of the records that have ``value``),
        ``attribute``, ``by``, and the groups as ``edges`` or ``values``; ``weight``, the column
        that says how many people a record stands for, where there is one.

    Returns
    -------
    Frame with one row for each group and one for the records in no group: ``group``,
    ``value`` (mean, or number of records that have the value), ``records`` (those in the group
    that have a value of the attribute, of which the mean is) and ``records_without_value``. With
    weights also ``weighted_value`` (weighted mean, or sum of the weights of the records that have
    the value) and ``weights`` (sum of those of ``records``).
    """
    names = [*name_groups(distribution), OUTSIDE]
    groups = assign_groups(distribution, *encode_shown(frame[distribution["by"]], domain))
    groups = np.where(groups < 0, len(names) - 1, groups)
    is_present = find_present(frame[distribution["attribute"]]).to_numpy(bool)
    records, lacking = (
        sum_counts(records_of(frame)[part], groups[part], len(names))
        for part in (is_present, ~is_present)
    )
    present = frame[is_present]
    cells = pd.DataFrame(
        {
            "group": groups[is_present],
            "number": list_numbers(present, distribution),
            RECORDS: records_of(present),
        }
    )
    is_mean = distribution["statistic"] == "mean"

    def summarize_by(*weight: str) -> tuple[npt.NDArray[Any], npt.NDArray[Any]]:
        # Equal numbers are counted before they are summed up: the order of records is no matter.
        counted = count_rows(cells, ["group", "number", *weight])
        weights = counted[[RECORDS, *weight]].prod(axis=1).to_numpy(float)
        places, numbers = counted["group"].to_numpy(), counted["number"].to_numpy()
        total = np.bincount(places, weights=numbers * weights, minlength=len(names))
        size = np.bincount(places, weights=weights, minlength=len(names))
        if is_mean:
            total = np.divide(total, size, out=np.full(len(names), np.nan), where=size > 0)
        return total, size

    value, _ = summarize_by()
    table = pd.DataFrame({"group": names, "value": value, "records": records, WITHOUT: lacking})
    if "weight" in distribution:
        cells["weight"] = list_weights(present, distribution)
        value, size = summarize_by("weight")
        table = table.assign(weighted_value=value, weights=size)
    return table


def list_numbers(frame: pd.DataFrame, distribution: Mapping[str, Any]) -> npt.NDArray[np.float64]:
    """Array (rows,): what is summed up: for a count 1 where a record has the value, else 0.

    A record without a value has NaN.
    """
    attribute = frame[distribution["attribute"]]
    if distribution["statistic"] == "mean":
        return np.asarray(attribute.to_numpy(float, na_value=np.nan))
    has_value = (attribute == distribution["value"]).to_numpy(float, na_value=np.nan)
    return np.where(attribute.isna(), np.nan, has_value)


def list_weights(frame: pd.DataFrame, distribution: Mapping[str, Any]) -> npt.NDArray[np.float64]:
    """Array (rows,): how many people each record stands for."""
    return np.asarray(frame[distribution["weight"]].to_numpy(float, na_value=0))


def compare_distributions(
    tables: Tables, distribution: Mapping[str, Any], domain: Domain, k: int
) -> pd.DataFrame:
    """Summarize the original, the anonymized and the sampled tables.

    Parameters
    ----------
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
    With weights also ``weighted_value``, ``scaled_weighted_value`` (as ``scaled_value``, but by
    sums of weights) and ``weights``.
    """
    before = summarize(tables.original, distribution, domain)
    shown = [name for name in ("value", "weighted_value", "weights") if name in before]
    is_told = (before["records"] == 0) | (before["records"] >= k)
    before[shown] = before[shown].where(is_told, axis=0)
    after = summarize(tables.anonymized, distribution, domain)
    left_out = (before["records"] - after["records"]).clip(lower=0)
    whole = {"repeat": 1, "deletion": 0, "scale": 1.0, "weighted_scale": 1.0}
    parts = [
        before.assign(data="original", **whole, records_left_out=0),
        after.assign(data="anonymized", **whole, records_left_out=left_out),
    ]
    for (deletion, repeat), frame in tables.samples.items():
        scales = _find_scales(tables.anonymized, frame, distribution)
        parts.append(
            summarize(frame, distribution, domain).assign(
                data="sampled", deletion=deletion, repeat=repeat, **scales
            )
        )
    table = pd.concat(parts, ignore_index=True)
    table["scaled_value"] = table["value"] * table["scale"]
    table["records_left_out"] = table["records_left_out"].astype("Int64")
    order = ["data", "deletion", "repeat", "group", "value", "scaled_value", "records"]
    lacking = [WITHOUT] if table[WITHOUT].any() else []
    weighted: list[str] = []
    if "weight" in distribution:
        table["scaled_weighted_value"] = table["weighted_value"] * table["weighted_scale"]
        weighted = WEIGHTED
    return table[[*order, "records_left_out", *lacking, *weighted]]


def _find_scales(
    anonymized: pd.DataFrame, sample: pd.DataFrame, distribution: Mapping[str, Any]
) -> dict[str, float]:
    """Return what counts of a sample are multiplied by; means are as they are."""
    if distribution["statistic"] == "mean":
        return {"scale": 1.0, "weighted_scale": 1.0}
    scale = count_records(anonymized) / count_records(sample)
    scales = {"scale": scale, "weighted_scale": 1.0}
    if "weight" in distribution:
        before, after = (_add_up_weights(each, distribution) for each in (anonymized, sample))
        scales["weighted_scale"] = before / after
    return scales


def _add_up_weights(frame: pd.DataFrame, distribution: Mapping[str, Any]) -> float:
    counted = count_rows(frame, [distribution["weight"]])
    return float((list_weights(counted, distribution) * records_of(counted)).sum())
