"""Folders for what goes between."""

import os
import signal
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

import pytest

from anonify.base.folders import temporary_folder

HOLD = """
import sys
from pathlib import Path
from anonify.base.folders import temporary_folder

with temporary_folder(Path(sys.argv[1])) as folder:
    (folder / "records.csv").write_text("secret")
    print(folder, flush=True)
    sys.stdin.read()
"""


def hold(place):
    """Start a process that has a folder, and return both."""
    scripts = str(Path(__file__).parents[3] / "scripts")
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(place)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": scripts},
        text=True,
    )
    return process, Path(process.stdout.readline().strip())


def test_a_folder_goes_with_its_block_also_where_that_fails(tmp_path):
    with ExitStack() as stack:
        stack.enter_context(pytest.raises(ValueError, match="wrong"))
        folder = stack.enter_context(temporary_folder(tmp_path))
        (folder / "inner").mkdir()
        assert folder.parent == tmp_path
        assert folder.stat().st_mode & 0o077 == 0
        raise ValueError("wrong")
    assert [*tmp_path.iterdir()] == []


def test_what_a_killed_process_left_goes_with_the_next_folder_and_nothing_else(tmp_path):
    (tmp_path / "anonify-notes").mkdir()
    (tmp_path / "anonify-notes" / "mine.txt").write_text("mine")
    killed, left = hold(tmp_path)
    working, used = hold(tmp_path)
    killed.send_signal(signal.SIGKILL)
    killed.wait()
    assert (left / "records.csv").exists()
    with temporary_folder(tmp_path):
        assert not left.exists()
        assert (used / "records.csv").read_text() == "secret"
    working.communicate("")
    assert working.returncode == 0
    assert [*tmp_path.iterdir()] == [tmp_path / "anonify-notes"]
