"""The library of the checkout is the one that works, also where another copy is installed."""

import os
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

import pandas as pd
import pytest
from tests.workflow.conftest import PROJECT

STUB = "raise SystemExit('this is the installed library')\n"


@pytest.fixture(scope="module")
def python(tmp_path_factory):
    """An interpreter that has all that ours has, and a library called anonify besides."""
    folder = tmp_path_factory.mktemp("environment")
    venv.create(folder, symlinks=True)
    python = folder / "bin/python"
    asked = [python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"]
    packages = Path(subprocess.check_output(asked, text=True).strip())
    (packages / "ours.pth").write_text(sysconfig.get_path("purelib") + "\n")
    (packages / "anonify").mkdir()
    (packages / "anonify/__init__.py").write_text(STUB)
    run = subprocess.run([python, "-c", "import anonify"], capture_output=True, text=True)
    assert run.stderr == "this is the installed library\n"
    return python


def test_a_job_takes_the_library_beside_its_script(experiment, python):
    target = "results/dataset/tiny.parquet"
    command = [python, "-m", "snakemake", "--snakefile", PROJECT / "Snakefile", target]
    command += ["--configfile", "experiment.yaml", "--cores", "1"]
    environment = {**os.environ, "ANONIFY_DATA": ""}
    run = subprocess.run(
        command, cwd=experiment.folder, env=environment, capture_output=True, text=True
    )
    assert run.returncode == 0, run.stdout + run.stderr
    assert len(pd.read_parquet(experiment.folder / target)) == 120


def test_a_notebook_takes_the_library_of_its_project(python):
    code = "import results, anonify; print(anonify.__file__)"
    run = subprocess.run(
        [python, "-c", code], cwd=PROJECT / "notebooks", capture_output=True, text=True
    )
    assert run.stdout == f"{PROJECT / 'scripts/anonify/__init__.py'}\n", run.stderr


def test_a_job_with_another_library_stops_with_one_sentence(tmp_path):
    # As in an environment of conda, where the workflow can't say what comes first.
    (tmp_path / "scripts/anonify").mkdir(parents=True)
    (tmp_path / "scripts/job.py").write_text((PROJECT / "scripts/job.py").read_text())
    run = run_job(tmp_path)
    assert run.returncode == 1
    assert run.stderr == (
        f"error: the job found the library in {PROJECT / 'scripts/anonify'}, which is not the one "
        f"of this workflow, {tmp_path / 'scripts/anonify'}; uninstall it with `pip uninstall "
        "anonify` and run again\n"
    )
    assert not (tmp_path / "made").exists()


def test_a_job_without_a_library_beside_its_script_takes_the_installed_one(tmp_path):
    (tmp_path / "scripts").mkdir()
    (tmp_path / "scripts/job.py").write_text((PROJECT / "scripts/job.py").read_text())
    run = run_job(tmp_path)
    assert run.returncode == 0, run.stderr
    assert (tmp_path / "made").exists()


def run_job(folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a job that makes a file, with the library of this project."""
    code = f"""
import sys
from types import SimpleNamespace
sys.path.insert(0, {str(PROJECT / "scripts")!r})
import anonify
sys.path.insert(0, {str(folder / "scripts")!r})
from job import run_job
job = SimpleNamespace(input={{}}, output={{"made": "made"}}, params={{}}, log=["log"], rule="make")
run_job(lambda made: open(made, "w").close(), job)
"""
    return subprocess.run(
        [sys.executable, "-c", code], cwd=folder, capture_output=True, text=True, check=False
    )
