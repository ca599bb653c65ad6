"""Attacks on membership, as figures."""

from collections.abc import Mapping, Sequence
from itertools import product
from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from anonify.base.looks import MARKERS
from anonify.base.words import ATTACK_TITLES, MEASURES, Kind, name_kind
from anonify.figures.style import (
    LEAST_HEIGHT,
    WIDE,
    choose_colour,
    draw_intervals,
    make_panels,
    name_groups,
    part_evenly,
    part_groups,
    put_legend,
    span_at_least,
    spread_places,
    turn_crowded,
)

GROUP_WIDTH = 0.75
"""Inches that the points of a classifier take at least."""

EXPLANATIONS = {
    "threshold": "confidence in a person's own class",
    "black_box": "attack of the Adversarial Robustness Toolbox",
    "lira": "likelihood ratio of shadow models with and without a person",
}
"""What the attacks go by."""

CHANCE = {"advantage": 0.0, "tpr_at_low_fpr": 1.0}
"""What drawing lots reaches, in per cent."""

BLUES = mpl.colormaps["Blues"]


def list_kinds(table: pd.DataFrame) -> list[Kind]:
    """List the kinds of table in their order."""
    places = table[["data", "k", "deletion"]].drop_duplicates()
    return [Kind(*place) for place in places.itertuples(index=False, name=None)]


def plot_membership(
    table: pd.DataFrame, measure: str, titles: Mapping[str, str], width: float = WIDE
) -> Figure:
    """Draw what attacks reach on each classifier, a panel for each attack.

    Parameters
    ----------
    table : ``data``, ``k``, ``deletion``, ``classifier``, ``attack``, ``members``, ``repeat`` and
        the measure in per cent.
    measure : ``advantage`` or ``tpr_at_low_fpr``.
    titles : classifiers by name, in the order in which they are drawn.
    width : of the figure, in inches; classifiers that have no room beside others stand in a panel
        below them.
    """
    parts = part_evenly(list(titles), int(width / GROUP_WIDTH))
    is_whole = len(parts) == 1
    panels = make_panels(
        len(ATTACK_TITLES) * len(parts), width, width, 2.2, head=1.0, sharex=is_whole, sharey=True
    )
    for axis, (attack, names) in zip(panels.axes, product(ATTACK_TITLES, parts), strict=True):
        axis.axhline(CHANCE[measure], color="0.45", linestyle="--", linewidth=0.9)
        _draw_attack(axis, table[table["attack"] == attack], measure, names)
        name_groups(axis, [titles[name] for name in names])
        if names is parts[0]:
            panels.title(axis, f"{ATTACK_TITLES[attack]}: {EXPLANATIONS[attack]}")
    panels.label("", MEASURES[measure].heading.replace(" at ", "\nat "))
    span_at_least(panels.axes[0], LEAST_HEIGHT)
    signs = [*_list_signs(table), Line2D([], [], color="0.45", linestyle="--", label="Chance")]
    put_legend(panels.figure, signs, [str(sign.get_label()) for sign in signs], ncols=3)
    turn_crowded(panels)
    return panels.figure


def _draw_attack(axis: Axes, table: pd.DataFrame, measure: str, names: Sequence[str]) -> None:
    kinds = list_kinds(table)
    for place, kind in enumerate(kinds):
        rows = table[(table[["data", "k", "deletion"]] == list(kind)).all(axis=1)]
        # Hollow points stand a little aside, lest they cover the others.
        for members, shown in rows.groupby("members", sort=False):
            shift = 0.3 if members == "kept" else 0.0
            draw_intervals(
                axis,
                spread_places(len(names), place + shift, len(kinds)),
                (shown.loc[shown["classifier"] == name, measure] for name in names),
                capsize=1.5,
                elinewidth=0.8,
                **_choose_style(kinds, place, str(members)),
            )
    part_groups(axis, len(names))


def _choose_style(kinds: Sequence[Kind], place: int, members: str) -> dict[str, Any]:
    """Choose how a kind of table looks; hollow where the kept members alone count."""
    colour = _choose_colour(kinds, place)
    return {
        "linestyle": "none",
        "marker": MARKERS[place % len(MARKERS)],
        "markersize": 4.5,
        "color": colour,
        "markerfacecolor": colour if members == "all" else "none",
    }


def _choose_colour(kinds: Sequence[Kind], place: int) -> Any:
    """Choose a colour: anonymized tables darken with k, samples with the deletion."""
    kind = kinds[place]
    if kind.data != "anonymized":
        return choose_colour(kind.data, kind.deletion)
    values = sorted({other.k for other in kinds if other.data == "anonymized"})
    return BLUES(np.linspace(0.45, 0.95, len(values))[values.index(kind.k)])


def _list_signs(table: pd.DataFrame) -> list[Line2D]:
    """List the signs of the kinds of table, and what a hollow one means."""
    kinds = list_kinds(table)
    signs = [
        Line2D([], [], **_choose_style(kinds, place, "all"), label=name_kind(kind))
        for place, kind in enumerate(kinds)
    ]
    hollow: dict[str, Any] = {
        "linestyle": "none",
        "color": "0.4",
        "markerfacecolor": "none",
        "markersize": 4.5,
    }
    kept = Line2D([], [], **hollow, marker="s", label="hollow: kept members alone")
    return [*signs, *([kept] if (table["members"] == "kept").any() else [])]
