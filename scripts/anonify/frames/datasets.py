"""From a DataFrame, and what a person decided about its columns, to a dataset."""

import sys
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd

from anonify.base.errors import UserError
from anonify.base.words import list_names
from anonify.datasets.people import find_people
from anonify.frames.generalization import Generalization, build, describe
from anonify.frames.texts import FRAME, check_frame, check_released, write_texts
from anonify.releases.dataset import Dataset
from anonify.settings.description import check_column
from anonify.tables.columns import Role, describe_columns
from anonify.tables.distinct import KnownColumn
from anonify.tables.typed import convert_records

ROLES: dict[str, Role] = {
    "quasi_identifiers": "quasi-identifier",
    "sensitive": "sensitive",
    "target": "target",
    "identifiers": "identifier",
    "person": "person",
    "weight": "weight",
}
"""What the parameters say of the columns that they name."""


def list_texts(names: str | Iterable[str] | None) -> list[str]:
    """Return names as a list, where one alone may be given."""
    if names is None:
        return []
    # A number, too: that columns are to be named by texts is told of the frame.
    if isinstance(names, str) or not isinstance(names, Iterable):
        return [names]
    return list(names)


def find_roles(frame: pd.DataFrame, named: Mapping[str, Iterable[str]]) -> dict[str, Role]:
    """Return the role of each column that is named, in the order of the frame.

    Parameters
    ----------
    named : columns by parameter, of :data:`ROLES`.

    Raises
    ------
    UserError : a name is that of no column, or stands twice, none is a quasi-identifier, or several
        are weights.
    """
    parameters: dict[str, str] = {}
    for parameter, names in named.items():
        for name in names:
            if name not in frame.columns:
                raise UserError(
                    f"`{parameter}` names {name!r}, which is no column of {FRAME}; choose from "
                    f"{list_names(list(frame.columns))}"
                )
            if name in parameters:
                raise UserError(
                    f"`{parameter}` names {name!r}, which `{parameters[name]}` has already; a "
                    "column has one role, so name it once"
                )
            parameters[name] = parameter
    weights = [name for name, parameter in parameters.items() if parameter == "weight"]
    if len(weights) > 1:
        raise UserError(
            f"`weight` names {list_names(weights)}; name the one column that fits the whole table"
        )
    if "quasi_identifiers" not in parameters.values():
        raise UserError(
            "`quasi_identifiers` names no column, so there is nothing to anonymize; name those "
            "that outsiders may know of a person"
        )
    return {name: ROLES[parameters[name]] for name in frame.columns if name in parameters}


def build_dataset(
    frame: pd.DataFrame,
    generalizations: Mapping[str, Generalization],
    named: Mapping[str, Iterable[str]],
    rows_are_people: bool = False,
    limits: Mapping[str, Mapping[str, Any]] = MappingProxyType({}),
) -> Dataset:
    """Type the columns of a frame and build the domains of its quasi-identifiers.

    Parameters
    ----------
    generalizations : of each quasi-identifier.
    named : the other columns by parameter, of :data:`ROLES`.
    rows_are_people : that every record is a person of its own, although it may not look so.
    limits : by parameter, of :data:`anonify.frames.generalization.LIMITS`, those of columns.

    Raises
    ------
    UserError : a column is named by no parameter or seems to tell people who have several records,
        or as :func:`find_roles`, or values, names or
        generalizations are not as they should be.
    """
    check_frame(frame)
    roles = find_roles(frame, {"quasi_identifiers": generalizations, **named})
    undecided = [name for name in frame.columns if name not in roles]
    if undecided:
        raise UserError(
            f"{FRAME}: nothing is said of {list_names(undecided)}; name each column in "
            "`quasi_identifiers` (generalized), `sensitive`, `target` or `weight` (released as "
            "they are), or `identifiers` (left out)"
        )
    identifiers = tuple(name for name, role in roles.items() if role == "identifier")
    people = [name for name, role in roles.items() if role == "person"]
    released = [name for name in roles if name not in (*identifiers, *people)]
    check_released(released)
    texts = write_texts(frame[list(roles)])
    if not people and not rows_are_people:
        _check_rows(texts.frame, roles)
    described: dict[str, dict[str, Any]] = {}
    for name in released:
        kind = texts.kinds[name]
        if name in generalizations:
            described[name] = describe(name, generalizations[name], kind, texts.frame[name])
        else:
            described[name] = {"role": roles[name], "type": "category" if kind == "time" else kind}
    _add_limits(described, limits)
    keys = describe_columns({name: {"role": "person", "type": "category"} for name in people})
    columns = describe_columns(described)
    typed = convert_records(texts.frame[[*released, *people]], [*columns, *keys], FRAME)
    domains = {
        name: build(name, typed[name].cat.categories.tolist(), generalizations[name], column)
        for name, column in described.items()
        if name in generalizations
    }
    return Dataset("frame", typed, columns, identifiers, domains, ".")


def _add_limits(
    described: Mapping[str, dict[str, Any]], limits: Mapping[str, Mapping[str, Any]]
) -> None:
    """Add to the descriptions of columns where values end, and which levels may be shown."""
    for parameter, of_columns in limits.items():
        kind = "number or date" if parameter in ("bottom", "top") else "number"
        if not isinstance(of_columns, Mapping):
            raise UserError(f"`{parameter}` should name columns with a {kind} each")
        for name, limit in of_columns.items():
            if name not in described:
                raise UserError(
                    f"`{parameter}` names {name!r}, which is no column that is released; choose "
                    f"from {list_names(list(described))}"
                )
            # NumPy's numbers are no JSON, which provenance is.
            limit = limit.item() if isinstance(limit, np.generic) else limit
            described[name][parameter] = _CHECKS[parameter](parameter, name, limit)
    for name, column in described.items():
        check_column(f"{FRAME}: {name!r}", column)


def _check_end(parameter: str, name: str, end: Any) -> Any:
    if isinstance(end, bool) or not isinstance(end, int | float | str | date):
        raise UserError(
            f"`{parameter}`: {name!r} has one of the type {type(end).__name__}; give a number or a "
            "date"
        )
    return end.isoformat()[:10] if isinstance(end, date) else end


def _check_level(parameter: str, name: str, level: Any) -> int:
    if isinstance(level, bool) or not isinstance(level, int) or level < 0:
        raise UserError(f"`{parameter}`: {name!r} has {level!r}; give a whole number from 0")
    return level


def _check_importance(parameter: str, name: str, importance: Any) -> float:
    is_number = isinstance(importance, int | float) and not isinstance(importance, bool)
    if not is_number or not 0 < importance <= sys.float_info.max:
        raise UserError(f"`{parameter}`: {name!r} has {importance!r}; give a number above 0")
    return float(importance)


_CHECKS: dict[str, Callable[[str, str, Any], Any]] = {
    "bottom": _check_end,
    "top": _check_end,
    "least_level": _check_level,
    "most_level": _check_level,
    "importance": _check_importance,
}


def _check_rows(texts: pd.DataFrame, roles: Mapping[str, Role]) -> None:
    found = find_people({name: KnownColumn.of(texts[name]) for name in roles}, roles)
    if found:
        raise UserError(
            f"{FRAME}: {found[0]!r} may stand for people with several records, of which k would "
            "count each; name it as `person`, or give `rows_are_people=True` if every record is a "
            "person of its own"
        )
