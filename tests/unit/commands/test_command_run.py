"""The command that runs the workflow; Snakemake itself is not started."""

import os
import sys
from pathlib import Path

import pytest
from tests.unit.command_line import refuse, run

from anonify.base.extras import EXTRAS
from anonify.base.places import WORKFLOW

SNAKEFILE = ["--snakefile", str(WORKFLOW / "Snakefile")]


@pytest.fixture
def started(folder, monkeypatch):
    """The arguments of Snakemake, each time that it would be started; it need not be there."""
    started = []
    monkeypatch.setitem(EXTRAS, "workflow", ())
    monkeypatch.setattr(os, "execv", lambda program, arguments: started.append(arguments))
    return started


def write_run(place="config/clinic.yaml"):
    Path(place).parent.mkdir(exist_ok=True)
    Path(place).write_text("dataset: clinic\n")


def test_a_run_is_named_and_the_rest_goes_to_snakemake(started):
    write_run()
    result = run("run", None, "clinic", "-n", "--cores", "4", "-j2", "all", "--config", "seed=7")
    assert result.exit_code == 0, result.output
    assert started == [
        [
            *(sys.executable, "-P", "-m", "snakemake", *SNAKEFILE),
            "--configfile=config/clinic.yaml",
            *("-n", "--cores", "4", "-j2", "all", "--config", "seed=7"),
        ]
    ]


def test_a_run_may_be_a_path(started):
    write_run("my.yaml")
    run("run", None, "my.yaml")
    assert started[0][4:] == [*SNAKEFILE, "--configfile=my.yaml"]


def test_without_a_name_the_run_is_the_papers(started):
    run("run", None, "--dry-run")
    assert started[0][4:] == [*SNAKEFILE, "--dry-run"]


def test_a_run_that_comes_with_us_needs_no_file(started):
    run("run", None, "adult")
    assert started[0][4:] == [*SNAKEFILE, f"--configfile={WORKFLOW}/config/adult.yaml"]


def test_ones_own_run_goes_before_the_one_that_comes_with_us(started):
    write_run("config/adult.yaml")
    run("run", None, "adult")
    assert started[0][4:] == [*SNAKEFILE, "--configfile=config/adult.yaml"]


def test_in_a_checkout_its_own_workflow_is_run(started):
    Path("scripts/anonify").mkdir(parents=True)
    Path("Snakefile").touch()
    run("run")
    assert started[0][4:] == ["--snakefile", "Snakefile"]


def test_a_run_that_is_nowhere_is_told(started):
    message = refuse("run", None, "clinik")
    assert message.startswith(
        "Error: config/clinik.yaml: there is no such file; check the name, or"
    )
    assert not started


def test_two_configurations_are_refused(started):
    write_run()
    message = refuse("run", None, "clinic", "--configfile", "my.yaml")
    assert "leave one of them out" in message
    assert not started


def test_a_configuration_that_means_harm_never_reaches_snakemake(started):
    # Each of nine levels has nine times the one before.
    levels = ["a0: &a0 {x: 1}\n"]
    levels += [
        f"a{n}: &a{n} {{{', '.join(f'k{i}: *a{n - 1}' for i in range(9))}}}\n" for n in range(1, 10)
    ]
    Path("bomb.yaml").write_text("".join(levels))
    assert "bomb.yaml: aliases (`*name`) repeat more than" in refuse("run", None, "bomb.yaml")
    Path("long.yaml").write_text(f"seed: {'9' * 5000}\n")
    assert "`seed` has the number" in refuse("run", None, "long.yaml")
    Path("broken.yaml").write_text("seed: [1\n")
    assert "the file is no YAML" in refuse("run", None, "broken.yaml")
    assert not started
