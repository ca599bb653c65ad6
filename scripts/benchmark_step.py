"""Do one job of a run in this process, and write the seconds and the memory that it took.

python benchmark_step.py TASK.json RESULT.json
"""

import inspect
import json
import sys
import time
from importlib import import_module
from pathlib import Path
from typing import Any

from anonify.engines.choice import Wanted
from benchmark_worker import measure_memory


def main(task: dict[str, Any]) -> dict[str, float]:
    """Return what the process took, from its start on.

    Parameters
    ----------
    task : ``script`` by name, its ``arguments``, and ``engine`` with the keys of a configuration.

    Returns
    -------
    ``cpu_seconds`` of all its threads, and ``peak_megabytes``.
    """
    run = import_module(task["script"]).main
    arguments = dict(task["arguments"])
    if "engine" in inspect.signature(run).parameters:
        arguments["engine"] = Wanted.of(task["engine"])
    run(**arguments)
    return {"cpu_seconds": time.process_time(), "peak_megabytes": measure_memory("VmHWM")}


if __name__ == "__main__":
    source, target = sys.argv[1:]
    result = main(json.loads(Path(source).read_text()))
    Path(target).write_text(json.dumps(result))
