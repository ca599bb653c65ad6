"""Read tables that were anonymized elsewhere."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from anonify.base.errors import UserError
from anonify.base.files import is_parquet, reading
from anonify.base.values import SUPPRESSED
from anonify.domains.domain import encode_nodes
from anonify.releases.dataset import Dataset
from anonify.tables.columns import Column, check_columns
from anonify.tables.storage import read_table
from anonify.tables.text import read_header, read_text_columns
from anonify.tables.typed import convert_column, empty_missing


def read_release(
    path: str | Path,
    columns: Iterable[Column],
    roots: Mapping[str, str],
    separator: str = ",",
    decimal: str = ".",
) -> pd.DataFrame:
    """Read a table that was anonymized elsewhere.

    Parameters
    ----------
    roots : for each quasi-identifier the label of its root; a record that shows the roots alone
        counts as suppressed.

    Raises
    ------
    UserError : as :func:`anonify.tables.text.read_text_columns` and
        :func:`anonify.tables.typed.convert_records`; the values of the quasi-identifiers may be any
        text.
    """
    columns = tuple(columns)
    raw = read_text_columns(path, separator)
    check_columns(path, list(raw.columns), [column.name for column in columns])
    release = pd.DataFrame(
        {
            column.name: empty_missing(raw[column.name], column).astype("category")
            if column.name in roots
            # What lies beyond top and bottom must not be hidden by reading it.
            else convert_column(
                raw[column.name], replace(column, bottom=None, top=None), path, decimal
            )
            for column in columns
        }
    )
    shows_root = [release[name].astype("str") == root for name, root in roots.items()]
    release[SUPPRESSED] = pd.concat(shows_root, axis=1).all(axis=1)
    return release


def check_parent(anonymized: pd.DataFrame, release: pd.DataFrame, names: list[str]) -> None:
    """Make sure that a table can be a sample of another one.

    Raises
    ------
    UserError : a class has more records than there, or a column is not there.
    """
    for name in names:
        if name not in anonymized:
            raise UserError(f"`--anonymized`: the table has no column {name!r}; give the right one")
    keys = [*names, SUPPRESSED]
    before = anonymized[keys].astype("str").value_counts()
    after = release[keys].astype("str").value_counts()
    surplus = after.sub(before.reindex(after.index, fill_value=0))
    if (surplus > 0).any():
        shown = ", ".join(surplus.index[int((surplus > 0).argmax())][:-1])
        raise UserError(
            f"`--anonymized`: the class ({shown}) has fewer records there than in the released "
            "table, which is no sample of it then; give the right one"
        )


def read_any_release(path: str, dataset: Dataset) -> pd.DataFrame:
    """Read a released table: a CSV or Parquet file, made by any tool.

    Raises
    ------
    UserError : as :func:`read_release`; the table has no quasi-identifier, or a direct identifier.
    """
    frame = _read_own(path) if is_parquet(path) else None
    if frame is not None:
        present = list(frame.columns)
    else:
        separator, present = read_header(path, [column.name for column in dataset.columns])
    for name in dataset.identifiers:
        if name in present:
            raise UserError(
                f"{path}: the column {name!r} is a direct identifier, so the table must not be "
                "released; remove it"
            )
    columns = [column for column in dataset.columns if column.name in present]
    roots = {name: domain.root_label for name, domain in dataset.domains.items() if name in present}
    if not roots:
        raise UserError(
            f"{path}: it has none of the quasi-identifiers {', '.join(dataset.domains)}; correct "
            "`--config`, or the header"
        )
    if frame is None:
        # Numbers in Parquet have no other decimal mark than the point.
        mark = "." if is_parquet(path) else dataset.decimal
        frame = read_release(path, columns, roots, separator, mark)
    for name in roots:
        try:
            encode_nodes(frame[name], dataset.domains[name])
        except UserError as error:
            raise UserError(f"{path}: {error}") from None
    return frame


def _read_own(path: str) -> pd.DataFrame | None:
    """Read a Parquet file of a run with its marks; None where it is another one."""
    try:
        with reading(path):
            is_own = b"anonify.columns" in (pq.read_schema(path).metadata or {})
    except (pa.ArrowException, OSError):
        return None
    return read_table(path).frame if is_own else None
