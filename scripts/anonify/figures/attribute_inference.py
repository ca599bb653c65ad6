"""Guesses of sensitive attributes, as a figure."""

from textwrap import fill
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from anonify.base.words import MEASURES, name_method
from anonify.figures.style import MARKERS, METHOD_COLOURS, draw_intervals

TITLE_WIDTH = 78
"""Letters that titles of panels side by side have room for."""

MOST_TICKS = 5
"""Values of k up to which each has a tick."""

LEAST_HEIGHT = 2.0
"""Per cent that a panel of right guesses spans at least, so that nothing looks like something."""


def plot_attribute_inference(table: pd.DataFrame, deletion: int) -> Figure:
    """Draw how often guesses are right over k, a panel for each sensitive attribute.

    Parameters
    ----------
    table : ``method``, ``k``, ``deletion``, ``repeat``, ``attribute``, ``members`` and the shares
        in per cent; ``k`` is 0 for the original table.
    deletion : per cent; the samples that are drawn beside the anonymized tables.
    """
    attributes = list(table["attribute"].unique())
    across = min(len(attributes), 3)
    down = -(-len(attributes) // across)
    signs = _list_methods(table, deletion)
    figure = Figure(figsize=(7.0, 0.5 + 0.2 * -(-len(signs) // 3) + 2.3 * down))
    grid = figure.subplots(down, across, sharex=True, squeeze=False)
    for axis in grid.ravel()[len(attributes) :]:
        axis.set_visible(False)
    for axis, attribute in zip(grid.ravel(), attributes, strict=False):
        rows = table[(table["attribute"] == attribute) & (table["members"] == "all")]
        _draw_attribute(axis, rows[rows["k"] > 0], deletion)
        original = rows.loc[rows["k"] == 0, "success"].mean()
        title = fill(str(attribute), TITLE_WIDTH // across, break_on_hyphens=False)
        axis.set_title(f"{title}\n(original table: {original:.1f} %)")
    for axis in grid[:, 0]:
        axis.set_ylabel(MEASURES["success"].heading)
    for axis in grid.ravel()[max(len(attributes) - across, 0) : len(attributes)]:
        axis.set_xlabel("k")
        axis.tick_params(axis="x", labelbottom=True)
    figure.legend(handles=signs, loc="outside upper center", ncols=3, fontsize=8)
    return figure


def _draw_attribute(axis: Axes, table: pd.DataFrame, deletion: int) -> None:
    baseline = table.loc[table["deletion"] == 0, "baseline"].mean()
    axis.axhline(baseline, color="0.45", linestyle="--")
    for place, (method, rows) in enumerate(table.groupby("method", sort=False)):
        for shown, style in ((0, "-"), (deletion, ":")):
            by_k = rows[rows["deletion"] == shown].groupby("k")["success"]
            k_values, grouped = zip(*by_k, strict=True)
            draw_intervals(
                axis,
                k_values,
                grouped,
                capsize=1.5,
                elinewidth=0.8,
                **_choose_method_style(place, is_hollow=shown > 0),
                linestyle=style if len(k_values) > 1 else "none",
                label=f"{method} {shown}",
            )
    low, high = axis.get_ylim()
    missing = max(LEAST_HEIGHT - (high - low), 0)
    axis.set_ylim(low - missing / 2, high + missing / 2)
    drawn = sorted(table["k"].unique())
    if len(drawn) <= MOST_TICKS:
        axis.set_xticks(drawn)
    else:
        axis.xaxis.set_major_locator(MaxNLocator(5, integer=True))


def _choose_method_style(place: int, is_hollow: bool) -> dict[str, Any]:
    colour = METHOD_COLOURS[place % len(METHOD_COLOURS)]
    return {
        "marker": MARKERS[place % len(MARKERS)],
        "markersize": 4,
        "markerfacecolor": "none" if is_hollow else colour,
        "color": colour,
    }


def _list_methods(table: pd.DataFrame, deletion: int) -> list[Line2D]:
    """List the signs of the methods, of the samples and of the baseline."""
    methods = table.loc[table["k"] > 0, "method"].unique()
    return [
        *[
            Line2D([], [], **_choose_method_style(place, False), label=name_method(str(method)))
            for place, method in enumerate(methods)
        ],
        Line2D(
            [],
            [],
            color="0.4",
            linestyle=":",
            marker="s",
            markersize=4,
            markerfacecolor="none",
            label=f"hollow: {deletion} % deleted",
        ),
        Line2D([], [], color="0.45", linestyle="--", label="Most frequent value of all"),
    ]
