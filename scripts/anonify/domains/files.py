"""Build, read and write domains.

They are kept as ARX writes hierarchies: one row for each value, ``;`` between the levels, the value
first. Rows of the value alone are the domain of ranges; a longer row before them lists the edges
where these end.
"""

import csv
from collections.abc import Collection, Mapping, Sequence
from io import StringIO
from pathlib import Path
from typing import Any

from anonify.base.errors import UserError
from anonify.base.files import choose_quoting, reading, replacing
from anonify.base.values import MISSING, is_number, repr_number
from anonify.base.words import quote
from anonify.domains.domain import Domain
from anonify.domains.hierarchy import (
    Hierarchy,
    check_mistakes,
    find_mistakes,
    hierarchy_from_rows,
)
from anonify.domains.intervals import find_alike, find_wrong_edges, list_edges
from anonify.domains.levels import adjust_domain
from anonify.domains.ranges import Ranges
from anonify.domains.rules import add_missing, build_hierarchy, list_leaves
from anonify.domains.written import read_written_rows


class ARX(csv.excel):
    """How ARX writes hierarchies."""

    delimiter = ";"
    lineterminator = "\n"


def build_domain(
    attribute: str,
    values: Sequence[str],
    column: Mapping[str, Any],
    file: str | Path | None = None,
) -> Domain:
    """Build the domain of an attribute as the dataset's configuration describes it.

    Parameters
    ----------
    values : the distinct values as text, in the order of the domain, a missing one last.
    column : its ``type``, and its ``hierarchy`` by one of the rules of
        :func:`anonify.domains.rules.build_hierarchy` or as the name of a ``file`` such as ARX
        writes. Without one, numbers are generalized to ranges, which end as its ``ranges`` say, and
        text and dates to the root. A hierarchy that lists its values has its ``top`` and
        ``bottom``. A release shows its ``least_level`` at least and its ``most_level`` at most.
    file : where the file was found.

    Raises
    ------
    UserError : as :func:`anonify.domains.rules.build_hierarchy` and :func:`read_domain`; a value
        is missing in the file, ranges do not hold all values, or there is no such level.
    """
    return adjust_domain(_build_domain(attribute, values, column, file), column)


def _build_domain(
    attribute: str, values: Sequence[str], column: Mapping[str, Any], file: str | Path | None
) -> Domain:
    if "hierarchy" not in column and column["type"] in ("integer", "decimal"):
        return _build_ranges(attribute, values, column.get("ranges"))
    if file is None:
        rule = column.get("hierarchy", {})
        if "tree" in rule:
            _check_ends(attribute, column, list_leaves(rule["tree"]))
        return build_hierarchy(attribute, values, rule)
    rows = read_written_rows(file, column, values)
    _check_ends(attribute, column, {row[0] for row in rows})
    return _build_from_file(attribute, add_missing(rows, values), file, values)


def read_domain(path: str | Path, attribute: str) -> Domain:
    """Read a domain.

    Raises
    ------
    UserError : there is no such file, it is not UTF-8, or as
        :func:`anonify.domains.hierarchy.hierarchy_from_rows`.
    """
    edges, rows = _split_edges(_read_rows(path))
    if any(len(row) > 1 for row in rows):
        return _build_from_file(attribute, [*edges, *rows], path)
    for number, (value,) in enumerate(rows, start=1 + len(edges)):
        if not is_number(value) and value != MISSING:
            raise UserError(
                f"{path}, row {number}: {value!r} of {attribute!r} is no number, so it lies in no "
                "range; give every row its generalizations"
            )
    values = tuple(value for (value,) in rows)
    return Ranges(attribute, values, tuple(edges[0]) if edges else ())


def read_domains(paths: Sequence[str | Path], names: Sequence[str]) -> dict[str, Domain]:
    """Read the domains of a table, one file for each quasi-identifier in the order of the table.

    Raises
    ------
    UserError : as :func:`read_domain`.
    """
    return {name: read_domain(path, name) for name, path in zip(names, paths, strict=True)}


def fit_hierarchy(attribute: str, values: Sequence[str], hierarchy: Hierarchy) -> Hierarchy:
    """Return a hierarchy that was read without its table, as that of one of its attributes.

    Parameters
    ----------
    values : the distinct values as text; a missing one is generalized straight to the root.

    Raises
    ------
    UserError : the hierarchy lacks a value.
    """
    rows = add_missing(hierarchy.rows.tolist(), values)
    return _build_from_file(attribute, rows, f"hierarchy {hierarchy.attribute!r}", values)


def write_domain(domain: Domain, path: str | Path) -> None:
    """Write a domain; a hierarchy in the form that ARX reads."""
    rows = domain.rows.tolist()
    if isinstance(domain, Ranges) and domain.edges:
        rows = [[*domain.edges], *rows]
    texts = [text for row in rows for text in row]
    with replacing(path) as temporary, temporary.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, ARX, quoting=choose_quoting(texts)).writerows(rows)


def _build_ranges(attribute: str, values: Sequence[str], rule: Mapping[str, Any] | None) -> Ranges:
    numbers = [value for value in values if value != MISSING]
    mistakes = find_alike(numbers) if rule is None else find_wrong_edges(numbers, rule)
    check_mistakes(f"ranges of {attribute!r}", mistakes)
    if rule is None:
        return Ranges(attribute, tuple(values))
    return Ranges(attribute, tuple(values), tuple(list_edges(numbers, rule)))


def _check_ends(attribute: str, column: Mapping[str, Any], leaves: Collection[str]) -> None:
    """Make sure that what takes the place of extreme values is a value of a hierarchy."""
    write = {"integer": lambda end: str(int(end)), "decimal": lambda end: repr_number(float(end))}
    for key in ("bottom", "top"):
        if key in column and (end := write.get(column["type"], str)(column[key])) not in leaves:
            raise UserError(
                f"hierarchy of {attribute!r}: it has no value {end!r}, which is the `{key}` of the "
                "column; add it to the hierarchy, or choose one of its values"
            )


def _split_edges(rows: list[list[str]]) -> tuple[list[list[str]], list[list[str]]]:
    """Part the row of edges, if there is one, from those of values; no hierarchy begins so."""
    has_edges = (
        len(rows) > 1
        and len(rows[0]) > 1
        and all(map(is_number, rows[0]))
        and all(len(row) == 1 for row in rows[1:])
    )
    return rows[:has_edges], rows[has_edges:]


def _build_from_file(
    attribute: str, rows: list[list[str]], path: str | Path, values: Sequence[str] = ()
) -> Hierarchy:
    leaves = {row[0] for row in rows}
    mistakes = [f"hierarchy of {attribute!r}: {mistake}" for mistake in find_mistakes(rows)]
    mistakes += [
        f"the value {quote(value)} of {attribute!r} has no row; add one for it"
        for value in values
        if value not in leaves
    ]
    check_mistakes(str(path), mistakes)
    return hierarchy_from_rows(attribute, rows)


def _read_rows(path: str | Path) -> list[list[str]]:
    # A value may have a carriage return in it.
    with reading(path), Path(path).open(encoding="utf-8-sig", newline="") as file:
        text = file.read()
    return [row for row in csv.reader(StringIO(text, newline=""), ARX) if row]
