"""Figures of the distribution of sensitive attributes."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from anonify.base.looks import MARKERS
from anonify.base.words import capitalize, name_data
from anonify.figures.style import (
    WIDE,
    add_legend,
    choose_colour,
    draw_intervals,
    list_data,
    make_panels,
    span_at_least,
    turn_crowded,
)
from anonify.measures.distribution import OUTSIDE
from anonify.measures.spread import summarize_groups

Groups = list["pd.Series[float]"]

LEAST_SHARE = 0.02
"""Share of their size that an axis of means spans at least, so that nothing looks like something"""


def plot_distribution(
    table: pd.DataFrame,
    distribution: Mapping[str, Any],
    deletion: int,
    readings: Sequence[str],
    width: float = WIDE,
) -> Figure:
    """Draw a statistic by group, a panel for each reading.

    Parameters
    ----------
    table : what :func:`anonify.measures.distribution.compare_distributions` returns.
    deletion : per cent; the samples that are drawn.
    readings : ``as published`` and ``corrected``, or the latter alone.
    width : of the figure, in inches.
    """
    groups = table["group"].nunique()
    is_beside = len(readings) > 1 and width == WIDE
    ratios = {"width_ratios": [groups - 1, groups]} if is_beside else {}
    panels = make_panels(
        len(readings), width, 3.5 if is_beside else width, 3.0, head=0.5, sharey=True, **ratios
    )
    axes = panels.axes
    table = table[(table["data"] != "sampled") | (table["deletion"] == deletion)]
    is_outside = table["group"] == OUTSIDE
    corrected = "all records" if distribution["statistic"] == "mean" else "scaled, all records"
    shown = "scaled_value"
    if "weight" in distribution:
        corrected += ", weighted"
        shown = "scaled_weighted_value"
    # Means are alike, so their axis does not start at 0 and bars would mislead.
    draw = _draw_points if distribution["statistic"] == "mean" else _draw_bars
    if "as published" in readings:
        _draw_groups(axes[0], table[~is_outside], "value", "As published", draw)
        corrected = f"corrected ({corrected})"
    _draw_groups(axes[-1], table, shown, capitalize(corrected), draw)
    panels.label(distribution["by_label"], distribution["label"])
    panels.figure.align_xlabels(axes)
    if distribution["statistic"] == "mean":
        span_at_least(axes[0], LEAST_SHARE * max(map(abs, axes[0].get_ylim())))
    add_legend(panels.figure, axes[0], ncols=3)
    turn_crowded(panels)
    return panels.figure


def _draw_groups(
    axis: Axes, table: pd.DataFrame, column: str, title: str, draw: Callable[..., None]
) -> None:
    groups = list(table["group"].unique())
    series = list_data(table)
    width = 0.8 / len(series)
    for place, (data, deletion) in enumerate(series):
        rows = table[(table["data"] == data) & (table["deletion"] == deletion)]
        values = [rows.loc[rows["group"] == group, column] for group in groups]
        position = np.arange(len(groups)) + (place - (len(series) - 1) / 2) * width
        draw(axis, position, values, width, place, choose_colour(data, deletion))
        axis.containers[-1].set_label(name_data(data, deletion))
    axis.set_xticks(range(len(groups)), [group.replace("in no ", "in no\n") for group in groups])
    axis.tick_params(axis="x", length=0, labelsize=7.5)
    axis.set_title(title)


def _draw_bars(
    axis: Axes, position: Any, values: Groups, width: float, place: int, colour: Any
) -> None:
    mean, half = summarize_groups(values)
    if half.any():
        axis.errorbar(
            position, mean, half, fmt="none", ecolor="0.2", capsize=2, linewidth=1, zorder=3
        )
    axis.bar(position, mean, width, color=colour)


def _draw_points(
    axis: Axes, position: Any, values: Groups, width: float, place: int, colour: Any
) -> None:
    style: Any = {"fmt": MARKERS[place], "color": colour, "capsize": 3, "linewidth": 1.2}
    draw_intervals(axis, position, values, **style)
