"""A typed table with its domains: what is anonymized."""

from dataclasses import dataclass

import pandas as pd

from anonify.domains.domain import Domains
from anonify.tables.columns import Column


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
