"""In which order records are: by what they show, compared as few whole numbers.

Who compares records column by column moves all their texts. So the values of a column are numbered
in their order where that is cheap, and the numbers of columns that follow each other make one: nine
columns of ten million records are sorted in two thirds of the time.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pyarrow as pa

from anonify.base.values import SUPPRESSED
from anonify.engines.database import Database
from anonify.engines.sql import quote_name, quote_text

MOST_TEXTS = 2**14
"""Texts of a column up to which they are numbered: all of them stand in the statement."""

_MOST_NUMBERS = 2**62

Numbers = Mapping[str, tuple[str, int]]
"""For columns an expression that numbers their values in their order, missing ones last, and how
many numbers from 0 on there are."""


def sort_statement(statement: str, names: Sequence[str], numbers: Numbers | None = None) -> str:
    """Return a statement that selects the same in the order of what it shows.

    It is that of :func:`anonify.tables.order.sort_records`.

    Parameters
    ----------
    numbers : of some of the columns, as :func:`number_columns` returns them.
    """
    order = ", ".join(f"{key} ASC NULLS LAST" for key in _list_keys(names, numbers or {}))
    return f"SELECT * FROM ({statement}) ORDER BY {order}"


def _list_keys(names: Sequence[str], numbers: Numbers) -> Iterator[str]:
    """Yield what records are sorted by: columns, and numbers of as many as one number can hold."""
    key, span = "", 1
    for name in names:
        number, count = numbers.get(name, ("", 1))
        if key and (not number or span * count > _MOST_NUMBERS):
            yield key
            key, span = "", 1
        if number:
            key = f"({key}) * {count} + {number}" if key else number
            span *= count
        else:
            yield quote_name(name)
    if key:
        yield key


def number_columns(
    database: Database, table: str, schema: pa.Schema, labels: Mapping[str, Sequence[str]]
) -> Numbers:
    """Number the values of a table's columns, and those of :data:`SUPPRESSED`.

    Columns of many texts, of numbers that lie far apart, and of others are left out.

    Parameters
    ----------
    table : its name in the database, which has this schema.
    labels : for some columns the texts that are shown in place of those in the table.
    """
    if not database.has_enums:
        return {}
    kinds = {field.name: field.type for field in schema if field.name not in labels}
    whole = [name for name, kind in kinds.items() if pa.types.is_signed_integer(kind)]
    truths = [name for name, kind in kinds.items() if pa.types.is_boolean(kind)]
    texts = [name for name, kind in kinds.items() if _is_text(kind)]
    return {
        **{name: _number(f"{quote_name(name)}::BIGINT", 2) for name in (*truths, SUPPRESSED)},
        **_number_whole(database, table, whole),
        **_number_texts({**_list_texts(database, table, texts), **labels}),
    }


def _number(number: str, count: int) -> tuple[str, int]:
    return f"coalesce({number}, {count})", count + 1


def _number_whole(database: Database, table: str, names: Sequence[str]) -> Numbers:
    """Number whole numbers from the least one on."""
    found = _fetch(
        database, table, [f"{end}({quote_name(name)})" for end in ("min", "max") for name in names]
    )
    ends = zip(names, found[: len(names)], found[len(names) :], strict=True)
    return {
        name: _number(f"{quote_name(name)}::BIGINT - ({least})", most - least + 1)
        for name, least, most in ends
        if least is not None and most - least < _MOST_NUMBERS
    }


def _list_texts(database: Database, table: str, names: Sequence[str]) -> dict[str, list[str]]:
    """List the texts of columns that have few."""
    counting = [f"approx_count_distinct({quote_name(name)})" for name in names]
    counts = _fetch(database, table, counting)
    few = [name for name, count in zip(names, counts, strict=True) if count <= MOST_TEXTS]
    listing = [f"list(DISTINCT {quote_name(name)})" for name in few]
    found = zip(few, _fetch(database, table, listing), strict=True)
    return {name: [text for text in texts or () if text is not None] for name, texts in found}


def _number_texts(texts: Mapping[str, Sequence[str]]) -> Numbers:
    """Number texts in the order of their characters."""
    numbers = {}
    for name, own in texts.items():
        # SQL knows no text with a zero byte.
        if 0 < len(own) <= MOST_TEXTS and not any("\0" in text for text in own):
            ordered = ", ".join(map(quote_text, sorted(own)))
            number = f"enum_code({quote_name(name)}::ENUM({ordered}))::BIGINT"
            numbers[name] = _number(number, len(own))
    return numbers


def _fetch(database: Database, table: str, values: Sequence[str]) -> tuple[Any, ...]:
    """Return values of a table, none where none are asked for."""
    if not values:
        return ()
    return database.fetch_row(f"SELECT {', '.join(values)} FROM {quote_name(table)}")


def _is_text(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind.value_type if pa.types.is_dictionary(kind) else kind))
