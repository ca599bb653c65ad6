"""Run the workflow, with Snakemake."""

import os
import sys
from collections.abc import Sequence
from pathlib import Path

import click

from anonify.base.errors import UserError
from anonify.base.extras import require
from anonify.base.places import CONFIGURATION, WORKFLOW
from anonify.commands.terminal import command
from anonify.settings.schemas import read_yaml


@command("run", ignore_unknown_options=True)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED, metavar="[NAME] [SNAKEMAKE]...")
def run(arguments: tuple[str, ...]) -> None:
    """Make every table and figure of a run, and the report on it.

    NAME is a run in config/, as `anonify init` writes it, or the path of its .yaml; without it the
    run is the paper's. What stands behind it goes to Snakemake: its options, and files or rules
    if not everything is to be made. `release` is what is handed out, which is made first in any
    case. Results come to the folder in which you are.

    \b
    anonify run patients release
    anonify run patients
    anonify run patients --dry-run
    anonify run patients --cores 4 results/patients/tables/trade_off.csv
    """
    require("workflow", "a run")
    # Snakemake takes the place of this process, so that signals reach it, and its exit is ours.
    # The folder in which it starts is no place to import modules from.
    snakemake = [sys.executable, "-P", "-m", "snakemake"]
    os.execv(sys.executable, [*snakemake, *list_arguments(arguments)])


def list_arguments(arguments: Sequence[str]) -> list[str]:
    """Return the arguments of Snakemake for those of the command.

    Raises
    ------
    UserError : there is no run of that name, two configurations are given, or it is no YAML that
        may be read.
    """
    workflow = ["--snakefile", str(find_snakefile())]
    if not arguments or arguments[0].startswith("-"):
        return [*workflow, *arguments]
    named, *further = arguments
    if any(argument.startswith("--configfile") for argument in further):
        raise UserError(
            f"`--configfile` names another configuration than {named!r}; leave one of them out"
        )
    configuration = find_run(named)
    # Snakemake would read whatever it is, in any time and with any memory.
    read_yaml(configuration)
    return [*workflow, f"--configfile={configuration}", *further]


def find_snakefile() -> Path:
    """Return the Snakefile of the checkout that we are in, of ours outside of any."""
    own = Path("Snakefile")
    return own if own.is_file() and Path("scripts/anonify").is_dir() else WORKFLOW / own


def find_run(named: str) -> Path:
    """Return where a run is configured, the user's own before the one that comes with us.

    Raises
    ------
    UserError : there is none of that name.
    """
    if named.endswith((".yaml", ".yml")):
        places = [Path(named)]
    else:
        places = [folder / f"{named}.yaml" for folder in (Path("config"), CONFIGURATION)]
    found = next((place for place in places if place.is_file()), None)
    if found is None:
        raise UserError(
            f"{places[0]}: there is no such file; check the name, or let `anonify init TABLE` "
            "write one for a table of yours"
        )
    return found
