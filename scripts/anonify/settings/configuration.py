"""The configuration of a run: filled up, and checked before anything runs."""

import math
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from itertools import count
from pathlib import Path
from typing import Any

from anonify.base.errors import UserError
from anonify.base.places import LIBRARY
from anonify.settings.classifiers import CLASSIFIERS
from anonify.settings.parts import RUN_FOLDERS, SECTIONS, SETTINGS, find_impossible
from anonify.settings.schemas import check_configuration, fill_defaults, read_schema


def list_methods() -> list[str]:
    """List the methods of k-anonymization by their modules, without an import of any."""
    files = (LIBRARY / "methods").glob("*.py")
    return sorted(file.stem for file in files if file.stem != "__init__")


FOLLOWING = ("release", "k_values", "shown_deletion", "risk_threshold")
"""Keys that follow from the `risk_limit` where they are not written."""


def find_least_k(limit: float) -> int:
    """Return the smallest k whose highest risk is not above a limit in per cent.

    >>> find_least_k(9), find_least_k(20), find_least_k(0.3), find_least_k(100)
    (12, 5, 334, 2)
    """
    return max(2, math.ceil(100 / Fraction(str(limit))))


def list_around(k: int) -> list[int]:
    """Return the k that are compared with one.

    >>> list_around(12), list_around(3)
    ([3, 6, 12, 24, 48], [2, 3, 6, 12])
    """
    return sorted({max(2, -(-k // 4)), max(2, -(-k // 2)), k, 2 * k, 4 * k})


def follow_limit(config: Mapping[str, Any], methods: Sequence[str]) -> dict[str, Any]:
    """Return a configuration with what follows from its `risk_limit`, if it has one.

    Parameters
    ----------
    methods : those of the configuration, the first of which is released where nothing is said.
    """
    limit = config.get("risk_limit")
    if limit is None:
        return dict(config)
    k = find_least_k(limit)
    release = {"method": methods[0], "k": k, **config.get("release", {})}
    derived = {"k_values": list_around(k), "shown_deletion": 0, "risk_threshold": limit}
    return {**derived, **config, "release": release}


def complete_configuration(config: Mapping[str, Any], schema: str | Path) -> dict[str, Any]:
    """Check a configuration by itself and fill in what follows from its limit, and the defaults.

    Raises
    ------
    UserError : the first mistake.
    """
    rules = read_schema(schema)
    check_configuration(config, rules, "configuration")
    config = follow_limit(config, fill_defaults(config, rules)["methods"])
    config = fill_defaults(config, rules)
    if "k" not in config["release"]:
        raise UserError(
            "configuration: `release` lacks the key `k`; add it, or a `risk_limit` from which it "
            "follows"
        )
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
    if config["risk_limit"] is not None:
        _check_limit(config["risk_limit"], config["release"]["k"], config["shown_deletion"])
    if config["classifier_repeats"] > config["repeats"]:
        if "classifiers" in config["evaluations"]:
            raise UserError(
                f"configuration: `classifier_repeats` is {config['classifier_repeats']}; it should "
                f"be at most `repeats`, which is {config['repeats']}"
            )
        # Nobody spoke of classifiers, but single ones may be asked for.
        config["classifier_repeats"] = config["repeats"]
    return config


def _check_limit(limit: float, k: int, deletion: int) -> None:
    """Make sure that a release of classes of k, of which a share is deleted, keeps a limit."""
    least = find_least_k(limit)
    if k < least:
        raise UserError(
            f"configuration: `release.k` is {k}, which leaves a risk of up to {100 / k:.3g} %, but "
            f"the `risk_limit` is {limit:g} %; leave k out, or take one from {least}"
        )
    if (left := _count_left(k, deletion)) < least:
        enough = next(n for n in count(least) if _count_left(n, deletion) >= least)
        risk = f"a risk of up to {100 / left:.3g} %" if left else "nothing of some classes"
        raise UserError(
            f"configuration: `shown_deletion` is {deletion}, which leaves {left} of a class of "
            f"{k} people and so {risk}, but the `risk_limit` is {limit:g} %; delete nothing (0), "
            f"or take a `release.k` from {enough}"
        )


def _count_left(k: int, deletion: int) -> int:
    """Return how many of a class are left; what is deleted is rounded up."""
    return k - math.ceil(Fraction(k * deletion, 100))


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


def add_evaluations(
    config: Mapping[str, Any], schema: str | Path, given: Iterable[str]
) -> dict[str, Any]:
    """Return a configuration in which what there are settings for is evaluated, too.

    Parameters
    ----------
    config : where it names ``evaluations``, it stays as it is.
    schema : of configurations, which has what is evaluated without a word.
    given : the keys that the user gave of it.
    """
    if "evaluations" in config:
        return dict(config)
    rules = read_schema(schema)["properties"]["evaluations"]
    meant = {name for name, keys in SETTINGS.items() if {*keys} & {*given}}
    order = list(SECTIONS)
    return {**config, "evaluations": sorted({*rules["default"], *meant}, key=order.index)}


def check_evaluations(config: Mapping[str, Any], description: Mapping[str, Any]) -> None:
    """Check that what a user wants evaluated can be.

    Raises
    ------
    UserError : the dataset has nothing for an evaluation that is named.
    """
    for evaluation, reason in find_impossible(description, config).items():
        if evaluation in config["evaluations"]:
            raise UserError(
                f"configuration: `evaluations` names {evaluation!r}, but {reason}; leave it out"
            )
