"""One look for all figures.

Figures are 7 inches wide, so that they can be read at the width of a page and, halved, of a
column. Files are the same byte for byte in every run.
"""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, MaxNLocator, NullFormatter
from scipy import stats

from anonify.distribution import OUTSIDE
from anonify.files import replacing
from anonify.storage import SUPPRESSED, Provenance, is_synthetic

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

# Okabe and Ito's palette for colour-blind readers; samples darken with the deletion.
METHOD_COLOURS = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000"]
# One marker more than colours: lines of the same colour have different markers.
MARKERS = ["o", "s", "^", "D", "v", "P", "X", "*"]
ORIGINAL, ANONYMIZED = "#000000", "#0072B2"
SAMPLED = mpl.colormaps["YlOrBr"]

BASELINES = (
    "Original, without quasi-identifiers",
    "Original, quasi-identifiers only",
    "Majority class",
)

METHOD_TITLES = {
    "arx": "ARX",
    "k_member": "k-member",
    "knn_clustering": "k-NN clustering",
    "oka": "OKA",
    "ola": "OLA",
    "top_down_greedy": "Top-down greedy",
}


def save_figure(figure: Figure, paths: Sequence[str | Path], provenance: Provenance) -> None:
    """Save a figure under each path, in the format of its suffix.

    Figures from the synthetic stand-in say so across their middle and along their foot.
    """
    if is_synthetic(provenance):
        style: Mapping[str, Any] = {"color": "#B00020", "ha": "center", "gid": "stand-in"}
        figure.text(
            0.5, 0.5, "synthetic stand-in", size=34, alpha=0.25, rotation=20, va="center", **style
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


def name_method(method: str) -> str:
    """Return a method's name as figures show it."""
    return METHOD_TITLES.get(method, method.replace("_", " ").capitalize())


def mean_with_interval(values: "pd.Series[float]") -> tuple[float, float]:
    """Return the mean and the half width of its 95 % confidence interval (Student's t).

    The half width is 0 for a single value, or where all values are equal.
    """
    values = values.dropna()
    if len(values) < 2 or values.nunique() == 1:
        return float(values.mean()), 0.0
    half = stats.t.ppf(0.975, len(values) - 1) * values.std(ddof=1) / np.sqrt(len(values))
    return float(values.mean()), float(half)


def _colour_of(data: str, deletion: int) -> Any:
    if data == "sampled":
        return SAMPLED(0.35 + 0.6 * deletion / 100)
    return ORIGINAL if data == "original" else ANONYMIZED


def _name_data(data: str, deletion: int) -> str:
    return f"{deletion} % deleted" if data == "sampled" else data.capitalize()


def _list_data(table: pd.DataFrame) -> list[tuple[str, int]]:
    """List (data, deletion) in the order of the table."""
    return list(table[["data", "deletion"]].drop_duplicates().itertuples(index=False, name=None))


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
        axis.set_ylabel("NCP / %")
    handles, labels = axes[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside upper center", ncols=4)
    return figure


def plot_distribution(
    table: pd.DataFrame, distribution: Mapping[str, Any], deletion: int, readings: Sequence[str]
) -> Figure:
    """Draw a statistic by group, a panel for each reading.

    Parameters
    ----------
    table : what :func:`anonify.distribution.compare` returns.
    deletion : per cent; the samples that are drawn.
    readings : ``as published`` and ``corrected``, or the latter alone.
    """
    figure = Figure(figsize=(7.0, 3.5))
    widths = _panel_widths(table)[-len(readings) :]
    axes = figure.subplots(1, len(readings), sharey=True, squeeze=False, width_ratios=widths)[0]
    table = table[(table["data"] != "sampled") | (table["deletion"] == deletion)]
    is_outside = table["group"] == OUTSIDE
    corrected = "all records" if distribution["statistic"] == "mean" else "scaled, all records"
    # Means are alike, so their axis does not start at 0 and bars would mislead.
    draw = _draw_points if distribution["statistic"] == "mean" else _draw_bars
    if "as published" in readings:
        _draw_groups(axes[0], table[~is_outside], "value", "As published", draw)
        corrected = f"corrected ({corrected})"
    _draw_groups(axes[-1], table, "scaled_value", corrected.capitalize(), draw)
    for axis in axes:
        axis.set_xlabel(distribution["by_label"])
    figure.align_xlabels(axes)
    axes[0].set_ylabel(distribution["label"])
    handles, labels = axes[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside upper center", ncols=3)
    return figure


def _panel_widths(table: pd.DataFrame) -> list[int]:
    groups = table["group"].nunique()
    return [groups - 1, groups]


def _draw_groups(
    axis: Axes, table: pd.DataFrame, column: str, title: str, draw: Callable[..., None]
) -> None:
    groups = list(table["group"].unique())
    series = _list_data(table)
    width = 0.8 / len(series)
    for place, (data, deletion) in enumerate(series):
        rows = table[(table["data"] == data) & (table["deletion"] == deletion)]
        summary = [mean_with_interval(rows.loc[rows["group"] == group, column]) for group in groups]
        mean, half = np.array(summary).T
        position = np.arange(len(groups)) + (place - (len(series) - 1) / 2) * width
        draw(axis, position, mean, half, width, place, _colour_of(data, deletion))
        axis.containers[-1].set_label(_name_data(data, deletion))
    axis.set_xticks(range(len(groups)), [group.replace("in no ", "in no\n") for group in groups])
    axis.tick_params(axis="x", length=0, labelsize=8)
    axis.set_title(title)


def _draw_bars(
    axis: Axes, position: Any, mean: Any, half: Any, width: float, place: int, colour: Any
) -> None:
    if half.any():
        axis.errorbar(
            position, mean, half, fmt="none", ecolor="0.2", capsize=2, linewidth=1, zorder=3
        )
    axis.bar(position, mean, width, color=colour)


def _draw_points(
    axis: Axes, position: Any, mean: Any, half: Any, width: float, place: int, colour: Any
) -> None:
    style: Any = {"fmt": MARKERS[place], "color": colour, "capsize": 3, "linewidth": 1.2}
    axis.errorbar(position, mean, half, **style)


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


def plot_risk(
    table: pd.DataFrame,
    classes: pd.DataFrame,
    measure: str,
    label: str,
    value_of: Any,
    readings: Sequence[str],
) -> Figure:
    """Draw a risk over the deletion, a panel for each reading.

    Parameters
    ----------
    table : ``data``, ``deletion``, ``reading``, ``measure`` and ``value`` in per cent.
    classes : all equivalence classes before and after sampling.
    measure : ``journalist_risk`` or ``certainty``.
    value_of : gives the measure of each class in per cent, from its rows in ``classes``.
    readings : ``as published`` and ``corrected``, or the latter alone.
    """
    figure = Figure(figsize=(3.5 * len(readings) if len(readings) > 1 else 5.0, 3.6))
    axes = figure.subplots(1, len(readings), squeeze=False)[0]
    table = table[table["data"] != "original"]
    series = _list_data(table)
    if "as published" in readings:
        numbers = [_three_numbers(table, *place, measure, "as published") for place in series]
        _draw_boxes(axes[0], numbers, [values[0] for values in numbers])
        axes[0].set_title(
            "As published: box over average, lowest,\nhighest; suppressed records a class"
        )
    kept = classes[~classes[SUPPRESSED] & (classes["released_size"] > 0)]
    over_records, averages = [], []
    for data, deletion in series:
        rows = kept[(kept["data"] == data) & (kept["deletion"] == deletion)]
        over_records.append(np.repeat(value_of(rows), rows["released_size"]))
        averages.append(_three_numbers(table, data, deletion, measure, "corrected")[0])
    _draw_boxes(axes[-1], over_records, averages)
    title = "box over the released records,\nsuppressed ones apart"
    axes[-1].set_title(f"Corrected: {title}" if len(readings) > 1 else title.capitalize())
    for axis in axes:
        axis.set_xticks(range(len(series)), [str(deletion) for _, deletion in series])
        axis.set_xlabel("Deletion / %")
        axis.set_ylim(bottom=0)
    axes[0].set_ylabel(label)
    handles, labels = axes[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside upper center")
    return figure


def _three_numbers(
    table: pd.DataFrame, data: str, deletion: int, measure: str, reading: str
) -> list[float]:
    rows = table[
        (table["data"] == data) & (table["deletion"] == deletion) & (table["reading"] == reading)
    ].set_index("measure")["value"]
    return [float(rows[f"{measure}_{part}"]) for part in ("average", "lowest", "highest")]


def _draw_boxes(axis: Axes, values: Sequence[Any], averages: Sequence[float]) -> None:
    axis.boxplot(
        values,
        positions=range(len(values)),
        whis=(0, 100),
        widths=0.5,
        manage_ticks=False,
        medianprops={"color": ANONYMIZED},
    )
    axis.plot(
        range(len(values)), averages, "D", color="#D55E00", markersize=5, linestyle="none",
        label="average",
    )  # fmt: skip


def plot_risk_by_record(
    curves: Mapping[str, Mapping[tuple[str, int], Mapping[str, Any]]],
    suppressed: int,
    published_highest: float | None,
) -> Figure:
    """Draw which share of the released records has at most a given risk, a panel for each risk.

    Parameters
    ----------
    curves : by the name of the risk and by (data, deletion): ``risk`` in per cent and ``share``
        in per cent of the records.
    suppressed : records that are suppressed, which the curves leave out.
    published_highest : per cent, the highest journalist risk as published, where it is shown.
    """
    figure = Figure(figsize=(7.0, 3.6))
    axes = figure.subplots(1, len(curves), sharex=True, sharey=True, squeeze=False)[0]
    for axis, (name, by_data) in zip(axes, curves.items(), strict=True):
        for (data, deletion), curve in by_data.items():
            if not len(curve["risk"]):
                continue
            axis.step(
                np.concatenate([curve["risk"][:1], curve["risk"]]),
                np.concatenate([[0], curve["share"]]),
                where="post",
                color=_colour_of(data, deletion),
                linewidth=3 if data == "anonymized" else 1.2,
                label=_name_data(data, deletion),
            )
        axis.set_xscale("log")
        axis.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        axis.xaxis.set_major_formatter("{x:g}")
        axis.xaxis.set_minor_formatter(NullFormatter())
        axis.set_xlabel(f"{name} of a record / %")
        axis.grid(axis="x", color="0.95")
        axis.set_ylim(0, 102)
    if published_highest is not None:
        _mark_published(axes[0], published_highest, suppressed)
    axes[0].set_ylabel("Released records with at most this risk / %")
    handles, labels = axes[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside upper center", ncols=5)
    return figure


def _mark_published(axis: Axes, published_highest: float, suppressed: int) -> None:
    axis.axvline(published_highest, color="0.45", linestyle=":", linewidth=1.2)
    axis.annotate(
        f"highest as published:\n{published_highest:.3g} % = 1/{100 / published_highest:.0f}"
        f"\n({suppressed} suppressed\nrecords are left out)",
        (published_highest, 40),
        xytext=(-4, 0),
        textcoords="offset points",
        ha="right",
        va="center",
        size=8,
        color="0.3",
    )
