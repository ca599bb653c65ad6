"""How the text values of a table get their types."""

import math
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from anonify.base.codes import SYSTEMS, spell_code
from anonify.base.errors import UserError
from anonify.base.meanings import is_blank, join_spellings
from anonify.base.values import MISSING, PERSON, Codes, is_number, repr_number
from anonify.base.words import count, quote
from anonify.tables.coding import close_end, code_ends, spell_end
from anonify.tables.columns import Column, check_columns, drop_identifiers
from anonify.tables.dates import find_listed, parse_dates
from anonify.tables.distinct import KnownColumn, TextColumn, count_texts, find_distinct

_NUMBER = re.compile(r"[+-]?[0-9]+(?:[.,][0-9]*)?")


def check_target(target: "pd.Series[Any]", positive: Any) -> None:
    """Make sure that classes can be learned.

    Parameters
    ----------
    positive : the positive class, where one is named.

    Raises
    ------
    UserError : the target has a single class, lacks the positive one, or is no class at all but
        a measurement.
    """
    target = target[find_present(target)]
    if target.dtype.kind == "f" and (target % 1 != 0).any():
        raise UserError(
            f"target {target.name!r}: its values have decimals, so they are measurements and no "
            "classes; choose another target, or put them into classes first"
        )
    if positive is not None and not (target == positive).any():
        raise UserError(
            f"target {target.name!r}: no record is of the class {positive!r}; mend `positive` in "
            "the dataset's configuration"
        )
    if target.nunique() < 2:
        raise UserError(
            f"target {target.name!r}: all records are of one class, so there is nothing to "
            "learn; choose another target, or none"
        )


def convert_records(
    raw: pd.DataFrame, columns: Iterable[Column], path: str | Path, decimal: str = "."
) -> pd.DataFrame:
    """Give the text values of a table their types.

    Parameters
    ----------
    path : names the table in messages.
    decimal : what parts the decimals of its numbers.

    Returns
    -------
    Frame (records, columns), direct identifiers left out, and the columns of the person put into
    one that numbers the people (:data:`anonify.base.values.PERSON`). Quasi-identifiers are ordered
    categories of text, in the order of the domain: numbers by value, written as Python writes
    them (``80.0``); dates as ``YYYY-MM-DD``; text by alphabet. A missing value of a
    quasi-identifier is a value of its own, the empty text at the end of the domain. Other
    columns are numbers or such categories by their type; a missing number is NaN, or NA in whole
    numbers, which are ``Int64`` then. Missing is what shows nothing, and what the column lists
    as ``missing``. Numbers and dates beyond the ``bottom`` and ``top`` of the column are these.

    Raises
    ------
    UserError : the table lacks a column or has one that is not described, or a value is not of
        its column's type.
    """
    columns = tuple(columns)
    check_columns(path, list(raw.columns), [column.name for column in columns])
    typed = {
        column.name: convert_column(raw[column.name], column, path, decimal)
        for column in drop_identifiers(columns)
    }
    return pd.DataFrame(typed | number_people(raw, columns, path, decimal))


def number_people(
    raw: pd.DataFrame, columns: Iterable[Column], path: str | Path, decimal: str = "."
) -> dict[str, "pd.Series[Any]"]:
    """Return the column that numbers the people by its name, nothing where none has the role.

    Several columns of the role are one key together. Keys that are spelt differently but read the
    same are one: to take two people for one protects, the other way round it does not.

    Raises
    ------
    UserError : as :func:`convert_column`; above all a record has no person.
    """
    columns = [column for column in columns if column.role == "person"]
    if not columns:
        return {}
    keys = {column.name: KnownColumn.of(raw[column.name]) for column in columns}
    (people,) = read_people(keys, columns, path, decimal)
    return {PERSON: pd.Series(people, index=raw.index)}


def read_people(
    keys: Mapping[str, TextColumn],
    columns: Iterable[Column],
    path: str | Path,
    decimal: str = ".",
) -> Iterator[Codes]:
    """Number the people as :func:`number_people` does, part by part.

    Parameters
    ----------
    keys, columns : of the role ``person``.
    """
    numbered = []
    for column in columns:
        key = keys[column.name]
        typed = convert_texts(key.texts.str.strip(), key.records, column, path, decimal)
        numbered.append(np.array(join_spellings([str(each) for each in typed]), dtype=np.intp))
    parts = zip(*(keys[column.name].read_numbers() for column in columns), strict=True)
    known: dict[tuple[int, ...], int] = {}
    for part in parts:
        shown = [numbers[of_part] for numbers, of_part in zip(numbered, part, strict=True)]
        if len(shown) == 1:
            # Texts are in order of appearance, and so are these numbers.
            yield shown[0]
            continue
        members, tuples = pd.factorize(pd.MultiIndex.from_arrays(shown))
        yield np.array([known.setdefault(each, len(known)) for each in tuples])[members]


def convert_column(
    values: "pd.Series[Any]", column: Column, path: str | Path, decimal: str = "."
) -> "pd.Series[Any]":
    """Give the text values of a column their type; see :func:`convert_records`.

    Parameters
    ----------
    values : as of :func:`anonify.tables.distinct.find_distinct`.

    Raises
    ------
    UserError : a value is not of the column's type, or a record has no person; ``path`` names the
        file.
    """
    texts, codes = find_distinct(values)
    typed = convert_texts(texts, count_texts(texts, codes), column, path, decimal)
    return pd.Series(typed.array.take(codes), index=values.index, name=values.name)


def convert_texts(
    texts: "pd.Series[Any]",
    records: "pd.Series[int]",
    column: Column,
    path: str | Path,
    decimal: str = ".",
) -> "pd.Series[Any]":
    """Give the distinct texts of a column their type; see :func:`convert_records`.

    Parameters
    ----------
    texts : the index tells the first record of each, counted from 0.
    records : how many have each text.

    Raises
    ------
    UserError : as :func:`convert_column`.
    """
    texts = empty_missing(texts, column, decimal)
    is_missing = texts == MISSING
    if column.role == "person" and is_missing.any():
        raise UserError(
            f"{path}, record {texts.index[is_missing][0] + 1}: {column.name!r} has no value; fill "
            "it in or remove the record"
        )
    if column.type == "category":
        if column.code:
            texts = _spell_codes(texts, column, path)
        if column.normalize:
            texts = _join_spellings(texts, records)
        return _ordered(texts, sorted(set(texts) - {MISSING}))
    if column.type == "date":
        dates = code_ends(_read_dates(texts[~is_missing], column, path), column)
        texts = dates.reindex(texts.index, fill_value=MISSING)
        return _ordered(texts, sorted(set(texts) - {MISSING}))
    numbers = code_ends(_read_numbers(texts[~is_missing], column, path, decimal), column)
    if column.role == "weight":
        _check_weights(texts, numbers.reindex(texts.index), records, column, path)
    if column.role != "quasi-identifier":
        if is_missing.any() and column.type == "integer":
            numbers = numbers.astype("Int64")
        return numbers.reindex(texts.index)
    domain = [repr_number(number) for number in sorted(numbers.unique().tolist())]
    labels = numbers.map(repr_number).astype("str")
    return _ordered(labels.reindex(texts.index, fill_value=MISSING), domain)


def find_spellings(
    texts: "pd.Series[Any]",
    records: "pd.Series[int]",
    typed: "pd.Series[Any]",
    column: Column,
    decimal: str = ".",
) -> tuple[tuple[str, str], ...]:
    """Return how the table writes decimals, and weights, where that differs from how we do.

    Of several spellings of a number it is the most frequent one: which of them a record has tells
    where it comes from. The decimal mark is a point.

    Parameters
    ----------
    texts, records : the distinct texts of the column, and how many records have each.
    typed : what :func:`convert_texts` made of them.

    Examples
    --------
    >>> height = Column("height", "sensitive", "decimal")
    >>> texts = pd.Series(["1.70", "2", "1.7", "1.8"], dtype="str")
    >>> records = pd.Series([2, 1, 1, 1])
    >>> typed = convert_texts(texts, records, height, "heights.csv")
    >>> find_spellings(texts, records, typed, height)
    (('1.7', '1.70'), ('2.0', '2'))
    """
    if column.type != "decimal" and column.role != "weight":
        return ()
    read = _read_whole if column.type == "integer" else _read_decimal
    is_present = find_present(typed)
    written: dict[Any, str] = {}
    for text in _sort_by_frequency(texts[is_present].str.strip(), records[is_present]):
        point = _mend_decimal(text, decimal)
        # What stands for an end of the column, or is open, is written as we do.
        number = read(point)
        if number is not None:
            written.setdefault(number, point)
    shown = {str(number): read(str(number)) for number in typed[is_present].unique()}
    spelt = ((text, written.get(number, text)) for text, number in shown.items())
    return tuple(sorted((text, point) for text, point in spelt if text != point))


def _sort_by_frequency(texts: "pd.Series[Any]", records: "pd.Series[int]") -> list[str]:
    """Return distinct texts, those of most records first, of equally frequent ones by alphabet."""
    counts = records.groupby(texts).sum().sort_index()
    return [str(text) for text in counts.sort_values(ascending=False, kind="stable").index]


def _check_weights(
    texts: "pd.Series[Any]",
    numbers: "pd.Series[Any]",
    records: "pd.Series[int]",
    column: Column,
    path: str | Path,
) -> None:
    wrong = texts[~(numbers > 0)]
    if len(wrong):
        others = int(records[wrong.index].sum()) - 1
        found = quote(wrong.iloc[0]) if wrong.iloc[0] != MISSING else "empty"
        more = f" (so it is with {count(others, 'more record')})" if others else ""
        raise UserError(
            f"{path}, record {wrong.index[0] + 1}: the weight {column.name!r} is {found}, but says "
            "how many people the record stands for; write a number above 0 or remove the "
            f"record{more}"
        )


def count_coded(
    texts: "pd.Series[Any]",
    records: "pd.Series[int]",
    column: Column,
    path: str | Path,
    decimal: str = ".",
) -> dict[str, int]:
    """Return how many records have a value below the ``bottom`` and above the ``top`` of a column.

    Parameters
    ----------
    texts, records : as :func:`convert_texts`, which puts the ends into their place.

    Raises
    ------
    UserError : as :func:`convert_column`.
    """
    plain = replace(column, role="sensitive", bottom=None, top=None)
    typed = convert_texts(texts, records, plain, path, decimal)
    is_present = find_present(typed)
    present, of_present = typed[is_present], records[is_present]
    present = present.astype("str") if column.type == "date" else present
    counts = {}
    if column.bottom is not None:
        is_below = (present < spell_end(column.bottom, column)).to_numpy(bool)
        counts["bottom"] = int(of_present[is_below].sum())
    if column.top is not None:
        is_above = (present > spell_end(column.top, column)).to_numpy(bool)
        counts["top"] = int(of_present[is_above].sum())
    return counts


def empty_missing(values: "pd.Series[Any]", column: Column, decimal: str = ".") -> "pd.Series[Any]":
    """Return the texts of a column, those empty that show nothing or are listed as ``missing``."""
    written: list[str] = values.drop_duplicates().astype(object).tolist()
    absent = set()
    if column.type in ("integer", "decimal"):
        # What is plainly a number reads as nothing else.
        plain = {text for text in written if _NUMBER.fullmatch(text)}
        # −9 is also −9.0; the description has a decimal point.
        codes = {float(text) for text in column.missing if is_number(text)}
        if codes:
            mended = {text: _mend_decimal(text, decimal) for text in plain}
            absent = {
                text for text, point in mended.items() if is_number(point) and float(point) in codes
            }
        written = [text for text in written if text not in plain]
    listed = [*column.missing, MISSING]
    joined = join_spellings([*listed, *written])
    nothing = {*joined[: len(listed)]}
    absent |= {
        text
        for text, number in zip(written, joined[len(listed) :], strict=True)
        if number in nothing
    }
    if column.type == "date" and column.missing:
        distinct = pd.Series(written, dtype="str")
        absent |= {*distinct[find_listed(distinct, column.missing, column.format)]}
    return values.mask(values.isin(absent), MISSING)


def find_present(values: "pd.Series[Any]") -> "pd.Series[bool]":
    """Tell for each record of a typed column whether it has a value."""
    if pd.api.types.is_numeric_dtype(values):
        return values.notna()
    texts = values if values.dtype == "category" else values.astype("str")
    return values.notna() & (texts != MISSING)


def code_meanings(values: "pd.Series[Any]") -> tuple[Codes, int]:
    """Number the values of a typed column by what they mean.

    Returns
    -------
    Array (records,): numbers are numbered in their order, texts in that of their first spelling;
        −1 where there is no value. And how many values there are.
    """
    codes, distinct = pd.factorize(values, sort=True)
    if not pd.api.types.is_numeric_dtype(values):
        joined = join_spellings([str(value) for value in distinct])
        blank = [is_blank(str(value)) for value in distinct]
        _, renumbered = np.unique(
            np.where(blank, -1, np.array(joined, dtype=np.intp)), return_inverse=True
        )
        codes = np.append(renumbered - any(blank), -1)[codes]
    return np.asarray(codes, dtype=np.intp), int(codes.max(initial=-1)) + 1


def _join_spellings(values: "pd.Series[Any]", records: "pd.Series[int]") -> "pd.Series[Any]":
    """Return texts with the most frequent spelling for all that mean the same."""
    is_present = values != MISSING
    texts = _sort_by_frequency(values[is_present], records[is_present])
    chosen: dict[int, str] = {}
    joined = join_spellings(texts)
    shown = {text: chosen.setdefault(n, text) for text, n in zip(texts, joined, strict=True)}
    return values.map({**shown, MISSING: MISSING}).astype("str")


def _spell_codes(values: "pd.Series[Any]", column: Column, path: str | Path) -> "pd.Series[Any]":
    """Return codes as their system writes them."""
    assert column.code is not None
    written = values[values != MISSING].drop_duplicates()
    spelt = {text: spell_code(column.code, text) for text in written.astype(object)}
    wrong = written[[spelt[text] is None for text in written.astype(object)]]
    if len(wrong):
        raise UserError(
            f"{path}, record {wrong.index[0] + 1}: {column.name!r} is {quote(wrong.iloc[0])}, no "
            f"code of {SYSTEMS[column.code].title}; mend the value, or list it as `missing` of the "
            "column"
        )
    return values.map({**spelt, MISSING: MISSING}).astype("str")


def _read_dates(values: "pd.Series[Any]", column: Column, path: str | Path) -> "pd.Series[Any]":
    """Return dates as ``YYYY-MM-DD``, from the way in which the column writes them."""
    written = values.drop_duplicates()
    try:
        dates = parse_dates(written, column.format)
    except ValueError as error:
        raise UserError(
            f"columns: the `format` {column.format!r} of {column.name!r} is none ({error}); write "
            "it as strftime does, such as %d.%m.%Y"
        ) from None
    if dates.isna().any():
        wrong = written[dates.isna()]
        raise UserError(
            f"{path}, record {wrong.index[0] + 1}: {column.name!r} is {quote(wrong.iloc[0])}, "
            f"no date as {column.format} writes it; mend the value or the column's `format`"
        )
    return values.map(dict(zip(written, dates.dt.strftime("%Y-%m-%d"), strict=True))).astype("str")


def _read_numbers(
    values: "pd.Series[Any]", column: Column, path: str | Path, decimal: str
) -> "pd.Series[Any]":
    if column.open_ends:
        values = values.map(close_end)
    codes, written = pd.factorize(values)
    read = _read_whole if column.type == "integer" else _read_decimal
    numbers = [read(_mend_decimal(text, decimal)) for text in written.astype(object).tolist()]
    if None in numbers:
        wrong = values[codes == numbers.index(None)]
        kind = "a whole number" if column.type == "integer" else "a number"
        mark = " and the table's `decimal`" if _looks_like_number(str(wrong.iloc[0])) else ""
        raise UserError(
            f"{path}, record {wrong.index[0] + 1}: {column.name!r} is {quote(wrong.iloc[0])}, "
            f"not {kind}; mend the value or the column's type{mark}"
        )
    kind = "int64" if column.type == "integer" else "float64"
    return pd.Series(np.array(numbers, dtype=kind)[codes] + 0, index=values.index, name=values.name)


def _read_whole(text: str) -> int | None:
    """Return a whole number of 64 bits, exact whatever its form (7, 7.0, 7e3); None for no such."""
    try:
        number = Decimal(text.strip())
    except InvalidOperation:
        return None
    if not _is_plain(text):
        return None
    if not (number.is_finite() and number.adjusted() < 19 and number == number.to_integral_value()):
        return None
    whole = int(number)
    return whole if -(2**63) <= whole < 2**63 else None


def _read_decimal(text: str) -> float | None:
    """Return a finite number; None for no such."""
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) and _is_plain(text) else None


def _is_plain(text: str) -> bool:
    """Tell whether a number is written with ASCII digits alone: Python reads 1_000 and ١, too."""
    return text.strip().isascii() and "_" not in text


def _mend_decimal(text: str, decimal: str) -> str:
    """Return a number with a decimal point; a point would part thousands, which no number has."""
    return text if decimal == "." else text.replace(".", "?").replace(decimal, ".")


def _looks_like_number(text: str) -> bool:
    """Tell whether a text may be a number that is written with other marks."""
    return bool(re.fullmatch(r"\s*[-+]?\d[\d.,]*\s*", text))


def _ordered(values: "pd.Series[Any]", domain: list[str]) -> "pd.Series[Any]":
    missing = [MISSING] if (values == MISSING).any() else []
    return values.astype(pd.CategoricalDtype([*domain, *missing], ordered=True))
