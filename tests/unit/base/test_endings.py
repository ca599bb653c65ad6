"""What is half-written goes when a process is ended from outside."""

import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from anonify.base.files import replacing

SCRIPTS = Path(__file__).parents[3] / "scripts"

BEGIN = """
import os, shutil, signal
from pathlib import Path
from anonify.base.files import replacing, replacing_folder
from anonify.base.folders import temporary_folder
from anonify.engines.choice import Limits

def end_me():
    os.kill(os.getpid(), signal.SIGTERM)

place = Path.cwd()
"""
WRITE = """
with {block} as path:
    (path / "part" if path.is_dir() else path).write_text("of somebody")
    assert [*place.iterdir()]
    end_me()
"""
BLOCKS = [
    'replacing(place / "table.csv")',
    'replacing_folder(place / "table.parquet")',
    "temporary_folder(place)",
    "Limits(10**9, place).open_folder()",
]


def run(place: Path, code: str) -> int:
    """Return how a process ended that ran this code in a folder."""
    path = {"PYTHONPATH": str(SCRIPTS)}
    return subprocess.run([sys.executable, "-c", BEGIN + code], cwd=place, env=path).returncode


@pytest.mark.parametrize("block", BLOCKS)
def test_what_is_half_written_goes(tmp_path, block):
    assert run(tmp_path, WRITE.format(block=block)) == 128 + signal.SIGTERM
    assert [*tmp_path.iterdir()] == []


def test_a_second_signal_does_not_interrupt_the_cleaning_up(tmp_path):
    again = """
remove = shutil.rmtree
shutil.rmtree = lambda *given, **options: (end_me(), remove(*given, **options))
"""
    assert run(tmp_path, again + WRITE.format(block=BLOCKS[1])) == 128 + signal.SIGTERM
    assert [*tmp_path.iterdir()] == []


def test_outside_of_blocks_a_process_ends_as_ever(tmp_path):
    code = 'with replacing(place / "a.txt") as path: path.write_text("whole")\nend_me()'
    assert run(tmp_path, code) == -signal.SIGTERM
    assert [path.name for path in tmp_path.iterdir()] == ["a.txt"]


def test_who_takes_note_of_the_signal_goes_on_doing_so(tmp_path):
    code = "signal.signal(signal.SIGTERM, lambda *_: print('heard', file=open('heard', 'w')))\n"
    assert run(tmp_path, code + WRITE.format(block=BLOCKS[0])) == 0
    assert {path.name for path in tmp_path.iterdir()} == {"heard", "table.csv"}


def test_a_thread_writes_without_taking_note_of_the_signal(tmp_path):
    def write():
        with replacing(tmp_path / "a.txt") as path:
            path.write_text("whole")
            return signal.getsignal(signal.SIGTERM)

    with ThreadPoolExecutor() as pool:
        assert pool.submit(write).result() == signal.SIG_DFL
    assert (tmp_path / "a.txt").read_text() == "whole"
