"""The configuration of a run: filled up, and checked before anything runs."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from anonify.base.errors import UserError
from anonify.base.places import LIBRARY
from anonify.settings.classifiers import CLASSIFIERS
from anonify.settings.parts import RUN_FOLDERS
from anonify.settings.schemas import check_configuration, fill_defaults, read_yaml


def list_methods() -> list[str]:
    """List the methods of k-anonymization by their modules, without an import of any."""
    files = (LIBRARY / "methods").glob("*.py")
    return sorted(file.stem for file in files if file.stem != "__init__")


def complete_configuration(config: Mapping[str, Any], schema: str | Path) -> dict[str, Any]:
    """Check a configuration by itself and fill in the defaults.

    Raises
    ------
    UserError : the first mistake.
    """
    rules = read_yaml(schema)
    config = fill_defaults(config, rules)
    check_configuration(config, rules, "configuration")
    methods = list_methods()
    for key in ("methods", "method_options"):
        for method in config[key]:
            if method not in methods:
                raise UserError(
                    f"configuration: `{key}` names {method!r}, which is no module of "
                    f"scripts/anonify/methods/; choose from {', '.join(methods)}"
                )
    for classifier in config["classifiers"]:
        if classifier not in CLASSIFIERS:
            raise UserError(
                f"configuration: `classifiers` names {classifier!r}, which is none of "
                f"scripts/anonify/settings/classifiers.py; choose from {', '.join(CLASSIFIERS)}"
            )
    if config["run"] in RUN_FOLDERS:
        raise UserError(
            f"configuration: `run` is {config['run']!r}, which is a folder of the run without a "
            "name; choose another name"
        )
    if config["shown_deletion"] not in [0, *config["deletions"]]:
        raise UserError(
            f"configuration: `shown_deletion` is {config['shown_deletion']}; it should be one "
            f"of the `deletions` {config['deletions']}, or 0"
        )
    if config["classifier_repeats"] > config["repeats"]:
        raise UserError(
            f"configuration: `classifier_repeats` is {config['classifier_repeats']}; it should "
            f"be at most `repeats`, which is {config['repeats']}"
        )
    return config


def check_fit(config: Mapping[str, Any], description: Mapping[str, Any]) -> None:
    """Check that a configuration fits the dataset that it names.

    Raises
    ------
    UserError : the table to be evaluated can't be made, or a requirement is about a column that
        it can't be about.
    """
    where = f"config/datasets/{description['name']}.yaml"
    release = config["release"]
    foreign = description.get("releases", {}).get(release["method"])
    if foreign is None and release["method"] not in list_methods():
        raise UserError(
            f"configuration: `release.method` is {release['method']!r}; it should be a method "
            f"or one of the releases in {where}"
        )
    if foreign is not None and release["k"] not in foreign:
        raise UserError(
            f"configuration: `release.k` is {release['k']}; {release['method']!r} has k "
            f"{', '.join(map(str, foreign))}"
        )
    for requirement in config["requirements"]:
        column = description["columns"].get(requirement["attribute"], {})
        if column.get("role") not in ("sensitive", "target"):
            raise UserError(
                f"configuration: `requirements` names {requirement['attribute']!r}; it should be a "
                f"sensitive column or the target of {where}"
            )
