"""Binds a script's main function to Snakemake."""

import errno
import inspect
import os
import sys
import traceback
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, TextIO

import anonify
from anonify.base.errors import UserError, telling_effort
from anonify.base.progress import show_on
from anonify.engines.choice import Wanted

_terminal = sys.stderr

_FULL = {
    errno.ENOSPC: "the disk is full; make room on it",
    errno.EDQUOT: "your share of the disk is used up; make room in it",
}


def terminal() -> TextIO:
    """Return the stream of the terminal, for progress bars."""
    return _terminal


def tell(message: str) -> None:
    """Show on the terminal what a person should know, and keep it in the log."""
    print(message, file=_terminal, flush=True)
    if _terminal is not sys.stderr:
        # On a full disk there is no log, but still a terminal.
        with suppress(OSError):
            note(message)


def note(message: str) -> None:
    """Keep in the log how far the job is."""
    print(message, file=sys.stderr, flush=True)


def tell_engine(engine: Wanted, table: str | Path) -> None:
    """Say that DuckDB takes a table, where nobody has asked for it."""
    if engine.engine == "auto":
        tell(f"{table}: by DuckDB, for the memory that is free would not do")


def run_job(main: Callable[..., None], snakemake: Any) -> None:
    """Call ``main`` with the job's named inputs, outputs and params.

    Everything printed, warnings and the traceback of a failure go to the job's log. The input
    ``library`` is left out: it only says which modules the script depends on.
    """
    global _terminal
    arguments = {**snakemake.input, **snakemake.output, **snakemake.params}
    arguments.pop("library", None)
    log = Path(snakemake.log[0])
    _terminal = os.fdopen(os.dup(2), "w")
    show_on(_terminal)
    try:
        _write_output_to(log)
        check_library()
        if "engine" in inspect.signature(main).parameters:
            # No parameter of the rule: what comes out does not depend on it.
            arguments["engine"] = Wanted.of(snakemake.config, snakemake.threads)
        with telling_effort(tell):
            main(**arguments)
    except UserError as error:
        tell(f"error: {error}")
        sys.exit(1)
    except Exception as error:
        refusal = _explain_refusal(error, snakemake.output[0])
        if refusal:
            tell(f"error: {refusal}, and run again")
        else:
            traceback.print_exc()
            tell(f"error in rule {snakemake.rule}: {error} (details in {log})")
        sys.exit(1)


def check_library() -> None:
    """Make sure that the job works with the library beside the scripts, where there is one.

    The workflow puts it first on the path of its jobs, but an environment that hides this (as
    conda's do) may hold a copy of its own, and rules rerun for edits of the one beside us.

    Raises
    ------
    UserError : the library is another copy.
    """
    ours, used = Path(__file__).with_name("anonify"), Path(anonify.__file__).parent
    if ours.is_dir() and not ours.samefile(used):
        raise UserError(
            f"the job found the library in {used}, which is not the one of this workflow, {ours}; "
            "uninstall it with `pip uninstall anonify` and run again"
        )


def _explain_refusal(error: Exception, output: str) -> str | None:
    """Say what the machine refused, if it did, and how to mend it."""
    if isinstance(error, PermissionError):
        place = error.filename or output
        return f"{place}: permission denied; change the permissions of the file and its folder"
    if isinstance(error, OSError) and error.errno in _FULL:
        return f"{output}: {_FULL[error.errno]}"
    return None


def _write_output_to(log: Path) -> None:
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("w") as file:
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)
