"""Runs Python programs in forks of a process that has imported what they import.

Usage: ``warm_server.py SOCKET``. What is asked for on the socket is described in `warm`.
"""

import gc
import importlib
import json
import os
import resource
import runpy
import select
import socket
import struct
import subprocess
import sys
import traceback
from collections.abc import Mapping, Sequence
from contextlib import nullcontext, suppress
from multiprocessing import get_context
from pathlib import Path
from signal import SIG_DFL, SIGINT, SIGTERM, default_int_handler, signal

from warm import Program

MODULES = [
    "matplotlib.backends.backend_agg",
    "matplotlib.backends.backend_pdf",
    "matplotlib.backends.backend_svg",
    "matplotlib.figure",
    "nbformat",
    "numpy",
    "pandas",
    "pyarrow.dataset",
    "pyarrow.pandas_compat",
    "pyarrow.parquet",
    "requests",
    "scipy.stats",
    "sklearn.ensemble",
    "sklearn.linear_model",
    "sklearn.metrics",
    "sklearn.model_selection",
    "sklearn.naive_bayes",
    "sklearn.neighbors",
    "sklearn.neural_network",
    "sklearn.preprocessing",
    "sklearn.svm",
    "sklearn.tree",
    "snakemake.benchmark",
    "snakemake.cli",
    "snakemake.report.html_reporter",
    "snakemake.script",
    "smart_open",
    "tqdm.auto",
    "yte",
]
LIBRARY = "anonify"
SIGNALS = {SIGINT: default_int_handler, SIGTERM: SIG_DFL}

fork = get_context("fork").Process
# Without the folder of this file.
path = sys.path[1:]


def serve(place: str) -> None:
    """Run what is asked for until the standard input is closed."""
    for name in MODULES:
        importlib.import_module(name)
    sys.modules["snakemake.script"].PythonScript.execute_script = lambda *job, **options: run_job(
        place, *job, **options
    )
    # What is never collected is never copied for that.
    gc.collect()
    gc.freeze()
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(place)
        listener.listen()
        print("ready", flush=True)
        running = []
        while sys.stdin not in select.select([listener, sys.stdin], [], [])[0]:
            connection, _ = listener.accept()
            running = [process for process in running if process.is_alive()]
            running.append(process := fork(target=attend, args=(connection,)))
            process.start()
            connection.close()


def attend(connection: socket.socket) -> None:
    """Run one program, tell its process and in the end its code, and note its CPU seconds."""
    _, streams, *_ = socket.recv_fds(connection, 1, 3)
    with connection.makefile() as file:
        arguments, folder, environment, group = json.load(file)
    program = fork(target=run_program, args=(arguments, folder, environment, streams))
    program.start()
    try:
        os.setpgid(program.pid, group or program.pid)
    except PermissionError:  # The group was killed meanwhile.
        program.kill()
    for stream in streams:
        os.close(stream)
    connection.sendall(struct.pack("i", program.pid))
    program.join()
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    with Path(connection.getsockname()).with_name("cpu_seconds").open("a") as file:
        file.write(f"{usage.ru_utime + usage.ru_stime}\n")
    # Who asked may have been killed.
    with suppress(BrokenPipeError):
        connection.sendall(struct.pack("i", program.exitcode))


def run_program(
    arguments: Sequence[str], folder: str, environment: Mapping[str, str], streams: Sequence[int]
) -> None:
    """Be a program with a folder, an environment and standard streams."""
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
    os.closerange(3, 256)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    path[:0] = filter(None, environment.get("PYTHONPATH", "").split(os.pathsep))
    run_python(arguments)


def run_job(place: str, script: object, name: str, edit: bool = False) -> None:
    """Run a script of Snakemake as it does itself, but in a fork of the server.

    A fork of Snakemake would hang now and then: its threads hold locks that nobody in the fork
    opens.
    """
    job = Program(place, [name], Path.cwd(), os.environ, [0, 1, 2], group=os.getpgrp())
    benchmarked = sys.modules["snakemake.benchmark"].benchmarked
    record = script.bench_record
    with nullcontext() if record is None else benchmarked(job.pid, record):
        code = job.wait()
    if code:
        raise subprocess.CalledProcessError(code, [sys.executable, name])


def run_python(arguments: Sequence[str]) -> None:
    """Do what Python does with arguments, in a process that is like a new one."""
    for number, handler in SIGNALS.items():
        signal(number, handler)
    for name in [name for name in sys.modules if name.partition(".")[0] == LIBRARY]:
        del sys.modules[name]
    sys.modules["numpy"].random.seed()
    sys.stdin = os.fdopen(0, closefd=False)
    sys.stdout, sys.stderr = (os.fdopen(number, "w", 1, closefd=False) for number in (1, 2))
    code = 0
    try:
        run_main(*arguments)
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
        if isinstance(end.code, str):
            print(end.code, file=sys.stderr)
    except BaseException:
        traceback.print_exc()
        code = 1
    sys.stdout.flush()
    sys.exit(code)


def run_main(first: str, *others: str) -> None:
    if first == "-m":
        sys.path[:], sys.argv = [str(Path.cwd()), *path], list(others)
        runpy.run_module(others[0], run_name="__main__", alter_sys=True)
    elif first == "-c":
        sys.path[:], sys.argv = ["", *path], ["-c", *others[1:]]
        exec(compile(others[0], "<string>", "exec"), {"__name__": "__main__"})
    elif first.startswith("-"):
        sys.exit(f"error: {first} is no option of a warm Python")
    else:
        sys.path[:], sys.argv = [str(Path(first).parent.resolve()), *path], [first, *others]
        runpy.run_path(first, run_name="__main__")


if __name__ == "__main__":
    serve(sys.argv[1])
