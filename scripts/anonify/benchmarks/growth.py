"""How time and memory grow with a table."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd


def fit_growth(sizes: npt.ArrayLike, values: npt.ArrayLike, floor: float) -> tuple[float, int]:
    """Return b of values = a·sizes^b, and how many sizes that is fitted to.

    Values below the floor, where the machine's noise is larger, are left out; the fit is by least
    squares of the logarithms. NaN where fewer than three are left.
    """
    sizes, values = np.asarray(sizes, dtype=float), np.asarray(values, dtype=float)
    is_used = values >= floor
    if is_used.sum() < 3:
        return float("nan"), int(is_used.sum())
    slope = np.polyfit(np.log(sizes[is_used]), np.log(values[is_used]), 1)[0]
    return float(slope), int(is_used.sum())


def predict(sizes: Sequence[float], values: Sequence[float], size: float) -> float:
    """Return what the last two sizes let expect of the next one."""
    if len(sizes) < 2:
        return 0.0
    growth = np.log(values[-1] / values[-2]) / np.log(sizes[-1] / sizes[-2])
    return float(values[-1] * (size / sizes[-1]) ** max(growth, 0))


def tabulate_growth(scaling: pd.DataFrame, quantities: Mapping[str, float]) -> pd.DataFrame:
    """Fit how each method grows.

    Parameters
    ----------
    scaling : ``name``, ``varied`` (``records`` or ``attributes``), ``size`` and the quantities.
    quantities : with the floor of each; see :func:`fit_growth`.
    """
    rows: list[dict[str, Any]] = []
    for (name, varied), part in scaling.groupby(["name", "varied"], sort=False):
        row: dict[str, Any] = {"name": name, "varied": varied, "largest_size": part["size"].max()}
        for quantity, floor in quantities.items():
            known = part[part[quantity].notna()]
            row[f"{quantity}_exponent"], row[f"{quantity}_sizes"] = fit_growth(
                known["size"], known[quantity], floor
            )
        rows.append(row)
    return pd.DataFrame(rows)
