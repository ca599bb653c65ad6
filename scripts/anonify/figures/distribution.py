"""Figures of the distribution of sensitive attributes."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from anonify.base.words import capitalize, name_data
from anonify.figures.style import MARKERS, add_legend, choose_colour, draw_intervals, list_data
from anonify.measures.distribution import OUTSIDE
from anonify.measures.spread import summarize_groups

Groups = list["pd.Series[float]"]


def plot_distribution(
    table: pd.DataFrame, distribution: Mapping[str, Any], deletion: int, readings: Sequence[str]
) -> Figure:
    """Draw a statistic by group, a panel for each reading.

    Parameters
    ----------
    table : what :func:`anonify.measures.distribution.compare_distributions` returns.
    deletion : per cent; the samples that are drawn.
    readings : ``as published`` and ``corrected``, or the latter alone.
    """
    figure = Figure(figsize=(7.0, 3.5))
    widths = _panel_widths(table)[-len(readings) :]
    axes = figure.subplots(1, len(readings), sharey=True, squeeze=False, width_ratios=widths)[0]
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
    for axis in axes:
        axis.set_xlabel(distribution["by_label"])
    figure.align_xlabels(axes)
    axes[0].set_ylabel(distribution["label"])
    add_legend(figure, axes[0], ncols=3)
    return figure


def _panel_widths(table: pd.DataFrame) -> list[int]:
    groups = table["group"].nunique()
    return [groups - 1, groups]


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
    axis.tick_params(axis="x", length=0, labelsize=8)
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
