"""A typed table with its domains: what is anonymized."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import pandas as pd

from anonify.domains.domain import Domains
from anonify.domains.files import read_domains
from anonify.domains.levels import adjust_domain
from anonify.tables.columns import Column
from anonify.tables.counts import Rows, select_rows
from anonify.tables.storage import Table, read_rows


@dataclass(frozen=True)
class Dataset:
    """A described table.

    Parameters
    ----------
    columns : of the frame: direct identifiers are left out.
    identifiers : the names of those.
    domains : of the quasi-identifiers.
    decimal : what parts the decimals of its numbers.
    coded : sentences on how many records were beyond the top and bottom of a column.
    """

    name: str
    frame: pd.DataFrame
    columns: tuple[Column, ...]
    identifiers: tuple[str, ...]
    domains: Domains
    decimal: str
    coded: tuple[str, ...] = ()

    @property
    def rows(self) -> Rows:
        """Gives columns of it, with the numbers of the people where some have several records."""
        return select_rows(self.frame)


@dataclass(frozen=True)
class StoredDataset:
    """A described table that stays in its file, with what :class:`Dataset` has of it.

    Parameters
    ----------
    table : file of the typed records.
    hierarchies : file of each quasi-identifier's domain.
    """

    name: str
    table: Path
    hierarchies: Mapping[str, Path]
    columns: tuple[Column, ...]
    identifiers: tuple[str, ...]
    domains: Domains
    decimal: str
    coded: tuple[str, ...] = ()

    @property
    def rows(self) -> Rows:
        """Gives columns of it, counted, with the people where some have several records."""
        return read_rows(self.table)


@dataclass(frozen=True)
class Population:
    """The people of whom those of a table are a sample.

    Parameters
    ----------
    size : how many they are.
    people : counted frame of the quasi-identifiers (:mod:`anonify.tables.counts`), the node of the
        domain that covers what each of them has, with the numbers of the people where some have
        several records; None where only their number is known.
    """

    size: float
    people: pd.DataFrame | None = None


def read_limited_domains(paths: Sequence[str | Path], table: Table) -> Domains:
    """Read the domains of a table as they limit what a release of it may show.

    Parameters
    ----------
    paths : one file for each quasi-identifier in the order of the table.

    Raises
    ------
    UserError : as :func:`anonify.domains.files.read_domains`.
    """
    domains = read_domains(paths, table.quasi_identifiers)
    limits = {column.name: asdict(column) for column in table.columns}
    return {name: adjust_domain(domain, limits[name]) for name, domain in domains.items()}


def find_levels(columns: Iterable[Column]) -> dict[str, tuple[int, int | None]]:
    """Return the lowest and the highest level that a release may show, where there are limits."""
    return {
        column.name: (column.least_level or 0, column.most_level)
        for column in columns
        if column.least_level is not None or column.most_level is not None
    }
