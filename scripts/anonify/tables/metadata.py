"""What a file of a table says of itself, and the types that its columns have in memory.

A Parquet file knows texts and numbers. Of which values a column may be, in which order, follows
from its description; for the quasi-identifiers of a release the file lists them.
"""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict
from typing import Any

import pandas as pd

from anonify.base.values import MISSING, SUPPRESSED
from anonify.tables.columns import Column
from anonify.tables.provenance import Provenance

Labels = Mapping[str, Sequence[str]]
"""By quasi-identifier of a released table, what it may show, in the order of its domain."""

_COLUMNS, _PROVENANCE, _LABELS = "anonify.columns", "anonify.provenance", "anonify.labels"


def write_metadata(
    columns: Sequence[Column], provenance: Provenance, labels: Labels
) -> dict[str, str]:
    """Return what a file says of its table, as texts by name."""
    return {
        _COLUMNS: json.dumps([asdict(column) for column in columns]),
        _PROVENANCE: json.dumps(provenance, sort_keys=True),
        _LABELS: json.dumps({name: list(shown) for name, shown in labels.items()}),
    }


def read_metadata(
    metadata: Mapping[bytes, bytes],
) -> tuple[tuple[Column, ...], Provenance, Labels]:
    """Return what a file says of its table; see :func:`write_metadata`."""
    columns = tuple(Column(**column) for column in json.loads(metadata[_COLUMNS.encode()]))
    provenance: Provenance = json.loads(metadata[_PROVENANCE.encode()])
    return columns, provenance, json.loads(metadata.get(_LABELS.encode(), b"{}"))


def list_labels(frame: pd.DataFrame, columns: Sequence[Column]) -> Labels:
    """Return what the quasi-identifiers of a released frame may show; nothing of another."""
    if SUPPRESSED not in frame:
        return {}
    names = [column.name for column in columns if column.role == "quasi-identifier"]
    return {name: frame[name].cat.categories.tolist() for name in names if name in frame}


def restore_types(
    frame: pd.DataFrame, columns: Sequence[Column], labels: Labels, texts: Collection[str] = ()
) -> pd.DataFrame:
    """Return a table with the types that :func:`anonify.tables.typed.convert_records` gives.

    Parameters
    ----------
    frame : some columns of a table, as texts, numbers and truth values. Categories stay.
    texts : columns whose categories are only how their texts were read.
    """
    described = {column.name: column for column in columns}
    restored = {
        name: _restore(values, described.get(str(name)), labels.get(str(name)), name in texts)
        for name, values in frame.items()
    }
    return pd.DataFrame(restored, index=frame.index)


def _restore(
    values: "pd.Series[Any]", column: Column | None, labels: Sequence[str] | None, is_text: bool
) -> "pd.Series[Any]":
    if values.dtype == "Int64" and not values.hasnans:
        values = values.astype("int64")
    if values.dtype == "category" and not is_text:
        return values
    if labels is not None:
        return _categorize(values, pd.CategoricalDtype(list(labels)))
    is_number = column is not None and column.type in ("integer", "decimal")
    if column is None or (is_number and column.role != "quasi-identifier"):
        return values.astype("str") if is_text else values
    texts = values.drop_duplicates().astype("str").tolist()
    present = sorted({*texts} - {MISSING}, key=float if is_number else str)
    missing = [MISSING] if MISSING in texts else []
    return _categorize(values, pd.CategoricalDtype([*present, *missing], ordered=True))


def _categorize(values: "pd.Series[Any]", kind: pd.CategoricalDtype) -> "pd.Series[Any]":
    if values.dtype == "category":
        # Not `astype`: of the same categories in another order it makes nothing else.
        return values.cat.set_categories(kind.categories, ordered=kind.ordered)
    return values.astype("str").astype(kind)
