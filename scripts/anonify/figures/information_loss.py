"""Figures of the information loss."""

from collections.abc import Mapping

import pandas as pd
from matplotlib.figure import Figure

from anonify.base.looks import choose_looks
from anonify.base.words import MEASURES, name_method
from anonify.figures.style import (
    LEAST_HEIGHT,
    WIDE,
    add_legend,
    draw_like,
    make_panels,
    set_k_axis,
)


def plot_information_loss(
    table: pd.DataFrame, columns: Mapping[str, str], width: float = WIDE
) -> Figure:
    """Draw NCP over k, a line for each method.

    Parameters
    ----------
    table : ``method``, ``k`` and NCP columns in per cent.
    columns : title of the panel for each NCP column that is drawn.
    width : of the figure, in inches; a panel alone takes less of it where there is more.
    """
    if len(columns) == 1:
        width = min(width, 5.0)
    panels = make_panels(len(columns), width, 1.7, 2.4, head=1.0, sharex=True, sharey=True)
    looks = choose_looks(table["method"])
    for axis, (column, title) in zip(panels.axes, columns.items(), strict=True):
        for place, (method, rows) in enumerate(table.groupby("method", sort=False)):
            style = draw_like(looks[str(method)])
            axis.plot(
                rows["k"],
                rows[column],
                **{**style, "linestyle": style["linestyle"] if len(rows) > 1 else "none"},
                # Of methods that lose the same, the earlier ones look out behind the others.
                markersize=5 + (len(looks) - 1 - place) / 2,
                label=name_method(str(method)),
            )
        set_k_axis(axis, table["k"])
        panels.title(axis, title)
    panels.label("k", MEASURES["ncp"].heading)
    # The axes share their scale, which is known only when all lines are drawn.
    axis = panels.axes[0]
    axis.set_ylim(0, max(axis.get_ylim()[1], LEAST_HEIGHT))
    add_legend(panels.figure, axis)
    return panels.figure
