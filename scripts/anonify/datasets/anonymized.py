"""Anonymize a described dataset where it is: in memory, or from file to file."""

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from anonify.base.values import PERSON
from anonify.engines.choice import Limits
from anonify.recoding.tightening import LabelKind
from anonify.releases.anonymization import TOO_FEW, anonymize_table
from anonify.releases.dataset import Dataset, StoredDataset
from anonify.releases.files import anonymize_file
from anonify.releases.mapping import Facts
from anonify.tables.counts import Counts, Rows, select_rows
from anonify.tables.provenance import Provenance, add_step
from anonify.tables.storage import copy_records, describe_table, read_parts, read_rows


@dataclass(frozen=True)
class Made:
    """A table that was anonymized and verified.

    Parameters
    ----------
    rows : gives columns of it, with its marks.
    columns : frame of its columns, with any rows or none.
    found : what verification found and the method reports, as provenance keeps it.
    facts : what the method reports.
    seconds : that it took; in memory encoding and verification are not counted.
    parts : its records, sorted by what they show, where they are not in memory.
    """

    rows: Rows
    columns: pd.DataFrame
    found: Facts
    facts: Facts
    seconds: float
    parts: Iterator[pd.DataFrame] | None = None


def select_dataset(
    dataset: Dataset | StoredDataset, names: Sequence[str], chosen: Counts | None = None
) -> Dataset | StoredDataset:
    """Return some columns, in their order, of some records of a dataset.

    Parameters
    ----------
    chosen : the records, ascending, counted from 0; None for all.
    """
    described = {column.name: column for column in dataset.columns}
    narrowed = replace(
        dataset,
        columns=tuple(described[name] for name in names),
        domains={name: dataset.domains[name] for name in names if name in dataset.domains},
    )
    if isinstance(narrowed, StoredDataset):
        table = narrowed.table.with_name("chosen.parquet")
        copy_records(narrowed.table, names, chosen, table)
        return replace(narrowed, table=table)
    marks = [PERSON] if PERSON in narrowed.frame else []
    frame = narrowed.frame[[*names, *marks]]
    if chosen is not None:
        frame = frame.iloc[chosen].reset_index(drop=True)
    return replace(narrowed, frame=frame)


def anonymize_dataset(
    dataset: Dataset | StoredDataset,
    method: str,
    k: int,
    generator: np.random.Generator,
    limits: Limits,
    *,
    options: Mapping[str, Any] | None = None,
    requirements: Sequence[Mapping[str, Any]] = (),
    labels: LabelKind = "nodes",
    too_few: str = TOO_FEW,
) -> Made:
    """k-anonymize a dataset, and verify what comes of it.

    Parameters
    ----------
    limits : of the engine that works from file to file.

    Raises
    ------
    UserError : as :func:`anonify.releases.anonymization.anonymize_table` and
        :func:`anonify.releases.files.anonymize_file`.
    VerificationError : the method did not keep what it promises.
    """
    asked: Any = {"options": options, "requirements": requirements, "labels": labels}
    if not isinstance(dataset, StoredDataset):
        made = anonymize_table(dataset.frame, dataset.domains, method, k, generator, **asked)
        rows = select_rows(made.frame)
        return Made(rows, made.frame, made.facts, made.recoding.facts, made.seconds)
    release = dataset.table.with_name("release.parquet")
    provenance = describe_table(dataset.table).provenance
    found: dict[str, Any] = {}

    def note_found(facts: Facts) -> Provenance:
        found.update(facts)
        return add_step(provenance, "anonymize", **facts)

    start = time.perf_counter()
    _, facts = anonymize_file(
        dataset.table,
        [dataset.hierarchies[name] for name in dataset.domains],
        release,
        method,
        k,
        generator,
        limits,
        note_found,
        too_few,
        **asked,
    )
    seconds = time.perf_counter() - start
    columns = describe_table(release).frame
    return Made(read_rows(release), columns, found, facts, seconds, read_parts(release))
