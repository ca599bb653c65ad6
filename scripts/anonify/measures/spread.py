"""The spread of a measure over repeats."""

import numpy as np
import pandas as pd
from scipy import stats


def mean_with_interval(values: "pd.Series[float]") -> tuple[float, float]:
    """Return the mean and the half width of its 95 % confidence interval (Student's t).

    The half width is 0 for a single value, or where all values are equal.
    """
    values = values.dropna()
    if len(values) < 2 or values.nunique() == 1:
        return float(values.mean()), 0.0
    half = stats.t.ppf(0.975, len(values) - 1) * values.std(ddof=1) / np.sqrt(len(values))
    return float(values.mean()), float(half)
