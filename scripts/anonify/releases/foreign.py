"""Read tables that were anonymized elsewhere."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from anonify.base.codes import spell_code
from anonify.base.errors import UserError
from anonify.base.files import is_parquet, reading
from anonify.base.values import ISO, MISSING, ROOT, SUPPRESSED
from anonify.domains.domain import Domain, Domains, encode_shown
from anonify.domains.written import spell_value
from anonify.releases.dataset import Dataset, StoredDataset
from anonify.releases.writing import unescape_formula
from anonify.tables.classes import count_selected
from anonify.tables.columns import Column, check_columns
from anonify.tables.counts import Rows, records_of, select_rows
from anonify.tables.dialect import Dialect
from anonify.tables.distinct import map_texts
from anonify.tables.storage import read_rows
from anonify.tables.text import read_header, read_text_columns
from anonify.tables.typed import convert_column, empty_missing


@dataclass(frozen=True)
class Released:
    """A released table, whoever made it.

    Parameters
    ----------
    names : of its columns.
    rows : gives columns of it with ``is_suppressed``, and the numbers of the people where it has
        them.
    """

    names: Sequence[str]
    rows: Rows


def read_release(
    path: str | Path,
    columns: Iterable[Column],
    domains: Domains,
    separator: str = ",",
    decimal: str = ".",
    original: Rows | None = None,
) -> pd.DataFrame:
    """Read a table that was anonymized elsewhere, or written by us.

    Numbers and dates may be written as in the original or as we write them, with a decimal point
    and as ``YYYY-MM-DD``, and texts as :func:`anonify.releases.writing.escape_formulas` does.

    Parameters
    ----------
    domains : of the quasi-identifiers; a record that shows the roots alone, or ``*``, counts as
        suppressed.
    original : gives columns of the table that it was made from.

    Raises
    ------
    UserError : as :func:`anonify.tables.text.read_text_columns` and
        :func:`anonify.tables.typed.convert_records`; the values of the quasi-identifiers may be any
        text.
    """
    columns = tuple(columns)
    names = [column.name for column in columns]
    raw = read_text_columns(path, Dialect(separator, header=True))
    raw = raw.rename(columns=lambda name: unescape_formula(name, names))
    check_columns(path, list(raw.columns), names)
    release = pd.DataFrame(
        {
            column.name: _read_labels(raw[column.name], column, domains[column.name])
            if column.name in domains
            else _restore_texts(_read_values(raw[column.name], column, path, decimal), original)
            for column in columns
        },
        copy=False,
    )
    shows_root = [release[name] == domain.root_label for name, domain in domains.items()]
    release[SUPPRESSED] = np.logical_and.reduce(shows_root)
    return release


def _read_labels(raw: "pd.Series[Any]", column: Column, domain: Domain) -> "pd.Series[Any]":
    """Return the labels of a quasi-identifier as its domain has them, where it does."""
    labels = map_texts(
        raw, lambda texts: _spell_labels(empty_missing(texts, column), column, domain)
    )
    return labels.cat.reorder_categories(sorted(labels.cat.categories))


def _spell_labels(labels: "pd.Series[Any]", column: Column, domain: Domain) -> "pd.Series[Any]":
    """Return distinct labels as the domain of their column has them, where it does."""
    written = labels.unique().tolist()
    nodes = dict(zip(written, domain.find_nodes(written).tolist(), strict=True))
    unknown = [label for label, node in nodes.items() if node < 0]
    plain = [label.removeprefix("'") for label in unknown]
    known = {text for text, node in zip(plain, domain.find_nodes(plain), strict=True) if node >= 0}
    spelt = {
        label: spell_value(unescape_formula(label, known), column.type, column.format)
        for label in unknown
    }
    if column.code:
        spelt |= {label: spell_code(column.code, label) or text for label, text in spelt.items()}
    if ROOT in spelt:
        spelt[ROOT] = domain.root_label
    return labels.map(lambda label: spelt.get(label, label))


def _read_values(
    raw: "pd.Series[Any]", column: Column, path: str | Path, decimal: str
) -> "pd.Series[Any]":
    # What lies beyond top and bottom must not be hidden by reading it.
    column = replace(column, bottom=None, top=None)
    if column.role == "weight":
        # Suppressed records that are kept may have lost theirs.
        column = replace(column, role="sensitive")
    try:
        return convert_column(raw, replace(column, format=ISO), path)
    except UserError:
        return convert_column(raw, column, path, decimal)


def _restore_texts(values: "pd.Series[Any]", original: Rows | None) -> "pd.Series[Any]":
    """Return texts as the original has them, where they were kept from being formulas."""
    is_marked = values.dtype == "category" and values.cat.categories.str.startswith("'").any()
    if original is None or not is_marked:
        return values
    name = str(values.name)
    known = {*original([name])[name].cat.categories}
    return map_texts(values, lambda texts: texts.map(lambda text: unescape_formula(text, known)))


def add_left_out(release: pd.DataFrame, original: pd.DataFrame, domains: Domains) -> pd.DataFrame:
    """Return a release with the records that it leaves out, as suppressed ones at its end.

    Their other values are those that the original has more often.

    Parameters
    ----------
    release : as :func:`read_release` returns it.
    original : the typed table that it was made from.
    """
    others = [name for name in original if name not in domains]
    before, after = (_number_alike(frame[others]) for frame in (original, release))
    rest = original[~before.isin(after)].iloc[: max(len(original) - len(release), 0)]
    roots = {name: domain.root_label for name, domain in domains.items()}
    left_out = rest.assign(**roots, **{SUPPRESSED: True})
    return pd.DataFrame({name: _append(release[name], left_out[name]) for name in release})


def _number_alike(frame: pd.DataFrame) -> "pd.Series[Any]":
    """Return for each record its values and how many records before it have the same."""
    if not len(frame.columns):
        return pd.Series(range(len(frame)), index=frame.index)
    texts = frame.astype("str").fillna(MISSING)
    numbers = texts.groupby(list(texts)).cumcount()
    return pd.Series(
        list(zip(*(texts[name] for name in texts), numbers, strict=True)), index=frame.index
    )


def _append(released: "pd.Series[Any]", left_out: "pd.Series[Any]") -> "pd.Series[Any]":
    """Return values with others after them, in the categories of those where they suffice."""
    if pd.api.types.is_numeric_dtype(released):
        return pd.concat([released, left_out], ignore_index=True)
    texts = pd.concat([each.astype("str") for each in (released, left_out)], ignore_index=True)
    is_known = left_out.dtype == "category" and texts.isin(left_out.cat.categories).all()
    return texts.astype(left_out.dtype if is_known else "category")


def check_parent(anonymized: Released, release: Released, names: list[str]) -> None:
    """Make sure that a table can be a sample of another one.

    Raises
    ------
    UserError : a class has more records than there, or a column is not there.
    """
    for name in names:
        if name not in anonymized.names:
            raise UserError(f"`--anonymized`: the table has no column {name!r}; give the right one")
    before, after = (_count_shown(each.rows(names), names) for each in (anonymized, release))
    surplus = after.sub(before.reindex(after.index, fill_value=0))
    if (surplus > 0).any():
        shown = ", ".join(surplus.index[int((surplus > 0).argmax())][:-1])
        raise UserError(
            f"`--anonymized`: the class ({shown}) has fewer records there than in the released "
            "table, which is no sample of it then; give the right one"
        )


def _count_shown(frame: pd.DataFrame, names: list[str]) -> "pd.Series[int]":
    """Return how many records show each tuple of texts, by these and whether it is suppressed."""
    keys = [frame[name].astype("str") for name in (*names, SUPPRESSED)]
    return pd.Series(records_of(frame), frame.index).groupby(keys, observed=True).sum()


def read_any_release(path: str, dataset: Dataset | StoredDataset) -> Released:
    """Read a released table: a CSV or Parquet file, made by any tool.

    Raises
    ------
    UserError : as :func:`read_release`; the table has no quasi-identifier, or a direct identifier.
    """
    separator = ","
    present = _find_own(path) if is_parquet(path) else None
    is_own = present is not None
    if present is None:
        names = [*dataset.identifiers, *(column.name for column in dataset.columns)]
        separator, header = read_header(path, names)
        present = [unescape_formula(name, names) for name in header]
    for name in dataset.identifiers:
        if name in present:
            raise UserError(
                f"{path}: the column {name!r} is a direct identifier, so the table must not be "
                "released; remove it"
            )
    columns = [column for column in dataset.columns if column.name in present]
    domains = {name: domain for name, domain in dataset.domains.items() if name in present}
    if not domains:
        raise UserError(
            f"{path}: it has none of the quasi-identifiers {', '.join(dataset.domains)}; correct "
            "`--config`, or the header"
        )
    if is_own:
        rows = records = read_rows(path)
    else:
        frame = read_release(path, columns, domains, separator, dataset.decimal, dataset.rows)
        rows, records = count_selected(frame, [*domains]), select_rows(frame)
    for name, domain in domains.items():
        try:
            encode_shown(records([name])[name], domain)
        except UserError as error:
            raise UserError(f"{path}: {error}") from None
    return Released([column.name for column in columns], rows)


def _find_own(path: str) -> list[str] | None:
    """Return the columns of a Parquet file of a run; None where it is another one."""
    try:
        with reading(path):
            schema = pq.read_schema(path)
    except (pa.ArrowException, OSError):
        return None
    return schema.names if b"anonify.columns" in (schema.metadata or {}) else None
