"""Figures of classifiers."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from anonify.figures.style import MARKERS, _colour_of, _list_data, _name_data
from anonify.measures.spread import mean_with_interval

BASELINES = (
    "Original, without quasi-identifiers",
    "Original, quasi-identifiers only",
    "Majority class",
)


def plot_metric(
    table: pd.DataFrame, metric: str, label: str, titles: Mapping[str, str], note: str
) -> Figure:
    """Draw one metric of all classifiers on all data, with the baselines.

    Parameters
    ----------
    table : ``data``, ``features``, ``deletion``, ``repeat``, ``classifier`` and the metrics.
    titles : classifiers by name, in the order in which they are drawn.
    note : what is said above: what the paper's figure of this metric was called.
    """
    figure = Figure(figsize=(7.0, 4.2))
    axis = figure.subplots()
    _draw_baselines(axis, table, metric, list(titles))
    learned = table[(table["features"] == "all") & table["classifier"].isin(list(titles))]
    series = _list_data(learned)
    step = 0.76 / max(len(series) - 1, 1)
    for place, (data, deletion) in enumerate(series):
        rows = learned[(learned["data"] == data) & (learned["deletion"] == deletion)]
        summary = [
            mean_with_interval(rows.loc[rows["classifier"] == name, metric]) for name in titles
        ]
        mean, half = np.array(summary).T
        axis.errorbar(
            np.arange(len(titles)) - 0.38 + place * step,
            mean,
            half,
            fmt=MARKERS[place % len(MARKERS)],
            color=_colour_of(data, deletion),
            markersize=5,
            capsize=2,
            linewidth=1,
            label=_name_data(data, deletion),
        )
    axis.set_xticks(range(len(titles)), [title.replace(" ", "\n") for title in titles.values()])
    axis.tick_params(axis="x", length=0)
    for edge in np.arange(len(titles) - 1) + 0.5:
        axis.axvline(edge, color="0.9", linewidth=0.8)
    axis.set_xlim(-0.5, len(titles) - 0.5)
    axis.set_ylabel(f"{label} / %")
    axis.set_title(note, color="0.35")
    handles, labels = axis.get_legend_handles_labels()
    # Lines come first in the axis; readers look for the data.
    order = sorted(range(len(labels)), key=lambda place: labels[place] in BASELINES)
    figure.legend(
        [handles[place] for place in order],
        [labels[place] for place in order],
        loc="outside upper center",
        ncols=3,
        fontsize=8,
    )
    return figure


def _draw_baselines(axis: Axes, table: pd.DataFrame, metric: str, names: list[str]) -> None:
    original = table[table["data"] == "original"].set_index(["features", "classifier"])[metric]
    without, only, majority = BASELINES
    styles: list[tuple[str, Any, str]] = [
        ("without_quasi_identifiers", "-", without),
        ("quasi_identifiers_only", ":", only),
    ]
    for features, style, label in styles:
        if features not in original.index:
            continue
        values = [original[features, name] for name in names]
        places = np.arange(len(names))
        axis.hlines(values, places - 0.45, places + 0.45, "0.45", style, linewidth=1.1, label=label)
    axis.axhline(
        original["all", "majority"], color="0.45", linestyle="--", linewidth=0.9, label=majority
    )  # fmt: skip
