"""Binds a script's main function to Snakemake."""

import os
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any, TextIO

from anonify.errors import UserError

_terminal = sys.stderr


def terminal() -> TextIO:
    """Return the stream of the terminal, for progress bars."""
    return _terminal


def report(message: str) -> None:
    """Show progress on the terminal, and keep it in the log."""
    print(message, file=_terminal, flush=True)
    if _terminal is not sys.stderr:
        print(message, file=sys.stderr, flush=True)


def run_job(main: Callable[..., None], snakemake: Any) -> None:
    """Call ``main`` with the job's named inputs, outputs and params.

    Everything printed, warnings and the traceback of a failure go to the job's log. The input
    ``library`` is left out: it only says which modules the script depends on.
    """
    global _terminal
    arguments = {**snakemake.input, **snakemake.output, **snakemake.params}
    arguments.pop("library", None)
    log = Path(snakemake.log[0])
    log.parent.mkdir(parents=True, exist_ok=True)
    _terminal = os.fdopen(os.dup(2), "w")
    with log.open("w") as file:
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)
    try:
        main(**arguments)
    except UserError as error:
        report(f"error: {error}")
        sys.exit(1)
    except Exception as error:
        traceback.print_exc()
        report(f"error in rule {snakemake.rule}: {error} (details in {log})")
        sys.exit(1)
