"""Write the conda environment of the jobs from the lock, so that both have the same versions."""

import re
import sys
import tomllib
from pathlib import Path

# Jobs use what the library needs and what these bring; Snakemake itself runs outside of them.
EXTRAS = ["workflow", "attacks", "files", "postgresql"]
NOT_IN_JOBS = {"anonify", "click", "jsonschema", "python-stdnum", "pyyaml", "snakemake"}
CONDA_NAMES = {"matplotlib": "matplotlib-base"}


def main(lock: str, environment: str) -> None:
    """Write the pinned dependencies of pyproject.toml as a conda environment."""
    pins = dict(re.findall(r"^([a-z0-9-]+)==([^\s;]+)", Path(lock).read_text(), re.MULTILINE))
    project = tomllib.loads(Path("pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"]
    needed = [*project["dependencies"], *(text for extra in EXTRAS for text in extras[extra])]
    names = sorted({re.split(r"[<>=~! ;\[]", text)[0] for text in needed} - NOT_IN_JOBS)
    lines = [
        "# Written by `make lock` from requirements.lock; do not edit.",
        "channels:",
        "  - conda-forge",
        "  - nodefaults",
        "dependencies:",
        "  - python >=3.11,<3.14",
        *(f"  - {CONDA_NAMES.get(n, n)} ={pins[n]}" for n in names),
    ]
    Path(environment).write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
