"""A Python that has imported what programs import, and forks one for each that it runs.

A small run is fifty jobs that import pandas, scikit-learn and Matplotlib to work for a tenth of a
second; nearly all the time of the workflow's tests went there. Here a server imports them once and
forks: for Snakemake, and Snakemake once more for each job. What runs is a process of its own, with
its own folder and environment and without a module of the library, which it takes from the copy of
the project that it belongs to.

Run as a script, this is such a Python: ``warm.py SOCKET [-m MODULE | -c CODE | FILE] …``.
"""

import functools
import json
import os
import select
import shlex
import signal
import socket
import struct
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

SERVER = Path(__file__).with_name("warm_server.py")


class Program:
    """A program that was started.

    Parameters
    ----------
    group : the process group that it joins; without one it leads one of its own.

    Attributes
    ----------
    pid : its process.
    returncode : what it ended with, negative for a signal; None while it runs.
    """

    def __init__(
        self,
        place: str,
        arguments: Sequence[str],
        folder: str | Path,
        environment: Mapping[str, str],
        streams: Sequence[int],
        group: int | None = None,
    ) -> None:
        request = json.dumps([list(arguments), str(folder), dict(environment), group])
        self._connection = socket.socket(socket.AF_UNIX)
        self._connection.connect(place)
        socket.send_fds(self._connection, [b" "], list(streams))
        self._connection.sendall(request.encode())
        self._connection.shutdown(socket.SHUT_WR)
        self.pid = self._receive()
        self.returncode: int | None = None

    def poll(self) -> int | None:
        """Return the code that it ended with, or None."""
        if self.returncode is None and select.select([self._connection], [], [], 0)[0]:
            self.returncode = self._receive()
            self._connection.close()
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Wait for the end and return the code; kill what takes longer than some seconds."""
        if self.returncode is None:
            select.select([self._connection], [], [], timeout)
        code = self.poll()
        if code is None:
            os.killpg(self.pid, signal.SIGKILL)
            raise TimeoutError(f"process {self.pid} was killed after {timeout} s")
        return code

    def _receive(self) -> int:
        return struct.unpack("i", self._connection.recv(4, socket.MSG_WAITALL))[0]


class WarmPython:
    """The server, and the commands that run in it.

    Parameters
    ----------
    environment : what differs from the environment in the server.

    Attributes
    ----------
    commands : a folder for the path, with ``python`` and ``snakemake``.
    """

    def __init__(self, **environment: str) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="warm-")
        self._place = f"{self._folder.name}/socket"
        # What the workflow sets before its jobs import anything.
        threads = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
        self._server = subprocess.Popen(
            [sys.executable, str(SERVER), self._place],
            env={**os.environ, **threads, **environment},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,
        )
        self.commands = Path(self._folder.name) / "bin"
        self.commands.mkdir()
        command = [sys.executable, "-IS", __file__, self._place]
        for name, arguments in {"python": [], "snakemake": ["-m", "snakemake"]}.items():
            path = self.commands / name
            path.write_text(f'#!/bin/sh\nexec {shlex.join([*command, *arguments])} "$@"\n')
            path.chmod(0o755)
        assert self._server.stdout.readline() == b"ready\n"

    @property
    def cpu_seconds(self) -> float:
        """What all programs took that have ended, with what they started."""
        path = Path(self._folder.name) / "cpu_seconds"
        return sum(map(float, path.read_text().split())) if path.exists() else 0.0

    def start(
        self,
        arguments: Sequence[str],
        folder: str | Path,
        environment: Mapping[str, str],
        output: int,
        errors: int,
    ) -> Program:
        """Start a program that writes to two file descriptors."""
        with Path(os.devnull).open() as nothing:
            streams = [nothing.fileno(), output, errors]
            return Program(self._place, arguments, folder, environment, streams)

    def run(
        self,
        arguments: Sequence[str],
        folder: str | Path,
        environment: Mapping[str, str],
        timeout: float = 300,
    ) -> subprocess.CompletedProcess[str]:
        """Run a program to its end."""
        with tempfile.TemporaryFile("w+") as output, tempfile.TemporaryFile("w+") as errors:
            files = (output.fileno(), errors.fileno())
            code = self.start(arguments, folder, environment, *files).wait(timeout)
            for file in (output, errors):
                file.seek(0)
            return subprocess.CompletedProcess(arguments, code, output.read(), errors.read())

    def close(self) -> None:
        self._server.stdin.close()
        self._server.wait()
        self._server.stdout.close()
        self._folder.cleanup()


@functools.cache
def get_warm_python() -> WarmPython:
    """Return the one that the tests of this process share."""
    return WarmPython()


def count_cpu_seconds() -> float:
    """Return what the programs of that one took so far."""
    return get_warm_python().cpu_seconds if get_warm_python.cache_info().currsize else 0.0


def stop_warm_python() -> None:
    if get_warm_python.cache_info().currsize:
        get_warm_python().close()
        get_warm_python.cache_clear()


def main() -> None:
    place, *arguments = sys.argv[1:]
    code = Program(place, arguments, Path.cwd(), os.environ, [0, 1, 2]).wait()
    sys.exit(code if code >= 0 else 128 - code)


if __name__ == "__main__":
    main()
