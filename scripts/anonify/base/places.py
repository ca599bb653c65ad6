"""Where things of the project lie; nothing else counts folders."""

from pathlib import Path

LIBRARY = Path(__file__).parents[1]
"""The library itself."""

SHIPPED = LIBRARY / "workflow"
"""Where an installed library has the workflow; in a checkout there is no such folder."""

IS_INSTALLED = SHIPPED.is_dir()

WORKFLOW = SHIPPED if IS_INSTALLED else LIBRARY.parents[1]
"""The workflow: the installed one, or the checkout of the project that the library lies in."""

SCRIPTS = WORKFLOW / "scripts"
CONFIGURATION = WORKFLOW / "config"
DESCRIPTIONS = CONFIGURATION / "datasets"
"""The described datasets that come with the project."""

RUN_SCHEMA = CONFIGURATION / "config.schema.yaml"
DATASET_SCHEMA = LIBRARY / "settings/dataset.schema.yaml"
