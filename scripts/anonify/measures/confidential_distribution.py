"""Distributions of a confidential table: groups that would tell of a few people are masked.

All distributions of a run are looked at together, for what one masks another may show.
"""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from anonify.base.values import PERSON, SUPPRESSED
from anonify.disclosure.cells import Cell, Flags, Statistic, choose_masked
from anonify.disclosure.publishing import has_few, mask_few
from anonify.domains.domain import Domain, Domains, encode_shown
from anonify.measures.distribution import (
    WEIGHTED,
    WITHOUT,
    Tables,
    assign_groups,
    compare_distributions,
    list_numbers,
    list_weights,
    name_groups,
)
from anonify.tables.counts import records_of

Place = tuple[str, int]
"""What a table is, and its deletion in per cent."""

DIGITS = 3
"""Significant digits of numbers with weights. Weights are rarely the same twice, so that exact sums
would tell which records they are of."""

MASKED = ["value", "scaled_value", "records", *WEIGHTED]


def compare_confidential_distributions(
    tables: Mapping[str, Tables],
    distributions: Mapping[str, Mapping[str, Any]],
    domains: Domains,
    k: int,
) -> dict[str, pd.DataFrame]:
    """Summarize the tables for each distribution, and mask what would tell of fewer than k people.

    Suppressed records are left out of the anonymized table and of the samples, as they are of what
    is handed out: whoever has that would else know of them by subtraction, sample by sample. The
    original's groups are compared with those of the anonymized table, and so are those of the
    samples (:func:`anonify.disclosure.cells.choose_masked`).

    Parameters
    ----------
    tables : for each distribution, with the numbers of the people where some have several records.
    distributions : by name, as the description of the dataset has them.
    domains : of the quasi-identifiers.

    Returns
    -------
    By name what :func:`anonify.measures.distribution.compare_distributions` returns, with the
    boolean column ``is_masked``; masked cells are empty.
    """
    # How many are suppressed, each of the tables tells.
    is_secret = any(has_few(each.anonymized, k) for each in tables.values())
    shown = {
        name: Tables(
            each.original,
            _leave_out_suppressed(each.anonymized),
            {place: _leave_out_suppressed(frame) for place, frame in each.samples.items()},
        )
        for name, each in tables.items()
    }
    masks: dict[str, dict[Place, Flags]] = {name: {} for name in distributions}

    def mask(name: str, place: Place, masked: Flags) -> None:
        masks[name][place] = masked | masks[name].get(place, np.zeros(len(masked), dtype=bool))

    for name, distribution in distributions.items():
        domain, released = domains[distribution["by"]], shown[name].anonymized
        # A release may also be one that shows the suppressed records, where they are not too few.
        releases = [released] if is_secret else [released, tables[name].anonymized]
        # What is shown with weights must tell of a few people no more than what is shown without.
        for reading in ("records", "weights", "weighted")[: 3 if "weight" in distribution else 1]:
            list_cells = partial(_list_cells, distribution, domain, reading)
            known = list_cells(released)
            nothing = [Cell(np.array([]))] * len(known)
            statistic: Statistic = "mean" if reading != "records" else distribution["statistic"]
            for frame in releases:
                masked = choose_masked(
                    list_cells(tables[name].original),
                    list_cells(frame),
                    statistic,
                    k,
                    has_secret_total=is_secret,
                )
                mask(name, ("original", 0), masked)
            mask(name, ("anonymized", 0), choose_masked(known, nothing, statistic, k))
            for (deletion, _), frame in shown[name].samples.items():
                # Repeats have equally many records in a group: what one masks, all do.
                masked = choose_masked(list_cells(frame), known, statistic, k)
                mask(name, ("sampled", deletion), masked)
    _join_masks(masks, distributions)
    return {
        name: _mask(
            compare_distributions(shown[name], distribution, domains[distribution["by"]], k),
            masks[name],
            k,
        )
        for name, distribution in distributions.items()
    }


def _leave_out_suppressed(release: pd.DataFrame) -> pd.DataFrame:
    return release[~release[SUPPRESSED].to_numpy(bool)]


def _list_cells(
    distribution: Mapping[str, Any],
    domain: Domain,
    reading: str,
    frame: pd.DataFrame,
) -> list[Cell]:
    """Return what each group is computed from, that of the records in no group last.

    Parameters
    ----------
    reading : whether ``records`` are summed up, their ``weights``, or ``weighted`` records.
    """
    groups = assign_groups(distribution, *encode_shown(frame[distribution["by"]], domain))
    values = list_numbers(frame, distribution)
    if reading != "records":
        weights = list_weights(frame, distribution)
        values = values * weights if reading == "weighted" else weights + 0 * values
    people = frame[PERSON].to_numpy(np.intp) if PERSON in frame else None
    places = [*range(len(name_groups(distribution))), -1]
    records = records_of(frame)
    return [
        Cell(
            values[groups == place],
            None if people is None else people[groups == place],
            counted=records[groups == place],
        )
        for place in places
    ]


def _join_masks(
    masks: Mapping[str, dict[Place, Flags]], distributions: Mapping[str, Mapping[str, Any]]
) -> None:
    """Mask in each distribution what another one of the same groups masks.

    Of several ways to group by one column the first is shown: the difference of two groups, such as
    ages below 20 and below 21, would tell of those between. The groups of the anonymized table do
    not differ by less than a class.
    """
    first: dict[str, list[str]] = {}
    for name, distribution in distributions.items():
        by, groups = distribution["by"], name_groups(distribution)
        for place, masked in masks[name].items():
            if first.setdefault(by, groups) != groups and place[0] != "anonymized":
                masked[:] = True
    for name, distribution in distributions.items():
        for place, masked in masks[name].items():
            for other in _list_alike(distribution, distributions):
                masked |= masks[other][place]


def _list_alike(
    distribution: Mapping[str, Any], distributions: Mapping[str, Mapping[str, Any]]
) -> Sequence[str]:
    return [
        name
        for name, other in distributions.items()
        if other["by"] == distribution["by"] and name_groups(other) == name_groups(distribution)
    ]


def _mask(table: pd.DataFrame, masks: Mapping[Place, Flags], k: int) -> pd.DataFrame:
    """Empty the masked cells, and what the original's would follow from."""
    parts = []
    for (data, deletion, _), part in table.groupby(["data", "deletion", "repeat"], sort=False):
        masked = masks[str(data), int(str(deletion))]
        part = part.assign(is_masked=masked, records=part["records"].astype("Int64"))
        for column in part.columns.intersection(MASKED):
            part[column] = part[column].mask(masked)
        for column in part.columns.intersection(WEIGHTED):
            part[column] = [float(f"{number:.{DIGITS}g}") for number in part[column]]
        if WITHOUT in part:
            part[WITHOUT] = mask_few(part[WITHOUT], k).mask(masked)
        if data == "anonymized":
            part["records_left_out"] = part["records_left_out"].mask(masked | masks["original", 0])
        parts.append(part)
    return pd.concat(parts)
