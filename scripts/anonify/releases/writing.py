"""How what is handed out is written, as CSV or Parquet, its records sorted by what they show."""

import shutil
from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from functools import partial
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from anonify.base.errors import UserError
from anonify.base.files import (
    check_place,
    choose_quoting,
    replacing,
    replacing_folder,
    write_json,
)
from anonify.base.progress import track
from anonify.base.values import SUPPRESSED, is_number
from anonify.releases.description import name_description
from anonify.releases.handout import Handout, drop_marks
from anonify.tables.columns import Column
from anonify.tables.counts import count_records, records_of
from anonify.tables.distinct import map_texts, map_values
from anonify.tables.lines import write_lines
from anonify.tables.order import find_place, sort_records
from anonify.tables.storage import describe_table, read_parts, read_table

ENDINGS = (".csv", ".parquet")
"""How the files end that releases are written to."""

# Records in a row group of Parquet, so that a file is the same in whichever parts they come.
_OF_GROUP = 2**17


def read_sorted_parts(path: str | Path) -> Iterator[pd.DataFrame]:
    """Read the records of a released table, sorted by what they show, part by part.

    Tables of ours are; what was anonymized elsewhere is in memory to be sorted.
    """
    steps = describe_table(path).provenance["steps"]
    if any(step["step"] == "import" for step in steps):
        return iter([sort_records(read_table(path).frame)])
    return read_parts(path)


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


def unescape_formula(text: str, known: Container[str]) -> str:
    """Return a text without the ``'`` that :func:`escape_formulas` has put before it.

    What is not known without it, or is known with it, has it of its own.

    >>> [unescape_formula(text, {"=a", "'=b", "=b", "c"}) for text in ("'=a", "'=b", "'c")]
    ['=a', "'=b", "'c"]
    """
    plain = text.removeprefix("'")
    is_ours = _escape(plain) == text and plain in known and text not in known
    return plain if is_ours else text


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


Write = Callable[[Iterable[pd.DataFrame], Path], None]
"""Writes records, given part by part, to a file."""


def check_release_place(path: str | Path, sources: Iterable[str | Path] = ()) -> None:
    """Make sure that a release can be written to a file, and its description beside it.

    Parameters
    ----------
    sources : as :func:`anonify.base.files.check_place`.

    Raises
    ------
    UserError : its name does not end as one of :data:`ENDINGS`; as
        :func:`anonify.base.files.check_place`.
    """
    path = Path(path)
    if path.suffix not in ENDINGS:
        raise UserError(
            f"{path}: a release is written as CSV or Parquet; let its name end in "
            f"{' or '.join(ENDINGS)}"
        )
    sources = [*sources]
    for file in (path, name_description(path)):
        check_place(file, sources)


def write_release(
    handout: Handout,
    path: str | Path,
    description: Mapping[str, Any],
    escapes_formulas: bool = False,
    columns: Iterable[Column] = (),
    parts: Iterator[pd.DataFrame] | None = None,
) -> None:
    """Write a table as its name ends, and its description beside it: both or none.

    Parameters
    ----------
    escapes_formulas, columns, parts : as :func:`write_release_csv`.
    """
    path = Path(path)
    with replacing(name_description(path)) as beside:
        write_json(description, beside)
        if path.suffix == ".parquet":
            write_release_parquet(handout, path, escapes_formulas, parts)
        else:
            write_release_csv(handout, path, escapes_formulas, columns, parts)


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
    _write_file(_plan_csv(handout, escapes_formulas, columns), _track(handout, parts, path), path)


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
    _write_file(_plan_parquet(handout, escapes_formulas), _track(handout, parts, path), path)


def _write_file(write: Write, frames: Iterable[pd.DataFrame], path: str | Path) -> None:
    with replacing(path) as temporary:
        write(frames, temporary)
        if Path(path).is_dir():
            # Of a run with another configuration; Snakemake leaves a folder that has files.
            shutil.rmtree(path)


def write_release_folder(
    handout: Handout,
    path: str | Path,
    records: int,
    escapes_formulas: bool = False,
    columns: Iterable[Column] = (),
    parts: Iterator[pd.DataFrame] | None = None,
) -> dict[str, int]:
    """Write a table, its records sorted, as a folder of files to be handed out.

    They are CSV or Parquet, as the name of the folder ends; one after the other they have what one
    file would have.

    Parameters
    ----------
    records : of each file; the last one has what is left.
    escapes_formulas, columns, parts : as :func:`write_release_csv`.

    Returns
    -------
    How many records each file has, by its name.
    """
    kind = Path(path).suffix
    if kind == ".parquet":
        write = _plan_parquet(handout, escapes_formulas)
    else:
        write = _plan_csv(handout, escapes_formulas, columns)
    total = count_records(handout.marks)
    sizes = {}
    with replacing_folder(path) as temporary:
        cut = _cut(_track(handout, parts, path), records)
        for place, frames in groupby(cut, key=itemgetter(0)):
            name = f"part-{place + 1:05}{kind}"
            sizes[name] = min(records, total - place * records)
            write((frame for _, frame in frames), temporary / name)
    return sizes


def _cut(frames: Iterable[pd.DataFrame], records: int) -> Iterator[tuple[int, pd.DataFrame]]:
    """Cut frames where files end; each with the place of its file."""
    start = 0
    for frame in frames:
        done = 0
        while done < len(frame):
            place, inside = divmod(start + done, records)
            taken = frame[done : done + records - inside]
            yield place, taken
            done += len(taken)
        start += len(frame)


def _plan_csv(handout: Handout, escapes_formulas: bool, columns: Iterable[Column]) -> Write:
    """Return what writes records of a table to a CSV, one of several or the only one."""
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

    def write(frames: Iterable[pd.DataFrame], path: Path) -> None:
        write_lines((escape(spell_decimals(each, spellings)) for each in frames), path, quoting)

    return write


def _plan_parquet(handout: Handout, escapes_formulas: bool) -> Write:
    escape = escape_formulas if escapes_formulas else _leave
    # The same for all files, whatever their records have.
    schema = pa.schema(
        # Texts of no record have no type before pandas 3.
        field.with_type(pa.string()) if pa.types.is_null(field.type) else field
        for field in _write_plainly(escape(handout.columns)).schema
    )

    def write(frames: Iterable[pd.DataFrame], path: Path) -> None:
        with pq.ParquetWriter(
            path,
            schema,
            compression="zstd",
            use_dictionary=False,
            write_statistics=False,
            store_schema=False,
        ) as writer:
            plain = (_write_plainly(escape(frame)).cast(schema) for frame in frames)
            for group in _group(plain):
                writer.write_table(group, _OF_GROUP)

    return write


def _group(tables: Iterable[pa.Table]) -> Iterator[pa.Table]:
    """Put tables together to such of as many records as a row group has; the last has the rest."""
    waiting: list[pa.Table] = []
    for table in tables:
        waiting.append(table)
        while sum(map(len, waiting)) >= _OF_GROUP:
            joined = pa.concat_tables(waiting)
            yield joined[:_OF_GROUP].combine_chunks()
            waiting = [joined[_OF_GROUP:]]
    if any(map(len, waiting)):
        yield pa.concat_tables(waiting).combine_chunks()


def _leave(frame: pd.DataFrame) -> pd.DataFrame:
    return frame


def _track(
    handout: Handout, parts: Iterator[pd.DataFrame] | None, path: str | Path
) -> Iterator[pd.DataFrame]:
    """List the records as :func:`_list_parts` does, and show how far it is."""
    return track(_list_parts(handout, parts), Path(path).name, count_records(handout.marks))


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
        blanked = drop_marks(blanked.loc[blanked.index.repeat(records_of(blanked))])
    for part in parts:
        changed = handout.change(part)
        if handout.blanked:
            changed = changed[~changed[SUPPRESSED].to_numpy(bool)]
        changed = drop_marks(changed)
        if blanked is not None:
            place = find_place(changed, blanked)
            if place < len(changed):
                yield changed[:place]
                yield blanked
                changed, blanked = changed[place:], None
        yield changed
    if blanked is not None:
        yield blanked


def _write_plainly(frame: pd.DataFrame) -> pa.Table:
    plain = {
        name: values.astype("str") if values.dtype == "category" else values
        for name, values in frame.items()
    }
    content = pa.Table.from_pandas(pd.DataFrame(plain), preserve_index=False)
    return content.replace_schema_metadata(None)
