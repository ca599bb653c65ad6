"""One look for all figures.

Figures are 7 inches wide, so that they can be read at the width of a page and, halved, of a
column. Files are the same byte for byte in every run.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
import numpy.typing as npt
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from anonify.base.files import replacing
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


def add_legend(figure: Figure, axis: Axes, last: Collection[str] = (), **options: Any) -> None:
    """Write above the panels what the signs in one of them mean.

    Parameters
    ----------
    last : labels that come after all others.
    options : as ``legend`` takes them.
    """
    handles, labels = axis.get_legend_handles_labels()
    order = sorted(range(len(labels)), key=lambda place: labels[place] in last)
    figure.legend(
        [handles[place] for place in order],
        [labels[place] for place in order],
        loc="outside upper center",
        **options,
    )
