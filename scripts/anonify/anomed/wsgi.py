"""The server for gunicorn: ``gunicorn anonify.anomed.wsgi:application``.

The environment variable ``ANONIFY_ANOMED`` names the settings, ``config/anomed.yaml`` where it is
not set.
"""

import os

from anonify.anomed.settings import build_application, read_settings

SETTINGS = "ANONIFY_ANOMED"

application = build_application(read_settings(os.environ.get(SETTINGS, "config/anomed.yaml")))
