"""Figures of classifiers."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from anonify.base.looks import MARKERS
from anonify.base.words import METRICS, name_data
from anonify.figures.style import (
    LEAST_HEIGHT,
    WIDE,
    add_legend,
    choose_colour,
    draw_intervals,
    list_data,
    make_panels,
    name_groups,
    part_evenly,
    part_groups,
    span_at_least,
    spread_places,
    turn_crowded,
)

GROUP_WIDTH = 0.7
"""Inches that the points of a classifier take at least."""

BASELINES = (
    "Original, without quasi-identifiers",
    "Original, quasi-identifiers only",
    "Majority class",
)


def plot_metric(
    table: pd.DataFrame, metric: str, titles: Mapping[str, str], note: str, width: float = WIDE
) -> Figure:
    """Draw one metric of all classifiers on all data, with the baselines.

    Parameters
    ----------
    table : ``data``, ``features``, ``deletion``, ``repeat``, ``classifier`` and the metrics.
    metric : of :data:`anonify.base.words.METRICS`.
    titles : classifiers by name, in the order in which they are drawn.
    note : what is said above: what the paper's figure of this metric was called.
    width : of the figure, in inches; classifiers that have no room beside others stand below them.
    """
    rows = part_evenly(list(titles), int(width / GROUP_WIDTH))
    panels = make_panels(
        len(rows), width, width, 3.0 if len(rows) == 1 else 2.2, head=1.2, sharey=True
    )
    for axis, names in zip(panels.axes, rows, strict=True):
        _draw_classifiers(axis, table, metric, names)
        name_groups(axis, [titles[name] for name in names])
    panels.label("", METRICS[metric].heading)
    span_at_least(panels.axes[0], LEAST_HEIGHT)
    panels.title(panels.axes[0], note, color="0.35")
    # Lines come first in the axis; readers look for the data.
    add_legend(panels.figure, panels.axes[0], last=BASELINES, ncols=3)
    turn_crowded(panels)
    return panels.figure


def _draw_classifiers(axis: Axes, table: pd.DataFrame, metric: str, names: Sequence[str]) -> None:
    _draw_baselines(axis, table, metric, names)
    learned = table[(table["features"] == "all") & (table["classifier"] != "majority")]
    series = list_data(learned)
    for place, (data, deletion) in enumerate(series):
        rows = learned[(learned["data"] == data) & (learned["deletion"] == deletion)]
        draw_intervals(
            axis,
            spread_places(len(names), place, len(series)),
            (rows.loc[rows["classifier"] == name, metric] for name in names),
            fmt=MARKERS[place % len(MARKERS)],
            color=choose_colour(data, deletion),
            markersize=5,
            capsize=2,
            linewidth=1,
            label=name_data(data, deletion),
        )
    part_groups(axis, len(names))


def _draw_baselines(axis: Axes, table: pd.DataFrame, metric: str, names: Sequence[str]) -> None:
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
