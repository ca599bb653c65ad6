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
    codes, _ = pd.factorize(values)
    first = np.flatnonzero(~values.duplicated().to_numpy())
    return values.iloc[first].astype("str").set_axis(first), np.asarray(codes, dtype=np.intp)


def count_texts(texts: "pd.Series[Any]", codes: Codes) -> "pd.Series[int]":
    """Return how many records have each text, of what :func:`find_distinct` returned."""
    return pd.Series(np.bincount(codes, minlength=len(texts)), index=texts.index)


def map_texts(
    values: "pd.Series[Any]", change: Callable[["pd.Series[Any]"], "pd.Series[Any]"]
) -> "pd.Series[Any]":
    """Return a column with its texts changed, as categories of which each is in some record.

    Parameters
    ----------
    values : as of :func:`find_distinct`.
    change : of the distinct texts to as many others, of which some may be equal.

    >>> map_texts(pd.Series(["a", "a ", "b"]), lambda texts: texts.str.strip()).tolist()
    ['a', 'a', 'b']
    """
    texts, codes = find_distinct(values)
    numbers, changed = pd.factorize(change(texts))
    labels = pd.Categorical.from_codes(numbers[codes], categories=pd.Index(changed, dtype="str"))
    return pd.Series(labels, index=values.index, name=values.name)


def strip_texts(values: "pd.Series[Any]") -> "pd.Series[Any]":
    """Return a column of texts, as categories, without blanks around them."""
    return map_texts(values, lambda texts: texts.str.strip())
