"""The command `anonify`: what the library does, and the workflow that does it all."""

from importlib import import_module

import click

from anonify import __version__

COMMANDS = {
    "init": "initialization",
    "anonymize": "anonymization",
    "sample": "stratified_sampling",
    "assess": "assessment",
    "check": "checking",
    "run": "running",
    "data": "providing",
    "serve": "serving",
}
"""The commands, and the module of each, which has a function of that name."""


class _Commands(click.Group):
    """Imports what the command needs that is asked for, and not what the others do."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module = import_module(f"anonify.commands.{COMMANDS[cmd_name]}")
        found: click.Command = getattr(module, cmd_name)
        return found


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__)
def main() -> None:
    """Anonymize tables about people, and tell what that costs and which risk is left."""
