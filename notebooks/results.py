"""What a run made, for the notebooks: its tables, and its library without an installation.

``ANONIFY_RUN`` may name the folder of another run than the one in this project.
"""

import os
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

PROJECT = Path(__file__).resolve().parents[1]
RUN = Path(os.environ.get("ANONIFY_RUN", PROJECT))
# The library of this project, also where another is installed.
sys.path.insert(0, str(PROJECT / "scripts"))

from anonify.base.errors import UserError
from anonify.base.files import name_file
from anonify.base.seeding import make_key
from anonify.domains.domain import Domain
from anonify.domains.files import read_domains
from anonify.measures.confidential_distribution import compare_confidential_distributions
from anonify.measures.distribution import Tables, compare_distributions
from anonify.releases.sampling import sample
from anonify.settings import description
from anonify.tables.classes import count_classes
from anonify.tables.provenance import is_confidential, last_step, read_provenance
from anonify.tables.storage import Table, read_table


class NotMade(UserError):  # noqa: N818
    """The run did not make what a notebook asks for."""

    def _render_traceback_(self) -> list[str]:
        """Show the sentence alone; Jupyter calls this."""
        return [f"error: {self}"]


def find(path: str) -> Path:
    """Return the place of a result, or say what to run first."""
    place = RUN / "results" / path
    if not place.is_file():
        raise NotMade(f"there is no results/{path}; run `make run` first")
    return place


def read_csv(name: str) -> pd.DataFrame:
    """Read one of the run's tables for people, by its name."""
    return pd.read_csv(find(f"tables/{name}.csv"))


def choose(table: pd.DataFrame, **values: Iterable[Any]) -> pd.DataFrame:
    """Return the rows that have one of the values in each of the columns."""
    for column, chosen in values.items():
        made = table[column].unique().tolist()
        missing = [value for value in chosen if value not in made]
        if missing:
            raise NotMade(
                f"{column}: the run has no {missing[0]!r}; choose from {', '.join(map(str, made))}"
            )
        table = table[table[column].isin(list(chosen))]
    return table


def read_original() -> Table:
    """Read the original table."""
    return read_table(find(f"dataset/{_name_dataset()}.parquet"))


def read_release(method: str, k: int) -> Table:
    """Read an anonymized table."""
    folder = find("tables/info_loss.csv").parents[1] / "anonymized"
    place = folder / method / f"k{k}.parquet"
    if not place.is_file():
        made = sorted(folder.glob("*/k*.parquet"), key=lambda path: int(path.stem[1:]))
        of_method = [path.stem[1:] for path in made if path.parent.name == method]
        methods = sorted({path.parent.name for path in made})
        raise NotMade(
            f"the run has no table of {method!r} with k = {k}; choose "
            + (f"k from {', '.join(of_method)}" if of_method else f"from {', '.join(methods)}")
            + ", or run again with another `methods` or `k_values`"
        )
    return read_table(place)


def read_hierarchies() -> dict[str, Domain]:
    """Read the hierarchy of each quasi-identifier."""
    names = read_original().quasi_identifiers
    folder, dataset = "dataset/hierarchies", _name_dataset()
    return read_domains(
        [find(f"{folder}/{dataset}_{name_file(name)}.csv") for name in names], names
    )


def read_description() -> dict[str, Any]:
    """Read the dataset's description, that of the run before the one that comes with us."""
    own = Path("config/datasets") / f"{_name_dataset()}.yaml"
    return description.read_description(
        RUN / own if (RUN / own).exists() else PROJECT / own, str(own)
    )


def draw_sample(release: Table, deletion: int, repeat: int = 1) -> pd.DataFrame:
    """Draw a sample of an anonymized table, the very one that the pipeline draws.

    Parameters
    ----------
    deletion : per cent of each equivalence class.
    """
    step = last_step(release.provenance)
    members = count_classes(release.frame, release.quasi_identifiers).members
    keys = (step["method"], step["k"], deletion, repeat)
    key = make_key(step.get("seed", 0), "sample", *keys)
    return release.frame.iloc[sample(members, deletion, key)].reset_index(drop=True)


def compare(
    original: Table, release: Table, samples: Mapping[tuple[int, int], pd.DataFrame], k: int
) -> dict[str, pd.DataFrame]:
    """Summarize the distributions as the pipeline does, those of a confidential table masked.

    Parameters
    ----------
    samples : by deletion in per cent and repeat.
    """
    distributions, domains = read_description()["distributions"], read_hierarchies()
    tables = Tables(original.frame, release.frame, samples)
    if is_confidential(original.provenance):
        of_each = dict.fromkeys(distributions, tables)
        return compare_confidential_distributions(of_each, distributions, domains, k)
    return {
        name: compare_distributions(tables, distribution, domains[distribution["by"]], k)
        for name, distribution in distributions.items()
    }


def _name_dataset() -> str:
    name: str = read_provenance(find("tables/info_loss.csv-metadata.json"))["dataset"]["name"]
    return name
