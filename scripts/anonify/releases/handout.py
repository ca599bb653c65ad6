"""What may be handed out of a released table, and how it is written."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import Any, Literal, get_args

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from anonify.base.errors import UserError
from anonify.base.files import choose_quoting, replacing
from anonify.base.values import MISSING, PERSON, SUPPRESSED, is_number
from anonify.base.words import count
from anonify.tables.columns import Column
from anonify.tables.distinct import map_texts, map_values
from anonify.tables.lines import order_by_text, write_lines
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


@dataclass(frozen=True, eq=False)
class Handout:
    """A table as it is handed out.

    Parameters
    ----------
    marked : its records in their order, with ``is_suppressed`` for those that are kept and show
        nothing, and the numbers of the people where some have several.
    dropped : suppressed records that are left out.
    dropped_people : whose they are.
    blanked : suppressed records that are kept without what is known of them.
    """

    marked: pd.DataFrame
    dropped: int = 0
    dropped_people: int = 0
    blanked: int = 0

    @cached_property
    def frame(self) -> pd.DataFrame:
        """The records without any mark: what is written."""
        return self.marked.drop(columns=[SUPPRESSED, PERSON], errors="ignore")

    @property
    def says_anything(self) -> bool:
        """Tell whether some record shows values."""
        return self.blanked < len(self.marked)

    def __str__(self) -> str:
        """Say what became of the suppressed records."""
        records = count(len(self.marked), "record")
        if self.dropped:
            verb = "is" if self.dropped == 1 else "are"
            return f"{records}; {count(self.dropped, 'suppressed one')} {verb} left out"
        if self.blanked:
            verb = "is no class and shows" if self.blanked == 1 else "are no class and show"
            return f"{records}; {count(self.blanked, 'suppressed one')} {verb} nothing"
        return records


def prepare_handout(
    release: pd.DataFrame,
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
    release : frame with ``is_suppressed``, and the numbers of the people where some have several
        records.
    promise : what every group has to keep.

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
                "other requirements, or a higher `most_level` where there is one"
            )
        advice = "without the suppressed records {}; ask for less, or choose `suppressed: keep`"
        _check_requirements(shown, names, promise.requirements, advice)
        dropped = int(is_suppressed.sum())
        people = dropped
        if PERSON in release:
            people = release.loc[is_suppressed, PERSON].nunique()
        return Handout(shown.reset_index(drop=True), dropped, people)
    if not is_suppressed.any() or _keeps(release, names, promise):
        return Handout(release.assign(**{SUPPRESSED: False}).reset_index(drop=True))
    blank = release.copy()
    for name in blank.columns.difference([*names, SUPPRESSED, PERSON]):
        blank[name] = _blank(blank[name], is_suppressed)
    # What a class is compared with has changed.
    advice = "without the values of the suppressed records {}; ask for less"
    _check_requirements(blank, names, promise.requirements, advice)
    return Handout(blank.reset_index(drop=True), blanked=int(is_suppressed.sum()))


def _keeps(release: pd.DataFrame, names: list[str], promise: Promise) -> bool:
    """Tell whether every group is large and diverse enough, the suppressed records one of them."""
    unmarked = release.assign(**{SUPPRESSED: False})
    try:
        verify_release(unmarked, names, promise.k, len(unmarked))
        verify_requirements(unmarked, names, promise.requirements)
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


def sort_records(frame: pd.DataFrame) -> pd.DataFrame:
    """Return records sorted by what they show, as text, in a new index.

    Any other order could tell which record was which: a shuffle can be undone by whoever knows or
    guesses its seed.
    """
    return frame.iloc[order_by_text(frame)].reset_index(drop=True)


def escape_formulas(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a table whose texts no spreadsheet takes for formulas: with ``'`` before them.

    Those are texts and column names that begin with ``=``, ``+``, ``-``, ``@``, a tab or a carriage
    return (OWASP, CSV Injection), but for numbers.
    """
    escaped = frame.rename(columns=_escape)
    for name in escaped:
        if escaped[name].dtype == "category":
            escaped[name] = map_texts(escaped[name], lambda texts: texts.map(_escape))
    return escaped


def _escape(text: Any) -> Any:
    is_formula = str(text).startswith(("=", "+", "-", "@", "\t", "\r")) and not is_number(str(text))
    return f"'{text}" if is_formula else text


def spell_decimals(frame: pd.DataFrame, columns: Iterable[Column]) -> pd.DataFrame:
    """Return a table whose decimals are texts, as the original has them, where we differ from it.

    What is no single number stays, such as a range.
    """
    spelt = frame.copy()
    for column in columns:
        if column.spellings and column.name in frame:
            spelt[column.name] = map_values(frame[column.name], partial(_spell, column.spellings))
    return spelt


def _spell(spellings: Sequence[tuple[str, str]], numbers: "pd.Series[Any]") -> "pd.Series[Any]":
    """Return distinct numbers as texts; a missing one stays missing."""
    texts = numbers.astype("str")
    # What is shown already must not come to stand for something else.
    written = {*texts}
    known = {ours: text for ours, text in spellings if text not in written}
    return texts.map(lambda text: known.get(text, text)).where(numbers.notna())


def write_release_csv(
    handout: Handout,
    path: str | Path,
    escapes_formulas: bool = False,
    columns: Iterable[Column] = (),
) -> None:
    """Write a table, its records sorted, as the CSV to be handed out.

    Parameters
    ----------
    escapes_formulas : as :func:`escape_formulas`.
    columns : how their decimals are written, as :func:`spell_decimals`.
    """
    frame = spell_decimals(handout.frame, columns)
    # Before they are escaped: in the order of what they show.
    order = order_by_text(frame)
    if escapes_formulas:
        frame = escape_formulas(frame)
    texts = [
        str(text)
        for name in frame
        if not pd.api.types.is_numeric_dtype(frame[name])
        for text in frame[name].unique()
    ]
    quoting = choose_quoting([*map(str, frame.columns), *texts])
    with replacing(path) as temporary:
        write_lines(frame, order, temporary, quoting)


def write_release_parquet(
    handout: Handout, path: str | Path, escapes_formulas: bool = False
) -> None:
    """Write a table, its records sorted, as the Parquet to be handed out.

    Texts are texts: the dictionary of a category would list values of records that are left out.
    The file has no statistics and nothing about the machine in its metadata.

    Parameters
    ----------
    escapes_formulas : as :func:`escape_formulas`.
    """
    frame = sort_records(handout.frame)
    if escapes_formulas:
        frame = escape_formulas(frame)
    for name in frame:
        if frame[name].dtype == "category":
            frame[name] = frame[name].astype("str")
    content = pa.Table.from_pandas(frame, preserve_index=False).replace_schema_metadata(None)
    with replacing(path) as temporary:
        pq.write_table(
            content,
            temporary,
            compression="zstd",
            use_dictionary=False,
            write_statistics=False,
            store_schema=False,
        )
