"""Equivalence classes: records that share a tuple of quasi-identifiers."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from anonify.base.sorting import group_keys, pack_columns
from anonify.base.values import PERSON, POPULATION, SUPPRESSED, Codes
from anonify.tables.columns import MARKS
from anonify.tables.counts import (
    Counts,
    Rows,
    count_numbered,
    count_rows,
    number_values,
    records_of,
    sum_counts,
)

# Possible keys for each row up to which they are counted and not sorted.
DENSE = 16
# Records for each counted row from which on what was counted is kept.
_SMALL = 20

# Columns of ours that stand beside the quasi-identifiers in tables of classes.
_OURS = {
    *("dataset", "data", "deletion", "size", "released_size", "records", "released_records"),
    POPULATION,
}


@dataclass(frozen=True)
class Groups:
    """Distinct tuples of a code table and the records that have them.

    Parameters
    ----------
    tuples : array (groups, d), sorted.
    sizes : array (groups,), records in each group.
    members : array (rows,), the group of each row.
    """

    tuples: Codes
    sizes: npt.NDArray[np.int64]
    members: Codes


def group(codes: Codes, records: Counts | None = None) -> Groups:
    """Group the rows of an array (rows, d) of codes ≥ 0.

    Parameters
    ----------
    records : array (rows,), how many records each row stands for; None for one.

    >>> group(np.array([[1, 0], [0, 2], [1, 0]])).sizes.tolist()
    [1, 2]
    """
    keys = pack(codes)
    order, starts, members = group_keys(keys)
    of_rows = np.diff(starts, append=len(keys))
    sizes = of_rows if records is None else sum_counts(records, members)
    return Groups(codes[order[starts]], sizes, members)


@dataclass(frozen=True)
class Classes:
    """The equivalence classes of a released table.

    The suppressed records make one of their own, beside a class that shows the roots, too.

    Parameters
    ----------
    tuples : frame (classes, quasi-identifiers), sorted as their categories are.
    sizes : array (classes,), people in each class: records, where each is a person of its own.
    records : array (classes,), records in each class.
    is_suppressed : array (classes,), whether it is that of the suppressed records.
    members : array (rows,), the class of each row.
    population : array (classes,), how many people of the population the people of each class stand
        for, where these have weights.
    """

    tuples: pd.DataFrame
    sizes: npt.NDArray[np.int64]
    records: npt.NDArray[np.int64]
    is_suppressed: npt.NDArray[np.bool_]
    members: Codes
    population: npt.NDArray[np.float64] | None = None


def count_classes(
    release: pd.DataFrame, quasi_identifiers: Sequence[str], weight: str | None = None
) -> Classes:
    """Count the equivalence classes of a table.

    Parameters
    ----------
    release : frame with the quasi-identifiers as categories, ``is_suppressed`` where suppressed
        records are to be kept apart, and the numbers of the people (:data:`PERSON`) where some
        have several records; of records, or counted (:mod:`anonify.tables.counts`).
    weight : column that says how many people of the population a record stands for.
    """
    columns = release[list(quasi_identifiers)]
    codes = [columns[name].cat.codes.to_numpy(np.intp) for name in columns]
    if SUPPRESSED in release:
        is_suppressed = release[SUPPRESSED].to_numpy(np.intp)
    else:
        is_suppressed = np.zeros(len(release), dtype=np.intp)
    groups = group(np.stack([*codes, is_suppressed], axis=1), records_of(release))
    one_of_each = np.empty(len(groups.sizes), dtype=np.intp)
    one_of_each[groups.members] = np.arange(len(release))
    tuples = columns.iloc[one_of_each].reset_index(drop=True)
    sizes = groups.sizes
    if PERSON in release:
        sizes = count_people(groups.members, release[PERSON].to_numpy(np.intp))
    is_suppressed = groups.tuples[:, -1].astype(bool)
    classes = Classes(tuples, sizes, groups.sizes, is_suppressed, groups.members)
    if weight is None:
        return classes
    return replace(classes, population=_sum_weights(release, weight, groups.members))


def _sum_weights(release: pd.DataFrame, weight: str, members: Codes) -> npt.NDArray[np.float64]:
    """Array (classes,): sum of the weights of the people of each class.

    Of a person with several records in a class the smallest weight counts.
    """
    shown = pd.DataFrame(
        {
            "class": members,
            "weight": release[weight].to_numpy(float, na_value=0),
            "people": records_of(release),
        }
    )
    if PERSON in release:
        by_person = shown.assign(person=release[PERSON]).groupby(["class", "person"])
        shown = by_person.agg({"weight": "min"}).reset_index().assign(people=1)
    # Equal weights are counted before they are summed up, so that the order of rows is no matter.
    counted = shown.groupby(["class", "weight"], as_index=False)["people"].sum()
    of_class = counted["weight"] * counted["people"]
    return np.bincount(counted["class"], weights=of_class).astype(np.float64)


def sum_least_weights(
    members: Codes,
    weights: npt.NDArray[np.float64],
    sizes: npt.NDArray[np.int64],
    records: Counts | None = None,
) -> npt.NDArray[np.float64]:
    """Array (classes,): the least that the weights of so many people of each class can add up to.

    Parameters
    ----------
    members, weights : arrays (rows,), the class and the weight of each record.
    sizes : array (classes,), how many people, at most as many as the class has records.
    records : array (rows,), how many records each row stands for; None for one.

    >>> members, weights = np.array([0, 0, 1, 0]), np.array([5.0, 9.0, 2.0, 7.0])
    >>> sum_least_weights(members, weights, np.array([2, 1])).tolist()
    [12.0, 2.0]
    """
    order = np.lexsort((weights, members))
    there = np.ones(len(order), dtype=np.int64) if records is None else records[order]
    of_class = sum_counts(there, members[order])
    before = there.cumsum() - there - (of_class.cumsum() - of_class)[members[order]]
    counted = np.clip(sizes[members[order]] - before, 0, there)
    return np.bincount(members[order], weights=counted * weights[order]).astype(np.float64)


def count_people(members: Codes, people: Codes) -> npt.NDArray[np.int64]:
    """Array (classes,): distinct people in each class.

    Parameters
    ----------
    members, people : arrays (records,), the class and the person of each record.

    >>> count_people(np.array([0, 0, 0, 1]), np.array([7, 7, 8, 7])).tolist()
    [2, 1]
    """
    pairs = group(np.stack([members, people], axis=1)).tuples
    return np.bincount(pairs[:, 0]).astype(np.int64)


def count_selected(frame: pd.DataFrame, often: Sequence[str]) -> Rows:
    """Return what counts columns of a table in memory.

    Parameters
    ----------
    often : columns that are asked for alone and beside others: their tuples are numbered once.
        What is small beside the records is counted once, too.
    """
    marks = [mark for mark in MARKS if mark in frame]
    first = [*often, *marks]
    members = _number_rows(frame, first, np.zeros(len(frame), dtype=np.intp))
    tuples = count_numbered(frame, first, members)
    known: dict[tuple[str, ...], pd.DataFrame] = {}

    def count(names: Sequence[str]) -> pd.DataFrame:
        wanted, others = [*names, *marks], [name for name in names if name not in first]
        if not others:
            return count_rows(tuples, wanted)
        if not {*often} <= {*names}:
            return count_rows(frame, wanted)
        counted = known.get(tuple(names))
        if counted is None:
            counted = count_numbered(frame, wanted, _number_rows(frame, others, members))
            if len(counted) * _SMALL <= len(frame):
                known[tuple(names)] = counted
        return counted

    return count


def _number_rows(frame: pd.DataFrame, names: Sequence[str], members: Codes) -> Codes:
    """Number the distinct rows of some columns among those that have one number already."""
    for name in names:
        values = number_values(frame[name])
        base = int(values.max(initial=0)) + 1
        span = (int(members.max(initial=0)) + 1) * base
        _, members = number_keys(members * base + values, span)
    return members


def match_classes(anonymized: Classes, released: Classes) -> pd.DataFrame:
    """Set the size of each class before sampling beside its size after it.

    Returns
    -------
    Frame with one row for each class of the anonymized table: the quasi-identifiers (one that is
    called as a column of ours, such as ``size``, is ``size (quasi-identifier)`` there),
    ``is_suppressed``, ``size`` (people in the anonymized table: records, where each is a person of
    its own) and ``released_size``; where people have several records ``records`` and
    ``released_records``, too; and where they have weights ``estimated_population``, the people of
    the population whom those in the anonymized table stand for, at least these themselves.
    """
    before, after = (
        tuples.assign(
            **{SUPPRESSED: classes.is_suppressed, "size": classes.sizes, "records": classes.records}
        ).set_index([*tuples, SUPPRESSED])
        for classes in (anonymized, released)
        for tuples in [classes.tuples.rename(columns=_name_apart)]
    )
    after = after.reindex(before.index, fill_value=0)
    matched = pd.DataFrame({"size": before["size"], "released_size": after["size"]})
    if not before["size"].equals(before["records"].rename("size")):
        matched = matched.assign(records=before["records"], released_records=after["records"])
    if anonymized.population is not None:
        people = np.maximum(anonymized.population, anonymized.sizes)
        matched = matched.assign(**{POPULATION: people})
    return matched.reset_index()


def _name_apart(name: str) -> str:
    return f"{name} (quasi-identifier)" if name in _OURS else name


def number_keys(keys: Codes, span: int) -> tuple[Codes, Codes]:
    """Number keys from 0 in their order, without a gap.

    Parameters
    ----------
    keys : array (rows,), from 0 to below the span.

    Returns
    -------
    The keys that there are, array (distinct,), and the number of each row's key, array (rows,).

    >>> present, members = number_keys(np.array([7, 2, 7]), 10)
    >>> present.tolist(), members.tolist()
    ([2, 7], [1, 0, 1])
    """
    if span > DENSE * len(keys):
        order, starts, members = group_keys(keys)
        return keys[order[starts]], members
    # Few keys are possible: counting them takes a fraction of the time that sorting does.
    is_there = np.zeros(span, dtype=bool)
    is_there[keys] = True
    present = np.flatnonzero(is_there)
    numbers = np.empty(span, dtype=np.intp)
    numbers[present] = np.arange(len(present))
    return present, numbers[keys]


def count_keys(
    keys: Codes, counts: npt.NDArray[np.float64], span: int
) -> tuple[Codes, npt.NDArray[np.int64], npt.NDArray[np.int32]]:
    """Number keys as :func:`number_keys` does, and count the records of each.

    Parameters
    ----------
    keys : array (rows,), from 0 to below the span.
    counts : array (rows,), records of each row, at least one.

    Returns
    -------
    The keys that there are and their records, arrays (distinct,), and the number of each row's key,
    array (rows,).

    >>> [each.tolist() for each in count_keys(np.array([7, 2, 7]), np.array([1.0, 2.0, 3.0]), 10)]
    [[2, 7], [2, 4], [1, 0, 1]]
    """
    if span > DENSE * len(keys):
        present, members = number_keys(keys, span)
        records = np.bincount(members, weights=counts)
        return present, records.astype(np.int64), members.astype(np.int32)
    of_keys = np.bincount(keys, weights=counts, minlength=span)
    present = np.flatnonzero(of_keys)
    numbers = np.empty(span, dtype=np.int32)
    numbers[present] = np.arange(len(present), dtype=np.int32)
    return present, of_keys[present].astype(np.int64), numbers[keys]


def pack(codes: Codes) -> npt.NDArray[np.int64]:
    """Return array (records,): one number for each row of an array (records, d) of codes ≥ 0."""
    return pack_columns(len(codes), codes.T)
