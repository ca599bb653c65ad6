"""Where things of the project lie; nothing else counts folders."""

from pathlib import Path

LIBRARY = Path(__file__).parents[1]
"""The library itself."""

SCRIPTS = LIBRARY.parent
"""The scripts of the workflow, in a checkout of the project."""

PROJECT = SCRIPTS.parent
"""A checkout of the project, where the library lies in one."""

CONFIGURATION = PROJECT / "config"
DESCRIPTIONS = CONFIGURATION / "datasets"
"""The described datasets that come with the project."""

RUN_SCHEMA = CONFIGURATION / "config.schema.yaml"
DATASET_SCHEMA = LIBRARY / "settings/dataset.schema.yaml"
