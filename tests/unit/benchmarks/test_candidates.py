import sys

import numpy as np
import pandas as pd
import pytest

from anonify.benchmarks.candidates import (
    Candidate,
    list_candidates,
    make_hierarchy,
    make_table,
    measure_foreign_release,
    run_candidate,
)
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
    found = measure_foreign_release(release, TREES, 11)
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
    found = measure_foreign_release(release, trees, 300)
    assert found["achieved_k"] >= 5
    assert found["suppressed_records"] == 0


def test_a_process_that_takes_too_long_is_given_up():
    table = make_table(100, 1, np.random.default_rng(1))
    candidate = Candidate("anonify", "mondrian", sys.executable)
    trees = {"q1": make_hierarchy("q1")}
    assert run_candidate(candidate, table, trees, 5, 0.01, keep_release=True) == (None, None)


def test_a_process_that_takes_too_many_cpu_seconds_stops_and_says_so():
    table = make_table(30_000, 5, np.random.default_rng(1))
    trees = {f"q{number}": make_hierarchy(f"q{number}") for number in range(1, 6)}
    candidate = Candidate("anonify", "greedy", sys.executable)
    measured, _ = run_candidate(candidate, table, trees, 5, 60, keep_release=False, cpu_limit=1)
    assert measured == {"note": "stopped after 1 CPU s"}


def test_sets_and_ranges_of_ours_are_measured_by_their_values():
    release = pd.DataFrame({"sex": ["F", "M"], "age": ["[1, 3]", "{1, 4}"], "count": [3, 2]})
    found = measure_foreign_release(release, TREES, 5)
    assert found["ncp"] == pytest.approx(100 * (3 * 3 / 4 + 2 * 2 / 4) / 2 / 5)
