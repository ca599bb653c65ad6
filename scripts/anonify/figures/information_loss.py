"""Figures of the information loss."""

from collections.abc import Mapping

import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from anonify.base.words import MEASURES, name_method
from anonify.figures.style import MARKERS, METHOD_COLOURS, add_legend


def plot_information_loss(table: pd.DataFrame, columns: Mapping[str, str]) -> Figure:
    """Draw NCP over k, a line for each method.

    Parameters
    ----------
    table : ``method``, ``k`` and NCP columns in per cent.
    columns : title of the panel for each NCP column that is drawn.
    """
    # Panels beside each other as long as their axes can be read, then below each other.
    across = min(len(columns), 4)
    down = -(-len(columns) // across)
    figure = Figure(figsize=(5.0 if across == 1 else 7.0, 1.0 + 2.4 * down))
    grid = figure.subplots(down, across, sharex=True, sharey=True, squeeze=False)
    axes = grid.ravel()[: len(columns)]
    for axis in grid.ravel()[len(columns) :]:
        axis.set_visible(False)
    for axis, (column, title) in zip(axes, columns.items(), strict=True):
        for place, (method, rows) in enumerate(table.groupby("method", sort=False)):
            axis.plot(
                rows["k"],
                rows[column],
                marker=MARKERS[place % len(MARKERS)],
                color=METHOD_COLOURS[place % len(METHOD_COLOURS)],
                linestyle="-" if len(rows) > 1 else "none",
                markersize=5,
                label=name_method(str(method)),
            )
        axis.xaxis.set_major_locator(MaxNLocator(6, integer=True))
        axis.set_title(title)
    for axis in axes[-across:]:
        axis.set_xlabel("k")
        axis.tick_params(axis="x", labelbottom=True)
    # The axes share their scale, which is known only when all lines are drawn.
    axes[0].set_ylim(bottom=0)
    for axis in grid[:, 0]:
        axis.set_ylabel(MEASURES["ncp"].heading)
    add_legend(figure, axes[0], ncols=4)
    return figure
