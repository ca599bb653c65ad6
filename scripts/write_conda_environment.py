"""Write the conda environment of the jobs from the lock, so that both have the same versions."""

import re
import sys
import tomllib
from pathlib import Path

# Snakemake itself runs outside the jobs' environment.
NOT_IN_JOBS = {"click", "falcon", "gunicorn", "jsonschema", "pyyaml", "skops", "snakemake"}
CONDA_NAMES = {"matplotlib": "matplotlib-base"}


def main(lock: str, environment: str) -> None:
    """Write the pinned dependencies of pyproject.toml as a conda environment."""
    pins = dict(re.findall(r"^([a-z0-9-]+)==([^\s;]+)", Path(lock).read_text(), re.MULTILINE))
    project = tomllib.loads(Path("pyproject.toml").read_text())["project"]
    names = [re.split(r"[<>=~! ;\[]", text)[0] for text in project["dependencies"]]
    lines = [
        "# Written by `make lock` from requirements.lock; do not edit.",
        "channels:",
        "  - conda-forge",
        "  - nodefaults",
        "dependencies:",
        "  - python >=3.11,<3.14",
        *(f"  - {CONDA_NAMES.get(n, n)} ={pins[n]}" for n in names if n not in NOT_IN_JOBS),
    ]
    Path(environment).write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
