"""Offer an anonymizer on the AnoMed platform."""

import os
import sys
from pathlib import Path

import click

import anonify
from anonify.anomed.settings import build_application, read_settings
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
    it, 127.0.0.1:8000). The server is gunicorn, which reads GUNICORN_CMD_ARGS, too.

    \b
    CHALLENGE_HOST=127.0.0.1:8080 anonify serve --config config/anomed.yaml
    """
    settings = read_settings(path)
    build_application(settings)
    tell(f"offering {settings.offer} {settings.identifier!r}; GET /openapi.json describes how")
    # Gunicorn takes the place of this process, so that signals reach it.
    os.execve(
        sys.executable,
        [
            *(sys.executable, "-m", "gunicorn", "anonify.anomed.wsgi:application"),
            *("--pythonpath", str(Path(anonify.__file__).parents[1])),
            *("--workers", str(settings.workers), "--worker-class", "gthread"),
            *("--threads", str(settings.threads)),
        ],
        {**os.environ, "ANONIFY_ANOMED": path},
    )
