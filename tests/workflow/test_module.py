"""The workflow as a part of another: as a module, and as snakedeploy leaves it."""

import os
import re
import subprocess
from pathlib import Path

import pytest
from tests.profile import takes_long
from tests.workflow.conftest import PROJECT, Experiment
from tests.workflow.warm import get_warm_python

# `config: config` and `use rule *` are what snakedeploy writes.
MODULE = """
configfile: "experiment.yaml"


module anonify:
    snakefile:
        {place}
    config:
        {config}


use rule * from anonify
"""
PART = '{"dataset": "tiny", "run": "part", "release": {"k": 8}, "k_values": [8], "seed": 7}'


@pytest.fixture
def deployed(tmp_path: Path) -> str:
    """A repository that has the file which is deployed, as Snakemake names it."""
    repository = tmp_path / "repository"
    (repository / "workflow").mkdir(parents=True)
    text = (PROJECT / "workflow/Snakefile").read_text()
    (repository / "workflow/Snakefile").write_text(text)
    git = ["git", "-c", "user.name=tests", "-c", "user.email=tests@example.org"]
    for words in (["init"], ["add", "."], ["commit", "--message", "deployed"]):
        subprocess.run([*git, *words], cwd=repository, check=True, capture_output=True)
    commit = subprocess.check_output(["git", "rev-parse", "HEAD"], cwd=repository, text=True)
    return f'gitfile("{repository}", path="workflow/Snakefile", commit="{commit.strip()}")'


def plan(
    experiment: Experiment, place: str, config: str = "config", *arguments: str, **environment: str
) -> subprocess.CompletedProcess[str]:
    experiment.write("workflow/Snakefile", MODULE.format(place=place, config=config))
    command = ["-m", "snakemake", "--cores", "1", "--dry-run", "--quiet", "rules"]
    clean = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    return get_warm_python().run(
        [*command, *arguments], experiment.folder, {**clean, "ANONIFY_DATA": "", **environment}
    )


@takes_long
@pytest.mark.parametrize("name", ["Snakefile", "workflow/Snakefile"])
def test_a_module_makes_everything_where_nothing_is_asked_for(experiment, name):
    run = plan(experiment, repr(str(PROJECT / name)))
    assert run.returncode == 0, run.stdout + run.stderr
    assert re.search(r"^all +1$", run.stdout + run.stderr, re.MULTILINE)


def test_a_module_takes_what_its_configuration_leaves_out_from_ours(experiment):
    target = "results/part/anonymized/arx/k8.parquet"
    run = plan(experiment, repr(str(PROJECT / "Snakefile")), PART, "--", target)
    assert run.returncode == 0, run.stdout + run.stderr
    assert "anonymize" in run.stdout + run.stderr


@takes_long
def test_what_is_deployed_hands_over_to_the_installed_workflow(experiment, deployed):
    target = "results/part/release/tiny.csv"
    run = plan(experiment, deployed, PART, "--", target, PYTHONPATH=str(PROJECT / "scripts"))
    assert run.returncode == 0, run.stdout + run.stderr
    assert "anonymize" in run.stdout + run.stderr


@takes_long
def test_what_is_deployed_says_what_to_install(experiment, deployed):
    run = plan(experiment, deployed)
    assert run.returncode == 1
    assert "error: the workflow needs its library; install it" in run.stdout + run.stderr
    assert "Traceback" not in run.stdout + run.stderr
