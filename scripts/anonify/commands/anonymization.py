"""k-anonymize a dataset as a JSON file says: the tool of the paper's repository.

Source: the repository of the paper, K-Anonymization.
"""

import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

import click
import numpy as np
import pandas as pd

from anonify.base.errors import UserError
from anonify.base.seeding import make_generator
from anonify.base.values import PERSON
from anonify.commands import engines
from anonify.commands.engines import read_wanted
from anonify.commands.jsonfile import PATH, fresh_folder, read_json
from anonify.commands.terminal import command, tell
from anonify.datasets.anonymized import Made, anonymize_dataset, select_dataset
from anonify.datasets.opened import list_sources, opening_dataset
from anonify.engines.choice import Limits
from anonify.measures.information_loss import mean_ncp, measure_ncp
from anonify.measures.weights import examine_weights
from anonify.methods import check_options
from anonify.recoding.tightening import LABEL_KINDS
from anonify.releases.anonymization import check_k
from anonify.releases.dataset import Dataset, StoredDataset
from anonify.releases.description import describe_handout
from anonify.releases.handout import SUPPRESSED_CHOICES, Promise, prepare_handout
from anonify.releases.writing import write_release
from anonify.tables.columns import find_weight
from anonify.tables.counts import Counts, count_everyone, count_records

HEADER = "Algorithm,BatchSize,k,n_att,ncp,run_time"

_WHOLE = {"type": "integer", "description": "a whole number from 0", "minimum": 0}
_NAMES = {
    "type": "array",
    "uniqueItems": True,
    "items": {"type": "string", "description": "a column"},
    "description": "a list of different columns",
}
SCHEMA: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["dataset", "algo_conf", "dataset_conf"],
    "description": "an object with `dataset`, `algo_conf` and `dataset_conf`",
    "properties": {
        "dataset": {**PATH, "description": "a name in config/datasets/ or a path"},
        "algo_conf": {
            "type": "object",
            "additionalProperties": False,
            "required": ["k", "algo"],
            "description": "an object with `k` and `algo`",
            "properties": {
                "k": {
                    "type": "array",
                    "minItems": 1,
                    "uniqueItems": True,
                    "items": {
                        "type": "integer",
                        "minimum": 2,
                        "description": "a whole number from 2",
                    },
                    "description": "a list of different whole numbers from 2",
                },
                "algo": {
                    "type": "array",
                    "minItems": 1,
                    "uniqueItems": True,
                    "items": {"type": "string", "description": "a method"},
                    "description": "a list of different methods",
                },
                "options": {
                    "type": "object",
                    "additionalProperties": {"type": "object", "description": "options by name"},
                    "description": "options by method",
                },
            },
        },
        "dataset_conf": {
            "type": "object",
            "additionalProperties": False,
            "required": ["batch_size", "attrs"],
            "description": "an object with `batch_size` and `attrs`",
            "properties": {
                "batch_size": {
                    "type": "array",
                    "minItems": 1,
                    "uniqueItems": True,
                    "items": _WHOLE,
                    "description": "a list of different numbers of records, 0 for all",
                },
                "attrs": {
                    "type": "array",
                    "minItems": 1,
                    "items": _NAMES,
                    "description": "a list of lists of columns, an empty one for all",
                },
            },
        },
        "labels": {"enum": list(LABEL_KINDS), "description": "`nodes` or `sets`"},
        "suppressed": {"enum": list(SUPPRESSED_CHOICES), "description": "`drop` or `keep`"},
        "escape_formulas": {"type": "boolean", "description": "true or false"},
        "seed": _WHOLE,
        "output": {**PATH, "description": "the name of a new folder"},
        **engines.SCHEMA,
    },
}

# What the paper's repository calls methods that have another name here; ours are taken as well.
NAMES_OF_THE_ORIGINAL = {"kmember": "k_member", "knn": "knn_clustering"}

TOO_LARGE = "`algo_conf.k`: {k} is more than the {records} that are anonymized; choose a smaller k"


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


@command("anonymize")
@click.argument("conf", metavar="CONF.json", type=click.Path())
def anonymize(conf: str) -> None:
    """k-anonymize a dataset as a JSON file says.

    Every combination of what the file lists is run. Each gives one CSV, its records sorted
    by what they show, with a description beside it, and one line on standard output: algorithm,
    batch size, k, number of quasi-identifiers, NCP in per cent and seconds. For example:

    \b
    {
      "dataset": "diabetes",
      "algo_conf": {
        "k": [50, 250],
        "algo": ["mondrian", "ola"],
        "options": {"ola": {"suppression_limit": 2}}
      },
      "dataset_conf": {
        "batch_size": [0],
        "attrs": [[], ["gender", "age", "diabetes"]]
      },
      "seed": 2024,
      "output": "anonymized"
    }

    \b
    dataset     a name in config/datasets/, or the path of a description (.yaml)
    algo        methods, and their options, which may be left out; kmember and knn, as the
                paper's repository calls them, are k_member and knn_clustering
    batch_size  records that are drawn; 0 for all
    attrs       columns that are released; [] for all
    labels      what classes show: nodes of hierarchies, as without this key, or sets, the ranges
                and sets of the values that they have
    suppressed  drop (left out, as without this key) or keep
    escape_formulas  true: ' before texts that a spreadsheet takes for formulas
    seed        may be left out: then one is drawn that is kept nowhere
    output      a new folder; may be left out (named by the time)
    engine      memory, duckdb or spark (from file to file, for tables that do not fit in memory),
                or auto, as without this key; with engine_memory (2 GB), engine_temp (a folder) and
                spark_url, as in a run

    The table is looked for in the folders of ANONIFY_DATA, in data/ and beside the description.
    """
    content = read_json(conf, SCHEMA)
    wanted = read_wanted(content)
    with opening_dataset(content["dataset"], None, wanted, tell) as dataset:
        _anonymize_all(content, dataset, wanted.limits)


def _anonymize_all(
    content: Mapping[str, Any], dataset: Dataset | StoredDataset, limits: Limits
) -> None:
    algo, table = content["algo_conf"], content["dataset_conf"]
    methods = list(_name_methods(algo["algo"], "algo"))
    given = algo.get("options", {})
    options = {method: given[name] for method, name in _name_methods(given, "options").items()}
    runs = [
        Run(method, k, batch_size, columns or [c.name for c in dataset.columns], place)
        for k, method, batch_size, (place, columns) in product(
            algo["k"], methods, table["batch_size"], list(enumerate(table["attrs"]))
        )
    ]
    everyone = dataset.rows([])
    records = count_records(everyone)
    for run in runs:
        _check(run, dataset, everyone, options)
    weight = find_weight(dataset.columns)
    if weight and any(weight in run.columns for run in runs):
        names = list(dataset.domains)
        tell(str(examine_weights(dataset.rows([weight, *names]), weight, names)))
    # Who knows the seed and the table could follow what was drawn.
    seed = content.get("seed", secrets.randbits(128))
    for method in options:
        if method not in methods:
            raise UserError(
                f"`algo_conf.options` names {method!r}; `algo` does not, so correct one"
            )
    sources = list_sources(content["dataset"], None)
    with fresh_folder(content.get("output"), sources) as (folder, unfinished):
        print(HEADER, flush=True)
        for number, run in enumerate(runs, start=1):
            tell(f"{number} of {len(runs)}: {run.method}, k = {run.k}")
            part = select_dataset(dataset, run.columns, _draw(run, records, seed))
            made = anonymize_dataset(
                *(part, run.method, run.k),
                make_generator(seed, "anonymize", run.method, run.k, run.batch_size, run.place),
                limits,
                options=options.get(run.method, {}),
                labels=content.get("labels", "nodes"),
            )
            path = unfinished / f"{dataset.name}_{_name(run)}.csv"
            _hand_out(made, run, part, content, path)
            print(_measure(made, run, part), flush=True)
    tell(f"{len(runs)} tables in {folder}")


def _name_methods(names: Iterable[str], key: str) -> dict[str, str]:
    """Return what the file calls each method, by the name that it has here."""
    named: dict[str, str] = {}
    for name in names:
        method = NAMES_OF_THE_ORIGINAL.get(name, name)
        if method in named:
            raise UserError(
                f"`algo_conf.{key}`: {named[method]} and {name} are two names of one method; keep "
                "one of them"
            )
        named[method] = name
    return named


def _check(
    run: Run,
    dataset: Dataset | StoredDataset,
    everyone: pd.DataFrame,
    options: Mapping[str, Any],
) -> None:
    """Check a run; ``everyone`` is the dataset without its columns."""
    there = count_records(everyone)
    records = run.batch_size or there
    if records > there:
        raise UserError(
            f"`dataset_conf.batch_size`: {records} is more than the {there} records of the table; "
            "choose fewer, or 0 for all"
        )
    people = min(records, count_everyone(everyone))
    check_k(run.k, people, TOO_LARGE, of_people=PERSON in everyone)
    known = [column.name for column in dataset.columns]
    for name in run.columns:
        if name not in known:
            raise UserError(f"`dataset_conf.attrs` names {name!r}; choose from {', '.join(known)}")
    if not set(run.columns) & set(dataset.domains):
        raise UserError(
            f"`dataset_conf.attrs`: among {', '.join(run.columns)} is no quasi-identifier; add "
            f"one of {', '.join(dataset.domains)}"
        )
    check_options(run.method, options.get(run.method, {}), has_requirements=False)


def _draw(run: Run, records: int, seed: int) -> Counts | None:
    """Array (batch size,): places of the records that are drawn, ascending; None for all."""
    if not run.batch_size:
        return None
    generator = make_generator(seed, "batch", run.batch_size)
    return np.sort(generator.choice(records, run.batch_size, replace=False))


def _name(run: Run) -> str:
    return f"{run.method}_k{run.k}_b{run.batch_size}_a{run.place}"


def _hand_out(
    made: Made,
    run: Run,
    dataset: Dataset | StoredDataset,
    content: Mapping[str, Any],
    path: Path,
) -> None:
    """Write the table of one run and its description."""
    names, promise = list(dataset.domains), Promise(run.k)
    suppressed = content.get("suppressed", "drop")
    handout = prepare_handout(made.rows, made.columns, names, promise, suppressed)
    escapes = content.get("escape_formulas", False)
    description = describe_handout(
        handout, path, dataset.name, dataset.columns, dataset.domains, promise
    )
    write_release(handout, path, description, escapes, dataset.columns, made.parts)
    tell(f"  {handout}")
    for fact, value in made.facts.items():
        tell(f"  {fact}: {value}")


def _measure(made: Made, run: Run, dataset: Dataset | StoredDataset) -> str:
    """Return the line of one run."""
    names = list(dataset.domains)
    ncp = mean_ncp(measure_ncp(made.rows(names), dataset.domains))
    return f"{run.method},{run.batch_size},{run.k},{len(names)},{ncp:.6f},{made.seconds:.3f}"
