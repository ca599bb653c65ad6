"""What methods, k and deletion cost and which risk they leave: risk over loss."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.text import Text

from anonify.base.looks import choose_looks
from anonify.base.words import MEASURES, capitalize, name_method
from anonify.figures.style import (
    WIDE,
    draw_like,
    make_panels,
    put_legend,
    set_log_ticks,
    span_times,
)
from anonify.measures.trade_off import RISKS, name_front

Numbers = npt.NDArray[np.float64]
Styles = Mapping[tuple[Any, ...], Mapping[str, Any]]
Sign = tuple[Line2D | tuple[Line2D, ...], str]

INK, GREY = "0.2", "0.4"
POINT: dict[str, Any] = {"linestyle": "none", "markersize": 4.5, "markeredgewidth": 0.7}
ON_FRONT: dict[str, Any] = {"markeredgecolor": "black", "markeredgewidth": 1.1, "zorder": 4}
RING: dict[str, Any] = {
    **ON_FRONT,
    "linestyle": "none",
    "marker": "o",
    "markersize": 10,
    "markerfacecolor": "none",
    "zorder": 5,
}

LEGEND: dict[str, Any] = {
    "columnspacing": 1.2,
    "handlelength": 1.6,
    "handletextpad": 0.5,
}

LEAST_TIMES = 5
"""Times the lowest risk that a panel reaches at least, so that nothing looks like something."""

# In typographic points: how far labels may be from their points, and what a point covers.
DISTANCES = (7, 11, 16, 23, 32, 44, 58)
RADIUS = 3.5


def plot_trade_off(table: pd.DataFrame, width: float = WIDE) -> Figure:
    """Draw a panel for each risk: risk over loss, and the Pareto front of the two.

    Parameters
    ----------
    table : ``method``, ``k``, ``deletion``, ``loss`` and the risks in per cent, whether a row is
        on each front, and ``is_chosen``. Rows at no risk are not drawn.
    width : of the figure, in inches.
    """
    shared = {"sharex": True, "sharey": "col" if width == WIDE else False}
    panels = make_panels(len(RISKS), width, 3.5, 2.9, head=0.8, **shared)
    axes = panels.axes
    styles = _choose_styles(table)
    for axis, risk in zip(axes, RISKS, strict=True):
        at_risk = table[table[risk] > 0]
        _draw_front(axis, _list_front(at_risk, risk), risk)
        _draw_tables(axis, at_risk, risk, styles)
        _draw_chosen(axis, at_risk[at_risk["is_chosen"]], risk, styles)
        axis.set_title(capitalize(MEASURES[risk].title))
        axis.set_yscale("log")
        axis.margins(y=0.16)
        axis.set_xlim(left=0)
    for axis in axes:
        span_times(axis, LEAST_TIMES)
        set_log_ticks(axis.yaxis, *axis.get_ylim(), most_decades=3.5)
    panels.label(MEASURES["loss"].heading, "Risk / %")
    columns = 5 if panels.across > 1 else 2
    signs, texts = zip(*_list_signs(table, styles, columns), strict=True)
    put_legend(panels.figure, signs, texts, ncols=columns, **LEGEND)
    # Where there is room for labels is known only when everything else has its place.
    panels.figure.draw_without_rendering()
    for axis, risk in zip(axes, RISKS, strict=True):
        _label_points(axis, table[table[risk] > 0], risk)
    return panels.figure


def _list_front(table: pd.DataFrame, risk: str) -> pd.DataFrame:
    """Return the rows of a front in the order of their loss, equal ones once."""
    return (
        table[table[name_front(risk)]]
        .sort_values("loss", kind="stable")
        .drop_duplicates(["loss", risk])
    )


def _draw_front(axis: Axes, front: pd.DataFrame, risk: str) -> None:
    """Draw the least risk that can be had for at most a given loss."""
    axis.step(front["loss"], front[risk], where="post", color=INK, linewidth=1.1)


def _draw_tables(axis: Axes, table: pd.DataFrame, risk: str, styles: Styles) -> None:
    """Draw a point for each row, and a thin line over k for each method and deletion."""
    lines = table.groupby(["method", "deletion"], sort=False)
    pale = min(0.6, 12 / max(len(lines), 1))
    for series, rows in lines:
        rows = rows.sort_values("k")
        axis.plot(
            rows["loss"], rows[risk], color=styles[series]["color"], linewidth=0.6, alpha=pale
        )
        others, front = rows[~rows[name_front(risk)]], rows[rows[name_front(risk)]]
        axis.plot(others["loss"], others[risk], **styles[series])
        axis.plot(front["loss"], front[risk], **{**styles[series], **ON_FRONT})


def _choose_styles(table: pd.DataFrame) -> Styles:
    """Choose how the points of each method and deletion look."""
    deletions = sorted(table["deletion"].unique())
    return {
        (method, deletion): {
            **draw_like(look),
            **POINT,
            "markerfacecolor": _fade(look.colour, share),
        }
        for method, look in choose_looks(table["method"]).items()
        for deletion, share in zip(deletions, _share_white(deletions), strict=True)
    }


def _share_white(deletions: Sequence[int]) -> Numbers:
    """Return how much white is mixed in for each deletion: the paler, the more is deleted."""
    return np.linspace(0, 1, len(deletions) + 1)[:-1]


def _fade(colour: str, share: float) -> tuple[float, ...]:
    """Mix a colour with a share of white."""
    return tuple(1 - (1 - part) * (1 - share) for part in to_rgb(colour))


def _draw_chosen(axis: Axes, chosen: pd.DataFrame, risk: str, styles: Styles) -> None:
    """Draw the chosen row above all others, with a ring around it."""
    for row in chosen.to_dict("records"):
        style = styles[row["method"], row["deletion"]]
        axis.plot(row["loss"], row[risk], **{**style, "zorder": 5})
        axis.plot(row["loss"], row[risk], **RING)


def _list_signs(table: pd.DataFrame, styles: Styles, columns: int) -> list[Sign]:
    """List the signs of the legend and what they mean, column by column.

    Read row by row these are methods, front and chosen row, then deletions. The chosen row has
    the longest text, so it goes to the last column, which no other text makes wider.
    """
    methods: list[Sign] = [
        (Line2D([], [], **style), name_method(method))
        for (method, deletion), style in styles.items()
        if deletion == table["deletion"].min()
    ]
    front: Sign = (Line2D([], [], color=INK, linewidth=1.1), "Pareto front")
    chosen: list[Sign] = [
        (
            (Line2D([], [], **styles[row["method"], row["deletion"]]), Line2D([], [], **RING)),
            f"Chosen: k = {row['k']}, {row['deletion']} % deleted",
        )
        for row in table[table["is_chosen"]].to_dict("records")
    ]
    blanks = _list_blanks(len(methods) + 1 + len(chosen), columns)
    signs = [*methods, front, *blanks, *chosen, *_list_deletions(table)]
    signs += _list_blanks(len(signs), columns)
    return [sign for column in range(columns) for sign in signs[column::columns]]


def _list_blanks(count: int, columns: int) -> list[Sign]:
    """List what fills the last row after a number of signs."""
    return [(Line2D([], [], linestyle="none"), " ")] * (-count % columns)


def _list_deletions(table: pd.DataFrame) -> list[Sign]:
    """List the signs of the deletions, in grey, for all methods have them."""
    deletions = sorted(table["deletion"].unique())
    style = {**POINT, "marker": "s", "color": GREY}
    return [
        (
            Line2D([], [], **{**style, "markerfacecolor": _fade(GREY, share)}),
            f"{deletion} % deleted",
        )
        for deletion, share in zip(deletions, _share_white(deletions), strict=True)
    ]


# Labels, each where it covers least. Boxes are rows of left, bottom, right, top in pixels.


def _label_points(axis: Axes, table: pd.DataFrame, risk: str) -> None:
    """Label the ends and the knee of the front."""
    front = _list_front(table, risk)
    if front.empty:
        return
    knee = find_knee(front["loss"].to_numpy(float), np.log(front[risk].to_numpy(float)))
    taken = np.concatenate([_cover_points(axis, table, risk), _cover_steps(axis, front, risk)])
    for place in sorted({0, knee, len(front) - 1}):
        row = front.iloc[place].to_dict()
        text = f"{name_method(row['method'])}\nk = {row['k']}, {row['deletion']} %"
        covered = _place_label(axis, text, (row["loss"], row[risk]), taken)
        taken = np.concatenate([taken, covered])


def find_knee(x: Numbers, y: Numbers) -> int:
    """Return which point of a falling curve lies furthest below the line through its ends.

    >>> find_knee(np.array([0.0, 1.0, 4.0]), np.array([8.0, 2.0, 0.0]))
    1
    """
    across = (x - x[0]) / (np.ptp(x) or 1.0)
    down = (y[0] - y) / (np.ptp(y) or 1.0)
    return int(np.argmax(down - across))


def _pixels_per_point(axis: Axes) -> float:
    return axis.figure.dpi / 72


def _cover_points(axis: Axes, table: pd.DataFrame, risk: str) -> Numbers:
    """Return array (rows, 4): the boxes of a panel's points."""
    centres = axis.transData.transform(table[["loss", risk]].to_numpy(float))
    half = RADIUS * _pixels_per_point(axis)
    return np.hstack([centres - half, centres + half])


def _cover_steps(axis: Axes, front: pd.DataFrame, risk: str) -> Numbers:
    """Return array (lines, 4): the boxes of the lines that join the points of a front."""
    corners = axis.transData.transform(front[["loss", risk]].to_numpy(float))
    starts, ends = corners[:-1], corners[1:]
    turns = np.column_stack([ends[:, 0], starts[:, 1]])
    lines = np.concatenate([np.hstack([starts, turns]), np.hstack([ends, turns])])
    return lines + _pixels_per_point(axis) * np.array([-1, -1, 1, 1])


def _place_label(axis: Axes, text: str, point: tuple[float, float], taken: Numbers) -> Numbers:
    """Write a label where it covers least, the nearer the better.

    Parameters
    ----------
    point : loss and risk of what is labelled.
    taken : array (boxes, 4) that should not be covered.

    Returns
    -------
    Array (boxes, 4): what the label and the line from it to its point cover.
    """
    label = axis.annotate(
        text,
        point,
        xytext=(0, 0),
        textcoords="offset points",
        ha="center",
        va="center",
        size=7,
        linespacing=0.95,
        arrowprops={"arrowstyle": "-", "color": INK, "linewidth": 0.6, "shrinkA": 0, "shrinkB": 4},
        zorder=6,
    )
    label.set_in_layout(False)
    scale = _pixels_per_point(axis)
    extent = Text.get_window_extent(label)
    half = np.array([extent.width, extent.height]) / 2
    centre = axis.transData.transform(point)
    offsets = [scale * offset for offset in _list_offsets(half / scale)]
    covers = [_cover_label(centre, offset, half, scale) for offset in offsets]
    best = int(np.argmin([_measure_overlap(boxes, taken, axis) for boxes in covers]))
    label.set_position(tuple(offsets[best] / scale))
    return covers[best]


def _list_offsets(half: Numbers) -> Iterator[Numbers]:
    """List where a label's centre may be, seen from its point, in typographic points.

    Parameters
    ----------
    half : half the width and the height of the label, in typographic points.
    """
    angles = np.linspace(0, 2 * np.pi, 24, endpoint=False) + np.pi / 4
    for distance, angle in product(DISTANCES, angles):
        yield np.array([np.cos(angle), np.sin(angle)]) * (half + distance)


def _cover_label(centre: Numbers, offset: Numbers, half: Numbers, scale: float) -> Numbers:
    """Return array (boxes, 4): a label's box and small ones along the line to its point.

    Parameters
    ----------
    centre, offset, half : the point, where the label's centre is seen from it, and half the
        label's width and height.
    scale : pixels of a typographic point.
    """
    along = np.linspace(0, 1, 12)[:, np.newaxis] * offset
    is_between = (np.abs(along).max(axis=1) > 2 * RADIUS * scale) & (
        np.abs(along - offset) > half
    ).any(axis=1)
    middles = centre + np.concatenate([[offset], along[is_between]])
    halves = np.concatenate([[half], np.full((is_between.sum(), 2), scale)])
    return np.hstack([middles - halves, middles + halves])


def _measure_overlap(boxes: Numbers, taken: Numbers, axis: Axes) -> float:
    """Return the area of boxes on what is taken and, ten times, of what leaves the panel."""
    area = (boxes[:, 2:] - boxes[:, :2]).prod(axis=1).sum()
    outside = area - _intersect(boxes, axis.bbox.get_points().reshape(1, 4)).sum()
    return float(_intersect(boxes, taken).sum() + 10 * outside)


def _intersect(boxes: Numbers, others: Numbers) -> Numbers:
    """Return array (boxes, others): the area that two boxes share."""
    low = np.maximum(boxes[:, np.newaxis, :2], others[:, :2])
    high = np.minimum(boxes[:, np.newaxis, 2:], others[:, 2:])
    return np.asarray((high - low).clip(min=0).prod(axis=2))
