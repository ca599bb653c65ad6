"""The spread of a measure over repeats."""

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt
import pandas as pd
import scipy


def mean_with_interval(values: "pd.Series[float]") -> tuple[float, float]:
    """Return the mean and the half width of its 95 % confidence interval (Student's t).

    The half width is 0 for a single value, or where all values are equal.
    """
    values = values.dropna()
    if len(values) < 2 or values.nunique() == 1:
        return float(values.mean()), 0.0
    # The function of `scipy.stats` is this one, and takes half a second to import.
    quantile = scipy.special.stdtrit(len(values) - 1, 0.975)
    half = quantile * values.std(ddof=1) / np.sqrt(len(values))
    return float(values.mean()), float(half)


def summarize_groups(
    groups: "Iterable[pd.Series[float]]",
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Return arrays (groups,): the mean of each, and the half width of its interval."""
    means, halves = np.array([mean_with_interval(values) for values in groups]).T
    return means, halves
