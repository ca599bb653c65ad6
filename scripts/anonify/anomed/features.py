"""Arrays of features, and the tables that they stand for.

In an array a number is itself, a category its place in the column's ``encoding``, and a date the
days since 1970-01-01: what :func:`anonify.measures.encoding.encode` makes of a table.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from anonify.anomed.arrays import Unfit
from anonify.base.errors import UserError
from anonify.base.values import number_of
from anonify.tables.columns import Column, describe_columns

Descriptions = Mapping[str, Mapping[str, Any]]

_MOST_DAYS = 2_000_000


def select_features(descriptions: Descriptions) -> dict[str, Mapping[str, Any]]:
    """Return the descriptions of the columns that are features: no target, no identifier."""
    return {
        name: column
        for name, column in descriptions.items()
        if column["role"] in ("quasi-identifier", "sensitive")
    }


def check_people(descriptions: Descriptions) -> None:
    """Make sure that each record of an array is a person of its own.

    Raises
    ------
    UserError : the columns say that people may have several, and an array does not say whose a
        record is.
    """
    for name, column in descriptions.items():
        if column["role"] == "person":
            raise UserError(
                f"`columns.{name}` has the role `person`, and an array does not say whose a record "
                "is, so that k people can't be counted; offer a table, or learn from one record of "
                "each person without that column"
            )


def describe_numbers(count: int) -> dict[str, Mapping[str, Any]]:
    """Describe columns x0, x1, … as quasi-identifiers that are generalized to ranges."""
    return {f"x{place}": {"role": "quasi-identifier", "type": "decimal"} for place in range(count)}


def list_encodings(descriptions: Descriptions) -> dict[str, Sequence[str]]:
    """Return the encoding of each category.

    Raises
    ------
    UserError : one has none.
    """
    categories = {name: each for name, each in descriptions.items() if each["type"] == "category"}
    for name, column in categories.items():
        if "encoding" not in column:
            raise UserError(
                f"`columns.{name}` is a category without an `encoding`, so no number can stand for "
                "its values; list them there"
            )
    return {name: column["encoding"] for name, column in categories.items()}


def read_features(X: npt.NDArray[Any], descriptions: Descriptions) -> pd.DataFrame:
    """Return the table that an array stands for; see :func:`anonify.tables.typed.convert_records`.

    Parameters
    ----------
    X : array (records, columns) of finite numbers.
    descriptions : of the columns, in their order.

    Raises
    ------
    Unfit : the array has another number of columns, or a number stands for no value.
    UserError : as :func:`list_encodings`.
    """
    check_features(X, descriptions)
    encodings = list_encodings(descriptions)
    columns = describe_columns(descriptions)
    return pd.DataFrame(
        {
            column.name: _read_column(values, column, encodings.get(column.name, ()))
            for column, values in zip(columns, X.T, strict=True)
        }
    )


def check_features(X: npt.NDArray[Any], descriptions: Descriptions) -> None:
    """Make sure that an array stands for a table.

    Raises
    ------
    UserError : as :func:`read_features`.
    """
    if X.ndim != 2 or X.shape[1] != len(descriptions):
        raise Unfit(
            f"X has {X.ndim} dimensions, the shape {X.shape}; it should have one "
            f"row for each record and the {len(descriptions)} columns {', '.join(descriptions)}"
        )
    encodings = list_encodings(descriptions)
    for column, values in zip(describe_columns(descriptions), X.T, strict=True):
        _check_column(values, column, len(encodings.get(column.name, ())))


def write_value(number: float, type: str) -> str:
    """Return a number of a column as the label of a leaf.

    >>> write_value(30.0, "integer"), write_value(30.0, "decimal"), write_value(31.0, "date")
    ('30', '30.0', '1970-02-01')
    """
    if type == "date":
        return str(np.datetime64(int(number), "D"))
    return repr(int(number)) if type == "integer" else repr(float(number))


def _check_column(values: npt.NDArray[Any], column: Column, encoded: int) -> None:
    is_wrong = _find_wrong(values, column, encoded)
    if not is_wrong.any():
        return
    should = {
        "category": f"a place in its encoding, 0 to {encoded - 1}",
        "integer": "a whole number",
        "date": "a whole number of days since 1970-01-01",
    }[column.type]
    raise Unfit(
        f"X: {column.name!r} is wrong in {is_wrong.sum()} of {len(values)} records; each should "
        f"be {should}"
    )


def _read_column(
    values: npt.NDArray[Any], column: Column, encoding: Sequence[str]
) -> "pd.Series[Any]":
    if column.bottom is not None:
        values = np.maximum(values, number_of(str(column.bottom)))
    if column.top is not None:
        values = np.minimum(values, number_of(str(column.top)))
    if column.role != "quasi-identifier" and column.type in ("integer", "decimal"):
        return pd.Series(values)
    present, places = np.unique(values, return_inverse=True)
    if column.type == "category":
        labels = [encoding[int(place)] for place in present]
        return pd.Series(pd.Categorical.from_codes(places, pd.Index(labels, dtype="str")))
    labels = [write_value(number, column.type) for number in present.tolist()]
    domain = pd.Index(labels, dtype="str")
    return pd.Series(pd.Categorical.from_codes(places, domain, ordered=True))


def _find_wrong(values: npt.NDArray[Any], column: Column, encoded: int) -> npt.NDArray[np.bool_]:
    if column.type == "decimal":
        return np.zeros(len(values), dtype=bool)
    values = values.astype(np.float64, copy=False)
    is_wrong = np.asarray((values != np.round(values)) | (np.abs(values) >= 2**53))
    if column.type == "category":
        is_wrong |= (values < 0) | (values >= encoded)
    if column.type == "date":
        is_wrong |= np.abs(values) > _MOST_DAYS
    return is_wrong
