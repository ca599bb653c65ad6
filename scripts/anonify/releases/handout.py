"""What may be handed out of a released table."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any, Literal, get_args

import numpy as np
import pandas as pd

from anonify.base.errors import UserError
from anonify.base.values import MISSING, RECORDS, SUPPRESSED
from anonify.base.words import count
from anonify.tables.columns import RESERVED
from anonify.tables.counts import Rows, count_everyone, count_records, select_rows
from anonify.tables.provenance import Provenance, last_step
from anonify.verification.privacy import verify_requirements
from anonify.verification.releases import VerificationError, verify_release

Suppressed = Literal["drop", "keep"]
"""What becomes of suppressed records: left out, or kept, as the paper and ARX do."""

SUPPRESSED_CHOICES: tuple[Suppressed, ...] = get_args(Suppressed)


@dataclass(frozen=True)
class Promise:
    """What was promised of a released table.

    Parameters
    ----------
    k : people that each class had before sampling.
    requirements : what each class keeps, as rules of the configuration. A sample keeps none: there
        it is deletion that protects.
    deletion : per cent of each class that sampling left out.
    """

    k: int
    requirements: Sequence[Mapping[str, Any]] = ()
    deletion: float = 0


def find_promise(provenance: Provenance) -> Promise:
    """Return what the steps of a table promise."""
    *_, made = (step for step in provenance["steps"] if "k" in step)
    last = last_step(provenance)
    if last["step"] == "sample":
        return Promise(made["k"], (), last["deletion"])
    return Promise(made["k"], made.get("requirements", ()))


Change = Callable[[pd.DataFrame], pd.DataFrame]
"""Makes of rows of a released table those that are handed out."""


@dataclass(frozen=True, eq=False)
class Handout:
    """A table as it is handed out.

    Parameters
    ----------
    released : gives columns of the released table, with ``is_suppressed``, and the numbers of the
        people where some have several.
    change : makes of these what is handed out; what is still marked as suppressed shows nothing.
    columns : frame without rows of the columns that are handed out.
    dropped : suppressed records that are left out.
    dropped_people : whose they are.
    blanked : suppressed records that are kept without what is known of them.
    """

    released: Rows
    change: Change
    columns: pd.DataFrame
    dropped: int = 0
    dropped_people: int = 0
    blanked: int = 0

    @classmethod
    def of(cls, frame: pd.DataFrame) -> "Handout":
        """Return records as they are."""
        return cls(select_rows(frame), lambda rows: rows, drop_marks(frame[:0]))

    def rows(self, names: Sequence[str]) -> pd.DataFrame:
        """Return columns of it with its marks."""
        return self.change(self.released(names))

    @cached_property
    def frame(self) -> pd.DataFrame:
        """The records without any mark: what is written."""
        shown = self.rows([*self.columns])
        if RECORDS in shown:
            shown = shown.loc[shown.index.repeat(shown[RECORDS])]
        return drop_marks(shown)

    @cached_property
    def marks(self) -> pd.DataFrame:
        """The marks of its records, and nothing else."""
        return self.rows([])

    @property
    def says_anything(self) -> bool:
        """Tell whether some record shows values."""
        return self.blanked < count_records(self.marks)

    def __str__(self) -> str:
        """Say what became of the suppressed records."""
        records = count(count_records(self.marks), "record")
        if self.dropped:
            verb = "is" if self.dropped == 1 else "are"
            return f"{records}; {count(self.dropped, 'suppressed one')} {verb} left out"
        if self.blanked:
            verb = "is no class and shows" if self.blanked == 1 else "are no class and show"
            return f"{records}; {count(self.blanked, 'suppressed one')} {verb} nothing"
        return records


def drop_marks(frame: pd.DataFrame) -> pd.DataFrame:
    """Return records without what is known of them besides their columns."""
    return frame.drop(columns=[*RESERVED], errors="ignore")


def prepare_handout(
    rows: Rows,
    columns: pd.DataFrame,
    quasi_identifiers: Sequence[str],
    promise: Promise,
    suppressed: Suppressed = "drop",
) -> Handout:
    """Return what may be handed out of an anonymized table.

    Suppressed records that are kept are one group of the file, together with a class that shows the
    roots. Where that has fewer than k people or does not keep the requirements, the suppressed
    records lose all other values, too.

    Parameters
    ----------
    rows : gives its columns, with ``is_suppressed`` and the numbers of the people where some have
        several records.
    columns : frame of its columns, with any rows or none.
    promise : what every group has to keep.

    Raises
    ------
    UserError : there is nothing to hand out, or the classes do not keep the requirements without
        the suppressed records, or without their values, with which they were made.
    """
    names, columns = [*quasi_identifiers], drop_marks(columns[:0])
    marks = rows([])
    suppressed_ones = marks[marks[SUPPRESSED].to_numpy(bool)]
    if suppressed == "drop":
        if len(suppressed_ones) == len(marks):
            raise UserError(
                "every record is suppressed, so there is nothing to hand out; choose a smaller k, "
                "other requirements, or a higher `most_level` where there is one"
            )
        dropped, people = count_records(suppressed_ones), count_everyone(suppressed_ones)
        shown = Handout(rows, _drop, columns, dropped, people)
        advice = "without the suppressed records {}; ask for less, or choose `suppressed: keep`"
        _check_requirements(shown.rows, names, promise.requirements, advice)
        return shown
    whole = Handout(rows, lambda release: release.assign(**{SUPPRESSED: False}), columns)
    if suppressed_ones.empty or _keeps(whole.rows, names, promise):
        return whole
    blank = Handout(
        rows,
        partial(_blank_suppressed, names=names),
        _blank_suppressed(columns.assign(**{SUPPRESSED: True}), names).drop(columns=SUPPRESSED),
        blanked=count_records(suppressed_ones),
    )
    # What a class is compared with has changed.
    advice = "without the values of the suppressed records {}; ask for less"
    _check_requirements(blank.rows, names, promise.requirements, advice)
    return blank


def _drop(release: pd.DataFrame) -> pd.DataFrame:
    is_suppressed = release[SUPPRESSED].to_numpy(bool)
    kept = release[~is_suppressed] if is_suppressed.any() else release
    return kept.reset_index(drop=True)


def _blank_suppressed(release: pd.DataFrame, names: Sequence[str]) -> pd.DataFrame:
    """Return a release whose suppressed records have no values but in some columns."""
    blank = release.copy()
    is_suppressed = release[SUPPRESSED].to_numpy(bool)
    for name in drop_marks(release).columns.difference([*names]):
        blank[name] = _blank(blank[name], is_suppressed)
    return blank


def _keeps(rows: Rows, names: list[str], promise: Promise) -> bool:
    """Tell whether every group is large and diverse enough, the suppressed records one of them."""
    release = rows(names)
    try:
        verify_release(release, names, promise.k, count_records(release))
        _verify_requirements(rows, names, promise.requirements)
    except VerificationError:
        return False
    return True


def _check_requirements(
    rows: Rows, names: list[str], requirements: Sequence[Mapping[str, Any]], advice: str
) -> None:
    try:
        _verify_requirements(rows, names, requirements)
    except VerificationError as error:
        raise UserError(f"requirements: {advice.format(error)}") from None


def _verify_requirements(
    rows: Rows, names: list[str], requirements: Sequence[Mapping[str, Any]]
) -> None:
    for rule in requirements:
        verify_requirements(rows([*names, rule["attribute"]]), names, [rule])


def _blank(values: "pd.Series[Any]", is_blank: Any) -> "pd.Series[Any]":
    """Return values without some; whole numbers stay so."""
    if values.dtype == "category":
        categories = values.cat.categories
        if MISSING not in categories:
            values = values.cat.add_categories([MISSING])
        return values.mask(is_blank, MISSING)
    if values.dtype.kind in "iu":
        values = values.astype("Int64")
    return values.mask(is_blank, np.nan if values.dtype.kind == "f" else pd.NA)
