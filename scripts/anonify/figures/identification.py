"""Which columns identify, as a figure."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from anonify.base.words import MEASURES, name_data, shorten
from anonify.figures.style import WIDE, add_legend, choose_colour, list_data, make_panels
from anonify.measures.identification import MOST_COMBINED

LETTERS = 24
"""Letters of a column's name beside a bar."""


def plot_identification(table: pd.DataFrame, width: float = WIDE) -> Figure:
    """Draw how far columns tell people apart, each by itself and together.

    One panel has the separation of each column, of many columns of those that separate most; the
    other one who is unique by the combinations that grow.

    Parameters
    ----------
    table : as :func:`anonify.measures.identification.tabulate_identification` returns it, sorted.
    width : of the figure, in inches.
    """
    first = table[table["data"] == table["data"].iloc[0]]
    singles = first[first["columns"] == 1].head(MOST_COMBINED)
    grown = first[first["added"].notna()]
    added = [shorten(str(name), LETTERS) for name in grown["added"]]
    together = [*added[:1], *(f"+ {name}" for name in added[1:])]
    rows = max(len(singles), len(grown))
    panels = make_panels(2, width, 3.4, 0.7 + 0.24 * rows, head=0.4)
    alone, joined = panels.axes
    labels = [shorten(str(name), LETTERS) for name in singles["combination"]]
    _draw_bars(alone, table, singles, "separation", labels)
    _draw_bars(joined, table, grown, "unique", together)
    panels.title(alone, "Each column by itself")
    panels.title(joined, "Columns together")
    for axis in panels.axes:
        axis.set_ylim(rows - 0.5, -0.5)
    add_legend(panels.figure, alone)
    return panels.figure


def _draw_bars(
    axis: Axes, table: pd.DataFrame, shown: pd.DataFrame, share: str, labels: list[str]
) -> None:
    data = list_data(table)
    height = 0.8 / len(data)
    keys = ["columns", "combination"]
    for place, (name, deletion) in enumerate(data):
        rows = table[(table["data"] == name) & (table["deletion"] == deletion)]
        colour = choose_colour(name, deletion)
        axis.barh(
            np.arange(len(shown)) + (place - (len(data) - 1) / 2) * height,
            shown[keys].merge(rows, on=keys)[share],
            height,
            color=colour,
            # What is 0 is a line.
            edgecolor=colour,
            linewidth=0.8,
            label=name_data(name, deletion),
        )
    axis.set_yticks(range(len(shown)), labels)
    axis.tick_params(axis="y", length=0)
    axis.set_xlim(0, 100)
    axis.set_xlabel(MEASURES[share].heading)
    axis.grid(visible=False, axis="y")
    axis.grid(axis="x")
