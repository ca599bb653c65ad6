"""Which engine a command works with: in memory, or from file to file."""

from collections.abc import Callable, Mapping
from typing import Any

import click

from anonify.commands.jsonfile import PATH
from anonify.engines.choice import DEFAULTS, ENGINES, Wanted

SCHEMA: Mapping[str, Any] = {
    "engine": {"enum": list(ENGINES), "description": f"one of {', '.join(ENGINES)}"},
    "engine_memory": {"type": "string", "description": "a size such as 2 GB"},
    "engine_temp": {**PATH, "description": "the path of a folder"},
    "spark_url": {"type": "string", "description": "the address of a cluster of Spark"},
}
"""Keys of the JSON files that drive the tools of the paper's repository."""

_OPTIONS = [
    click.option(
        "--engine",
        type=click.Choice(ENGINES),
        default=DEFAULTS["engine"],
        show_default=True,
        help="memory reads the table whole, duckdb and spark part by part; auto chooses memory or "
        "duckdb by the table's size.",
    ),
    click.option(
        "--engine-memory",
        default=DEFAULTS["engine_memory"],
        show_default=True,
        metavar="SIZE",
        help="What duckdb, or a process of spark, may take.",
    ),
    click.option(
        "--engine-temp",
        type=click.Path(),
        metavar="FOLDER",
        help="Where what does not fit in memory is put.",
    ),
    click.option(
        "--spark-url", metavar="URL", help="The cluster of spark; without it this machine."
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
