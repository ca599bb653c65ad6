"""Say whether a dataset is described well, and what its description makes of the table."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from itertools import pairwise
from math import isnan
from typing import Any

import click
from tabulate import tabulate

from anonify.base.meanings import list_spellings, list_unknown
from anonify.base.values import MISSING, PERSON
from anonify.base.words import count
from anonify.commands.engines import engine_options
from anonify.commands.terminal import command, tell
from anonify.datasets.described import Mistakes, check_dataset
from anonify.datasets.opened import find_table, takes_file
from anonify.datasets.population import find_population
from anonify.domains.domain import Domain
from anonify.domains.ranges import Ranges
from anonify.drafting.decisions import list_values
from anonify.engines.choice import Wanted
from anonify.measures.identification import (
    MOST_COMBINED,
    Combination,
    measure_identification,
)
from anonify.measures.people import count_linked
from anonify.measures.weights import examine_weights
from anonify.releases.dataset import Dataset, StoredDataset
from anonify.tables.classes import count_classes
from anonify.tables.columns import find_weight
from anonify.tables.counts import Rows, count_records
from anonify.tables.typed import find_present


@command("check")
@click.argument("named", metavar="NAME")
@click.option(
    "--table", metavar="TABLE", help="The table; looked for as described where it is not given."
)
@engine_options
def check(named: str, table: str | None, **engine: Any) -> None:
    """Check the description of a dataset, its tables and the hierarchies of its columns.

    NAME is a dataset in config/datasets/, or a .yaml: its description, or a run's settings.
    Every mistake is told in one line; without any, what the quasi-identifiers are generalized to,
    how many records they make unique, and which of them identify.

    \b
    anonify check diabetes
    """
    mistakes, wanted, text = Mistakes(), Wanted.of(engine), ""
    with mistakes.noting(), ExitStack() as stack:
        folder = None
        if takes_file(wanted, find_table(named, table), tell):
            folder = stack.enter_context(wanted.limits.open_folder())
        dataset = check_dataset(named, table, mistakes.noting, folder)
        if not mistakes.sentences:
            find_population(named, dataset)
            text = describe(dataset)
    for sentence in mistakes.sentences:
        tell(sentence)
    if mistakes.sentences:
        raise click.exceptions.Exit(1)
    print(text)


def describe(dataset: Dataset | StoredDataset) -> str:
    """Return as text what the columns of a dataset are, and how many records are unique."""
    types = {column.name: column.type for column in dataset.columns}
    parts = [f"{dataset.name}: {count_records(dataset.rows([])):,} records"]
    for name, domain in dataset.domains.items():
        parts.append(f"{name} ({types[name]}): {_describe_domain(domain)}")
    others = [[name, "identifier", "not read"] for name in dataset.identifiers]
    others += [
        [column.name, column.role, column.type + _count_gaps(dataset.rows, column.name)]
        for column in dataset.columns
        if column.name not in dataset.domains
    ]
    parts.append(tabulate(others, tablefmt="plain", disable_numparse=True))
    parts.append("\n".join(dataset.coded))
    parts.append(_describe_weights(dataset))
    parts.append("\n".join(_list_spellings(dataset)))
    parts.append(_describe_uniqueness(dataset))
    parts.append(_describe_identification(dataset))
    return "\n\n".join(part for part in parts if part)


def _count_gaps(rows: Rows, name: str) -> str:
    frame = rows([name])
    gaps = count_records(frame[~find_present(frame[name])])
    return f", {gaps:,} without a value" if gaps else ""


def _list_spellings(dataset: Dataset | StoredDataset) -> Iterator[str]:
    """Say which values of text columns mean the same, and which may mean that nothing is known."""
    for column in dataset.columns:
        if column.type != "category":
            continue
        name = column.name
        values = list(map(str, dataset.rows([name])[name].cat.categories))
        for group in list_spellings(values):
            if column.role == "quasi-identifier":
                yield (
                    f"{name!r}: {list_values(group)} are told apart; `normalize: true` makes them "
                    "one value, which loses less"
                )
            else:
                yield f"{name!r}: {list_values(group)} are counted as one value"
        if column.role != "quasi-identifier" and (unknown := list_unknown(values)):
            verb = "counts as a value" if len(unknown) == 1 else "count as values"
            yield (
                f"{name!r}: {list_values(unknown)} {verb}; list what stands for none as `missing`"
            )


def _describe_uniqueness(dataset: Dataset | StoredDataset) -> str:
    frame = dataset.rows([*dataset.domains])
    classes, records = count_classes(frame, list(dataset.domains)), count_records(frame)
    combinations = f"{len(classes.sizes):,} distinct combinations of quasi-identifiers"
    is_unique = classes.sizes == 1
    if PERSON not in frame:
        unique = int(is_unique.sum())
        return (
            f"{combinations}; {unique:,} of the {records:,} records "
            f"({100 * unique / records:.1f} %) are unique in them"
        )
    alone = frame.loc[is_unique[classes.members], PERSON].nunique()
    people = frame[PERSON].nunique()
    return (
        f"{people:,} people have {records:,} records\n{combinations}; {alone:,} of the "
        f"people ({100 * alone / people:.1f} %) are alone in one of them\n"
        f"{_describe_links(dataset)}"
    )


def _describe_identification(dataset: Dataset | StoredDataset) -> str:
    """Return the columns that identify as a table: each by itself, and how they add up."""
    frame = dataset.rows([*dataset.domains])
    found = measure_identification(frame, list(dataset.domains))
    singles = [each for each in found if len(each.columns) == 1]
    grown = [each for each in found if each.is_grown]
    rows = [[each.columns[0], *_list_shares(each)] for each in singles[:MOST_COMBINED]]
    if len(grown) > 1:
        rows += [[""] * 4, [grown[0].columns[0], *_list_shares(grown[0])]]
    for before, after in pairwise(grown):
        (added,) = {*after.columns} - {*before.columns}
        rows.append([f"+ {added}", *_list_shares(after)])
    counted = "people" if PERSON in frame else "records"
    heading = [f"share of the {counted} / %", "distinction", "separation", "unique"]
    table = tabulate(
        rows, heading, tablefmt="plain", disable_numparse=True, colalign=("left", *["right"] * 3)
    )
    left_out = len(singles) - MOST_COMBINED
    more = f"\nand {count(left_out, 'column')} more, which separate less" if left_out > 0 else ""
    return (
        "which columns identify: distinct values, pairs that differ, and who is alone in a value\n"
        f"{table}{more}"
    )


def _list_shares(found: Combination) -> list[str]:
    return [write_share(each) for each in (found.distinction, found.separation, found.unique)]


def write_share(share: float) -> str:
    """Return per cent with two decimals; what is not all does not read as all, nor as nothing.

    >>> [write_share(share) for share in (0.0, 0.004, 12.345, 99.996, 100.0, float("nan"))]
    ['0.00', '<0.01', '12.35', '>99.99', '100.00', '-']
    """
    if isnan(share):
        return "-"
    if 0 < share < 0.005:
        return "<0.01"
    return ">99.99" if 99.995 <= share < 100 else f"{share:.2f}"


def _describe_links(dataset: Dataset | StoredDataset) -> str:
    """Say how many people's records can be told to be of one person in any release."""
    names = [column.name for column in dataset.columns if column.name not in dataset.domains]
    return str(count_linked(dataset.rows, names))


def _describe_weights(dataset: Dataset | StoredDataset) -> str:
    weight, names = find_weight(dataset.columns), [*dataset.domains]
    return str(examine_weights(dataset.rows([weight, *names]), weight, names)) if weight else ""


def _list_edges(edges: Sequence[str]) -> str:
    return ", ".join(edges if len(edges) <= 6 else [*edges[:3], "…", edges[-1]])


def _describe_domain(domain: Domain) -> str:
    if isinstance(domain, Ranges):
        text = "ranges"
        if len(domain.numbers):
            text += f" from {domain.values[0]} to {domain.values[len(domain.numbers) - 1]}"
        if domain.edges:
            text = f"ranges that end at {_list_edges(domain.edges)}"
        missing = ", and missing values" if MISSING in domain.values else ""
        return f"{len(domain.numbers):,} values, {text}{missing}{_tell_importance(domain)}"
    leaf = (domain.ancestors[:, 1:] != domain.ancestors[:, :-1]).sum(axis=1).argmax()
    example = domain.labels_of(domain.ancestors[leaf])
    rows = [
        [level, f"{width:,}", label]
        for level, (width, label) in enumerate(zip(domain.level_widths, example, strict=True))
    ]
    table = tabulate(
        rows,
        ["level", "labels", "such as"],
        tablefmt="plain",
        disable_numparse=True,
        colalign=("right", "right", "left"),
    )
    text = f"{domain.leaf_count - (MISSING in domain.node_of):,} values"
    if MISSING in domain.node_of:
        text += ", and missing values"
    if domain.is_limited:
        text += f"; shown on levels {domain.least_level} to {domain.last_level} alone"
    return f"{text}{_tell_importance(domain)}\n{table}"


def _tell_importance(domain: Domain) -> str:
    return "" if domain.importance == 1 else f"; importance {domain.importance:g}"
