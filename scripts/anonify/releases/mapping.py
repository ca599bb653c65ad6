"""What a method decided about distinct tuples, as an engine joins it to the records."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd

from anonify.base.values import Codes
from anonify.domains.domain import ShownDomain
from anonify.engines.recoding import FIRST, LAST, RELEASED
from anonify.recoding.recoding import TupleRecoding
from anonify.tables.metadata import Labels
from anonify.verification.releases import Verification

Facts = Mapping[str, float | int | str]


@dataclass(frozen=True)
class Decision:
    """What becomes of the records of each distinct tuple; verified.

    Parameters
    ----------
    mapping : for each portion of the records of a tuple what they are released as; a frame, or a
        Parquet file.
    columns : of the mapping.
    labels : by quasi-identifier what the release may show, in the order of its domain.
    found : what verification found.
    people : what is told of suppressed people, where some have several records.
    reported : by the method.
    """

    mapping: pd.DataFrame | Path
    columns: Sequence[str]
    labels: Labels
    found: Verification
    people: Facts = field(default_factory=dict)
    reported: Facts = field(default_factory=dict)


def label_nodes(nodes: Codes, domains: Mapping[str, ShownDomain]) -> pd.DataFrame:
    """Return frame (rows, quasi-identifiers): the labels of nodes as categories."""
    columns = {}
    for (name, domain), column in zip(domains.items(), nodes.T, strict=True):
        present, codes = np.unique(column, return_inverse=True)
        labels = pd.Index(domain.labels_of(present), dtype="str")
        columns[name] = pd.Categorical.from_codes(codes, categories=labels)
    return pd.DataFrame(columns)


def make_mapping(original: pd.DataFrame, shown: pd.DataFrame) -> pd.DataFrame:
    """Return tuples with what they are released as beside them."""
    renamed = shown.rename(columns={name: RELEASED.format(name) for name in original})
    return pd.concat([original, renamed], axis=1)


def number_portions(mapping: pd.DataFrame, recoding: TupleRecoding) -> pd.DataFrame:
    """Return a mapping with which records of a tuple go each way, where they go several."""
    if not recoding.is_divided:
        return mapping
    # Portions follow each other in the order of the method.
    last = pd.Series(recoding.records).groupby(recoding.tuples, sort=False).cumsum().to_numpy()
    return mapping.assign(**{FIRST: last - recoding.records, LAST: last})
