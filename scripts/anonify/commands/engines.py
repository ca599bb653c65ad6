"""Which engine a command works with: in memory, or from file to file."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from anonify.base.files import reading
from anonify.commands.jsonfile import PATH
from anonify.commands.terminal import tell
from anonify.datasets.described import Mistakes, describe_dataset, read_dataset, store_dataset
from anonify.engines.choice import ENGINES, Wanted
from anonify.releases.dataset import Dataset, StoredDataset

DEFAULTS: Mapping[str, Any] = {"engine": "auto", "engine_memory": "2 GB", "engine_temp": None}

SCHEMA: Mapping[str, Any] = {
    "engine": {"enum": list(ENGINES), "description": f"one of {', '.join(ENGINES)}"},
    "engine_memory": {"type": "string", "description": "a size such as 2 GB"},
    "engine_temp": {**PATH, "description": "the path of a folder"},
}
"""Keys of the JSON files that drive the tools of the paper's repository."""

_OPTIONS = [
    click.option(
        "--engine",
        type=click.Choice(ENGINES),
        default=DEFAULTS["engine"],
        show_default=True,
        help="memory reads the table whole, duckdb part by part; auto chooses by its size.",
    ),
    click.option(
        "--engine-memory",
        default=DEFAULTS["engine_memory"],
        show_default=True,
        metavar="SIZE",
        help="What duckdb may take.",
    ),
    click.option(
        "--engine-temp",
        type=click.Path(),
        metavar="FOLDER",
        help="Where what does not fit in memory is put.",
    ),
]


def engine_options(function: Callable[..., None]) -> Callable[..., None]:
    """Add the options of the engine to a command."""
    for option in reversed(_OPTIONS):
        function = option(function)
    return function


def read_wanted(content: Mapping[str, Any]) -> Wanted:
    """Return what a JSON file says of the engine.

    Raises
    ------
    UserError : its size is none.
    """
    return Wanted.of({**DEFAULTS, **{key: content[key] for key in DEFAULTS if key in content}})


def find_table(named: str, table: str | None) -> Path | None:
    """Return the file of a described table, whatever mistakes its description has.

    None where it is a table of a database.
    """
    return Path(table) if table else describe_dataset(named, Mistakes().noting).find_table()


def takes_file(wanted: Wanted, table: Path | None) -> bool:
    """Tell whether a table stays in its file, and say so where nobody has asked for it.

    One of a database does, for its size is not known before it is read.

    Raises
    ------
    UserError : there is no such file.
    """
    if table is None:
        return wanted.engine != "memory"
    with reading(table):
        is_file = wanted.is_out_of_core(table)
    if is_file and wanted.engine == "auto":
        tell(f"{table}: part by part, for the memory that is free would not do")
    return is_file


@contextmanager
def opening_dataset(
    named: str, table: str | None, wanted: Wanted
) -> Iterator[Dataset | StoredDataset]:
    """Read a described dataset for a block, in memory or into a file that goes with the block.

    Raises
    ------
    UserError : as :func:`anonify.datasets.described.read_dataset`.
    """
    if takes_file(wanted, find_table(named, table)):
        with wanted.limits.open_folder() as folder:
            yield store_dataset(named, folder, table)
    else:
        yield read_dataset(named, table)
