"""Tell whether people seem to have several records in a table that says nothing of them."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from anonify.base.errors import UserError
from anonify.base.values import MISSING
from anonify.base.words import quote
from anonify.tables.classes import group
from anonify.tables.columns import Role
from anonify.tables.distinct import find_distinct, strip_texts

CHANCE = 0.01
"""How probable it may be that equal values agree in all quasi-identifiers by chance."""


def check_rows(path: object, raw: pd.DataFrame, roles: Mapping[str, Role]) -> None:
    """Make sure that every record is a person of its own, as far as the table shows.

    Parameters
    ----------
    path : names the table in the message.
    raw, roles : as :func:`find_people`.

    Raises
    ------
    UserError : a column may tell people who have several records.
    """
    found = find_people(raw, roles)
    if found:
        values = strip_texts(raw[found[0]])
        values = values[values != MISSING]
        raise UserError(
            f"{path}: {quote(found[0])} has {values.nunique():,} values in {len(values):,} records "
            "and may stand for people with several records, of which k would count each; give it "
            "the role `person`, or write `rows_are_people: true` in the description if every "
            "record is a person of its own"
        )


def find_people(raw: pd.DataFrame, roles: Mapping[str, Role]) -> list[str]:
    """Return the columns that may tell people who have several records.

    These are direct identifiers that have a value twice, unless they are numbers with decimals, and
    other columns, whatever their name, whose value fixes all quasi-identifiers where it repeats,
    which chance does not explain.

    Parameters
    ----------
    raw : values as text.
    roles : of its columns; none is ``person``.
    """
    texts = {name: strip_texts(raw[name]) for name in roles}
    names = [name for name, role in roles.items() if role == "quasi-identifier"]
    codes = [texts[name].cat.codes.to_numpy(np.intp) for name in names]
    # Without quasi-identifiers there is nothing to fix.
    tuples = group(np.stack(codes, axis=1)) if names else None
    found = []
    for name, role in roles.items():
        is_present = (texts[name] != MISSING).to_numpy()
        values = texts[name][is_present]
        repeats = len(values) - values.nunique()
        if role == "identifier" and repeats and not _are_measurements(values):
            found.append(name)
        elif role in ("sensitive", "target") and tuples is not None and repeats:
            agreement = float(((tuples.sizes / len(raw)) ** 2).sum())
            is_chance = agreement**repeats >= CHANCE
            if not is_chance and _is_fixed(values, tuples.members[is_present]):
                found.append(name)
    return found


def _are_measurements(values: "pd.Series[Any]") -> bool:
    """Tell whether values are numbers of which most have decimals, as no key has."""
    texts, codes = find_distinct(values)
    is_number = texts.str.fullmatch(r"[+-]?[0-9]*[.,]?[0-9]+")
    has_decimals = texts.str.fullmatch(r"[+-]?[0-9]*[.,][0-9]+").to_numpy(bool)
    return bool(is_number.all()) and bool(has_decimals[codes].mean() > 0.5)


def _is_fixed(values: "pd.Series[Any]", tuples: npt.NDArray[np.intp]) -> bool:
    """Tell whether equal values always come with equal tuples."""
    codes = values.cat.codes.to_numpy(np.intp)
    one_of_each = np.empty(len(values.cat.categories), dtype=np.intp)
    one_of_each[codes] = tuples
    return bool((one_of_each[codes] == tuples).all())
