"""What may be handed out of a released table, and how it is written."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args

import numpy as np
import pandas as pd

from anonify.base.errors import UserError
from anonify.base.files import choose_quoting, replacing
from anonify.base.values import MISSING, PERSON, SUPPRESSED, is_number
from anonify.verification.privacy import verify_requirements
from anonify.verification.releases import VerificationError, verify_release

Suppressed = Literal["drop", "keep"]
"""What becomes of suppressed records: left out, or kept, as the paper and ARX do."""

SUPPRESSED_CHOICES: tuple[Suppressed, ...] = get_args(Suppressed)


@dataclass(frozen=True)
class Handout:
    """A table as it is handed out.

    Parameters
    ----------
    frame : records without the marks of suppressed records and people, in their order.
    dropped : suppressed records that are left out.
    blanked : suppressed records that are kept without what is known of them.
    """

    frame: pd.DataFrame
    dropped: int = 0
    blanked: int = 0

    def __str__(self) -> str:
        """Say what became of the suppressed records."""
        records = f"{len(self.frame):,} records"
        if self.dropped:
            return f"{records}; {self.dropped:,} suppressed ones are left out"
        if self.blanked:
            return f"{records}; {self.blanked:,} suppressed ones, which are no class, show nothing"
        return records


def prepare_handout(
    release: pd.DataFrame,
    quasi_identifiers: Sequence[str],
    k: int,
    requirements: Sequence[Mapping[str, Any]] = (),
    suppressed: Suppressed = "drop",
) -> Handout:
    """Return what may be handed out of an anonymized table.

    Suppressed records that are kept are one group of the file, together with a class that shows the
    roots. Where that has fewer than k people or does not keep the requirements, the suppressed
    records lose all other values, too.

    Parameters
    ----------
    release : frame with ``is_suppressed``, and the numbers of the people where some have several
        records.
    k : people that a group needs.
    requirements : what every group has to keep, as rules of the configuration.

    Raises
    ------
    UserError : there is nothing to hand out, or the classes do not keep the requirements without
        the suppressed records, or without their values, with which they were made.
    """
    names = list(quasi_identifiers)
    is_suppressed = release[SUPPRESSED].to_numpy(bool)
    if suppressed == "drop":
        shown = release[~is_suppressed]
        if shown.empty:
            raise UserError(
                "every record is suppressed, so there is nothing to hand out; choose a smaller k, "
                "or other requirements"
            )
        advice = "without the suppressed records {}; ask for less, or choose `suppressed: keep`"
        _check_requirements(shown, names, requirements, advice)
        return Handout(_unmark(shown), dropped=int(is_suppressed.sum()))
    if not is_suppressed.any() or _keeps(release, names, k, requirements):
        return Handout(_unmark(release))
    blank = release.copy()
    for name in blank.columns.difference([*names, SUPPRESSED, PERSON]):
        blank[name] = _blank(blank[name], is_suppressed)
    # What a class is compared with has changed.
    advice = "without the values of the suppressed records {}; ask for less"
    _check_requirements(blank, names, requirements, advice)
    return Handout(_unmark(blank), blanked=int(is_suppressed.sum()))


def _keeps(
    release: pd.DataFrame, names: list[str], k: int, requirements: Sequence[Mapping[str, Any]]
) -> bool:
    """Tell whether every group is large and diverse enough, the suppressed records one of them."""
    unmarked = release.assign(**{SUPPRESSED: False})
    try:
        verify_release(unmarked, names, k, len(unmarked))
        verify_requirements(unmarked, names, requirements)
    except VerificationError:
        return False
    return True


def _check_requirements(
    shown: pd.DataFrame,
    names: list[str],
    requirements: Sequence[Mapping[str, Any]],
    advice: str,
) -> None:
    try:
        verify_requirements(shown, names, requirements)
    except VerificationError as error:
        raise UserError(f"requirements: {advice.format(error)}") from None


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


def _unmark(frame: pd.DataFrame) -> pd.DataFrame:
    marks = [name for name in (SUPPRESSED, PERSON) if name in frame]
    return frame.drop(columns=marks).reset_index(drop=True)


def sort_records(frame: pd.DataFrame) -> pd.DataFrame:
    """Return records sorted by what they show, as text, in a new index.

    Any other order could tell which record was which: a shuffle can be undone by whoever knows or
    guesses its seed.
    """
    texts = frame.astype("str").reset_index(drop=True)
    order = texts.sort_values([*frame.columns], kind="stable").index
    return frame.iloc[order].reset_index(drop=True)


def escape_formulas(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a table whose texts no spreadsheet takes for formulas: with ``'`` before them.

    Those are texts and column names that begin with ``=``, ``+``, ``-``, ``@``, a tab or a carriage
    return (OWASP, CSV Injection), but for numbers.
    """
    escaped = frame.rename(columns=_escape)
    for name in escaped:
        if escaped[name].dtype == "category":
            texts = escaped[name].astype("str")
            escaped[name] = texts.map({text: _escape(text) for text in texts.unique()})
    return escaped


def _escape(text: Any) -> Any:
    is_formula = str(text).startswith(("=", "+", "-", "@", "\t", "\r")) and not is_number(str(text))
    return f"'{text}" if is_formula else text


def write_release_csv(handout: Handout, path: str | Path, escapes_formulas: bool = False) -> None:
    """Write a table, its records sorted, as the CSV to be handed out.

    Parameters
    ----------
    escapes_formulas : as :func:`escape_formulas`.
    """
    frame = sort_records(handout.frame)
    if escapes_formulas:
        frame = escape_formulas(frame)
    texts = [
        str(text)
        for name in frame
        if not pd.api.types.is_numeric_dtype(frame[name])
        for text in frame[name].unique()
    ]
    with replacing(path) as temporary:
        frame.to_csv(
            temporary,
            index=False,
            lineterminator="\n",
            quoting=choose_quoting([*map(str, frame.columns), *texts]),
        )
