"""How commands meet the user: a mistake is one sentence and a non-zero exit."""

import sys
from collections.abc import Callable
from io import TextIOWrapper
from typing import Any

import click

from anonify.base.endings import ending_in_order
from anonify.base.errors import UserError, telling_effort


class Command(click.Command):
    """A command that tells a user's mistake in one sentence, without a traceback."""

    def invoke(self, ctx: click.Context) -> Any:
        # A terminal that has no ℓ shows a question mark.
        for stream in (sys.stdout, sys.stderr):
            if isinstance(stream, TextIOWrapper):
                stream.reconfigure(errors="replace")
        try:
            with ending_in_order(), telling_effort(tell):
                return super().invoke(ctx)
        except UserError as error:
            raise click.ClickException(str(error)) from None
        except BrokenPipeError:
            raise
        except OSError as error:
            raise click.ClickException(_explain_refusal(error)) from None


def command(name: str, **settings: Any) -> Callable[[Callable[..., None]], Command]:
    """Make a function a command; its help is the docstring, with the example as it is written.

    Parameters
    ----------
    settings : of click's context.
    """
    return click.command(name, cls=Command, context_settings=settings)


def tell(message: str) -> None:
    """Show progress on the terminal; standard output has the results alone."""
    print(message, file=sys.stderr, flush=True)


def _explain_refusal(error: OSError) -> str:
    reason = error.strerror or str(error)
    place = error.filename or "the output"
    return f"{place}: {reason}; choose another folder, or mend what keeps it from use"
