import sys

import numpy as np
import pandas as pd
import pytest

from anonify.benchmarks.candidates import (
    Candidate,
    describe_release,
    list_candidates,
    make_hierarchy,
    make_table,
    run_candidate,
)
from anonify.benchmarks.growth import fit_growth, predict, tabulate_growth
from anonify.domains.rules import build_hierarchy
from anonify.methods import METHODS

SEX = build_hierarchy("sex", ["F", "M"], {})
AGE = build_hierarchy("age", ["1", "2", "3", "4"], {"intervals": [{"edges": [1, 3, 5]}]})
TREES = {"sex": SEX, "age": AGE}


def test_a_table_is_drawn_with_low_values_more_often():
    table = make_table(10_000, 2, np.random.default_rng(1))
    assert table.columns.tolist() == ["q1", "q2", "sensitive"]
    # The square of a uniform number is below 1/4 half of the time.
    low = table["q1"].isin([f"v{value:02}" for value in range(16)])
    assert low.mean() == pytest.approx(0.5, abs=0.02)
    again = make_table(10_000, 2, np.random.default_rng(1))
    pd.testing.assert_frame_equal(table, again)


def test_its_hierarchies_fan_out_by_four():
    tree = make_hierarchy("q1")
    assert [len(set(nodes)) for nodes in tree.ancestors.T.tolist()] == [64, 16, 4, 1]


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


def test_a_foreign_table_is_measured_by_the_values_that_it_covers():
    # Three classes of 2 + 3, 2 and 2 records; two of eleven records are missing. Sexes lose 0,
    # 1 and 0; ages 3/4 (1 to 3), 1/2 (1-3 is a node) and 0; missing records 1 in both.
    release = pd.DataFrame(
        {
            "sex": ["F", "F", "F,M", "M"],
            "age": ["1-3.5", "1-3.5", "1-3", "4"],
            "sensitive": ["a", "b", "a", "a"],
            "count": ["2", "3", "2", "2"],
        }
    )
    found = describe_release(release, TREES, 11)
    assert (found["achieved_k"], found["suppressed_records"]) == (2, 2)
    lost = ((2 + 2) + (5 * 3 / 4 + 2 * 1 / 2 + 2)) / 2
    assert found["ncp"] == pytest.approx(100 * lost / 11)


def test_every_method_is_a_candidate_and_peers_are_where_they_are_installed():
    assert [each.name for each in list_candidates("/nowhere/python")] == list(METHODS)
    names = [each.name for each in list_candidates(sys.executable)]
    assert names == [*METHODS, "anjana", "anonypy"]


def test_a_method_is_measured_in_a_process_of_its_own():
    table = make_table(300, 2, np.random.default_rng(1))
    trees = {name: make_hierarchy(name) for name in ("q1", "q2")}
    candidate = Candidate("anonify", "mondrian", sys.executable)
    measured, release = run_candidate(candidate, table, trees, 5, 60, keep_release=True)
    assert measured["cpu_seconds"] > 0
    assert measured["peak_megabytes"] > 10
    found = describe_release(release, trees, 300)
    assert found["achieved_k"] >= 5
    assert found["suppressed_records"] == 0


def test_a_process_that_takes_too_long_is_given_up():
    table = make_table(100, 1, np.random.default_rng(1))
    candidate = Candidate("anonify", "mondrian", sys.executable)
    trees = {"q1": make_hierarchy("q1")}
    assert run_candidate(candidate, table, trees, 5, 0.01, keep_release=True) == (None, None)
