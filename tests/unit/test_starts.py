"""What a script imports as it starts: a run starts a hundred, most of which take a second."""

import json
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


# Imports what all scripts do, and forks a process for each script, which tells what it imported.
PROGRAM = """
import importlib, json, os, sys
import pandas

for script in sys.argv[1:]:
    sys.stdout.flush()
    if os.fork() == 0:
        importlib.import_module(script)
        print(json.dumps([script, [*sys.modules]]), flush=True)
        os._exit(0)
    if os.wait()[1]:
        sys.exit(f"{script} cannot be imported")
"""


@pytest.fixture(scope="module")
def modules():
    """What each script has imported as it starts."""
    run = subprocess.run(
        [sys.executable, "-c", PROGRAM, *NEEDED],
        cwd=SCRIPTS,
        capture_output=True,
        text=True,
        check=True,
    )
    return dict(map(json.loads, run.stdout.splitlines()))


@pytest.mark.parametrize(("script", "needed"), NEEDED.items())
def test_a_script_starts_without_what_it_may_not_need(modules, script, needed):
    assert SLOW & {*modules[script]} <= needed
