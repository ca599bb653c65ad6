"""The description of a dataset: find it, read it, check it."""

import math
import re
import sys
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any

from anonify.base.errors import Noting, UserError
from anonify.base.files import is_csv, is_parquet
from anonify.base.places import DATASET_SCHEMA, DESCRIPTIONS
from anonify.settings.credentials import check_credentials
from anonify.settings.parts import RESULTS
from anonify.settings.schemas import (
    LONGEST,
    check_configuration,
    fill_defaults,
    locate_mistakes,
    read_schema,
    read_yaml,
)
from anonify.settings.search import list_search_path


def read_description(path: str | Path, where: str) -> dict[str, Any]:
    """Read and check the description of a dataset, and fill in what follows from it.

    These are the defaults, the codes for missing values of each column, and the ``weight`` of the
    distributions where a column is one.

    Parameters
    ----------
    where : the file, as the message should name it.

    Raises
    ------
    UserError : there is no such file, or it has a mistake.
    """
    return examine_description(path, where)[0]


def examine_description(
    path: str | Path, where: str, noting: Noting = nullcontext
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Read and check a description as :func:`read_description` does.

    Returns
    -------
    The description, and those of its columns that have no mistake.

    Raises
    ------
    UserError : also where mistakes are noted, if one is outside of the columns: the table can't be
        read then.
    """
    description = read_yaml(path)
    columns = description.get("columns") if isinstance(description, dict) else None
    if isinstance(description, dict):
        # Before anything is quoted.
        check_credentials(description, where)
    for name in columns if isinstance(columns, dict) else ():
        if not isinstance(name, str):
            raise UserError(
                f"{where}: `columns` has the key {name!r}, which YAML takes for no text; put the "
                "name of the column in quotes"
            )
    schema = read_schema(DATASET_SCHEMA)
    mistaken = locate_mistakes(description, schema, where)
    is_readable = all(place[:1] == ("columns",) and len(place) > 1 for place in mistaken)
    with noting() if is_readable else nullcontext():
        check_configuration(description, schema, where)
    names = {str(place[1]) for place in mistaken if len(place) > 1}
    if not mistaken:
        names = check_dataset_description(description, where, noting)
    filled = fill_defaults(description, schema)
    for name, column in filled["columns"].items():
        # What holds for all columns holds for each that does not say otherwise.
        for key in ("missing", "value_labels"):
            if isinstance(column, dict) and key in filled:
                column.setdefault(key, filled[key])
        if isinstance(column, dict) and column.get("role") == "weight":
            # Who has weights wants to know of the population, not of the records.
            for distribution in filled.get("distributions", {}).values():
                distribution["weight"] = name
    return filled, {name: each for name, each in filled["columns"].items() if name not in names}


def check_dataset_description(
    description: Mapping[str, Any], where: str, noting: Noting = nullcontext
) -> set[str]:
    """Check what the schema can't: that the parts of a dataset's description fit together.

    Returns
    -------
    The columns that have a mistake, where mistakes are noted.

    Raises
    ------
    UserError : there is more than one target or weight, no quasi-identifier, a key does not fit its
        column, or a distribution names a column that is not there or does not fit.
    """
    columns = description["columns"]
    if "file" not in description and "database" not in description:
        raise UserError(f"{where}: the file lacks the key `file`, or `database`; add one of them")
    if "database" in description:
        _check_database(where, description)
    elif "synthetic" in description and not (
        is_csv(description["file"]) or is_parquet(description["file"])
    ):
        raise UserError(
            f"{where}: `synthetic` draws no file that ends as {description['file']!r}; give a CSV "
            "or Parquet file as `file`, or remove `synthetic`"
        )
    with noting():
        _check_roles(where, [column["role"] for column in columns.values()])
    mistaken = {*columns}
    for name, column in columns.items():
        with noting():
            check_column(f"{where}: `columns.{name}`", column)
            mistaken.remove(name)
    for name, distribution in description.get("distributions", {}).items():
        with noting():
            _check_distribution(f"{where}: `distributions.{name}`", name, distribution, columns)
    return mistaken


def _check_database(where: str, description: Mapping[str, Any]) -> None:
    """Make sure that nothing is said of a file where the table is that of a database."""
    for key in ("file", "synthetic", "sha256", "sources"):
        if key in description:
            raise UserError(
                f"{where}: there is `{key}`, which is about a file, but the table comes from a "
                "`database`; remove one of them"
            )
    order, columns = description["database"]["order"], description["columns"]
    unknown = [name for name in order if name not in columns]
    if unknown:
        raise UserError(
            f"{where}: `database.order` names {unknown[0]!r}, which is none of `columns`; correct "
            "one of them"
        )


def _check_roles(where: str, roles: Sequence[str]) -> None:
    if roles.count("target") > 1:
        raise UserError(
            f"{where}: `columns` has {roles.count('target')} columns of the role `target`; give it "
            "to one at most, and to the others the role `sensitive`"
        )
    if roles.count("weight") > 1:
        raise UserError(
            f"{where}: `columns` has {roles.count('weight')} columns of the role `weight`; give it "
            "to the one that fits the whole table, and to the others the role `identifier` or "
            "`sensitive`"
        )
    if "quasi-identifier" not in roles:
        raise UserError(
            f"{where}: `columns` has no `quasi-identifier`, so there is nothing to anonymize; "
            "give the role to what may identify a person"
        )


def check_column(where: str, column: Mapping[str, Any]) -> None:
    """Make sure that the keys of a column's description fit together.

    Parameters
    ----------
    where : the column, as the message should name it.

    Raises
    ------
    UserError : a key does not fit its role or type.
    """
    if "format" in column and column["type"] != "date":
        raise UserError(f"{where} has a `format` but is no date; remove it, or mend the `type`")
    if "format" in column and not _has_whole_date(column["format"]):
        raise UserError(
            f"{where} has the `format` {column['format']!r}; it should have a day, a month and a "
            "year of four digits, such as %d.%m.%Y"
        )
    if "hierarchy" in column and column["role"] != "quasi-identifier":
        raise UserError(
            f"{where} has a `hierarchy` but is no quasi-identifier; remove it, or mend the `role`"
        )
    if "code" in column.get("hierarchy", {}) and column["type"] != "category":
        raise UserError(
            f"{where} has a `code` but is no text; give it `type: category`, for as numbers codes "
            "lose their leading zeros"
        )
    _check_levels(where, column)
    is_joined = column["role"] == "quasi-identifier" and column["type"] == "category"
    if column.get("normalize") and not is_joined:
        raise UserError(
            f"{where} has `normalize` but is no quasi-identifier of the type `category`; remove it "
            "(what means the same counts as one value of a sensitive column anyway)"
        )
    if column["role"] == "weight":
        _check_weight(where, column)
    if column.get("open_ends") and column["type"] not in ("integer", "decimal"):
        raise UserError(f"{where} has `open_ends` but is no number; remove it, or mend the `type`")
    for key in ("bottom", "top"):
        if key in column:
            _check_end(where, key, column)
    if {"bottom", "top"} <= {*column} and column["bottom"] > column["top"]:
        raise UserError(
            f"{where} has the `bottom` {column['bottom']}, which is above its `top` "
            f"{column['top']}; swap them"
        )
    if "ranges" in column:
        _check_ranges(where, column)
    if "positive" not in column:
        return
    if column["role"] != "target":
        raise UserError(
            f"{where} has a `positive` value but is not the target; remove it, or mend the `role`"
        )
    is_text = column["type"] in ("category", "date")
    if isinstance(column["positive"], str) != is_text:
        raise UserError(
            f"{where} has the `positive` value {column['positive']!r}, but is "
            f"{'text' if is_text else 'a number'}; mend one of them"
        )


def _check_weight(where: str, column: Mapping[str, Any]) -> None:
    """Make sure that a weight is a number, and stays as it is."""
    if column["type"] not in ("integer", "decimal"):
        raise UserError(
            f"{where} has the role `weight` but is no number; mend the `role`, or write the `type` "
            "`decimal` or `integer`"
        )
    for key in ("bottom", "top", "open_ends", "encoding"):
        if column.get(key) is not None:
            raise UserError(
                f"{where} has the role `weight` and `{key}`, but weights stay as they are; remove "
                "one of them"
            )


def _check_end(where: str, key: str, column: Mapping[str, Any]) -> None:
    """Make sure that a number or date can take the place of those beyond it."""
    end, kind = column[key], column["type"]
    if column["role"] in ("person", "identifier"):
        raise UserError(
            f"{where} has a `{key}` but is left out of every release; remove it, or mend the `role`"
        )
    if kind == "category":
        raise UserError(
            f"{where} has a `{key}` but is text, which has no order; remove it, or mend the `type`"
        )
    if kind == "date":
        if not (isinstance(end, str) and _is_date(end)):
            raise UserError(
                f"{where} has the `{key}` {end!r}, which is no date; write one in quotes, such as "
                '"2024-12-31"'
            )
    elif isinstance(end, str):
        raise UserError(f"{where} has the `{key}` {end!r}, but is a number; mend one of them")
    else:
        _check_number(f"{where} has a `{key}`", end, kind)


def _check_levels(where: str, column: Mapping[str, Any]) -> None:
    """Make sure of levels and importance; which levels there are is known with the hierarchy."""
    limits = {
        key: column[key] for key in ("least_level", "most_level", "importance") if key in column
    }
    if limits and column["role"] != "quasi-identifier":
        key = next(iter(limits))
        raise UserError(
            f"{where} has {'an' if key == 'importance' else 'a'} `{key}` but is no "
            "quasi-identifier, so it is not generalized; remove it, or mend the `role`"
        )
    if limits.get("least_level", 0) > limits.get("most_level", math.inf):
        raise UserError(
            f"{where} has the `least_level` {limits['least_level']}, which is above its "
            f"`most_level` {limits['most_level']}; swap them"
        )


def _check_ranges(where: str, column: Mapping[str, Any]) -> None:
    is_number = column["type"] in ("integer", "decimal")
    if column["role"] != "quasi-identifier" or not is_number or "hierarchy" in column:
        raise UserError(
            f"{where} has `ranges` but is no numeric quasi-identifier without a hierarchy; remove "
            "them, or what stands against them"
        )
    rule = column["ranges"]
    numbers = [*rule.get("edges", []), *(rule[key] for key in ("start", "width") if key in rule)]
    for number in numbers:
        _check_number(f"{where} has `ranges` with a number", number, column["type"])


def _check_number(what: str, number: Any, kind: str) -> None:
    """Make sure that a column of numbers can have a number."""
    # False also for what is not a number.
    if not abs(number) <= sys.float_info.max:
        raise UserError(f"{what} that is not finite or too large; write another one")
    if kind == "integer" and not (number == int(number) and abs(number) < LONGEST):
        raise UserError(
            f"{what} that is no whole number of 64 bits, as those of the column are; give such a "
            "one, or mend the `type`"
        )


def _is_date(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _has_whole_date(form: str) -> bool:
    """Tell whether a format says day, month and year; two digits would not say which century."""
    parts = set(re.findall("%(.)", form))
    return {"d", "Y"} <= parts and len(parts & {"m", "b", "B"}) == 1 and parts <= set("dYmbB%")


def _check_distribution(
    where: str, name: str, distribution: Mapping[str, Any], columns: Mapping[str, Any]
) -> None:
    if name in RESULTS:
        raise UserError(f"{where} has the name of another table or figure; give it another one")
    attribute, by = distribution["attribute"], distribution["by"]
    role = columns.get(attribute, {}).get("role")
    if role not in ("sensitive", "target"):
        raise UserError(
            f"{where} has the `attribute` {attribute!r}; name a sensitive column or the target, or "
            "remove the distribution"
        )
    if by not in columns or columns[by]["role"] != "quasi-identifier":
        raise UserError(
            f"{where} has `by: {by}`; name a quasi-identifier, or remove the distribution"
        )
    for key in ("label", "by_label"):
        if re.search(r"[`*|\\]|_(?!\w)", distribution[key]):
            raise UserError(
                f"{where} has the `{key}` {distribution[key]!r}, in which captions would read "
                "marks such as * or ` or _ at the end of a word; leave them out"
            )
    is_text = columns[attribute]["type"] in ("category", "date")
    if distribution["statistic"] == "mean" and is_text:
        raise UserError(f"{where}: {attribute!r} is text, which has no mean; use `count`")
    if distribution["statistic"] == "count":
        if "value" not in distribution:
            raise UserError(f"{where} lacks the key `value`; say what is counted")
        if isinstance(distribution["value"], str) != is_text:
            raise UserError(
                f"{where} counts the value {distribution['value']!r}, but {attribute!r} is "
                f"{'text' if is_text else 'a number'}; mend one of them"
            )
    edges = distribution.get("edges", [])
    if any(high <= low for low, high in pairwise(edges)):
        raise UserError(f"{where}: the `edges` {edges} do not rise; sort them")


def locate_description(name: str) -> Path:
    """Return where the description of a dataset lies: the user's own before the one from us."""
    own = Path("config/datasets") / f"{name}.yaml"
    return own if own.exists() else DESCRIPTIONS / own.name


def find_description(named: str) -> tuple[Path, list[Path]]:
    """Return where a description is, and the folders that its files are looked for in.

    Parameters
    ----------
    named : the dataset's name in ``config/datasets/``, or the path of its description (``.yaml``)
        or of a run's configuration that names it and the folders to look in.

    Raises
    ------
    UserError : there is none of that name.
    """
    if named.endswith((".yaml", ".yml")):
        run = _read_run(named)
        if run is None:
            return Path(named), [*list_search_path(["data"]), Path(named).parent]
        named = str(run["dataset"])
    else:
        # `anonify init` gives a dataset and its run one name.
        path = Path(f"config/{named}.yaml")
        run = _read_run(path) if path.is_file() else None
    found = locate_description(named)
    if not found.exists():
        raise UserError(
            f"`dataset`: there is no config/datasets/{named}.yaml; write one, or give the path of "
            "a description that ends in .yaml"
        )
    configured = (run or {}).get("search_path", ["data"])
    return found, [*list_search_path(configured), found.parent]


def _read_run(path: str | Path) -> dict[str, Any] | None:
    """Read the configuration of a run, None where the file is that of something else."""
    content = read_yaml(path)
    is_run = isinstance(content, dict) and "dataset" in content and "columns" not in content
    return content if is_run else None
