"""Join what a method decided about distinct tuples to the records, draw samples, compare tables.

Statements are in the SQL of DuckDB. A table is one that :mod:`anonify.tables.storage` describes.
"""

from collections.abc import Collection, Sequence

from anonify.base.values import PERSON, RECORDS, SUPPRESSED
from anonify.engines.database import Database
from anonify.engines.sql import NUMBER, quote_name, quote_names, quote_text

_PLACE, _RECORDS = quote_name("anonify.place"), quote_name(RECORDS)
_HASHES, _SIDE = quote_name("anonify.hashes"), quote_name("anonify.side")

FIRST, LAST = "anonify.first", "anonify.last"
"""Columns of a mapping: of the records of a tuple those that go one way, counted from 0."""

DELETED = "anonify.deleted"
"""The column of classes with how many records, or people, each loses."""

RELEASED = "anonify.released {}"
"""The column of a mapping with what a quasi-identifier is released as."""


def select_recoded(
    mapping: Collection[str],
    columns: Sequence[str],
    quasi_identifiers: Sequence[str],
    original: str,
) -> str:
    """Return the statement that selects records with their quasi-identifiers recoded.

    Parameters
    ----------
    mapping : columns of the table that is named ``mapping`` in the database: the quasi-identifiers
        as they are and as they are released (:data:`RELEASED`), :data:`SUPPRESSED`, and where the
        records of a tuple go several ways, which of them (:data:`FIRST`, :data:`LAST`).
    columns : of the original in their order.
    original : its name in the database.
    """
    shown = [
        f"m.{quote_name(RELEASED.format(name))} AS {quote_name(name)}"
        if name in quasi_identifiers
        else f"t.{quote_name(name)}"
        for name in columns
    ]
    shown.append(f"m.{quote_name(SUPPRESSED)}")
    same = [f"t.{quote_name(name)} = m.{quote_name(name)}" for name in quasi_identifiers]
    source = quote_name(original)
    if FIRST in mapping:
        source = (
            f"(SELECT *, row_number() OVER (PARTITION BY {quote_names(quasi_identifiers)} "
            f"ORDER BY {quote_name(NUMBER)}) - 1 AS {_PLACE} FROM {source})"
        )
        same.append(f"t.{_PLACE} >= m.{quote_name(FIRST)} AND t.{_PLACE} < m.{quote_name(LAST)}")
    return f"SELECT {', '.join(shown)} FROM {source} t JOIN mapping m ON {' AND '.join(same)}"


def select_sample(
    columns: Sequence[str], quasi_identifiers: Sequence[str], release: str, key: str
) -> str:
    """Return the statement that selects the records that stay, in the order of the table.

    Parameters
    ----------
    release : name in the database of the anonymized table; beside it there is ``deletions``: the
        classes with how many records each loses (:data:`DELETED`).
    key : as :func:`anonify.releases.sampling.sample`.
    """
    of_class = [*quasi_identifiers, SUPPRESSED]
    rank = f"md5({quote_text(key + '|')} || {quote_name(NUMBER)}::VARCHAR)"
    ranked = (
        f"SELECT *, row_number() OVER (PARTITION BY {quote_names(of_class)} "
        f"ORDER BY {rank}, {quote_name(NUMBER)}) AS {_PLACE} FROM {quote_name(release)}"
    )
    same = " AND ".join(f"t.{quote_name(name)} = d.{quote_name(name)}" for name in of_class)
    return (
        f"SELECT {quote_names(columns, 't')} FROM ({ranked}) t JOIN deletions d ON {same} "
        f"WHERE t.{_PLACE} > d.{quote_name(DELETED)} ORDER BY t.{quote_name(NUMBER)}"
    )


def select_people(columns: Sequence[str], release: str, key: str) -> str:
    """Return the statement that selects the records of the people who stay, in their order.

    Parameters
    ----------
    release : name in the database of the anonymized table; beside it there are ``homes``: the
        people (:data:`PERSON`) with the place of each among all who are in the table, ``number``,
        the class in which it counts, ``home``, and how many people that loses, ``deleted``.
    key : as :func:`anonify.releases.sampling.sample_people`.
    """
    person = quote_name(PERSON)
    rank = f"md5({quote_text(key + '|')} || number::VARCHAR)"
    ranked = (
        f"SELECT *, row_number() OVER (PARTITION BY home ORDER BY {rank}, number) AS place "
        "FROM homes"
    )
    return (
        f"SELECT {quote_names(columns)} FROM {quote_name(release)} WHERE {person} IN "
        f"(SELECT {person} FROM ({ranked}) WHERE place > deleted) ORDER BY {quote_name(NUMBER)}"
    )


def count_differences(
    database: Database, expected: str, written: str, groups: Sequence[str], others: Sequence[str]
) -> int:
    """Count the groups of records in which two tables differ.

    Whatever their order, the records of a group are the same where there are as many of them and
    the hashes of their other values have the same sum.

    Parameters
    ----------
    expected, written : statements that select these columns.
    groups : columns that make the groups; without any, all records are one.
    others : the other columns.
    """
    compared = [*map(quote_name, groups), _RECORDS, *([_HASHES] if others else [])]
    said = [*map(quote_name, groups), f"count(*) AS {_RECORDS}"]
    if others:
        said.append(f"sum(hash({quote_names(others)})::HUGEINT) AS {_HASHES}")
    both = " UNION ALL ".join(
        f"SELECT {', '.join(said)}, {side} AS {_SIDE} FROM ({statement})"
        + (f" GROUP BY {quote_names(groups)}" if groups else "")
        for statement, side in ((expected, 1), (written, -1))
    )
    (found,) = database.fetch_row(
        f"SELECT count(*) FROM (SELECT {', '.join(compared)} FROM ({both}) "
        f"GROUP BY {', '.join(compared)} HAVING sum({_SIDE}) <> 0)"
    )
    return int(found)
