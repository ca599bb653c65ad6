"""What a script imports as it starts: a run starts a hundred, most of which take a second."""

import subprocess
import sys
from pathlib import Path

import pytest

import anonify

SCRIPTS = Path(anonify.__file__).parents[1]
# Each takes from a tenth of a second to one.
SLOW = {
    "duckdb",
    "jsonschema",
    "matplotlib",
    "pyspark",
    "requests",
    "scipy.optimize",
    "scipy.sparse",
    "scipy.special",
    "scipy.stats",
    "sklearn",
}
NEEDED = {
    "anonymize": set(),
    "export_csv": set(),
    "measure_information_loss": set(),
    "plot_anonymity": {"matplotlib"},
    "plot_classifiers": {"matplotlib"},
    "plot_trade_off": {"matplotlib"},
    "prepare_dataset": set(),
    "sample": set(),
    "tabulate_classifiers": set(),
    "write_report": set(),
    "write_verdict": set(),
}


@pytest.mark.parametrize(("script", "needed"), NEEDED.items())
def test_a_script_starts_without_what_it_may_not_need(script, needed):
    code = f"import sys, {script}; print(*sys.modules)"
    run = subprocess.run(
        [sys.executable, "-c", code], cwd=SCRIPTS, capture_output=True, text=True, check=True
    )
    assert SLOW & {*run.stdout.split()} <= needed
