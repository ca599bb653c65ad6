"""When Snakemake looks for jobs to start."""

from types import SimpleNamespace

import pytest
from snakemake.scheduling.job_scheduler import JobRateLimiter
from snakemake.settings.types import MaxJobsPerTimespan
from tests.workflow.conftest import PROJECT

RULES = PROJECT / "rules/scheduling.smk"


def look(limit, *, local_exec=True):
    """Return the limit that is left in a run that was given one."""
    limiter = limit and JobRateLimiter(MaxJobsPerTimespan.parse_choice(limit))
    scheduler = SimpleNamespace(job_rate_limiter=limiter)
    rules = {"workflow": SimpleNamespace(scheduler=scheduler, local_exec=local_exec)}
    exec(RULES.read_text(), rules)
    rules["look_as_jobs_end"]()
    return scheduler.job_rate_limiter


def test_on_one_machine_snakemakes_own_limit_arms_no_timers():
    assert look("100/1s") is None


def test_a_cluster_keeps_it():
    assert look("100/1s", local_exec=False).max_jobs == 100


@pytest.mark.parametrize("limit", ["10/1s", "100/1m"])
def test_a_limit_that_somebody_gave_is_kept(limit):
    assert look(limit)


def test_where_there_is_none_there_is_nothing_to_take_away():
    assert look(None) is None
