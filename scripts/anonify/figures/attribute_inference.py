"""Guesses of sensitive attributes, as a figure."""

from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from anonify.base.looks import Look, choose_looks
from anonify.base.words import MEASURES, name_method
from anonify.figures.style import (
    LEAST_HEIGHT,
    WIDE,
    draw_intervals,
    draw_like,
    make_panels,
    put_legend,
    set_k_axis,
    span_at_least,
)


def plot_attribute_inference(table: pd.DataFrame, deletion: int, width: float = WIDE) -> Figure:
    """Draw how often guesses are right over k, a panel for each sensitive attribute.

    Parameters
    ----------
    table : ``method``, ``k``, ``deletion``, ``repeat``, ``attribute``, ``members`` and the shares
        in per cent; ``k`` is 0 for the original table.
    deletion : per cent; the samples that are drawn beside the anonymized tables.
    width : of the figure, in inches.
    """
    attributes = list(table["attribute"].unique())
    looks = choose_looks(table.loc[table["k"] > 0, "method"])
    signs = _list_methods(looks, deletion)
    panels = make_panels(
        len(attributes), width, 2.3, 2.3, head=0.5 + 0.2 * -(-len(signs) // 3), sharex=True
    )
    for axis, attribute in zip(panels.axes, attributes, strict=True):
        rows = table[(table["attribute"] == attribute) & (table["members"] == "all")]
        _draw_attribute(axis, rows[rows["k"] > 0], deletion, looks)
        original = rows.loc[rows["k"] == 0, "success"].mean()
        panels.title(axis, f"{attribute}\n(original table: {original:.1f} %)")
    panels.label("k", MEASURES["success"].heading)
    put_legend(panels.figure, signs, [str(sign.get_label()) for sign in signs])
    return panels.figure


def _draw_attribute(axis: Axes, table: pd.DataFrame, deletion: int, looks: dict[str, Look]) -> None:
    baseline = table.loc[table["deletion"] == 0, "baseline"].mean()
    axis.axhline(baseline, color="0.45", linestyle="--")
    for method, rows in table.groupby("method", sort=False):
        for shown in (0, deletion):
            by_k = rows[rows["deletion"] == shown].groupby("k")["success"]
            k_values, grouped = zip(*by_k, strict=True)
            style = _choose_style(looks[str(method)], is_hollow=shown > 0)
            draw_intervals(
                axis,
                k_values,
                grouped,
                capsize=1.5,
                elinewidth=0.8,
                **{**style, "linestyle": style["linestyle"] if len(k_values) > 1 else "none"},
                label=f"{method} {shown}",
            )
    span_at_least(axis, LEAST_HEIGHT)
    set_k_axis(axis, table["k"])


def _choose_style(look: Look, is_hollow: bool) -> dict[str, Any]:
    """Choose how a method is drawn: with a thin line and hollow points where it was sampled."""
    return {
        **draw_like(look),
        "linewidth": 0.8 if is_hollow else 1.5,
        "markersize": 4,
        "markerfacecolor": "white" if is_hollow else look.colour,
    }


def _list_methods(looks: dict[str, Look], deletion: int) -> list[Line2D]:
    """List the signs of the methods, of the samples and of the baseline."""
    grey = Look("#666666", "s", ())
    return [
        *[
            Line2D([], [], **_choose_style(look, False), label=name_method(method))
            for method, look in looks.items()
        ],
        Line2D([], [], **_choose_style(grey, True), label=f"thin, hollow: {deletion} % deleted"),
        Line2D([], [], color="0.45", linestyle="--", label="Most frequent value of all"),
    ]
