import numpy as np
import pandas as pd
import pytest

from anonify.measures.spread import mean_with_interval


def test_the_interval_is_that_of_student_s_t():
    # Mean 2, standard deviation 1, 3 values; the 97.5 % quantile of t with 2 degrees of freedom is
    # 4.302653.
    mean, half = mean_with_interval(pd.Series([1.0, 2.0, 3.0]))
    assert mean == 2
    assert half == pytest.approx(4.302653 / np.sqrt(3))


def test_a_missing_value_does_not_narrow_the_interval():
    # The mean of a group that is empty in one of the repeats.
    assert mean_with_interval(pd.Series([1.0, 2.0, np.nan])) == pytest.approx(
        mean_with_interval(pd.Series([1.0, 2.0]))
    )


@pytest.mark.parametrize("values", [[5.0], [0.1, 0.1, 0.1]])
def test_values_without_spread_have_no_interval(values):
    mean, half = mean_with_interval(pd.Series(values))
    assert mean == pytest.approx(values[0])
    assert half == 0
