"""What may be handed out of a released table, and how it is written."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
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
from anonify.base.values import MISSING, RECORDS, SUPPRESSED, is_number
from anonify.base.words import count
from anonify.tables.columns import RESERVED, Column
from anonify.tables.counts import Rows, count_everyone, count_records, records_of, select_rows
from anonify.tables.distinct import map_texts, map_values
from anonify.tables.lines import write_lines
from anonify.tables.order import find_place, sort_records
from anonify.tables.provenance import Provenance, last_step
from anonify.tables.storage import describe_table, read_parts, read_table
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


def read_sorted_parts(path: str | Path) -> Iterator[pd.DataFrame]:
    """Read the records of a released table, sorted by what they show, part by part.

    Tables of ours are; what was anonymized elsewhere is in memory to be sorted.
    """
    steps = describe_table(path).provenance["steps"]
    if any(step["step"] == "import" for step in steps):
        return iter([sort_records(read_table(path).frame)])
    return read_parts(path)


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
        return cls(select_rows(frame), lambda rows: rows, _drop_marks(frame[:0]))

    def rows(self, names: Sequence[str]) -> pd.DataFrame:
        """Return columns of it with its marks."""
        return self.change(self.released(names))

    @cached_property
    def frame(self) -> pd.DataFrame:
        """The records without any mark: what is written."""
        shown = self.rows([*self.columns])
        if RECORDS in shown:
            shown = shown.loc[shown.index.repeat(shown[RECORDS])]
        return _drop_marks(shown)

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


def _drop_marks(frame: pd.DataFrame) -> pd.DataFrame:
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
    names, columns = [*quasi_identifiers], _drop_marks(columns[:0])
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
    for name in _drop_marks(release).columns.difference([*names]):
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


def choose_spellings(handout: Handout, columns: Iterable[Column]) -> dict[str, dict[str, str]]:
    """Return by column how its decimals are written in the original, where we differ from it.

    What is no single number stays, such as a range, and what is shown already must not come to
    stand for something else.
    """
    chosen = {}
    for column in columns:
        if column.spellings and column.name in handout.columns:
            written = {*handout.rows([column.name])[column.name].astype("str")}
            chosen[column.name] = {
                ours: text for ours, text in column.spellings if text not in written
            }
    return chosen


def spell_decimals(frame: pd.DataFrame, spellings: Mapping[str, Mapping[str, str]]) -> pd.DataFrame:
    """Return a table whose decimals are texts, as :func:`choose_spellings` says."""
    spelt = frame.copy()
    for name, known in spellings.items():
        spelt[name] = map_values(frame[name], partial(_spell, known))
    return spelt


def _spell(known: Mapping[str, str], numbers: "pd.Series[Any]") -> "pd.Series[Any]":
    """Return distinct numbers as texts; a missing one stays missing."""
    texts = numbers.astype("str")
    return texts.map(lambda text: known.get(text, text)).where(numbers.notna())


def write_release_csv(
    handout: Handout,
    path: str | Path,
    escapes_formulas: bool = False,
    columns: Iterable[Column] = (),
    parts: Iterator[pd.DataFrame] | None = None,
) -> None:
    """Write a table, its records sorted, as the CSV to be handed out.

    Parameters
    ----------
    escapes_formulas : as :func:`escape_formulas`.
    columns : how their decimals are written, as :func:`choose_spellings`.
    parts : the records of the released table, sorted, where they are not in memory.
    """
    spellings = choose_spellings(handout, columns)
    escape = escape_formulas if escapes_formulas else _leave
    shown = escape(spell_decimals(handout.columns, spellings))
    texts = [
        str(text)
        for name in handout.columns
        if not pd.api.types.is_numeric_dtype(handout.columns[name])
        for text in handout.rows([str(name)])[name].unique()
    ]
    quoting = choose_quoting([*map(str, shown.columns), *texts])
    with replacing(path) as temporary:
        write_lines(
            (escape(spell_decimals(part, spellings)) for part in _list_parts(handout, parts)),
            temporary,
            quoting,
        )


def _leave(frame: pd.DataFrame) -> pd.DataFrame:
    return frame


def _list_parts(handout: Handout, parts: Iterator[pd.DataFrame] | None) -> Iterator[pd.DataFrame]:
    """List the records as they are handed out and in their order, part by part."""
    if parts is None:
        yield sort_records(handout.frame)
        return
    # Blanked ones all show the same, and what they show has another place.
    blanked: pd.DataFrame | None = None
    if handout.blanked:
        blanked = handout.rows([*handout.columns])
        blanked = blanked[blanked[SUPPRESSED].to_numpy(bool)]
        blanked = _drop_marks(blanked.loc[blanked.index.repeat(records_of(blanked))])
    for part in parts:
        changed = handout.change(part)
        if handout.blanked:
            changed = changed[~changed[SUPPRESSED].to_numpy(bool)]
        changed = _drop_marks(changed)
        if blanked is not None:
            place = find_place(changed, blanked)
            if place < len(changed):
                yield changed[:place]
                yield blanked
                changed, blanked = changed[place:], None
        yield changed
    if blanked is not None:
        yield blanked


def write_release_parquet(
    handout: Handout,
    path: str | Path,
    escapes_formulas: bool = False,
    parts: Iterator[pd.DataFrame] | None = None,
) -> None:
    """Write a table, its records sorted, as the Parquet to be handed out.

    Texts are texts: the dictionary of a category would list values of records that are left out.
    The file has no statistics and nothing about the machine in its metadata.

    Parameters
    ----------
    escapes_formulas : as :func:`escape_formulas`.
    parts : as :func:`write_release_csv`.
    """
    escape = escape_formulas if escapes_formulas else _leave
    tables = (_write_plainly(escape(part)) for part in _list_parts(handout, parts))
    first = next(tables)
    with (
        replacing(path) as temporary,
        pq.ParquetWriter(
            temporary,
            first.schema,
            compression="zstd",
            use_dictionary=False,
            write_statistics=False,
            store_schema=False,
        ) as writer,
    ):
        writer.write_table(first)
        for table in tables:
            writer.write_table(table.cast(first.schema))


def _write_plainly(frame: pd.DataFrame) -> pa.Table:
    plain = {
        name: values.astype("str") if values.dtype == "category" else values
        for name, values in frame.items()
    }
    content = pa.Table.from_pandas(pd.DataFrame(plain), preserve_index=False)
    return content.replace_schema_metadata(None)
