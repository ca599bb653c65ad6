"""A typed table with its domains: what is anonymized."""

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from anonify.domains.domain import Domain
from anonify.tables.columns import Column


@dataclass(frozen=True)
class Dataset:
    """A described table.

    Parameters
    ----------
    columns : of the frame: direct identifiers are left out.
    identifiers : the names of those.
    domains : of each quasi-identifier.
    decimal : what parts the decimals of its numbers.
    """

    name: str
    frame: pd.DataFrame
    columns: tuple[Column, ...]
    identifiers: tuple[str, ...]
    domains: Mapping[str, Domain]
    decimal: str
