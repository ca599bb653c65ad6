"""Columns by their distinct texts, of which there are few beside the records.

What is done to a text is done to it once, however many records have it.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Protocol, Self

import numpy as np
import pandas as pd

from anonify.base.values import Codes


class TextColumn(Protocol):
    """A column of texts: its distinct ones, and which of them each record has."""

    @property
    def texts(self) -> "pd.Series[Any]":
        """The distinct texts in order of appearance, by the first record of each."""

    @property
    def records(self) -> "pd.Series[int]":
        """How many records have each text."""

    def read_numbers(self) -> Iterator[Codes]:
        """Read the numbers of the records' texts, part by part."""


@dataclass(frozen=True)
class KnownColumn:
    """A column of texts in memory."""

    texts: "pd.Series[Any]"
    records: "pd.Series[int]"
    numbers: Codes

    @classmethod
    def of(cls, values: "pd.Series[Any]") -> Self:
        """Return the column of the texts of the records, as of :func:`find_distinct`."""
        texts, numbers = find_distinct(values)
        return cls(texts, count_texts(texts, numbers), numbers)

    def read_numbers(self) -> Iterator[Codes]:
        """Return the numbers of all records' texts."""
        yield self.numbers


def number_values(values: "pd.Series[Any]") -> tuple[Codes, Codes]:
    """Number the values of a column, so that those of one number are written alike.

    Returns
    -------
    Array (records,): the number of each record's value, in order of appearance, a missing one
        among them; and array (values,): the first record that has each.

    >>> number_values(pd.Series([0.5, np.nan, 0.5]))
    (array([0, 1, 0]), array([0, 1]))
    """
    dtype, comparable = values.dtype, values
    if isinstance(dtype, np.dtype) and dtype.kind == "f" and dtype.itemsize <= 8:
        # As numbers 0 and −0 are equal.
        comparable = pd.Series(values.to_numpy().view(f"i{dtype.itemsize}"))
    elif not (dtype == "category" or isinstance(dtype, pd.StringDtype) or dtype.kind in "iubM"):
        # Of objects that are equal the texts may differ, as of 1 and 1.0.
        comparable = pd.Series(np.arange(len(values)))
    codes, found = pd.factorize(comparable, use_na_sentinel=False)
    numbers = np.asarray(codes, dtype=np.intp)
    first = np.empty(len(found), dtype=np.intp)
    # Of several records of a number, the one that is put there last stays.
    first[numbers[::-1]] = np.arange(len(numbers))[::-1]
    return numbers, first


def find_distinct(values: "pd.Series[Any]") -> tuple["pd.Series[Any]", Codes]:
    """Return the distinct texts of a column, and which of them each record has.

    Parameters
    ----------
    values : texts, or categories of texts, of which some may be in no record.

    Returns
    -------
    The texts in order of appearance, the index telling the first record of each, counted from 0;
    and array (records,), the place of each record's text among them.

    >>> texts, codes = find_distinct(pd.Series(["flu", "HIV", "flu", ""]))
    >>> texts.to_dict(), codes.tolist()
    ({0: 'flu', 1: 'HIV', 3: ''}, [0, 1, 0, 2])
    """
    codes, first = number_values(values)
    return values.iloc[first].astype("str").set_axis(first), codes


def map_values(
    values: "pd.Series[Any]", change: Callable[["pd.Series[Any]"], "pd.Series[Any]"]
) -> "pd.Series[Any]":
    """Return a column with other texts for its values, as categories that are all in some record.

    Parameters
    ----------
    change : of the distinct values to as many texts, of which some may be equal, or missing.
    """
    numbers, first = number_values(values)
    codes, texts = pd.factorize(change(values.iloc[first]))
    labels = pd.Categorical.from_codes(codes[numbers], categories=pd.Index(texts, dtype="str"))
    return pd.Series(labels, index=values.index, name=values.name)


def count_texts(texts: "pd.Series[Any]", codes: Codes) -> "pd.Series[int]":
    """Return how many records have each text, of what :func:`find_distinct` returned."""
    return pd.Series(np.bincount(codes, minlength=len(texts)), index=texts.index)


def map_texts(
    values: "pd.Series[Any]", change: Callable[["pd.Series[Any]"], "pd.Series[Any]"]
) -> "pd.Series[Any]":
    """Return a column with its texts changed, as :func:`map_values` does.

    >>> map_texts(pd.Series(["a", "a ", "b"]), lambda texts: texts.str.strip()).tolist()
    ['a', 'a', 'b']
    """
    return map_values(values, lambda distinct: change(distinct.astype("str")))


def strip_texts(values: "pd.Series[Any]") -> "pd.Series[Any]":
    """Return a column of texts without blanks around them, as categories, some maybe of nobody."""
    if values.dtype != "category":
        return map_texts(values, lambda texts: texts.str.strip())
    codes, texts = pd.factorize(values.cat.categories.str.strip())
    labels = pd.Categorical.from_codes(codes[values.cat.codes], categories=texts)
    return pd.Series(labels, index=values.index, name=values.name)
