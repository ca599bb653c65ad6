"""What the tool of the paper's repository anonymizes: in memory, or from file to file."""

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from anonify.base.seeding import make_generator
from anonify.base.values import PERSON
from anonify.domains.domain import Domains
from anonify.engines.choice import Limits
from anonify.releases.anonymization import anonymize_table
from anonify.releases.dataset import Dataset, StoredDataset
from anonify.releases.files import anonymize_file
from anonify.tables.counts import Counts, Rows, count_records, select_rows
from anonify.tables.provenance import add_step
from anonify.tables.storage import copy_records, describe_table, read_parts, read_rows


@dataclass(frozen=True)
class Run:
    """One combination of what the JSON file lists.

    Parameters
    ----------
    batch_size : records that are drawn; 0 for all.
    columns : that are released, and ``place`` of the list that names them.
    """

    method: str
    k: int
    batch_size: int
    columns: Sequence[str]
    place: int

    def choose_domains(self, dataset: Dataset | StoredDataset) -> Domains:
        """Return the domains of the quasi-identifiers that are released."""
        return {name: dataset.domains[name] for name in self.columns if name in dataset.domains}

    def draw(self, seed: int, records: int) -> Counts | None:
        """Array (batch size,): places of the records that are drawn, ascending; None for all."""
        if not self.batch_size:
            return None
        generator = make_generator(seed, "batch", self.batch_size)
        return np.sort(generator.choice(records, self.batch_size, replace=False))

    def make_generator(self, seed: int) -> np.random.Generator:
        """Return the generator of what the method draws."""
        return make_generator(seed, "anonymize", self.method, self.k, self.batch_size, self.place)


@dataclass(frozen=True)
class Made:
    """A table that was anonymized and verified.

    Parameters
    ----------
    rows : gives columns of it, with its marks.
    columns : frame of its columns.
    facts : what the method reports.
    seconds : that it took; in memory encoding and verification are not counted.
    parts : its records, sorted by what they show, where they are not in memory.
    """

    rows: Rows
    columns: pd.DataFrame
    facts: Mapping[str, Any]
    seconds: float
    parts: Iterator[pd.DataFrame] | None = None


def anonymize_dataset(
    run: Run,
    dataset: Dataset | StoredDataset,
    options: Mapping[str, Any],
    seed: int,
    limits: Limits,
) -> Made:
    """Anonymize the records and columns of a run.

    Parameters
    ----------
    limits : of what is done from file to file.

    Raises
    ------
    UserError : as :func:`anonify.releases.anonymization.anonymize_table`.
    """
    if isinstance(dataset, StoredDataset):
        return _anonymize_file(run, dataset, options, seed, limits)
    marks = [PERSON] if PERSON in dataset.frame else []
    frame = dataset.frame[[*run.columns, *marks]]
    chosen = run.draw(seed, len(frame))
    if chosen is not None:
        frame = frame.iloc[chosen].reset_index(drop=True)
    domains, generator = run.choose_domains(dataset), run.make_generator(seed)
    made = anonymize_table(frame, domains, run.method, run.k, generator, options=options)
    return Made(select_rows(made.frame), made.frame, made.recoding.facts, made.seconds)


def _anonymize_file(
    run: Run, dataset: StoredDataset, options: Mapping[str, Any], seed: int, limits: Limits
) -> Made:
    folder = dataset.table.parent
    table, release = folder / "chosen.parquet", folder / "release.parquet"
    chosen = run.draw(seed, count_records(dataset.rows([])))
    copy_records(dataset.table, run.columns, chosen, table)
    hierarchies = [dataset.hierarchies[name] for name in run.choose_domains(dataset)]
    provenance = describe_table(table).provenance
    start = time.perf_counter()
    _, facts = anonymize_file(
        *(table, hierarchies, release, run.method, run.k, run.make_generator(seed), limits),
        lambda found: add_step(provenance, "anonymize", **found),
        options=options,
    )
    seconds = time.perf_counter() - start
    columns = describe_table(release).frame
    return Made(read_rows(release), columns, facts, seconds, read_parts(release))
