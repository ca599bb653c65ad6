"""Draws the same examples everywhere, and tells what the tests cost."""

import os
import sys
from collections import Counter
from pathlib import Path
from resource import RUSAGE_CHILDREN, RUSAGE_SELF, getrusage

import pytest
from hypothesis import settings
from tests.profile import draws
from tests.workflow.warm import count_cpu_seconds, stop_warm_python

# Where an environment forbids to keep bytecode, as some containers do, each process of the tests
# would compile the library anew, and pytest all tests.
sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

settings.register_profile(
    "same_examples_everywhere", derandomize=True, deadline=None, max_examples=draws(100)
)
settings.load_profile("same_examples_everywhere")

TESTS = Path(__file__).parent

# CPU seconds: when a test was last reported, and of each test.
last = 0.0
by_test: Counter[str] = Counter()


def pytest_addoption(parser):
    group = parser.getgroup("CPU time")
    group.addoption(
        "--cpu-budget", metavar="S", help="say beside the CPU seconds how many they should be"
    )
    group.addoption(
        "--cpu-tests", type=int, default=0, metavar="N", help="list the N tests that take most"
    )


def count() -> float:
    """Return the CPU seconds of this process, and of those that it waited for."""
    usages = [getrusage(RUSAGE_SELF), getrusage(RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport():
    """Note what was taken since the last report: by a test, or by what it is given."""
    global last
    report = yield
    now = count() + count_cpu_seconds()
    report.cpu_seconds, last = now - last, now
    return report


def pytest_runtest_logreport(report):
    by_test[report.nodeid] += getattr(report, "cpu_seconds", 0.0)


def pytest_collection_modifyitems(items):
    """Begin with what takes longest, so that no process has much to do when the others are done."""
    order = ["spark", "workflow", "anomed", "paper", "unit"]
    items.sort(key=lambda item: order.index(item.path.relative_to(TESTS).parts[0]))


def pytest_xdist_auto_num_workers():
    """Take a process more than there are cores, for tests of servers mostly wait."""
    return (os.cpu_count() or 1) + 1


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish():
    stop_warm_python()


def pytest_terminal_summary(terminalreporter, config):
    for name, seconds in by_test.most_common(config.option.cpu_tests):
        terminalreporter.write_line(f"{seconds:8.1f} s  {name}")
    # The processes of pytest-xdist have ended by now.
    seconds, budget = count(), config.option.cpu_budget
    terminalreporter.write_line(
        f"CPU time: {seconds:.0f} s" + (f" of a budget of {budget} s" if budget else "")
    )
