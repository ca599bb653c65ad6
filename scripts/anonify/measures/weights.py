"""What survey or sampling weights tell of people, as they are released as they are.

A weight that nobody else has is as good as a key, and one that only people of one region, sex or
age have tells that, however far the column itself is generalized: weights are made from such
columns.

Source: Hundepool et al., Statistical Disclosure Control, Wiley 2012, Section 3.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from anonify.base.values import PERSON
from anonify.base.words import list_names
from anonify.tables.counts import count_everyone, count_rows, records_of

MOSTLY = 0.5
"""Share of the people from which on weights tell too many of them apart."""


@dataclass(frozen=True)
class Weights:
    """What the weights of a table tell.

    Parameters
    ----------
    name : of the column.
    people : of the table.
    total : sum of the weights of the records.
    alone : people with a weight that nobody else has.
    told : by quasi-identifier, the share of the people, 0 to 1, whose weight others have, too, but
        only others with the same value.
    """

    name: str
    people: int
    total: float
    alone: int
    told: dict[str, float]

    @property
    def may_identify(self) -> bool:
        """Tell whether the weights single out many people, or tell much of them."""
        most = max([self.alone / self.people, *self.told.values()])
        return most > MOSTLY

    def __str__(self) -> str:
        """Say it in sentences."""
        share = 100 * self.alone / self.people
        finds = ", by which whoever knows it finds their record in a release" if self.alone else ""
        text = (
            f"{self.name!r}: weights that add up to {self.total:,.10g}; {self.alone:,} of the "
            f"{self.people:,} people ({share:.1f} %) have a weight of their own{finds}."
        )
        telling = [name for name, told in self.told.items() if told > MOSTLY]
        if telling:
            text += (
                f" Of most people the weight tells {list_names(telling)}, however far that is "
                "generalized."
            )
        if self.may_identify:
            text += " Round the weights, or leave them out (`identifier`)."
        return text


def examine_weights(frame: pd.DataFrame, name: str, quasi_identifiers: Sequence[str]) -> Weights:
    """Find out what weights tell.

    Parameters
    ----------
    frame : records, with the numbers of the people where some have several; or counted
        (:mod:`anonify.tables.counts`).
    name : of the column of weights.
    """
    weights = frame[name]
    if PERSON in frame:
        owners = frame[PERSON].groupby(weights).transform("nunique")
    else:
        owners = pd.Series(records_of(frame), frame.index).groupby(weights).transform("sum")
    count = count_everyone(frame)
    told = {}
    for column in quasi_identifiers:
        is_one = frame[column].astype("str").groupby(weights).transform("nunique") == 1
        # What all people have is no news.
        is_news = frame[column].nunique() > 1
        told[column] = count_everyone(frame[is_one & (owners > 1)]) / count if is_news else 0.0
    counted = count_rows(frame, [name])
    total = float((counted[name] * records_of(counted)).sum())
    return Weights(name, count, total, count_everyone(frame[owners == 1]), told)
