"""What of Snakemake's records the terminal shows, and how."""

import logging
from pathlib import Path
from types import SimpleNamespace

import pytest
from snakemake.logging import DefaultFormatter
from tests.workflow.conftest import PROJECT

RULES = PROJECT / "rules/terminal.smk"


@pytest.fixture
def workflow():
    """What there is of a workflow when its rules are read and it is only planned."""
    return SimpleNamespace(
        rules=[
            SimpleNamespace(name="all", message=None),
            SimpleNamespace(name="draw", message="D"),
        ],
        output_settings=SimpleNamespace(dryrun=True, verbose=False),
        main_snakefile=str(PROJECT / "Snakefile"),
        current_basedir=str(PROJECT / "rules"),
        local_exec=True,
    )


@pytest.fixture
def lines(workflow):
    namespace = {"workflow": workflow}
    exec(compile(RULES.read_text(), RULES, "exec"), namespace)
    return namespace["JobLines"](DefaultFormatter(show_failed_logs=True))


def show(lines, message=None, level=logging.INFO, **extra) -> str | None:
    """Return what is shown of a record, or None."""
    record = logging.makeLogRecord({"msg": message, "levelno": level, **extra})
    return lines.format(record) if lines.filter(record) else None


def fail(lines, log: Path, **aux: object) -> str | None:
    error = {"rule_name": "draw", "log": [str(log)], "aux": aux}
    return show(lines, event="job_error", jobid=3, **error)


def test_jobs_are_counted_without_those_that_make_nothing(lines):
    assert (
        show(lines, "Job stats", event="run_info", stats={"draw": 12, "all": 1, "total": 13})
        is None
    )
    assert show(lines, event="job_info", jobid=7, rule_msg="Drawing a") == "[ 1/12] Drawing a"
    assert show(lines, event="job_info", jobid=0, rule_msg=None) is None
    assert show(lines, event="job_info", jobid=3, rule_msg="Drawing b") == "[ 2/12] Drawing b"


def test_without_a_count_a_job_is_told_all_the_same(lines):
    assert show(lines, event="job_info", jobid=7, rule_msg="Drawing a") == "Drawing a"


@pytest.mark.parametrize(
    ("message", "event"),
    [
        ("Building DAG of jobs...", None),
        ("Select jobs to execute...", None),
        ("Execute 2 jobs...", "job_started"),
        ("Finished jobid: 3 (Rule: draw)", "job_finished"),
        (None, "progress"),
        ("Complete log(s): run.log", None),
        ("RuleException:\nCalledProcessError in line 7:\nreturned non-zero exit status 1.", None),
    ],
)
def test_what_snakemake_says_of_itself_is_left_out(lines, message, event):
    assert show(lines, message, event=event) is None


@pytest.mark.parametrize(
    "message",
    [
        "Nothing to be done (all requested files are present and up to date).",
        "Unlocked working directory.",
        "RuleException:\nCalledProcessError in line 7:\ndied with <Signals.SIGKILL: 9>.",
        "Something new",
    ],
)
def test_what_else_it_says_is_shown(lines, message):
    assert show(lines, message) == message


def test_a_failed_job_is_named_with_the_whole_of_its_log(lines, tmp_path):
    log = tmp_path / "draw.log"
    log.write_text("Traceback (most recent call last):\n  File …\nKeyError: 'k'\n")
    show(lines, event="job_info", jobid=3, rule_msg="Drawing b")
    text = fail(lines, log, executor="lost")
    assert text.startswith(f"Failed: Drawing b (rule draw, log {log})\nexecutor: lost\n")
    assert log.read_text() in text
    assert show(lines, "Complete log(s): run.log") == "Complete log(s): run.log"


def test_a_sentence_that_was_told_is_not_repeated(lines, workflow, tmp_path):
    log = tmp_path / "draw.log"
    log.write_text("two records\nerror: the table is empty\n")
    assert fail(lines, log) == f"Failed: draw (rule draw, log {log})"
    # From another machine it was not heard.
    workflow.local_exec = False
    assert "error: the table is empty" in fail(lines, log)


def test_a_job_that_was_killed_before_its_first_word_is_named(lines, tmp_path):
    assert "not found" in fail(lines, tmp_path / "draw.log")
