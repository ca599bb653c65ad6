"""What only some of us need: packages that an extra of the installation brings."""

from importlib.util import find_spec

from anonify.base.errors import UserError
from anonify.base.places import IS_INSTALLED, WORKFLOW

EXTRAS = {
    "workflow": (
        *("art", "docutils", "gdown", "itables", "markdown_it", "matplotlib", "pygments"),
        *("requests", "rocrate", "sklearn", "snakemake", "threadpoolctl"),
    ),
    "server": ("falcon", "gunicorn", "requests", "sklearn", "skops"),
    "attacks": ("art", "sklearn"),
    "files": ("openpyxl", "pyreadstat"),
    "postgresql": ("adbc_driver_postgresql",),
    "spark": ("pyspark", "sqlglot"),
}
"""The modules that each extra brings."""


class MissingExtraError(UserError, ImportError):
    """Something needs packages that a light installation does not have."""


def require(extra: str, who: str) -> None:
    """Make sure that the packages of an extra are there; none of them is imported.

    Parameters
    ----------
    who : what needs them, as the message begins: ``the server``.

    Raises
    ------
    MissingExtraError : one of them is not installed; the message has the command that does it.
    """
    if any(find_spec(module) is None for module in EXTRAS[extra]):
        project = "anonify" if IS_INSTALLED else str(WORKFLOW)
        raise MissingExtraError(
            f"{who} needs packages that are not installed; run: pip install '{project}[{extra}]'"
        )
