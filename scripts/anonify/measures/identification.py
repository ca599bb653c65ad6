"""Which columns identify: how far each quasi-identifier, and each combination of them, tells apart.

The *distinction* of a combination is how many distinct tuples it has for each record: the share of
the records that may stay for it to become a key. Its *separation* is the share of the pairs of
records that differ in it. *Unique* are those whose tuple nobody else has.

Where people have several records, a person's records with equal tuples count as one, pairs are of
different people, and unique is who is alone in one of the tuples that he or she has.

Of a few columns all combinations are measured. Of more, it is each column, all pairs of those that
separate most, and combinations that grow by the column which separates most of the pairs that are
still together, the greedy algorithm for a smallest key.

Sources: Motwani and Xu, Efficient Algorithms for Masking and Finding Quasi-Identifiers, 2007 (both
measures, and the algorithm); ARX has the same measures as risks of attributes; Dalenius, Finding a
Needle in a Haystack, 1986 (uniques).
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import combinations, pairwise

import numpy as np
import pandas as pd

from anonify.base.values import PERSON, Codes
from anonify.disclosure.publishing import round_shares
from anonify.tables.classes import group, pack
from anonify.tables.counts import records_of

SHARES = ("distinction", "separation", "unique")
"""What is measured of a combination, in per cent."""

ALL_OF = 6
"""Columns of which all combinations are measured."""

MOST_COMBINED = 12
"""Columns of which pairs and growing combinations are made: those that separate most."""

# Keys of so many times their number are counted one by one sooner than sorted.
_SPARSE = 8


@dataclass(frozen=True)
class Combination:
    """How far a column, or several together, tell the records of a table apart, in per cent.

    Parameters
    ----------
    columns : in the order of the table.
    distinction : distinct tuples for each record.
    separation : pairs of records that differ; NaN where there are no two to be told apart.
    unique : who has a tuple that nobody else has.
    is_grown : whether it is one of the combinations that grow.
    """

    columns: tuple[str, ...]
    distinction: float
    separation: float
    unique: float
    is_grown: bool = False


@dataclass(frozen=True, eq=False)
class Tuples:
    """The distinct tuples of a table; where people have several records, those of each person.

    Parameters
    ----------
    names : of the columns.
    codes : array (tuples, columns).
    records : array (tuples,), how many have each.
    people : array (tuples,), the person of each, numbered from 0; None if each record is a person.
    """

    names: tuple[str, ...]
    codes: Codes
    records: Codes
    people: Codes | None = None


def count_tuples(frame: pd.DataFrame, names: Sequence[str]) -> Tuples:
    """Count the distinct tuples of a table once, for all combinations to be measured on these.

    Parameters
    ----------
    frame : with the columns as categories, and the numbers of the people where some have several
        records; of records, or counted (:mod:`anonify.tables.counts`).
    """
    codes = [frame[name].cat.codes.to_numpy(np.intp) for name in names]
    if PERSON not in frame:
        groups = group(np.stack(codes, axis=1), records_of(frame))
        return Tuples((*names,), np.asfortranarray(groups.tuples), groups.sizes)
    people = pd.factorize(frame[PERSON])[0]
    groups = group(np.stack([*codes, people], axis=1), records_of(frame))
    return Tuples((*names,), groups.tuples[:, :-1], groups.sizes, groups.tuples[:, -1])


def measure_identification(frame: pd.DataFrame, names: Sequence[str]) -> list[Combination]:
    """Measure how far columns and their combinations tell the records of a table apart.

    Parameters
    ----------
    frame : as :func:`count_tuples` takes it.
    names : of the quasi-identifiers.

    Returns
    -------
    Each column, and the combinations that :data:`ALL_OF` and :data:`MOST_COMBINED` say. Columns by
    themselves come first, then combinations of two, and so on; among these, first what separates
    most. The combinations that grow begin with the column that separates most, and end where no
    other column separates more.
    """
    tuples = count_tuples(frame, names)
    found: dict[tuple[str, ...], Combination] = {
        (name,): measure_combination(tuples, (name,)) for name in names
    }
    most = {each.columns[0] for each in sorted(found.values(), key=_rank)[:MOST_COMBINED]}
    combined = [name for name in names if name in most]
    widest = len(names) if len(names) <= ALL_OF else 2
    for size in range(2, widest + 1):
        for columns in combinations(combined, size):
            found[columns] = measure_combination(tuples, columns)
    for each in _grow(tuples, combined, found):
        found[each.columns] = replace(each, is_grown=True)
    return sorted(found.values(), key=lambda each: (len(each.columns), _rank(each)))


def tabulate_identification(
    tables: Mapping[tuple[str, int], pd.DataFrame], names: Sequence[str]
) -> pd.DataFrame:
    """Return how far the same combinations tell apart the records of tables.

    Parameters
    ----------
    tables : by what they are (``original``, ``anonymized`` or ``sampled``) and by the deletion in
        per cent. The combinations are those of the first, which is measured by
        :func:`measure_identification`.

    Returns
    -------
    Frame with one row for each table and combination, in the order of the columns: ``data``,
    ``deletion``, ``columns`` (how many), ``combination`` (their names), ``added`` (of combinations
    that grow the last column, else empty), and in per cent ``distinction``, ``separation`` and
    ``unique``.
    """
    found = measure_identification(next(iter(tables.values())), names)
    added = dict(_list_added([each.columns for each in found if each.is_grown]))
    places = {name: place for place, name in enumerate(names)}
    sets = sorted(
        (each.columns for each in found),
        key=lambda columns: (len(columns), [places[name] for name in columns]),
    )
    rows = []
    for (data, deletion), frame in tables.items():
        tuples = count_tuples(frame, names)
        for columns in sets:
            measured = asdict(measure_combination(tuples, columns))
            rows.append(
                {
                    "data": data,
                    "deletion": deletion,
                    "columns": len(columns),
                    "combination": ", ".join(map(_quote, columns)),
                    "added": added.get(columns),
                    **{share: measured[share] for share in SHARES},
                }
            )
    return pd.DataFrame(rows)


def _list_added(grown: Sequence[tuple[str, ...]]) -> Iterator[tuple[tuple[str, ...], str]]:
    for before, after in pairwise([(), *grown]):
        (name,) = {*after} - {*before}
        yield after, name


def mask_identification(table: pd.DataFrame, people: int, k: int) -> pd.DataFrame:
    """Mask in the shares of a confidential table what would tell of fewer than k people.

    Shares are rounded so that about k numbers of people fit to each: separation to twice as much as
    uniques, for one person with another value changes it by up to 2 ÷ people. Where fewer than k
    people have values of their own the steps of both go together. Those of the distinction would
    not, so that of the original it is empty.

    Parameters
    ----------
    table : as :func:`tabulate_identification` returns it.
    people : how many 100 % are at least.
    """
    rounded = round_shares(table, ["distinction", "unique"], people, k)
    rounded = round_shares(rounded, ["separation"], people, 2 * k)
    is_original = rounded["data"] == "original"
    return rounded.assign(distinction=rounded["distinction"].mask(is_original))


def _quote(name: str) -> str:
    """Return a name as a list has it: in quotes where it could be read as several."""
    return json.dumps(name, ensure_ascii=False) if {",", '"'} & {*name} else name


def sort_identification(table: pd.DataFrame) -> pd.DataFrame:
    """Return the table with what separates most in the first table first, of as many columns."""
    by = ["columns", "separation", "distinction"]
    parts = [part for _, part in table.groupby(["data", "deletion"], sort=False)]
    first = parts[0].sort_values(by, ascending=[True, False, False], kind="stable")
    order = first["combination"].to_list()
    ranked = [part.set_index("combination").loc[order].reset_index() for part in parts]
    return pd.concat(ranked, ignore_index=True)[[*table]]


def _grow(
    tuples: Tuples, names: Sequence[str], found: dict[tuple[str, ...], Combination]
) -> Iterator[Combination]:
    """Yield the combinations that grow, and add to those found what they are compared with."""
    last = None
    columns: tuple[str, ...] = ()
    while len(columns) < len(names):
        wider = [
            tuple(name for name in names if name in columns or name == added)
            for added in names
            if added not in columns
        ]
        for each in wider:
            if each not in found:
                found[each] = measure_combination(tuples, each)
        best = min((found[each] for each in wider), key=_rank)
        if last is not None and not best.separation > last.separation:
            return
        yield best
        last, columns = best, best.columns


def _rank(found: Combination) -> tuple[float, float]:
    """Return by what combinations are sorted: what separates most comes first."""
    separation = -1.0 if np.isnan(found.separation) else found.separation
    return -separation, -found.distinction


def measure_combination(tuples: Tuples, columns: tuple[str, ...]) -> Combination:
    """Measure how far a combination tells the records of a table apart."""
    keys = pack(tuples.codes[:, [tuples.names.index(name) for name in columns]])
    if tuples.people is None:
        sizes = _count_records(keys, tuples.records)
        everyone, alone, own_pairs = int(sizes.sum()), int((sizes == 1).sum()), 0
    else:
        span = int(tuples.people.max(initial=0)) + 1
        # A person's records with equal tuples are one.
        members = np.unique(keys, return_inverse=True)[1]
        pairs = _keep_distinct(members * span + tuples.people)
        members, people = np.divmod(pairs, span)
        sizes, of_each = np.bincount(members), np.bincount(people)
        everyone, own_pairs = len(of_each), _count_pairs(of_each)
        alone = len(_keep_distinct(people[sizes[members] == 1]))
    counted = int(sizes.sum())
    all_pairs = counted * (counted - 1) // 2 - own_pairs
    return Combination(
        columns,
        distinction=_share(len(sizes), counted),
        separation=_share(all_pairs - _count_pairs(sizes), all_pairs),
        unique=_share(alone, everyone),
    )


def _count_records(keys: Codes, records: Codes) -> Codes:
    """Return how many records have each key, in any order."""
    if keys.max(initial=0) < _SPARSE * len(keys):
        sizes = np.bincount(keys, weights=records)
        return sizes[sizes > 0].astype(np.int64)
    order = np.argsort(keys)
    starts = np.flatnonzero(np.diff(keys[order], prepend=-1))
    return np.add.reduceat(records[order], starts)


def _keep_distinct(keys: Codes) -> Codes:
    """Return the distinct keys, for which NumPy takes longer where it does not sort."""
    ordered = np.sort(keys)
    return ordered[np.diff(ordered, prepend=-1) > 0]


def _count_pairs(sizes: Codes) -> int:
    return int((sizes * (sizes - 1) // 2).sum())


def _share(part: int, whole: int) -> float:
    return 100 * part / whole if whole else float("nan")
