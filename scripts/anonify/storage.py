"""One way to read a table and one way to write one, each with its provenance.

Tables of records are Parquet; what a person opens is CSV with a description beside it (W3C,
Metadata Vocabulary for Tabular Data, 2015). Both are written under a temporary name and
renamed, so that a file under its own name is whole.
"""

import json
import platform
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

import anonify
from anonify.dataset import Column
from anonify.files import replacing

SUPPRESSED = "is_suppressed"

Provenance = dict[str, Any]


@dataclass(frozen=True)
class Table:
    """Records, what their columns are, and where they come from.

    A released table has, besides the columns described, the boolean column ``is_suppressed``.
    """

    frame: pd.DataFrame
    columns: tuple[Column, ...]
    provenance: Provenance


def start_provenance(dataset: Mapping[str, Any]) -> Provenance:
    """Return the provenance of a table without a history.

    Parameters
    ----------
    dataset : name, title, SHA-256 of the file, and whether it is the synthetic stand-in.
    """
    versions = {
        "anonify": anonify.__version__,
        "python": platform.python_version(),
        "numpy": np.__version__,
        "pandas": pd.__version__,
    }
    return {"dataset": dict(dataset), "steps": [], "versions": versions}


def add_step(provenance: Provenance, step: str, **details: Any) -> Provenance:
    """Return a provenance with one more step: what was done, with which parameters."""
    return {**provenance, "steps": [*provenance["steps"], {"step": step, **details}]}


def is_synthetic(provenance: Provenance) -> bool:
    """Tell whether the data are the synthetic stand-in."""
    return bool(provenance["dataset"]["synthetic"])


def read_table(path: str | Path) -> Table:
    """Read a table that :func:`write_table` wrote."""
    content = pq.read_table(path)
    metadata = content.schema.metadata
    return Table(
        content.to_pandas(),
        tuple(Column(**column) for column in json.loads(metadata[b"anonify.columns"])),
        json.loads(metadata[b"anonify.provenance"]),
    )


def write_table(table: Table, path: str | Path) -> None:
    """Write a table as Parquet; columns and provenance go into the file's metadata."""
    content = pa.Table.from_pandas(table.frame, preserve_index=False)
    metadata = {
        "anonify.columns": json.dumps([asdict(column) for column in table.columns]),
        "anonify.provenance": json.dumps(table.provenance, sort_keys=True),
    }
    content = content.replace_schema_metadata({**(content.schema.metadata or {}), **metadata})
    with replacing(path) as temporary:
        pq.write_table(content, temporary, compression="zstd")


def write_csv(
    frame: pd.DataFrame, path: str | Path, metadata_path: str | Path, provenance: Provenance
) -> None:
    """Write a table for people: CSV, and beside it the description of its columns and origin.

    The first column of the CSV names the dataset, so that numbers from the synthetic stand-in
    can't be taken for others.
    """
    label = provenance["dataset"]["name"]
    if is_synthetic(provenance):
        label += " (synthetic stand-in)"
    frame = frame.copy()
    frame.insert(0, "dataset", label)
    with replacing(path) as temporary:
        frame.to_csv(temporary, index=False, float_format="%.10g", lineterminator="\n")
    kinds = {"i": "integer", "u": "integer", "f": "number", "b": "boolean"}
    description = {
        "@context": "http://www.w3.org/ns/csvw",
        "url": Path(path).name,
        "tableSchema": {
            "columns": [
                {"name": name, "datatype": kinds.get(frame[name].dtype.kind, "string")}
                for name in frame
            ]
        },
        "notes": [provenance],
    }
    write_json(description, metadata_path)


def read_provenance(metadata_path: str | Path) -> Provenance:
    """Read the provenance of a table for people from the description beside it."""
    provenance: Provenance = json.loads(Path(metadata_path).read_text())["notes"][0]
    return provenance


def write_json(content: Any, path: str | Path) -> None:
    """Write JSON that a person can read."""
    with replacing(path) as temporary:
        temporary.write_text(json.dumps(content, indent=2, sort_keys=True) + "\n")
