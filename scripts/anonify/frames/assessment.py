"""Say what a released DataFrame gives away, whoever made it."""

from collections.abc import Iterable
from dataclasses import dataclass
from numbers import Integral, Real
from typing import Any

import pandas as pd

from anonify.base.errors import UserError
from anonify.base.values import ROOT, SUPPRESSED
from anonify.base.words import count, format_number
from anonify.frames.datasets import find_roles, list_texts
from anonify.frames.texts import FRAME, check_frame, check_released, write_texts
from anonify.measures.assessment import assess_disclosure
from anonify.measures.population import measure_population
from anonify.releases.dataset import Population
from anonify.settings.description import check_column
from anonify.tables.classes import count_classes, match_classes
from anonify.tables.columns import Column
from anonify.tables.counts import select_rows
from anonify.tables.typed import convert_column


@dataclass(frozen=True, eq=False)
class Assessment:
    """What a released table gives away.

    Attributes
    ----------
    achieved_k : records in the smallest equivalence class.
    risk : by name, as :func:`anonify.measures.risk.measure_corrected` has it (per cent);
        ``suppressed_records`` are those that show ``*`` in every quasi-identifier.
    population : by name, what the release risks in the population, as
        :func:`anonify.measures.population.measure_population` has it.
    privacy : frame (sensitive columns, models): what each achieves in every class, as
        :class:`anonify.verification.privacy.Privacy` has it.
    classes : frame (classes, quasi-identifiers and ``is_suppressed``, ``size``,
        ``released_size``): the equivalence classes.
    """

    achieved_k: int
    risk: dict[str, float]
    population: dict[str, Any]
    privacy: pd.DataFrame
    classes: pd.DataFrame

    def __repr__(self) -> str:
        """Say in one line what was found."""
        return (
            f"<Assessment: {count(int(self.risk['classes']), 'class')}, achieved k = "
            f"{self.achieved_k}, highest prosecutor risk "
            f"{format_number(self.risk['prosecutor_risk_highest'])} %>"
        )


def assess(
    frame: pd.DataFrame,
    *,
    quasi_identifiers: str | Iterable[str],
    sensitive: str | Iterable[str] = (),
    weight: str | None = None,
    population: int | None = None,
    k: int | None = None,
    threshold: float = 1.0,
) -> Assessment:
    """Say what a released table gives away, whoever made it.

    It is computed from the table alone, by no line of what anonymizes. Other columns are not
    looked at.

    Parameters
    ----------
    frame : records in rows. Those that show ``*`` in every quasi-identifier are counted as the
        group that they are: who fits no other class is one of them. A missing value is a value of
        its own.
    quasi_identifiers : what outsiders may know of a person.
    sensitive : what nobody should learn of a person; texts that mean the same are one value, and a
        missing one is none.
    weight : how many people of the population a record stands for, where the population risk is
        asked.
    population : how many people the population has, of whom those of the frame are a sample; where
        it is None, what the weights add up to.
    k : what was promised, which classes are counted against; the achieved k where it is None.
    threshold : per cent; records whose risk is above it are counted.

    Returns
    -------
    The achieved k, risks, those in the population, what the table achieves for each sensitive
    column, and the classes.

    Raises
    ------
    ValueError : a parameter or a value in the frame is not as it should be.

    References
    ----------
    :mod:`anonify.measures.risk` and :mod:`anonify.verification.privacy` name theirs.

    Examples
    --------
    >>> import anonify, pandas as pd
    >>> released = pd.DataFrame(
    ...     {"age": ["20-40"] * 4 + ["40-60"] * 2, "diagnosis": ["flu", "cold"] * 2 + ["flu"] * 2}
    ... )
    >>> found = anonify.assess(released, quasi_identifiers=["age"], sensitive=["diagnosis"])
    >>> found
    <Assessment: 2 classes, achieved k = 2, highest prosecutor risk 50 %>
    >>> int(found.privacy.loc["diagnosis", "distinct_l"])
    1
    >>> found.population
    {'sample_uniques': 0, 'sample_uniqueness': 0.0}
    """
    check_frame(frame)
    if k is not None and (not isinstance(k, Integral) or isinstance(k, bool) or k < 2):
        raise UserError(f"`k` is {k!r}; it should be a whole number from 2, or None")
    if not isinstance(threshold, Real) or not 0 <= threshold <= 100:
        raise UserError(
            f"`threshold` is {threshold!r}; it should be a number of per cent from 0 to 100"
        )
    is_whole = isinstance(population, Integral) and not isinstance(population, bool)
    if population is not None and (not is_whole or population < len(frame)):
        raise UserError(
            f"`population` is {population!r}; it should be a whole number of people, as many as "
            f"the frame has or more ({len(frame):,}), or None"
        )
    identifying, others = list_texts(quasi_identifiers), list_texts(sensitive)
    named = {"quasi_identifiers": identifying, "sensitive": others, "weight": list_texts(weight)}
    roles = find_roles(frame, named)
    check_released(list(roles))
    texts = write_texts(frame[list(roles)])
    columns: dict[str, Any] = {}
    for name, values in texts.frame.items():
        kind = texts.kinds[str(name)]
        is_text = name in identifying or kind == "time"
        column = Column(str(name), roles[str(name)], "category" if is_text else kind)
        if weight == column.name:
            check_column(f"{FRAME}: {weight!r}", {"role": column.role, "type": column.type})
        columns[column.name] = convert_column(values, column, FRAME)
    release = pd.DataFrame(columns)
    release[SUPPRESSED] = False
    counted = count_classes(release, identifying, weight)
    classes = match_classes(counted, counted)
    found = assess_disclosure(
        select_rows(release), classes, identifying, others, None if k is None else int(k), threshold
    )
    size = None if population is None else Population(int(population))
    shows_nothing = (release[identifying] == ROOT).all(axis=1)
    found["risk"]["suppressed_records"] = int(shows_nothing.sum())
    return Assessment(
        found["risk"]["achieved_k"],
        found["risk"],
        measure_population(classes, counted.tuples, {}, size),
        pd.DataFrame.from_dict(found["privacy"], orient="index"),
        classes,
    )
