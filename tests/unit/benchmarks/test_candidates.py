import sys

import numpy as np
import pandas as pd
import pytest

from anonify.benchmarks.candidates import (
    Candidate,
    list_candidates,
    make_hierarchy,
    make_table,
    run_candidate,
)
from anonify.benchmarks.quality import measure_release
from anonify.methods import METHODS


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
    found = measure_release(release, table, trees)
    assert found["achieved_k"] >= 5
    assert (found["suppressed_records"], found["covers"]) == (0, "yes")


def test_a_process_that_takes_too_long_is_given_up():
    table = make_table(100, 1, np.random.default_rng(1))
    candidate = Candidate("anonify", "mondrian", sys.executable)
    trees = {"q1": make_hierarchy("q1")}
    measured, release = run_candidate(candidate, table, trees, 5, 0.01, keep_release=True)
    assert measured == {"note": "given up after 0.01 s"}
    assert release is None


def test_a_process_that_fails_says_why():
    table = make_table(100, 1, np.random.default_rng(1))
    candidate = Candidate("anonify", "mondrian", sys.executable, {"depth": 3})
    trees = {"q1": make_hierarchy("q1")}
    measured, release = run_candidate(candidate, table, trees, 5, 60, keep_release=True)
    assert measured["note"].startswith("failed: UserError: `method_options.mondrian`")
    assert release is None


def test_labels_and_options_of_a_method_are_those_that_it_is_measured_with():
    table = make_table(300, 2, np.random.default_rng(1))
    trees = {name: make_hierarchy(name) for name in ("q1", "q2")}
    losses = {}
    for labels in ("nodes", "sets"):
        candidate = Candidate("anonify", "mondrian", sys.executable, labels=labels)
        _, release = run_candidate(candidate, table, trees, 5, 60, keep_release=True)
        losses[candidate.name] = measure_release(release, table, trees)["ncp"]
    assert losses["mondrian, sets"] < losses["mondrian"]


def test_a_process_that_takes_too_many_cpu_seconds_stops_and_says_so():
    table = make_table(30_000, 5, np.random.default_rng(1))
    trees = {f"q{number}": make_hierarchy(f"q{number}") for number in range(1, 6)}
    candidate = Candidate("anonify", "greedy", sys.executable)
    measured, _ = run_candidate(candidate, table, trees, 5, 60, keep_release=True, cpu_limit=1)
    assert measured == {"note": "stopped after 1 CPU s"}
