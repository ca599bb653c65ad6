"""One look for all figures.

Figures are 7 inches wide, so that they can be read at the width of a page and, halved, of a
column. For the window of a telephone each is drawn once more, narrow, with its panels below each
other. Files are the same byte for byte in every run.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, pairwise
from pathlib import Path
from textwrap import fill
from typing import Any

import matplotlib as mpl
import numpy as np
import numpy.typing as npt
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.figure import Figure
from matplotlib.ticker import (
    FixedLocator,
    LogLocator,
    MaxNLocator,
    NullFormatter,
    NullLocator,
    StrMethodFormatter,
)

from anonify.base.files import replacing
from anonify.base.looks import Look
from anonify.base.words import shorten
from anonify.measures.spread import summarize_groups
from anonify.tables.provenance import Provenance, is_synthetic

mpl.use("agg")
mpl.rcParams.update(
    {
        "font.size": 9,
        "axes.titlesize": 9,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.grid": True,
        "axes.grid.axis": "y",
        "axes.axisbelow": True,
        # Numbers beside an axis are read as they stand: nothing is to be added or multiplied.
        "axes.formatter.useoffset": False,
        "axes.formatter.limits": (-9, 12),
        "grid.color": "0.9",
        "legend.frameon": False,
        "figure.constrained_layout.use": True,
        "savefig.dpi": 200,
        # Names of columns may have dollar signs in them.
        "text.parse_math": False,
        "svg.hashsalt": "anonify",
        "svg.fonttype": "none",
        "pdf.fonttype": 42,
    }
)

WIDE, NARROW = 7.0, 3.8
"""Inches that a figure is wide: on a page, and in the window of a telephone."""

LEAST_HEIGHT = 2.0
"""Per cent that a panel of shares spans at least, so that nothing looks like something."""

MOST_TICKS = 5
"""Values of k up to which each has a tick on an axis whose values are evenly spread."""

LETTERS_OF_GROUP = 28
LETTERS_AN_INCH = 13

# Samples darken with the deletion.
ORIGINAL, ANONYMIZED = "#000000", "#0072B2"
SAMPLED = mpl.colormaps["YlOrBr"]


def save_figure(figure: Figure, paths: Sequence[str | Path], provenance: Provenance) -> None:
    """Save a figure under each path, in the format of its suffix.

    Figures from the synthetic stand-in say so across their middle and along their foot.
    """
    if is_synthetic(provenance):
        style: Mapping[str, Any] = {"color": "#B00020", "ha": "center", "gid": "stand-in"}
        figure.text(
            0.5,
            0.5,
            "synthetic stand-in",
            size=34 * figure.get_figwidth() / WIDE,
            alpha=0.25,
            rotation=20,
            va="center",
            **style,
        )
        figure.supxlabel("synthetic stand-in: not the real data", size=9, color="#B00020")
    title = provenance["dataset"]["title"]
    if is_synthetic(provenance):
        title += " (synthetic stand-in)"
    # Dates and versions would make each file differ from the last.
    metadata = {
        ".pdf": {"CreationDate": None, "Producer": None, "Creator": None, "Title": title},
        ".svg": {"Date": None, "Creator": None, "Title": title},
        ".png": {"Software": None, "Title": title},
    }
    for path in map(Path, paths):
        with replacing(path) as temporary:
            figure.savefig(temporary, metadata=metadata[path.suffix])


def save_layouts(
    draw: Callable[[float], Figure],
    paths: Sequence[str | Path],
    narrow: str | Path,
    provenance: Provenance,
) -> None:
    """Save a figure under each path, and once more for narrow windows.

    Parameters
    ----------
    draw : what returns the figure for a width in inches.
    narrow : path of the narrow one.
    """
    save_figure(draw(WIDE), paths, provenance)
    save_figure(draw(NARROW), [narrow], provenance)


@dataclass(frozen=True)
class Panels:
    """A figure with its panels, row by row; a panel is so many inches wide and high."""

    figure: Figure
    axes: list[Axes]
    across: int
    width: float
    height: float

    def label(self, x: str, y: str) -> None:
        """Say below the lowest panel of each column and beside the first of each row what it is."""
        for axis in self.axes[:: self.across]:
            axis.set_ylabel(break_text(y, self.height - 0.4))
        for axis in self.axes[-self.across :]:
            axis.set_xlabel(break_text(x, self.width))
        # In a single column the numbers of the lowest panel may be a window away.
        for axis in self.axes[-self.across if self.across > 1 else 0 :]:
            axis.tick_params(axis="x", labelbottom=True)

    def title(self, axis: Axes, text: str, **options: Any) -> None:
        """Write above a panel, in as many lines as it takes, what it shows."""
        axis.set_title(
            "\n".join(break_text(line, self.width) for line in text.splitlines()), **options
        )


def make_panels(
    count: int, width: float, least: float, height: float, head: float = 0.6, **options: Any
) -> Panels:
    """Make panels beside each other as far as there is room, and then below each other.

    Parameters
    ----------
    width : of the figure, in inches.
    least : inches that a panel is wide at least.
    height : of a panel with its title, in inches.
    head : inches for what stands above the panels and below them.
    options : as ``subplots`` takes them.
    """
    across = max(1, min(count, int(width / least)))
    down = -(-count // across)
    figure = Figure(figsize=(width, head + height * down))
    grid = figure.subplots(down, across, squeeze=False, **options).ravel()
    for axis in grid[count:]:
        axis.remove()
    return Panels(figure, list(grid[:count]), across, width / across, height)


def break_text(text: str, inches: float) -> str:
    """Return a text in as few lines as it takes where so many inches are free, all about as long.

    A unit stays with its number or title.
    """
    for sign in (" / ", " %"):
        text = text.replace(sign, sign.replace(" ", "\N{NO-BREAK SPACE}"))
    most = int(inches * LETTERS_AN_INCH)
    least = min(most, max(map(len, text.split(" "))))
    broken = [fill(text, width, break_on_hyphens=False) for width in range(least or 1, most + 1)]
    return min(broken, key=lambda lines: lines.count("\n")).replace("\N{NO-BREAK SPACE}", " ")


def part_evenly(names: Sequence[str], most: int) -> list[Sequence[str]]:
    """Return names in as few parts as have at most a number of them, the parts alike.

    >>> part_evenly(["a", "b", "c", "d", "e"], 4)
    [['a', 'b', 'c'], ['d', 'e']]
    """
    size = -(-len(names) // -(-len(names) // most))
    return [names[start : start + size] for start in range(0, len(names), size)]


def draw_like(look: Look) -> dict[str, Any]:
    """Return a look as ``plot`` takes it."""
    line = (0, look.dashes) if look.dashes else "-"
    return {"color": look.colour, "marker": look.marker, "linestyle": line}


class KLocator(FixedLocator):
    """Ticks at the values of k that were tried, or at round numbers where many are evenly spread.

    No label touches another's; the first and the last value that was tried always have one.
    """

    def __init__(self, panel: Axes, tried: npt.NDArray[np.float64], is_even: bool) -> None:
        self.panel, self.tried = panel, tried.tolist()
        super().__init__(self.tried)
        self.are_round = is_even and len(tried) > MOST_TICKS

    def __call__(self) -> Any:
        """Return where ticks are; asked when the panel has its size."""
        if self.are_round:
            ticks = [self._place_round(bins) for bins in range(6, 0, -1)]
            return next((values for values in ticks if not self._touch(values)), ticks[-1])
        shown, last = self.tried[:1], self.tried[-1]
        for value in self.tried[1:-1]:
            if not self._touch([*shown, value, last]):
                shown.append(value)
        return np.unique([*shown, last])

    def _place_round(self, bins: int) -> Any:
        low, high = self.panel.get_xlim()
        rounded = MaxNLocator(bins, integer=True, steps=[1, 2, 5, 10])
        values = np.asarray(rounded.tick_values(low, high))
        return values[(low <= values) & (values <= high)]

    def _touch(self, values: Sequence[float]) -> bool:
        """Tell whether labels touch: a digit is two thirds as wide as letters are high."""
        places = self.panel.transData.transform(np.column_stack([values, values]))[:, 0]
        digit = 0.65 * mpl.rcParams["font.size"] * self.panel.figure.dpi / 72
        widths = np.array([digit * (len(f"{value:.0f}") + 1) for value in values])
        return bool((np.diff(places) < (widths[1:] + widths[:-1]) / 2).any())


def set_k_axis(axis: Axes, values: Iterable[int]) -> None:
    """Have the values of k on the x axis, on the scale that keeps the nearest further apart."""
    tried = np.unique(np.fromiter(values, float))
    is_even = len(tried) < 3 or _part_nearest(tried) >= _part_nearest(np.log(tried))
    if not is_even:
        axis.set_xscale("log")
    axis.xaxis.set_major_locator(KLocator(axis, tried, is_even))
    axis.xaxis.set_major_formatter(StrMethodFormatter("{x:.0f}"))
    axis.xaxis.set_minor_locator(NullLocator())


def _part_nearest(places: npt.NDArray[np.float64]) -> float:
    """Return how far the two nearest are apart, as a share of all."""
    return float(np.diff(places).min() / np.ptp(places))


def span_times(axis: Axes, times: float) -> None:
    """Let a logarithmic y axis span from a value to so many times it at least."""
    low, high = axis.get_ylim()
    missing = max(times * low / high, 1) ** 0.5
    axis.set_ylim(low / missing, high * missing)


def set_log_ticks(axis: Axis, low: float, high: float, most_decades: float) -> None:
    """Have ticks at 1, 2 and 5 on a logarithmic axis, or at 1 alone where it is long."""
    is_long = np.log10(high / low) > most_decades
    axis.set_major_locator(LogLocator(subs=(1,) if is_long else (1, 2, 5)))
    axis.set_major_formatter(StrMethodFormatter("{x:g}"))
    axis.set_minor_formatter(NullFormatter())


def span_at_least(axis: Axes, height: float) -> None:
    """Let a y axis span a height at least, with what is drawn in its middle."""
    low, high = axis.get_ylim()
    missing = max(height - (high - low), 0)
    axis.set_ylim(low - missing / 2, high + missing / 2)


def choose_colour(data: str, deletion: int) -> Any:
    """Return the colour of a table; samples darken with the deletion."""
    if data == "sampled":
        return SAMPLED(0.35 + 0.6 * deletion / 100)
    return ORIGINAL if data == "original" else ANONYMIZED


def list_data(table: pd.DataFrame) -> list[tuple[str, int]]:
    """List (data, deletion) in the order of the table."""
    return list(table[["data", "deletion"]].drop_duplicates().itertuples(index=False, name=None))


def draw_intervals(
    axis: Axes, places: npt.ArrayLike, groups: "Iterable[pd.Series[float]]", **style: Any
) -> None:
    """Draw the mean of each group with its 95 % interval.

    Parameters
    ----------
    places : array (groups,), where on the x axis.
    style : as ``errorbar`` takes it.
    """
    axis.errorbar(places, *summarize_groups(groups), **style)


def spread_places(groups: int, place: float, series: int) -> npt.NDArray[np.floating]:
    """Array (groups,): where a series has its points, beside those of the other series."""
    return np.arange(groups) - 0.38 + place * (0.76 / max(series - 1, 1))


def part_groups(axis: Axes, groups: int) -> None:
    """Draw thin lines between groups that stand side by side."""
    axis.tick_params(axis="x", length=0)
    for edge in np.arange(groups - 1) + 0.5:
        axis.axvline(edge, color="0.9", linewidth=0.8)


def name_groups(axis: Axes, titles: Iterable[str]) -> None:
    """Write what groups that stand side by side are called below them, a word on each line."""
    texts = [title.replace(" ", "\n") for title in titles]
    axis.set_xticks(range(len(texts)), texts)
    axis.set_xlim(-0.5, len(texts) - 0.5)


def turn_crowded(panels: Panels) -> None:
    """Turn what is written below panels upright where it would touch what stands beside it.

    Called when all else is drawn, for how much room there is follows from it.
    """
    panels.figure.draw_without_rendering()
    labels = [
        [text for text in axis.get_xticklabels() if text.get_visible()] for axis in panels.axes
    ]
    boxes = [[text.get_window_extent() for text in each] for each in labels]
    if not any(left.x1 + 2 > right.x0 for each in boxes for left, right in pairwise(each)):
        return
    shown = [[_put_in_line(text.get_text()) for text in each] for each in labels]
    for axis, texts in zip(panels.axes, shown, strict=True):
        if texts:
            axis.set_xticks(axis.get_xticks(), texts, rotation=90)
    # What they take of the height does not make the panels lower.
    longest = max(map(len, chain.from_iterable(shown))) / LETTERS_AN_INCH
    rows = -(-len(list(filter(None, shown))) // panels.across)
    panels.figure.set_figheight(panels.figure.get_figheight() + rows * longest)


def _put_in_line(text: str) -> str:
    return shorten(text.replace("\n", " "), LETTERS_OF_GROUP)


def add_legend(figure: Figure, axis: Axes, last: Collection[str] = (), **options: Any) -> None:
    """Write above the panels what the signs in one of them mean.

    Parameters
    ----------
    last : labels that come after all others.
    options : as :func:`put_legend` takes them.
    """
    handles, labels = axis.get_legend_handles_labels()
    order = sorted(range(len(labels)), key=lambda place: labels[place] in last)
    put_legend(
        figure, [handles[place] for place in order], [labels[place] for place in order], **options
    )


def put_legend(
    figure: Figure, signs: Sequence[Any], texts: Sequence[str], ncols: int = 4, **options: Any
) -> None:
    """Write above the panels what signs mean, in as many columns as there is room for.

    Parameters
    ----------
    ncols : columns at most.
    options : as ``legend`` takes them.
    """
    spacing = {"columnspacing": 1.2, "handletextpad": 0.5}
    style = {"loc": "outside upper center", "fontsize": 8, **spacing, **options}
    for columns in range(min(ncols, len(texts)), 0, -1):
        legend = figure.legend(signs, texts, ncols=columns, **style)
        if columns == 1 or legend.get_window_extent().width < 0.98 * figure.bbox.width:
            break
        legend.remove()
