"""Figures of the re-identification risk."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from anonify.base.values import SUPPRESSED
from anonify.base.words import MEASURES, capitalize, name_data
from anonify.figures.style import (
    ANONYMIZED,
    WIDE,
    add_legend,
    choose_colour,
    list_data,
    make_panels,
    set_log_ticks,
)
from anonify.measures.risk import distribute_risk, rate_classes


def plot_anonymity(
    name: str,
    table: pd.DataFrame,
    classes: pd.DataFrame,
    readings: Sequence[str],
    width: float = WIDE,
) -> Figure:
    """Draw one of the three figures of the risk.

    Parameters
    ----------
    name : ``journalist_risk``, ``certainty`` or ``risk_by_record``.
    table, classes, readings, width : as :func:`plot_risk` takes them.
    """
    if name != "risk_by_record":
        return plot_risk(table, classes, name, readings, width)
    by_data = dict(list(classes.groupby(["data", "deletion"], sort=False)))
    curves = {
        risk: {place: distribute_risk(group, risk) for place, group in by_data.items()}
        for risk in ("journalist_risk", "prosecutor_risk")
    }
    is_suppressed = (classes["data"] == "anonymized") & classes[SUPPRESSED]
    suppressed = int(classes.loc[is_suppressed, "size"].sum())
    if "as published" not in readings:
        return plot_risk_by_record(curves, suppressed, None, width)
    anonymized = table[table["data"] == "anonymized"].set_index(["reading", "measure"])["value"]
    highest = float(anonymized["as published", "journalist_risk_highest"])
    return plot_risk_by_record(curves, suppressed, highest, width)


def plot_risk(
    table: pd.DataFrame,
    classes: pd.DataFrame,
    measure: str,
    readings: Sequence[str],
    width: float = WIDE,
) -> Figure:
    """Draw a risk over the deletion, a panel for each reading.

    Parameters
    ----------
    table : ``data``, ``deletion``, ``reading``, ``measure`` and ``value`` in per cent.
    classes : all equivalence classes before and after sampling.
    measure : ``journalist_risk`` or ``certainty``.
    readings : ``as published`` and ``corrected``, or the latter alone.
    width : of the figure, in inches; a panel alone takes less of it where there is more.
    """
    if len(readings) == 1:
        width = min(width, 5.0)
    panels = make_panels(len(readings), width, 3.5, 3.2, head=0.4)
    axes = panels.axes
    table = table[table["data"] != "original"]
    series = list_data(table)
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
        over_records.append(np.repeat(rate_classes(rows, measure), rows["released_size"]))
        averages.append(_three_numbers(table, data, deletion, measure, "corrected")[0])
    _draw_boxes(axes[-1], over_records, averages)
    title = "box over the released records,\nsuppressed ones apart"
    axes[-1].set_title(f"Corrected: {title}" if len(readings) > 1 else title.capitalize())
    for axis in axes:
        axis.set_xticks(range(len(series)), [str(deletion) for _, deletion in series])
        axis.set_ylim(bottom=0)
    panels.label(MEASURES["deletion"].heading, MEASURES[measure].heading)
    add_legend(panels.figure, axes[0])
    return panels.figure


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
    curves: Mapping[str, Mapping[tuple[Any, ...], Mapping[str, Any]]],
    suppressed: int,
    published_highest: float | None,
    width: float = WIDE,
) -> Figure:
    """Draw which share of the released records has at most a given risk, a panel for each risk.

    Parameters
    ----------
    curves : by the risk, ``journalist_risk`` or ``prosecutor_risk``, and by (data, deletion):
        ``risk`` in per cent and ``share`` in per cent of the records.
    suppressed : records that are suppressed, which the curves leave out.
    published_highest : per cent, the highest journalist risk as published, where it is shown.
    width : of the figure, in inches.
    """
    panels = make_panels(len(curves), width, 3.5, 3.0, sharex=True, sharey=True)
    axes = panels.axes
    panels.label("", "Released records with\nat most this risk / %")
    risks = [curve["risk"] for by_data in curves.values() for curve in by_data.values()]
    drawn = np.concatenate([*risks, [published_highest or np.nan]])
    low, high = (np.nanmin(drawn), np.nanmax(drawn)) if np.isfinite(drawn).any() else (1, 1)
    for axis, (risk, by_data) in zip(axes, curves.items(), strict=True):
        for (data, deletion), curve in by_data.items():
            if not len(curve["risk"]):
                continue
            axis.step(
                np.concatenate([curve["risk"][:1], curve["risk"]]),
                np.concatenate([[0], curve["share"]]),
                where="post",
                color=choose_colour(data, deletion),
                linewidth=3 if data == "anonymized" else 1.2,
                label=name_data(data, deletion),
            )
        axis.set_xscale("log")
        set_log_ticks(axis.xaxis, low, high, most_decades=3)
        axis.tick_params(axis="x", labelbottom=True)
        axis.set_xlabel(f"{capitalize(MEASURES[risk].title)} of a record / %")
        axis.grid(axis="x", color="0.95")
        axis.set_ylim(0, 102)
    if published_highest is not None:
        _mark_published(axes[0], published_highest, suppressed)
    add_legend(panels.figure, axes[0], ncols=5)
    return panels.figure


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
