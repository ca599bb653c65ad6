"""What the columns of a table are."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Literal

from anonify.base.errors import UserError, UserErrors
from anonify.base.files import is_csv
from anonify.base.values import PERSON, RECORDS, SUPPRESSED
from anonify.base.words import list_names, quote
from anonify.tables.text import read_header

Role = Literal["person", "identifier", "quasi-identifier", "sensitive", "target", "weight"]


Type = Literal["category", "integer", "decimal", "date"]


MARKS = (SUPPRESSED, PERSON)
"""Columns of ours that a table may have beside those described."""

RESERVED = {*MARKS, RECORDS}


def is_reserved(name: str) -> bool:
    """Tell whether our tables, or an engine, may have a column of that name themselves.

    Capitals make no difference: to SQL they are one.
    """
    return name.lower() == SUPPRESSED or name.lower().startswith("anonify.")


@dataclass(frozen=True)
class Column:
    """One column.

    Parameters
    ----------
    role : what it is in the sense of privacy.
    type : of its values.
    format : how dates are written, as ``strftime`` has it.
    missing : texts that stand for no value, however they are spelt.
    normalize : whether values of a quasi-identifier that mean the same become one.
    bottom, top : numbers or dates below and above become these; dates as ``YYYY-MM-DD``.
    open_ends : whether numbers may be written as the end of what is open, such as ``90+``.
    spellings : numbers as we write them, and as the table does where that differs.
    code : the system of its codes, of :data:`anonify.base.codes.SYSTEMS`.
    least_level, most_level : the levels of its hierarchy at least and at most that a release shows;
        None without a limit.
    importance : of a quasi-identifier in the loss that methods minimize, 1 where there is none.
    """

    name: str
    role: Role
    type: Type
    format: str = "%Y-%m-%d"
    missing: Sequence[str] = ()
    normalize: bool = False
    bottom: float | str | None = None
    top: float | str | None = None
    open_ends: bool = False
    spellings: Sequence[tuple[str, str]] = ()
    code: str | None = None
    least_level: int | None = None
    most_level: int | None = None
    importance: float | None = None

    def __post_init__(self) -> None:
        """Take what YAML and JSON have for lists."""
        object.__setattr__(self, "missing", tuple(map(str, self.missing)))
        object.__setattr__(self, "spellings", tuple(map(tuple, self.spellings)))


def describe_columns(columns: Mapping[str, Mapping[str, Any]]) -> tuple[Column, ...]:
    """Read the ``columns`` section of a dataset's configuration.

    Raises
    ------
    UserError : a column has a name that our tables use themselves, or none and is released.
    """
    for place, (name, column) in enumerate(columns.items(), start=1):
        if is_reserved(name):
            raise UserError(
                f"columns: {name!r} is a name that our tables use themselves; rename the column in "
                "the file and in the dataset's configuration"
            )
        if not name.strip() and column["role"] not in ("identifier", "person"):
            raise UserError(
                f"columns: the column in place {place} has no name; write one into the file's "
                "header and into the dataset's configuration, or give it the role `identifier`"
            )
    known = {field.name for field in fields(Column)} - {"name", "code"}
    return tuple(
        Column(
            name,
            code=column.get("hierarchy", {}).get("code", {}).get("system"),
            **{key: each for key, each in column.items() if key in known},
        )
        for name, column in columns.items()
    )


def names_with_role(columns: Iterable[Column], role: Role) -> list[str]:
    """Return the names of the columns with a role, in the order of the table."""
    return [column.name for column in columns if column.role == role]


def find_target(columns: Iterable[Column]) -> str:
    """Return the name of the column that classifiers predict.

    Raises
    ------
    UserError : there is none.
    """
    names = names_with_role(columns, "target")
    if not names:
        raise UserError(
            "columns: none has the role `target`, so classifiers have nothing to predict; give it "
            "to one in the dataset's description"
        )
    return names[0]


def find_weight(columns: Iterable[Column]) -> str | None:
    """Return the name of the column that says how many people a record stands for, None without."""
    return next(iter(names_with_role(columns, "weight")), None)


def drop_identifiers(columns: Iterable[Column]) -> tuple[Column, ...]:
    """Return the columns without those that tell who it is, which no table of ours has."""
    return tuple(column for column in columns if column.role not in ("identifier", "person"))


def check_columns(path: str | Path, present: list[str], expected: list[str]) -> None:
    """Make sure that a file has the expected columns and no others, in any order.

    Raises
    ------
    UserErrors : some are missing, or not expected. Where that comes of the separator, it is told
        of a single column.
    """
    lacking = [
        f"{path}: the column {name!r} is missing (there are {list_names(present)}); "
        for name in expected
        if name not in present
    ]
    if lacking and (separator := _explain_separator(path, present, expected)):
        raise UserError(lacking[0] + separator)
    mend = "add it or describe the table's own columns in config/datasets/"
    mistakes = [sentence + mend for sentence in lacking]
    mistakes += [_explain_surplus(path, name) for name in present if name not in expected]
    if mistakes:
        raise UserErrors(*mistakes)


def _explain_surplus(path: str | Path, name: str) -> str:
    if not name:
        return (
            f"{path}: a column has no name in the header; give it one and describe it, or remove "
            "it, such as by removing what parts columns from the end of every line"
        )
    return (
        f"{path}: the column {quote(name)} is not described; give it a role and a type in "
        "config/datasets/ or remove it from the file"
    )


def _explain_separator(path: str | Path, present: list[str], expected: list[str]) -> str | None:
    """Say what parts the columns, where that finds more of the expected ones."""
    if not is_csv(path):
        return None
    try:
        mark, header = read_header(path, expected)
    except UserError:
        # It is in another encoding.
        return None
    if len({*header} & {*expected}) <= len({*present} & {*expected}):
        return None
    key = f"separator: {json.dumps(mark)}"
    return f"{mark!r} parts the columns, so write `{key}` in the description"
