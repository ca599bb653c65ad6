"""How few people the classes of a released table may be of, where people have several records.

A release does not say which records are of one person. The original does: a class can have but
records that its labels cover, and the fewest people who have so many of these are a lower bound,
exact where the class has all of them.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import scipy

from anonify.base.values import PERSON
from anonify.domains.domain import Domain, Domains, encode_records, encode_shown, find_covered
from anonify.tables.classes import Classes, group
from anonify.tables.counts import Rows, records_of
from anonify.tables.typed import code_meanings

MOSTLY = 0.9
"""Share of the people with several records for whom a value stays the same."""


@dataclass(frozen=True)
class Links:
    """Records of one person that a release shows to be such.

    Parameters
    ----------
    columns : whose values mostly stay the same where people have several records.
    people : who have several records with values in these columns that nobody else has.
    """

    columns: tuple[str, ...]
    people: int

    def __str__(self) -> str:
        """Say it in a sentence."""
        if not self.people:
            return "No values that stay the same link the records of a person."
        return (
            f"The records of {self.people:,} people can be told to be of one person in a release, "
            f"by what stays the same: {', '.join(self.columns)}. Whoever finds one of them has all."
        )


def count_linked(rows: Rows, names: Sequence[str]) -> Links:
    """Count the people whose records are linked by values that stay the same.

    Parameters
    ----------
    rows : gives columns of the table, with the numbers of the people. First each is asked for by
        itself, then those together that mostly stay the same.
    names : columns that are released as they are; what is spelt differently is the same value.
    """
    static = [name for name in names if _is_static(rows([name]), name)]
    if not static:
        return Links((), 0)
    frame = rows(static)
    values = pd.DataFrame({name: code_meanings(frame[name])[0] for name in static}, frame.index)
    tuples = values.groupby(static).ngroup()
    by_tuple = frame[PERSON].groupby(tuples).agg(["nunique", "first"])
    records = pd.Series(records_of(frame), frame.index).groupby(tuples).sum()
    is_linked = (by_tuple["nunique"] == 1) & (records > 1)
    return Links(tuple(static), by_tuple.loc[is_linked, "first"].nunique())


def _is_static(frame: pd.DataFrame, name: str) -> bool:
    """Tell whether a column mostly stays the same where people have several records."""
    shown = pd.DataFrame(
        {
            "person": frame[PERSON].to_numpy(),
            "value": code_meanings(frame[name])[0],
            "records": records_of(frame),
        }
    )
    by_person = shown.groupby("person").agg({"value": "nunique", "records": "sum"})
    values = by_person.loc[by_person["records"] > 1, "value"]
    return bool((values == 1).mean() >= MOSTLY)


def bound_people(classes: Classes, original: pd.DataFrame, domains: Domains) -> Classes:
    """Return classes whose sizes are the fewest people that they may be of.

    Parameters
    ----------
    classes : of a released table that has no numbers of people, counted in records.
    original : frame with the quasi-identifiers as they were and the numbers of the people, of
        records or counted.
    domains : of the quasi-identifiers that the release has.

    Raises
    ------
    UserError : a label is no node of its domain, and no set of its values.
    """
    groups = group(encode_records(original, domains))
    people = pd.factorize(original[PERSON])[0]
    records = scipy.sparse.csr_array((records_of(original).astype(float), (groups.members, people)))
    covered = [
        _find_covered(classes.tuples[name], domain, groups.tuples[:, place])
        for place, (name, domain) in enumerate(domains.items())
    ]
    fewest = np.empty(len(classes.records), dtype=np.int64)
    for number, size in enumerate(classes.records.tolist()):
        is_covered = np.logical_and.reduce([each[number] for each in covered])
        of_people = np.asarray(records[np.flatnonzero(is_covered)].sum(axis=0))
        reached = np.sort(of_people)[::-1].cumsum()
        fewest[number] = int(np.searchsorted(reached, size)) + 1
    return replace(classes, sizes=np.minimum(fewest, classes.records))


def _find_covered(labels: "pd.Series[str]", domain: Domain, leaves: np.ndarray) -> list[np.ndarray]:
    """Return for each class an array (tuples,): whether its label covers the value."""
    shown, nodes = encode_shown(labels, domain)
    present, places = np.unique(nodes, return_inverse=True)
    covered = find_covered(shown, present)[:, leaves]
    return [covered[place] for place in places.tolist()]
