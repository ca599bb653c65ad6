import numpy as np
import pandas as pd
import pytest

from anonify.benchmarks.growth import fit_growth, predict, tabulate_growth


def test_an_exponent_is_found_again():
    sizes = np.array([1e3, 1e4, 1e5, 1e6])
    assert fit_growth(sizes, 3e-5 * sizes**1.5, floor=0) == (pytest.approx(1.5), 4)


def test_what_lies_below_the_floor_is_left_out():
    sizes = np.array([1e3, 1e4, 1e5, 1e6])
    seconds = np.array([0.5, 1, 10, 100])
    assert fit_growth(sizes, seconds, floor=0.9) == (pytest.approx(1), 3)
    exponent, used = fit_growth(sizes, seconds, floor=5)
    assert np.isnan(exponent)
    assert used == 2


def test_the_next_size_is_predicted_from_the_last_two():
    assert predict([10, 100], [1, 10], 1000) == pytest.approx(100)
    assert predict([10], [1], 100) == 0
    assert predict([10, 100], [2, 1], 1000) == 1


def test_growth_is_tabulated_for_each_method_and_what_was_varied():
    sizes = [1e3, 1e4, 1e5]
    scaling = pd.DataFrame(
        {
            "name": ["x"] * 6,
            "varied": ["records"] * 3 + ["attributes"] * 3,
            "size": [*sizes, 1, 2, 4],
            "cpu_seconds": [1, 100, 10_000, 1, 2, None],
        }
    )
    growth = tabulate_growth(scaling, {"cpu_seconds": 0})
    assert growth["varied"].tolist() == ["records", "attributes"]
    assert growth["cpu_seconds_exponent"].iloc[0] == pytest.approx(2)
    assert growth["cpu_seconds_sizes"].tolist() == [3, 2]
    assert growth["largest_size"].tolist() == [1e5, 4]
