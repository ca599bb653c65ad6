"""A run that is killed again and again ends with the results of one that was not, on any cores."""

import io
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pandas as pd
import pytest
from tests.profile import draws, takes_long, takes_longest
from tests.workflow.conftest import PROJECT, Experiment, make_experiment
from tests.workflow.warm import Program, WarmPython, get_warm_python

from anonify.base.files import replacing
from anonify.base.folders import temporary_folder

# What comes when the power fails, from a cluster, and from a terminal.
SIGNALS = [
    *[signal.SIGKILL] * draws(14),
    *[signal.SIGTERM] * draws(3),
    *[signal.SIGINT] * draws(3),
]
KINDS = (".csv", ".json", ".parquet", ".pdf", ".svg", ".png")


def start(experiment: Experiment, python: WarmPython, cores: int, log: Path) -> Program:
    """Start a run that has a process group of its own, as one in a terminal has."""
    command = ["-m", "snakemake", "--snakefile", str(PROJECT / "Snakefile")]
    command += ["--configfile", "experiment.yaml", "--cores", str(cores), "--verbose", "all"]
    environment = {**os.environ, "ANONIFY_DATA": ""}
    with log.open("w") as file:
        streams = (file.fileno(), file.fileno())
        return python.start(command, experiment.folder, environment, *streams)


def wait_until_finished(jobs: int, run: Program, log: Path) -> None:
    """Wait until a run has begun its first job and finished some, or has ended."""
    until = time.monotonic() + 120
    while run.poll() is None and time.monotonic() < until:
        text = log.read_text()
        if "Execute " in text and text.count("Finished jobid") >= jobs:
            break
        time.sleep(0.02)


def list_results(experiment: Experiment) -> dict[str, bytes]:
    """Return the results that stand under their own names."""
    files = experiment.files(*KINDS)
    return {name: content for name, content in files.items() if ".tmp." not in name}


def list_temporary(experiment: Experiment) -> list[str]:
    return [path.name for path in (experiment.folder / "results").rglob("*.tmp.*")]


def unlock(experiment: Experiment) -> None:
    """Free the folder, as the README says, where the run could not do so itself."""
    locks = experiment.folder / ".snakemake/locks"
    if locks.is_dir() and any(locks.iterdir()):
        freed = experiment.snakemake("--unlock")
        assert freed.returncode == 0, freed.stdout + freed.stderr


def test_what_a_killed_process_left_of_a_file_goes_when_the_file_is_made(tmp_path):
    path = tmp_path / "k[4].csv"
    code = f"""
import os
from anonify.base.files import replacing

with replacing({str(path)!r}) as temporary:
    temporary.write_text("half")
    os.kill(os.getpid(), {signal.SIGKILL})
"""
    environment = {**os.environ, "PYTHONPATH": str(PROJECT / "scripts")}
    run = subprocess.run([sys.executable, "-c", code], env=environment)
    assert run.returncode == -signal.SIGKILL
    assert len(list(tmp_path.glob(".*.tmp.csv"))) == 1
    with replacing(path) as temporary:
        temporary.write_text("whole")
    assert list(tmp_path.iterdir()) == [path]


def test_a_signal_that_comes_while_snakemake_holds_its_lock_ends_the_run(experiment, tmp_path):
    code = f"""
import os, signal, sys
from snakemake import cli
from snakemake.scheduling.job_scheduler import JobScheduler

finish_jobs = JobScheduler._finish_jobs

def finish_and_be_ended(self):
    # Its caller holds the lock.
    if self._tofinish and not self._user_kill:
        os.kill(os.getpid(), signal.SIGTERM)
    finish_jobs(self)

JobScheduler._finish_jobs = finish_and_be_ended
cli.main([
    *("--snakefile", {str(PROJECT / "Snakefile")!r}, "--configfile", "experiment.yaml"),
    *("--cores", "1", "all"),
])
"""
    run = get_warm_python().run(
        ["-c", code], experiment.folder, {**os.environ, "ANONIFY_DATA": ""}, timeout=60
    )
    assert run.returncode == 1
    assert "Will exit after finishing currently running jobs" in run.stderr


@takes_long
@pytest.mark.parametrize(
    "engine",
    [
        "memory",
        pytest.param("duckdb", marks=takes_longest),
        pytest.param("spark", marks=takes_longest),
    ],
)
def test_a_run_that_was_killed_again_and_again_ends_like_any_other(finished, tmp_path, engine):
    if engine == "spark":
        pytest.importorskip("pyspark", reason="needs Spark: make test-spark")
    generator = random.Random(engine)
    experiment, log = make_experiment(tmp_path), tmp_path / "log"
    # Where both have worked, all is as it was.
    (temporary := tmp_path / "temporary").mkdir()
    # Others follow the records one by one.
    methods = {} if engine == "memory" else {"methods": ["arx", "mondrian"]}
    experiment.configure(engine=engine, engine_temp=str(temporary), **methods)
    if methods:
        finished = make_experiment(tmp_path / "finished")
        finished.configure(**methods)
        made = finished.snakemake("all")
        assert made.returncode == 0, made.stdout + made.stderr
    whole = list_results(finished)

    def is_other(name: str, content: bytes) -> bool:
        if engine == "memory" or not name.endswith(".parquet"):
            return content != whole[name]
        # Each engine writes Parquet in its own way.
        found, expected = (pd.read_parquet(io.BytesIO(each)) for each in (content, whole[name]))
        return not found.astype("str").equals(expected.astype("str"))

    # In another one the hashes of texts are others, and the order of sets with them.
    with closing(WarmPython()) as python:

        def start_it() -> Program:
            return start(experiment, python, generator.randint(1, 2), log)

        left: set[str] = set()
        begin = time.monotonic()
        wait_until_finished(0, run := start_it(), log)
        seconds_to_start = time.monotonic() - begin
        for number in generator.sample(SIGNALS, len(SIGNALS)):
            # One in five is killed before its first job, the others at some time after.
            if generator.random() < 0.2:
                time.sleep(generator.uniform(0, seconds_to_start))
            else:
                wait_until_finished(generator.randint(0, 2), run, log)
                time.sleep(generator.uniform(0, 1.5))
            if run.poll() is None:
                os.killpg(run.pid, number)
                run.wait(120)
                if number != signal.SIGKILL:
                    # A job of the group may end a moment after Snakemake.
                    until = time.monotonic() + 30
                    while {*list_temporary(experiment)} - left and time.monotonic() < until:
                        time.sleep(0.02)
                    assert {*list_temporary(experiment)} - left == set()
                left = {*list_temporary(experiment)}
            else:
                # It was quicker, so all begins anew.
                assert run.returncode == 0, log.read_text()
                shutil.rmtree(experiment.folder / "results")
            results = list_results(experiment)
            assert [name for name in results if is_other(name, results[name])] == []
            unlock(experiment)
            run = start_it()
        assert run.wait(300) == 0, log.read_text()

    results = list_results(experiment)
    assert results.keys() == whole.keys()
    assert [name for name in results if is_other(name, results[name])] == []
    assert list_temporary(experiment) == []
    # What was killed could not remove its folder; the next one does.
    with temporary_folder(temporary):
        pass
    assert not [*temporary.glob("anonify-*")]
    page = (experiment.folder / "results/report.html").read_text()
    assert page.rstrip().endswith("</html>")
