"""A small experiment on a small table, and how to run Snakemake on it."""

import fcntl
import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest
import yaml
from tests.workflow.warm import WarmPython, get_warm_python

from anonify.settings.parts import PARTS, SECTIONS

if TYPE_CHECKING:
    from playwright.sync_api import Browser

PROJECT = Path(__file__).resolve().parents[2]

TERMINAL = "terminal.txt"
"""What the finished experiment showed, in its folder."""

TABLES = [f"tables/{part.table}.csv" for part in PARTS]
"""What is measured, below the results. Drawing it takes most of the time of a small run."""

BROWSERS = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"]

DATASET = {
    "name": "tiny",
    "title": "Tiny",
    "file": "tiny.csv",
    # It is made up; what of a confidential one is masked has tests of its own.
    "confidential": False,
    "columns": {
        "sex": {"role": "quasi-identifier", "type": "category", "hierarchy": {}},
        "age": {
            "role": "quasi-identifier",
            "type": "integer",
            "hierarchy": {"intervals": [{"start": 0, "width": 10}, {"edges": [0, 30, 100]}]},
        },
        "level": {"role": "sensitive", "type": "decimal"},
        "ill": {"role": "target", "type": "integer"},
    },
    "releases": {"elsewhere": {4: {"file": "elsewhere.csv"}}},
    "distributions": {
        "level_by_age": {
            "statistic": "mean",
            "attribute": "level",
            "label": "Mean level",
            "by": "age",
            "by_label": "Age / years",
            "edges": [0, 30, 100],
        },
        "ill_by_sex": {
            "statistic": "count",
            "attribute": "ill",
            "value": 1,
            "label": "Ill records",
            "by": "sex",
            "by_label": "Sex",
            "values": ["f", "m"],
        },
    },
    "synthetic": {
        "records": 100,
        "columns": {
            "sex": {"values": {"f": 1, "m": 1}},
            "age": {"step": 1, "values": {"20-60": 1}},
            "level": {"step": 0.1, "values": {"1-5": 1}},
            "ill": {"values": {0: 3, 1: 1}},
        },
    },
}

CONFIG = {
    "dataset": "tiny",
    "when_unavailable": "fail",
    # Runs are compared with each other.
    "seed": 2024,
    "k_values": [4, 8],
    "release": {"method": "arx", "k": 4},
    "deletions": [30, 50],
    "repeats": 2,
    "evaluations": list(SECTIONS),
    "classifiers": ["naive_bayes", "decision_tree"],
    "classifier_repeats": 2,
    "membership": {"members": 40, "shadow_models": 2, "repeats": 2},
}


def make_table() -> pd.DataFrame:
    generator = np.random.default_rng(1)
    level = generator.uniform(1, 9, 120).round(1)
    return pd.DataFrame(
        {
            "sex": generator.choice(["f", "m"], 120),
            "age": generator.integers(18, 70, 120),
            "level": level,
            "ill": (level + generator.normal(0, 1, 120) > 6).astype(int),
        }
    )


@dataclass
class Experiment:
    """A folder with a dataset and a configuration of its own."""

    folder: Path

    def configure(self, **changes: object) -> None:
        self.write("experiment.yaml", yaml.safe_dump({**CONFIG, **changes}, sort_keys=False))

    def describe_dataset(self, **changes: object) -> None:
        description = yaml.safe_dump({**DATASET, **changes}, sort_keys=False)
        self.write("config/datasets/tiny.yaml", description)

    def write(self, name: str, text: str) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    def snakemake(
        self,
        *arguments: str,
        snakefile: Path = PROJECT / "Snakefile",
        python: WarmPython | None = None,
        **environment: str,
    ) -> subprocess.CompletedProcess[str]:
        command = ["-m", "snakemake", "--snakefile", str(snakefile)]
        command += ["--configfile", "experiment.yaml", "--directory", str(self.folder)]
        if "--cores" not in arguments:
            command += ["--cores", "2"]
        return (python or get_warm_python()).run(
            [*command, *arguments],
            self.folder,
            {**os.environ, "ANONIFY_DATA": "", **environment},
        )

    def files(self, *suffixes: str) -> dict[str, bytes]:
        """Return all results with these suffixes, by path."""
        results = self.folder / "results"
        return {
            str(path.relative_to(results)): path.read_bytes()
            for path in sorted(results.rglob("*"))
            if path.suffix in suffixes and "benchmarks" not in path.parts
        }


def make_experiment(folder: Path) -> Experiment:
    experiment = Experiment(folder)
    experiment.configure()
    experiment.describe_dataset()
    (folder / "data").mkdir()
    make_table().to_csv(folder / "data/tiny.csv", index=False)
    return experiment


@pytest.fixture
def experiment(tmp_path: Path) -> Experiment:
    return make_experiment(tmp_path)


@pytest.fixture(scope="session")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Experiment:
    """An experiment that was run once, on two cores. Tests must not change it.

    The first process of pytest-xdist that needs it runs it for all.
    """
    base = tmp_path_factory.getbasetemp()
    common = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    folder, done = common / "finished", common / "finished.done"
    with (common / "finished.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not done.exists():
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            run = make_experiment(folder).snakemake("all", "--cores", "2")
            assert run.returncode == 0, run.stdout + run.stderr
            (folder / TERMINAL).write_text(run.stdout + run.stderr)
            done.touch()
    return Experiment(folder)


@pytest.fixture
def continued(finished: Experiment, tmp_path: Path) -> Experiment:
    """The same in a folder of its own, for tests that go on with it."""
    return Experiment(Path(shutil.copytree(finished.folder, tmp_path / "continued")))


@pytest.fixture(scope="module")
def browser() -> Iterator["Browser"]:
    """A browser for all tests of a module, each of which opens pages of its own."""
    from playwright.sync_api import sync_playwright

    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    if found is None:
        pytest.skip("no Chromium is installed")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=found,
            args=[
                "--no-sandbox",
                "--disable-gpu",
                "--disable-dev-shm-usage",
                "--disable-background-networking",
            ],
        )
        yield browser
        browser.close()
