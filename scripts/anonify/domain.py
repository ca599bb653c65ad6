"""The domain of a quasi-identifier: its values, and what generalizes them.

That is a hierarchy, or the ranges of a numeric attribute that has none. Both number their
nodes, leaves first, and can join nodes, label and find them, and tell their NCP.

Domains are kept as ARX writes hierarchies: one row for each value, ``;`` between the levels,
the value first. Rows of the value alone are the domain of ranges.
"""

import csv
from collections.abc import Mapping, Sequence
from io import StringIO
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from anonify.equivalence import Codes
from anonify.errors import UserError
from anonify.files import choose_quoting, replacing
from anonify.hierarchy import (
    MISSING,
    Hierarchy,
    Nodes,
    check_mistakes,
    find_mistakes,
    hierarchy_from_rows,
    is_number,
)
from anonify.hierarchy_rules import add_missing, build_hierarchy
from anonify.ranges import Ranges

Domain = Hierarchy | Ranges


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
        :func:`anonify.hierarchy_rules.build_hierarchy` or as the name of a ``file`` such as ARX
        writes. Without one, numbers are generalized to ranges, text and dates to the root.
    file : where the file was found.

    Raises
    ------
    UserError : as :func:`anonify.hierarchy_rules.build_hierarchy` and :func:`read_domain`; a value
        is missing in the file.
    """
    if "hierarchy" not in column and column["type"] in ("integer", "decimal"):
        return Ranges(attribute, tuple(values))
    if file is None:
        return build_hierarchy(attribute, values, column.get("hierarchy", {}))
    return _build_from_file(attribute, add_missing(_read_rows(file), values), file, values)


def read_domain(path: str | Path, attribute: str) -> Domain:
    """Read a domain.

    Raises
    ------
    UserError : there is no such file, it is not UTF-8, or as
        :func:`anonify.hierarchy.hierarchy_from_rows`.
    """
    rows = _read_rows(path)
    if any(len(row) > 1 for row in rows):
        return _build_from_file(attribute, rows, path)
    for number, (value,) in enumerate(rows, start=1):
        if not is_number(value) and value != MISSING:
            raise UserError(
                f"{path}, row {number}: {value!r} of {attribute!r} is no number, so it lies in no "
                "range; give every row its generalizations"
            )
    return Ranges(attribute, tuple(value for (value,) in rows))


def write_domain(domain: Domain, path: str | Path) -> None:
    """Write a domain; a hierarchy in the form that ARX reads."""
    if isinstance(domain, Ranges):
        rows = np.array(domain.values, dtype=object)[:, np.newaxis]
    else:
        rows = np.array(domain.labels, dtype=object)[domain.ancestors]
    with replacing(path) as temporary, temporary.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, ARX, quoting=choose_quoting(rows.ravel())).writerows(rows)


def require_hierarchies(domains: Sequence[Domain]) -> list[Hierarchy]:
    """Return the domains, all of which must be hierarchies.

    Raises
    ------
    UserError : one is not; the message names the attribute.
    """
    for domain in domains:
        if isinstance(domain, Ranges):
            raise UserError(
                f"{domain.attribute!r} has no hierarchy, and the method takes no ranges; give the "
                "column `hierarchy: {intervals: …}`, or choose a method that does, such as mondrian"
            )
    return [domain for domain in domains if isinstance(domain, Hierarchy)]


def encode_records(frame: pd.DataFrame, domains: Sequence[Domain]) -> Codes:
    """Return array (records, d): the leaf of each value of the quasi-identifiers.

    Raises
    ------
    UserError : a value is no leaf of its domain.
    """
    return np.stack([encode_leaves(frame[domain.attribute], domain) for domain in domains], axis=1)


def encode_leaves(column: "pd.Series[Any]", domain: Domain) -> Nodes:
    """Return array (records,): the leaf of each value of a categorical text column.

    Raises
    ------
    UserError : a value is no leaf of the domain.
    """
    return _encode(column, domain, domain.leaf_count)


def encode_nodes(column: "pd.Series[Any]", domain: Domain) -> Nodes:
    """Return array (records,): the node of each label of a categorical text column.

    Raises
    ------
    UserError : a label is no node of the domain.
    """
    return _encode(column, domain, domain.root + 1)


def _encode(column: "pd.Series[Any]", domain: Domain, allowed: int) -> Nodes:
    nodes = domain.find_nodes(column.cat.categories.tolist())
    codes = column.cat.codes.to_numpy()
    encoded = np.where(codes < 0, -1, nodes[codes])
    wrong = (encoded < 0) | (encoded >= allowed)
    if wrong.any():
        row = int(wrong.argmax())
        kind = "leaf" if allowed == domain.leaf_count else "label"
        raise UserError(
            f"column {domain.attribute!r}, record {row + 1}: the value {column.iloc[row]!r} is "
            f"no {kind} of its hierarchy; add it to the hierarchy or mend the record"
        )
    return encoded


def _build_from_file(
    attribute: str, rows: list[list[str]], path: str | Path, values: Sequence[str] = ()
) -> Hierarchy:
    leaves = {row[0] for row in rows}
    mistakes = [f"hierarchy of {attribute!r}: {mistake}" for mistake in find_mistakes(rows)]
    mistakes += [
        f"the value {value!r} of {attribute!r} has no row; add one for it"
        for value in values
        if value not in leaves
    ]
    check_mistakes(str(path), mistakes)
    return hierarchy_from_rows(attribute, rows)


def _read_rows(path: str | Path) -> list[list[str]]:
    try:
        # A value may have a carriage return in it.
        with Path(path).open(encoding="utf-8-sig", newline="") as file:
            text = file.read()
    except (FileNotFoundError, IsADirectoryError):
        raise UserError(f"{path}: there is no such hierarchy file; check the path") from None
    except UnicodeDecodeError:
        raise UserError(f"{path}: the file is not UTF-8 text; save it as UTF-8") from None
    return [row for row in csv.reader(StringIO(text, newline=""), ARX) if row]
