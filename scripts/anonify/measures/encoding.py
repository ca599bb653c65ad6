"""Turn tables into numbers that classifiers learn from."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from anonify.base.errors import UserError
from anonify.base.values import MISSING, ROOT, is_number, number_of, parse_interval
from anonify.base.words import count
from anonify.domains.domain import ShownDomain, find_covered, find_shown
from anonify.domains.ranges import parse_range
from anonify.domains.sets import Sets
from anonify.tables.columns import Column, find_target, find_weight, names_with_role
from anonify.tables.typed import find_present


def choose_features(columns: Sequence[Column], features: str) -> list[Column]:
    """Return the columns that a classifier learns from; target and weight are never among them.

    Parameters
    ----------
    features : ``all``, ``without_quasi_identifiers`` or ``quasi_identifiers_only``.
    """
    identifying = names_with_role(columns, "quasi-identifier")
    apart = (find_target(columns), find_weight(columns))
    others = [column for column in columns if column.name not in apart]
    if features == "all":
        return others
    is_wanted = features == "quasi_identifiers_only"
    return [column for column in others if (column.name in identifying) is is_wanted]


def select_labelled(frame: pd.DataFrame, target: str) -> pd.DataFrame:
    """Return the records that have a target, in a new index: only of those there is to learn."""
    is_labelled = find_present(frame[target])
    if is_labelled.all():
        return frame
    labelled = frame[is_labelled].reset_index(drop=True)
    labels = labelled[target]
    if labels.dtype == "category":
        labels = labels.cat.remove_unused_categories()
    elif labels.dtype == "Int64":
        labels = labels.astype("int64")
    return labelled.assign(**{target: labels})


def describe_gaps(frame: pd.DataFrame, used: Sequence[Column], target: str) -> str:
    """Say which records and cells classifiers lack, and what is done; empty where none lack any.

    Parameters
    ----------
    used : columns to learn from; a missing value of a quasi-identifier is a value like any other.
    """
    unlabelled = int((~find_present(frame[target])).sum())
    lacking = {
        column.name: int((~find_present(frame[column.name])).sum())
        for column in used
        if column.role != "quasi-identifier"
    }
    parts = []
    if unlabelled:
        parts.append(f"{count(unlabelled, 'record')} without {target!r} left out")
    filled = [f"{name!r} ({cells:,})" for name, cells in lacking.items() if cells]
    if filled:
        parts.append(
            f"missing values filled by the median, of texts by a category of their own: "
            f"{', '.join(filled)}"
        )
    return "; ".join(parts)


def encode(
    frame: pd.DataFrame,
    columns: Iterable[Column],
    encodings: Mapping[str, Sequence[str]],
    domains: Mapping[str, ShownDomain],
) -> pd.DataFrame:
    """Encode a table as numbers.

    Categories become their place in ``encodings``, or in the alphabet where there is none, dates
    their days since 1970. A quasi-identifier that is a number stays what it is, an interval
    becomes its middle and ``*`` becomes 0, as in the original evaluation. A label that says no
    numbers, and that of dates, becomes the middle of the values below it. A set of categories
    becomes the mean of their places.

    Of the other columns a missing number or date becomes the median of those that are there, a
    missing text a category of its own, the last one where its encoding has none.

    Parameters
    ----------
    domains : by the name of the quasi-identifier.

    Raises
    ------
    UserError : a value is in no encoding, or stands for no number.
    """
    return pd.DataFrame(
        {
            column.name: _encode(frame[column.name], column, encodings, domains.get(column.name))
            for column in columns
        }
    )


def _encode(
    values: "pd.Series[Any]",
    column: Column,
    encodings: Mapping[str, Sequence[str]],
    domain: ShownDomain | None,
) -> npt.NDArray[np.float64]:
    if not isinstance(values.dtype, pd.CategoricalDtype):
        return _fill_gaps(values.to_numpy(float, na_value=np.nan))
    labels = [str(label) for label in values.cat.categories]
    domain = domain and find_shown(labels, domain)[0]
    if column.type == "category":
        order = list(encodings.get(column.name, sorted(labels)))
        if column.role != "quasi-identifier" and MISSING not in order:
            order.append(MISSING)
        numbers = [_find_mean_place(label, order, domain, column.name) for label in labels]
    elif column.type == "date":
        numbers = [
            _find_middle_below(label, domain, column.name) if domain else _find_day(label)
            for label in labels
        ]
    else:
        numbers = [_find_middle(label, domain, column.name) for label in labels]
    return _fill_gaps(np.array(numbers, dtype=float)[values.cat.codes.to_numpy()])


def _fill_gaps(numbers: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    is_gap = np.isnan(numbers)
    present = numbers[~is_gap]
    return np.where(is_gap, np.median(present) if len(present) else 0.0, numbers)


def _find_day(label: str) -> float:
    return number_of(label) if label != MISSING else np.nan


def _find_place(label: str, order: list[str], name: str) -> float:
    if label not in order:
        raise UserError(
            f"column {name!r}: {label!r} is not in its encoding; add it to `encoding` in the "
            "dataset's configuration"
        )
    return float(order.index(label))


def _find_mean_place(label: str, order: list[str], domain: ShownDomain | None, name: str) -> float:
    if label in order or not isinstance(domain, Sets):
        return _find_place(label, order, name)
    covered = find_covered(domain, domain.find_nodes([label]))[0]
    members = domain.labels_of(np.flatnonzero(covered))
    return float(np.mean([_find_place(member, order, name) for member in members]))


def _find_middle(label: str, domain: ShownDomain | None, name: str) -> float:
    if label in (ROOT, MISSING):
        return 0.0
    interval = parse_interval(label) or parse_range(label)
    if interval:
        return sum(interval) / 2
    return float(label) if is_number(label) else _find_middle_below(label, domain, name)


def _find_middle_below(label: str, domain: ShownDomain | None, name: str) -> float:
    node = domain.find_nodes([label]) if domain else np.array([-1])
    if domain is None or domain.is_over_text or node[0] < 0:
        raise UserError(
            f"column {name!r}: {label!r} is neither a number nor an interval; correct its hierarchy"
        )
    bounds = domain.bounds_of(node)[0]
    return float(bounds.mean()) if np.isfinite(bounds).all() else 0.0
