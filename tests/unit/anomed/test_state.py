import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from pathlib import Path

import pytest

from anonify.anomed.state import Busy, Missing, NotStored, State, own_folder
from anonify.base.errors import UserError

SCRIPTS = Path(__file__).parents[3] / "scripts"


@pytest.fixture
def path(tmp_path):
    return tmp_path / "state" / "model.txt"


def renew(state, text):
    with state.renewing():
        state.replace(lambda path: path.write_text(text))


def test_nothing_is_read_before_it_is_written(path):
    with pytest.raises(Missing):
        State(path, Path.read_text).read()


def test_it_is_read_once_and_again_when_another_process_has_renewed_it(path):
    reads = []
    state = State(path, lambda file: reads.append(file) or file.read_text())
    other = State(path, Path.read_text)
    renew(other, "first")
    assert [state.read() for _ in range(3)] == ["first"] * 3
    renew(other, "other")
    assert [state.read() for _ in range(3)] == ["other"] * 3
    assert len(reads) == 2


def test_a_new_file_is_read_even_where_size_and_time_are_those_of_the_old_one(path):
    # The number of a file that is gone may be given to the next but one.
    state, other = State(path, Path.read_text), State(path, Path.read_text)
    for text in "abcdefgh":
        renew(other, text)
        os.utime(path, (1, 1))
        assert state.read() == text


def test_a_file_that_is_gone_is_missing(path):
    state = State(path, Path.read_text)
    renew(state, "text")
    state.read()
    path.unlink()
    with pytest.raises(Missing):
        state.read()


def test_a_folder_that_can_not_be_written_is_named(tmp_path):
    (tmp_path / "file").touch()
    state = State(tmp_path / "file" / "model.txt", Path.read_text)
    with pytest.raises(NotStored, match="file: it can't be written"):
        renew(state, "text")
    with pytest.raises(Missing):
        state.read()


def test_one_server_at_a_time_owns_a_folder(tmp_path):
    own = own_folder(tmp_path / "state")
    with pytest.raises(UserError, match="another server uses this folder"):
        own_folder(tmp_path / "state")
    os.close(own)
    os.close(own_folder(tmp_path / "state"))


def test_one_renews_it_at_a_time(path):
    with State(path, Path.read_text).renewing(), pytest.raises(Busy):
        renew(State(path, Path.read_text), "second")
    renew(State(path, Path.read_text), "third")


def test_a_failed_write_leaves_the_old_file(path):
    state = State(path, Path.read_text)
    renew(state, "old")

    def fail(file):
        file.write_text("half of the n")
        raise OSError("disk full")

    with pytest.raises(NotStored, match=r"model\.txt: .*disk full"), state.renewing():
        state.replace(fail)
    assert state.read() == "old"
    assert [file.name for file in path.parent.iterdir() if file.name[0] != "."] == ["model.txt"]


def test_a_killed_process_leaves_the_old_file_and_no_lock(path):
    state = State(path, Path.read_text)
    renew(state, "old")
    program = """
        import sys, time
        from pathlib import Path
        from anonify.anomed.state import State
        def hang(file):
            file.write_text("half of the n")
            print("writing", flush=True)
            time.sleep(60)
        state = State(sys.argv[1], Path.read_text)
        with state.renewing():
            state.replace(hang)
    """
    process = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(program), str(path)],
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(SCRIPTS)},
    )
    assert process.stdout.readline() == b"writing\n"
    with pytest.raises(Busy):
        renew(state, "new")
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert state.read() == "old"
    renew(state, "new")
    assert state.read() == "new"


def test_readers_see_whole_files_during_renewals(path):
    # On a fast disk there are more renewals than fits are allowed in a minute.
    state = State(path, Path.read_text, most_renewals=10**6)
    texts = {letter * 100_000 for letter in "ab"}
    renew(state, "a" * 100_000)
    seen, ends = [], time.monotonic() + 0.5

    def read():
        own = State(path, Path.read_text)
        while time.monotonic() < ends:
            seen.append(own.read() in texts)

    readers = [threading.Thread(target=read) for _ in range(4)]
    for reader in readers:
        reader.start()
    while time.monotonic() < ends:
        for text in texts:
            renew(state, text)
    for reader in readers:
        reader.join()
    assert all(seen)
    assert len(seen) > 10
