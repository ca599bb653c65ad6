"""Offer an anonymizer on the AnoMed platform."""

import os
import socket
import sys

import click

from anonify.base.errors import UserError
from anonify.base.extras import require
from anonify.base.places import LIBRARY
from anonify.commands.terminal import command, tell


@command("serve")
@click.option(
    "--config",
    "path",
    default="config/anomed.yaml",
    show_default=True,
    metavar="FILE",
    help="What is offered, and how.",
)
def serve(path: str) -> None:
    """Offer an anonymizer on the AnoMed platform: a classifier, a table, or drawn records.

    Addresses come from the environment: CHALLENGE_HOST is the challenge's host, with its port
    where that is not 80; PORT the port to listen on, at all addresses of this machine (without
    it, 127.0.0.1:8000). The server is gunicorn; GUNICORN_CMD_ARGS sets anything else.

    \b
    CHALLENGE_HOST=127.0.0.1:8080 anonify serve --config config/anomed.yaml
    """
    require("server", "the server")
    # Here, so that no other command waits for it.
    from anonify.anomed.settings import build_application, read_settings
    from anonify.anomed.state import own_folder

    settings = read_settings(path)
    build_application(settings)
    address = _choose_address()
    # It stays open in gunicorn and its workers.
    os.set_inheritable(own_folder(settings.folder), True)
    tell(f"offering {settings.offer} {settings.identifier!r}; GET /openapi.json describes how")
    # Gunicorn takes the place of this process, so that signals reach it.
    os.execve(
        sys.executable,
        [
            *(sys.executable, "-m", "gunicorn", "anonify.anomed.wsgi:application"),
            *("--pythonpath", str(LIBRARY.parent)),
            *("--bind", address, "--no-control-socket", "--preload"),
            *("--workers", str(settings.workers), "--worker-class", "gthread"),
            *("--threads", str(settings.threads)),
        ],
        {**os.environ, "ANONIFY_ANOMED": path},
    )


def _choose_address() -> str:
    """Return where to listen, ``host:port``.

    Raises
    ------
    UserError : PORT is no port, or another program listens there.
    """
    text = os.environ.get("PORT")
    host, port = ("127.0.0.1", "8000") if text is None else ("0.0.0.0", text)
    if not (port.isascii() and port.isdigit() and 0 < int(port) < 2**16):
        raise UserError(
            f"the environment variable PORT is {port!r}; it should be a number from 1 to 65535"
        )
    with socket.socket() as probe:
        # As gunicorn does, so that a server that has just ended is in nobody's way.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, int(port)))
        except OSError as error:
            raise UserError(
                f"{host}:{port} can't be listened on ({error.strerror}); set another PORT"
            ) from None
    return f"{host}:{port}"
