"""Turn recodings and foreign CSVs into released tables."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from anonify.anonymizers.recoding import Recoding
from anonify.dataset import Column, check_columns, convert_column
from anonify.domain import Domain
from anonify.storage import SUPPRESSED
from anonify.text_table import read_text_columns


def release_records(
    frame: pd.DataFrame, domains: Sequence[Domain], recoding: Recoding
) -> pd.DataFrame:
    """Return the table with its quasi-identifiers recoded, records in the same order.

    Parameters
    ----------
    domains : one for each column of the recoding.

    Returns
    -------
    Frame (records, columns and ``is_suppressed``); released values are categories of text.
    """
    release = frame.copy()
    for domain, nodes in zip(domains, recoding.nodes.T, strict=True):
        shown, codes = np.unique(nodes, return_inverse=True)
        labels = pd.Index(domain.labels_of(shown), dtype="str")
        release[domain.attribute] = pd.Categorical.from_codes(codes, categories=labels)
    release[SUPPRESSED] = recoding.is_suppressed
    return release


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
    UserError : as :func:`anonify.dataset.read_records`; the values of the quasi-identifiers may be
        any text.
    """
    columns = tuple(columns)
    raw = read_text_columns(path, separator)
    check_columns(path, list(raw.columns), [column.name for column in columns])
    release = pd.DataFrame(
        {
            column.name: raw[column.name].astype("category")
            if column.name in roots
            else convert_column(raw[column.name], column, path, decimal)
            for column in columns
        }
    )
    shows_root = [release[name].astype("str") == root for name, root in roots.items()]
    release[SUPPRESSED] = pd.concat(shows_root, axis=1).all(axis=1)
    return release
