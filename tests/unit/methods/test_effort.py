"""A method that would take more work than it is meant for says so before it begins."""

import subprocess
import sys
import warnings
from dataclasses import replace
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest

from anonify.base.errors import EffortWarning
from anonify.domains.rules import build_hierarchy
from anonify.methods import METHODS, get_anonymizer, get_tuple_anonymizer, greedy
from anonify.recoding.effort import Task

AGE = build_hierarchy("age", ["1", "2", "3", "4"], {"intervals": [{"edges": [1, 3, 5]}]})
SEX = build_hierarchy("sex", ["F", "M"], {})
# Twelve records, six distinct tuples; k = 2, so six classes at most. Six transformations.
RECORDS = np.array([[0, 0], [0, 1], [1, 0], [1, 1], [2, 0], [3, 1]] * 2)

WORK = {
    "arx": "6 distinct tuples × 6 transformations are 36 steps",
    "ola": "6 distinct tuples × 6 transformations are 36 steps",
    "mondrian": "6 distinct tuples × 2 quasi-identifiers are 12 steps",
    "ncp_mondrian": "6 distinct tuples × 2 quasi-identifiers are 12 steps",
    "greedy": "6 distinct tuples × 6 classes are 36 steps",
    "optimal": "6 distinct tuples × 6 classes are 36 steps",
    "oka": "12 records × 6 classes are 72 steps",
    "k_member": "12 records × 6 classes are 72 steps",
    "knn_clustering": "12 records × 6 classes are 72 steps",
    "top_down_greedy": "12 records × 3 halvings are 36 steps",
}


def limit(monkeypatch, method, most):
    module = import_module(f"anonify.methods.{method}")
    monkeypatch.setattr(module, "EFFORT", replace(module.EFFORT, most=most))


def anonymize(method):
    return get_anonymizer(method)(RECORDS, [AGE, SEX], 2, np.random.default_rng(1))


def test_every_method_states_its_work():
    assert sorted(WORK) == sorted(METHODS)


@pytest.mark.parametrize("method", METHODS)
def test_what_takes_more_than_stated_is_told_in_one_sentence(monkeypatch, method):
    steps = int(WORK[method].split()[-2])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        limit(monkeypatch, method, steps)
        expected = anonymize(method)
    limit(monkeypatch, method, steps - 1)
    with pytest.warns(EffortWarning) as told:
        made = anonymize(method)
    (sentence,) = (str(each.message) for each in told)
    start = f"{method} begins, but may take hours: {WORK[method]}, more than the {steps - 1} that"
    assert sentence.startswith(f"{start} it is meant for; ")
    assert "choose" in sentence or "give" in sentence
    assert made.nodes.tolist() == expected.nodes.tolist()


def test_tuples_that_are_given_with_counts_are_counted_alike(monkeypatch):
    limit(monkeypatch, "greedy", 1)
    tuples, counts = np.array([[0, 0], [3, 1]]), np.array([5, 4])
    with pytest.warns(EffortWarning, match="2 distinct tuples × 4 classes are 8 steps"):
        get_tuple_anonymizer("greedy")(tuples, counts, [AGE, SEX], 2, np.random.default_rng())


def test_a_table_smaller_than_k_is_one_class():
    assert Task(3, 3, [AGE], 5).classes == 1


def test_a_job_tells_it_on_the_terminal_and_other_warnings_in_its_log(tmp_path):
    scripts = Path(__file__).parents[3] / "scripts"
    code = f"""
import sys, warnings
from types import SimpleNamespace
sys.path.insert(0, {str(scripts)!r})
from anonify.base.errors import EffortWarning
from job import run_job
def main(made):
    warnings.warn("arx begins, but", EffortWarning)
    warnings.warn("something else")
job = SimpleNamespace(input={{}}, output={{"made": "made"}}, params={{}}, log=["log"], rule="make")
run_job(main, job)
"""
    run = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stderr
    assert run.stderr == "arx begins, but\n"
    assert "arx begins, but\n" in (tmp_path / "log").read_text()
    assert "UserWarning: something else" in (tmp_path / "log").read_text()


def test_with_many_attributes_greedy_takes_what_its_trees_take(monkeypatch):
    monkeypatch.setattr(greedy, "MOST_LISTED", 5)
    limit(monkeypatch, "greedy", 1)
    with pytest.warns(EffortWarning, match="6 distinct tuples × 2 quasi-id.* × 8 split trees are"):
        anonymize("greedy")
