"""The sections of the page: what each says and shows of its tables.

A section is an entry of :data:`SECTIONS`; its sentences and its table are computed by the functions
that it names.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from anonify.report.choosing import Choice
from anonify.report.grids import Grid
from anonify.report.sentences import (
    say_anonymity,
    say_attribute_inference,
    say_classifiers,
    say_distribution,
    say_identification,
    say_information_loss,
    say_membership,
    say_trade_off,
)
from anonify.report.tables import (
    show_anonymity,
    show_attribute_inference,
    show_classifiers,
    show_distribution,
    show_identification,
    show_membership,
    show_table,
    show_trade_off,
)
from anonify.report.texts import Picture


@dataclass(frozen=True)
class Part:
    """What the page shows of one table of a section."""

    section: str
    table: str
    title: str
    reading: list[str]
    pictures: list[Picture]
    grid: Grid
    choice: Choice | None = None


@dataclass(frozen=True)
class Context:
    """What a section may need to know beside its table.

    Parameters
    ----------
    configuration : of the run.
    distribution : as the dataset's description has it, where the table is of one.
    readings : ``as published`` and ``corrected``, or the latter alone.
    """

    configuration: Mapping[str, Any]
    distribution: Mapping[str, Any]
    readings: Sequence[str]


@dataclass(frozen=True)
class Section:
    """What the page says of a table, in sentences, and what it shows of it."""

    say: Callable[[pd.DataFrame, Context], list[str]]
    show: Callable[[pd.DataFrame, Context], pd.DataFrame] = lambda table, run: show_table(table)


SECTIONS = {
    "information_loss": Section(
        lambda table, run: say_information_loss(table, run.configuration["release"]),
    ),
    "distribution": Section(
        lambda table, run: say_distribution(
            table, run.distribution["label"], run.configuration["shown_deletion"]
        ),
        lambda table, run: show_distribution(table, run.distribution["label"]),
    ),
    "classifiers": Section(
        lambda table, run: say_classifiers(table),
        lambda table, run: show_classifiers(table),
    ),
    "anonymity": Section(
        lambda table, run: say_anonymity(table, run.readings),
        lambda table, run: show_anonymity(table, run.readings, run.configuration["risk_threshold"]),
    ),
    "identification": Section(
        lambda table, run: say_identification(table),
        lambda table, run: show_identification(table),
    ),
    "trade_off": Section(
        lambda table, run: say_trade_off(table),
        lambda table, run: show_trade_off(table),
    ),
    "membership": Section(
        lambda table, run: say_membership(
            table, run.configuration["release"]["k"], max(run.configuration["deletions"])
        ),
        lambda table, run: show_membership(table),
    ),
    "attribute_inference": Section(
        lambda table, run: say_attribute_inference(table, run.configuration["release"]),
        lambda table, run: show_attribute_inference(table),
    ),
}
"""The sections by name."""


def title_part(table: str, distribution: Mapping[str, Any]) -> str:
    """Return the heading of a table."""
    if not distribution:
        return table.replace("_", " ").capitalize()
    attribute, by = (distribution[key].split(" / ")[0] for key in ("label", "by_label"))
    return f"{attribute} by {by.lower()}"
