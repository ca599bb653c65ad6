"""How time and memory of the methods grow."""

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import (
    EngFormatter,
    FuncFormatter,
    LogLocator,
    NullFormatter,
    StrMethodFormatter,
)

from anonify.base.looks import MARKERS, METHOD_LOOKS, choose_looks
from anonify.base.words import name_method
from anonify.figures.style import add_legend, draw_like, put_legend, set_log_ticks

PANELS = (
    ("records", "cpu_seconds", "Records", "CPU time / s"),
    ("records", "peak_megabytes", "Records", "Peak memory of the process / MB"),
    ("attributes", "cpu_seconds", "Quasi-identifiers", "CPU time / s"),
)
PEER_PANELS = (("ncp", "NCP / %"), ("cpu_seconds", "CPU time / s"))
SCALE_PANELS = (
    ("cpu_seconds", "CPU time / s"),
    ("peak_megabytes", "Peak memory of a process / MB"),
)
LOOKS = dict(zip(("memory", "duckdb"), METHOD_LOOKS.values(), strict=False))
RAISED = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
ENGINES = {"memory": "in memory", "duckdb": "DuckDB"}
# Other libraries are grey and broken, so that ours stand out without colour, too.
PEER_LINES = ["--", "-.", (0, (6, 1.5, 1.5, 1.5, 1.5, 1.5))]


def plot_scaling(scaling: pd.DataFrame) -> Figure:
    """Draw time and memory over the records, and time over the quasi-identifiers.

    Parameters
    ----------
    scaling : ``library``, ``name``, ``varied``, ``size``, ``cpu_seconds`` and
        ``peak_megabytes``; a line ends where its method was not asked for more.
    """
    figure = Figure(figsize=(7.0, 4.4))
    axes = figure.subplots(1, len(PANELS))
    for axis, (varied, quantity, label, unit) in zip(axes, PANELS, strict=True):
        _draw_growth(axis, scaling[scaling["varied"] == varied].dropna(subset=quantity), quantity)
        axis.set_xlabel(label)
        axis.set_ylabel(unit)
        axis.set_yscale("log")
        axis.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
        axis.yaxis.set_minor_formatter(NullFormatter())
        if quantity == "peak_megabytes":
            axis.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        if varied == "records":
            axis.set_xscale("log")
            axis.xaxis.set_major_formatter(EngFormatter(places=0, sep=""))
        else:
            axis.set_xticks(sorted(scaling.loc[scaling["varied"] == varied, "size"].unique()))
    add_legend(figure, axes[0], ncols=4)
    figure.supxlabel("A line ends where the next size was expected to take too long.", size=8)
    return figure


def plot_peers(peers: pd.DataFrame) -> Figure:
    """Draw the loss and the time over the quasi-identifiers, ours and other libraries, for each k.

    Shown is the table that was measured with the most numbers of quasi-identifiers.

    Parameters
    ----------
    peers : ``table``, ``records``, ``attributes``, ``k``, ``library``, ``name``, ``ncp`` and
        ``cpu_seconds``; a line ends where its method stopped.
    """
    measured = peers.dropna(subset=["ncp", "cpu_seconds"])
    tables = [part for _, part in measured.groupby(["table", "records"], sort=False)]
    shown = max(tables, key=lambda part: part["attributes"].nunique())
    k_values = sorted(shown["k"].unique().tolist())
    figure = Figure(figsize=(7.0, 5.6))
    grid = figure.subplots(
        len(PEER_PANELS), len(k_values), squeeze=False, sharex=True, sharey="row"
    )
    looks = _choose_peer_looks(shown)
    for axes, (quantity, unit) in zip(grid, PEER_PANELS, strict=True):
        for axis, k in zip(axes, k_values, strict=True):
            for (method, look), rows in _list_lines(shown[shown["k"] == k], looks):
                axis.plot(rows["attributes"], rows[quantity], markersize=4, label=method, **look)
            axis.set_xticks(sorted(shown["attributes"].unique()))
        # What counts is by how many times one is above another.
        axes[0].set(ylabel=unit, yscale="log")
        low, high = axes[0].get_ylim()
        set_log_ticks(axes[0].yaxis, low, high, most_decades=2.5)
    for axis, k in zip(grid[0], k_values, strict=True):
        axis.set_title(f"k = {k}")
    for axis in grid[-1]:
        axis.set_xlabel("Quasi-identifiers")
    handles: dict[str, Any] = {}
    for axis in grid.ravel():
        handles |= {line.get_label(): line for line in axis.get_lines()}
    order = [label for label in looks if label in handles]
    put_legend(figure, [handles[label] for label in order], order, ncols=5)
    table, records = shown[["table", "records"]].iloc[0]
    figure.supxlabel(
        f"{table.capitalize()}, {records:,} records. A line ends where a method stopped.", size=8
    )
    return figure


def _choose_peer_looks(measured: pd.DataFrame) -> dict[str, dict[str, Any]]:
    """Return how each method is drawn, by what the legend calls it, in the order of the table."""
    ours = measured.loc[measured["library"] == "anonify", "name"].unique().tolist()
    methods = choose_looks(name.partition(", ")[0] for name in ours)
    looks = {}
    for name in ours:
        method, _, option = name.partition(", ")
        look = draw_like(methods[method])
        # What an option makes of a method looks like the method, hollow.
        hollow = {"markerfacecolor": "white", "linestyle": ":"} if option else {}
        looks[f"{name_method(method)}{option and f', {option}'}"] = look | hollow
    theirs = measured.loc[measured["library"] != "anonify", "name"].unique().tolist()
    return looks | {name: _style_of_peer(place) for place, name in enumerate(theirs)}


def _list_lines(
    part: pd.DataFrame, looks: Mapping[str, dict[str, Any]]
) -> Iterator[tuple[tuple[str, dict[str, Any]], pd.DataFrame]]:
    for (library, name), rows in part.groupby(["library", "name"], sort=False):
        method, _, option = str(name).partition(", ")
        shown = name_method(method) if library == "anonify" else method
        label = f"{shown}{option and f', {option}'}"
        yield (label, looks[label]), rows.sort_values("attributes")


def plot_scale(totals: pd.DataFrame, stops: Sequence[str]) -> Figure:
    """Draw the time and memory of a whole job over the records, by engine.

    Parameters
    ----------
    totals : ``engine``, ``records``, ``cpu_seconds``, ``peak_megabytes`` and ``is_extrapolated``;
        what is extrapolated has hollow signs and dotted lines.
    stops : sentences that say where a line ends and why.
    """
    figure = Figure(figsize=(7.0, 3.6 + 0.15 * len(stops)))
    axes = figure.subplots(1, len(SCALE_PANELS))
    for axis, (quantity, unit) in zip(axes, SCALE_PANELS, strict=True):
        for place, (engine, rows) in enumerate(totals.groupby("engine", sort=False)):
            is_ours = engine in ENGINES
            look = draw_like(LOOKS[str(engine)]) if is_ours else _style_of_peer(place)
            known = rows[~rows["is_extrapolated"]]
            label = f"{ENGINES[str(engine)]}, whole job" if is_ours else f"{engine}, method alone"
            axis.plot(known["records"], known[quantity], markersize=4, label=label, **look)
            if len(known) < len(rows):
                look |= {"linestyle": ":", "markerfacecolor": "white", "markevery": [-1]}
                axis.plot(rows["records"][-2:], rows[quantity][-2:], markersize=5, **look)
        axis.set(xlabel="Records", ylabel=unit, xscale="log", yscale="log")
        axis.xaxis.set_major_formatter(FuncFormatter(lambda value, _: _write_power(value)))
        low, high = axis.get_ylim()
        set_log_ticks(axis.yaxis, low, high, most_decades=2)
        axis.yaxis.set_major_formatter(StrMethodFormatter("{x:,.10g}"))
    add_legend(figure, axes[0], ncols=4)
    hollow = ["Hollow: extrapolated."] * bool(totals["is_extrapolated"].any())
    figure.supxlabel("\n".join([*hollow, *stops]), size=8)
    return figure


def _write_power(value: float) -> str:
    """Write a power of ten.

    >>> _write_power(1e6)
    '10⁶'
    """
    return "10" + f"{math.log10(value):.0f}".translate(RAISED)


def _draw_growth(axis: Axes, part: pd.DataFrame, quantity: str) -> None:
    looks = choose_looks(part.loc[part["library"] == "anonify", "name"])
    for place, ((library, name), rows) in enumerate(part.groupby(["library", "name"], sort=False)):
        is_ours = library == "anonify"
        axis.plot(
            rows["size"],
            rows[quantity],
            markersize=4,
            label=name_method(str(name)) if is_ours else name,
            **(draw_like(looks[str(name)]) if is_ours else _style_of_peer(place)),
        )


def _style_of_peer(place: int) -> dict[str, Any]:
    return {
        "color": "0.45",
        "linewidth": 1.6,
        "linestyle": PEER_LINES[place % len(PEER_LINES)],
        "marker": MARKERS[place % len(MARKERS)],
    }
