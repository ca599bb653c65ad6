"""Figures of classifiers."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from anonify.base.words import METRICS, name_data
from anonify.figures.style import (
    MARKERS,
    add_legend,
    choose_colour,
    draw_intervals,
    list_data,
    name_groups,
    part_groups,
    spread_places,
)

BASELINES = (
    "Original, without quasi-identifiers",
    "Original, quasi-identifiers only",
    "Majority class",
)


def plot_metric(table: pd.DataFrame, metric: str, titles: Mapping[str, str], note: str) -> Figure:
    """Draw one metric of all classifiers on all data, with the baselines.

    Parameters
    ----------
    table : ``data``, ``features``, ``deletion``, ``repeat``, ``classifier`` and the metrics.
    metric : of :data:`anonify.base.words.METRICS`.
    titles : classifiers by name, in the order in which they are drawn.
    note : what is said above: what the paper's figure of this metric was called.
    """
    figure = Figure(figsize=(7.0, 4.2))
    axis = figure.subplots()
    _draw_baselines(axis, table, metric, list(titles))
    learned = table[(table["features"] == "all") & table["classifier"].isin(list(titles))]
    series = list_data(learned)
    for place, (data, deletion) in enumerate(series):
        rows = learned[(learned["data"] == data) & (learned["deletion"] == deletion)]
        draw_intervals(
            axis,
            spread_places(len(titles), place, len(series)),
            (rows.loc[rows["classifier"] == name, metric] for name in titles),
            fmt=MARKERS[place % len(MARKERS)],
            color=choose_colour(data, deletion),
            markersize=5,
            capsize=2,
            linewidth=1,
            label=name_data(data, deletion),
        )
    part_groups(axis, len(titles))
    name_groups(axis, titles.values())
    axis.set_ylabel(METRICS[metric].heading)
    axis.set_title(note, color="0.35")
    # Lines come first in the axis; readers look for the data.
    add_legend(figure, axis, last=BASELINES, ncols=3, fontsize=8)
    return figure


def _draw_baselines(axis: Axes, table: pd.DataFrame, metric: str, names: list[str]) -> None:
    original = table[table["data"] == "original"].set_index(["features", "classifier"])[metric]
    without, only, majority = BASELINES
    styles: list[tuple[str, Any, str]] = [
        ("without_quasi_identifiers", "-", without),
        ("quasi_identifiers_only", ":", only),
    ]
    for features, style, label in styles:
        if features not in original.index:
            continue
        values = [original[features, name] for name in names]
        places = np.arange(len(names))
        axis.hlines(values, places - 0.45, places + 0.45, "0.45", style, linewidth=1.1, label=label)
    axis.axhline(
        original["all", "majority"], color="0.45", linestyle="--", linewidth=0.9, label=majority
    )  # fmt: skip
