"""How a quasi-identifier is generalized, as a caller says it and as a description has it."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd

from anonify.base.errors import UserError
from anonify.base.places import DATASET_SCHEMA
from anonify.base.values import MISSING
from anonify.domains.domain import Domain
from anonify.domains.files import build_domain, fit_hierarchy, read_domain
from anonify.domains.hierarchy import Hierarchy
from anonify.domains.levels import LEVELS, adjust_domain
from anonify.domains.rules import TIMES
from anonify.settings.description import check_column
from anonify.settings.schemas import check_configuration, read_schema
from anonify.tables.columns import Type

Generalization = (
    None | Literal["prefix", "date"] | str | Path | Sequence[float] | Mapping[str, Any] | Hierarchy
)
"""What generalizes the values of a quasi-identifier; see :func:`anonify.anonymize`."""

WHERE = "`quasi_identifiers`"

LIMITS = ("bottom", "top", *LEVELS, "importance")
"""The keys of a description that :func:`anonify.anonymize` has parameters for."""


def read_hierarchy(path: str | Path) -> Hierarchy:
    """Read a hierarchy from a file such as ARX writes.

    Parameters
    ----------
    path : of a CSV without a header: one row for each value, ``;`` between the levels, the value
        first and what stands for all values last.

    Returns
    -------
    The hierarchy, named as the file; :func:`anonify.anonymize` takes it for any column whose
    values are in it.

    Raises
    ------
    ValueError : there is no such file, it is not UTF-8, its levels do not nest, or it has values
        without generalizations.

    Examples
    --------
    >>> import tempfile, anonify
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder, "town.csv")
    ...     _ = path.write_text("Aln;North;*\\nBrae;North;*\\nColl;South;*\\n")
    ...     town = anonify.read_hierarchy(path)
    >>> town.height, town.labels
    (2, ('Aln', 'Brae', 'Coll', 'North', 'South', '*'))
    """
    domain = read_domain(path, Path(path).stem)
    if not isinstance(domain, Hierarchy):
        raise UserError(
            f"{path}: its rows are values alone; write behind each, after `;`, what generalizes it"
        )
    return domain


def describe(
    name: str, how: Generalization, kind: Type | Literal["time"], texts: "pd.Series[str]"
) -> dict[str, Any]:
    """Return the description of a quasi-identifier as a dataset's file would have it.

    Parameters
    ----------
    kind : what the values are, where the caller does not say it.
    texts : the values, a missing one as the empty text.

    Raises
    ------
    UserError : nothing generalizes a column in that way.
    """
    column: dict[str, Any] = {"role": "quasi-identifier", "type": "category"}
    column |= {"type": kind} if kind != "time" else {}
    if isinstance(how, Mapping):
        parts = {"hierarchy", "ranges", "type", "format", "role", *LIMITS}
        column |= dict(how) if parts & set(how) else {"hierarchy": dict(how)}
    elif isinstance(how, np.ndarray) or (isinstance(how, Sequence) and not isinstance(how, str)):
        column["hierarchy"] = {
            "intervals": [{"start": 0, "width": width} for width in np.asarray(how).tolist()]
        }
    elif isinstance(how, str) and how == "prefix":
        column |= {"type": "category", "hierarchy": {"prefixes": _list_lengths(name, texts)}}
    elif isinstance(how, str) and how == "date":
        column["hierarchy"] = {"dates": list(TIMES)}
    elif isinstance(how, Path) or (isinstance(how, str) and how.endswith(".csv")):
        column["hierarchy"] = {"file": str(how)}
    elif how is not None and not isinstance(how, Hierarchy):
        raise UserError(
            f"{WHERE}: {name!r} is generalized by {how!r}; give None, a list of widths, 'prefix', "
            "'date', a rule such as {'tree': …}, or a hierarchy or its file (.csv)"
        )
    _check(name, column, kind)
    return column


def build(
    name: str, values: Sequence[str], how: Generalization, column: Mapping[str, Any]
) -> Domain:
    """Build the domain of a quasi-identifier.

    Parameters
    ----------
    values : the distinct values as text, in the order of the domain, a missing one last.
    column : as :func:`describe` returns it.

    Raises
    ------
    UserError : as :func:`anonify.domains.files.build_domain` and ``fit_hierarchy``.
    """
    if isinstance(how, Hierarchy):
        return adjust_domain(fit_hierarchy(name, values, how), column)
    return build_domain(name, values, column, column.get("hierarchy", {}).get("file"))


def _list_lengths(name: str, texts: "pd.Series[str]") -> list[int]:
    """List how many characters are kept: one fewer on each level."""
    longest = int(texts[texts != MISSING].str.len().max() or 0)
    if longest < 2:
        raise UserError(
            f"{WHERE}: {name!r} has values of one character, which no prefix generalizes; give "
            "None, or a rule such as {'tree': …}"
        )
    return list(range(longest - 1, 0, -1))


def _check(name: str, column: Mapping[str, Any], kind: Type | Literal["time"]) -> None:
    schema = read_schema(DATASET_SCHEMA)
    check_configuration({name: column}, {**schema, **_select_columns(schema)}, WHERE)
    if column["role"] != "quasi-identifier":
        raise UserError(
            f"{WHERE}: `{name}` has the `role` {column['role']!r}; name it in another parameter"
        )
    check_column(f"{WHERE}: `{name}`", column)
    if kind == "time" and "dates" in column.get("hierarchy", {}):
        raise UserError(
            f"{WHERE}: {name!r} has times of day, which no `dates` generalize; give the dates "
            f"alone, such as by frame[{name!r}].dt.normalize()"
        )


def _select_columns(schema: Mapping[str, Any]) -> dict[str, Any]:
    """Return the part of the schema that is about columns, for a mapping of them alone."""
    columns = schema["properties"]["columns"]
    return {"properties": {}, "required": [], **columns}
