"""Start servers as processes on loopback, and talk to them."""

import io
import os
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import requests

PROJECT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).parent


def find_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextmanager
def running(command, port, log, **environment):
    """Run a server until the end of the block, and give its host and port."""
    variables = {**os.environ, "PYTHONPATH": f"{PROJECT / 'scripts'}:{HERE}", **environment}
    with Path(log).open("w") as output:
        process = subprocess.Popen(
            [*map(str, command)], env=variables, stdout=output, stderr=output, cwd=PROJECT
        )
    try:
        wait_for(f"127.0.0.1:{port}", process, log)
        yield f"127.0.0.1:{port}"
    finally:
        process.terminate()
        try:
            process.wait(60)
        except subprocess.TimeoutExpired:
            process.kill()
            raise


def wait_for(host, process, log):
    for _ in range(1200):
        if process.poll() is not None:
            raise RuntimeError(f"the server ended:\n{Path(log).read_text()}")
        try:
            requests.get(f"http://{host}/", timeout=5)
        except requests.RequestException:
            time.sleep(0.1)
        else:
            return
    raise RuntimeError(f"the server does not answer:\n{Path(log).read_text()}")


def serving(application, folder, workers=2, threads=8, python=sys.executable, **environment):
    """Run one of our servers under gunicorn."""
    port = find_port()
    command = [
        *(python, "-m", "gunicorn", application, "--bind", f"127.0.0.1:{port}"),
        *("--chdir", folder, "--workers", workers, "--threads", threads),
        *("--worker-class", "gthread", "--preload", "--no-control-socket"),
    ]
    log = Path(folder) / f"server-{port}.log"
    return running(command, port, log, STATE_FOLDER=str(folder), **environment)


def pack(**arrays):
    file = io.BytesIO()
    np.savez_compressed(file, **arrays)
    return file.getvalue()


def unpack(content):
    with np.load(io.BytesIO(content)) as arrays:
        return {name: arrays[name] for name in arrays.files}


def list_workers(host):
    """Return the process ids of a gunicorn server's two workers.

    The first one answers before the second one is there.
    """
    for _ in range(600):
        if len(workers := find_workers(host)) == 2:
            break
        time.sleep(0.1)
    return workers


def find_workers(host):
    """Return the process ids of a gunicorn server's workers, found by the port in their command."""
    port = int(host.rpartition(":")[2])
    found = subprocess.run(
        ["pgrep", "-f", f"gunicorn.*--bind [0-9.]+:{port}"], capture_output=True, text=True
    )
    processes = [int(line) for line in found.stdout.split()]
    parents = {pid: read_parent(pid) for pid in processes}
    return sorted(pid for pid in processes if parents[pid] in processes)


def read_parent(pid):
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])


def read_memory(pid):
    """Return how many bytes a process has in memory, and how many it had at most."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    sizes = dict(line.split(":", 1) for line in lines)
    return tuple(1024 * int(sizes[key].split()[0]) for key in ("VmRSS", "VmHWM"))
