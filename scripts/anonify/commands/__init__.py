"""The command `anonify`: what the library does, and the workflow that does it all."""

import click

from anonify import __version__
from anonify.commands.anonymization import anonymize
from anonify.commands.assessment import assess
from anonify.commands.checking import check
from anonify.commands.initialization import init
from anonify.commands.providing import data
from anonify.commands.running import run
from anonify.commands.serving import serve
from anonify.commands.stratified_sampling import sample


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__)
def main() -> None:
    """Anonymize tables about people, and tell what that costs and which risk is left."""


main.add_command(init)
main.add_command(anonymize)
main.add_command(sample)
main.add_command(assess)
main.add_command(check)
main.add_command(run)
main.add_command(data)
main.add_command(serve)
