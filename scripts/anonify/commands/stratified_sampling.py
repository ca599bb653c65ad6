"""Draw stratified samples of a k-anonymized CSV as a JSON file says.

Source: the repository of the paper, Stratified Sampling.
"""

import csv
import secrets
import time
from array import array
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from io import TextIOWrapper
from itertools import compress, islice
from pathlib import Path
from typing import Any, TextIO

import click
import numpy as np
from tqdm import tqdm

from anonify.base.errors import UserError
from anonify.base.files import open_bytes, reading, write_json
from anonify.base.seeding import make_key
from anonify.base.values import ROOT, Codes
from anonify.base.words import count
from anonify.commands import engines
from anonify.commands.engines import read_wanted
from anonify.commands.jsonfile import PATH, fresh_folder, read_json
from anonify.commands.terminal import command, tell
from anonify.datasets.opened import takes_file
from anonify.engines.texts import sort_texts
from anonify.releases.description import describe_sample, name_description
from anonify.releases.sampling import check_small_classes
from anonify.releases.sampling import sample as draw
from anonify.tables.classes import group
from anonify.tables.text import check_bytes, find_separator, is_blank

HEADER = "iteration,deletion_percentage,run_time"

SCHEMA: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["id", "input", "qids", "deletion_percentage", "num_experiments"],
    "description": "an object with `id`, `input`, `qids`, `deletion_percentage`, `num_experiments`",
    "properties": {
        "id": {
            "type": "string",
            "pattern": r"^(?!\.)[^/\\\x00-\x1f\x7f\ud800-\udfff]+$",
            "maxLength": 100,
            "description": "a part of file names, without slashes and no dot at its beginning",
        },
        "input": {**PATH, "description": "the path of a CSV"},
        "qids": {
            "type": "array",
            "minItems": 1,
            "uniqueItems": True,
            "items": {"type": "string", "description": "a column"},
            "description": "a list of different columns",
        },
        "deletion_percentage": {
            "type": "number",
            "minimum": 0,
            "maximum": 1,
            "description": "a share from 0 to 1 (0.3 deletes 30 %)",
        },
        "num_experiments": {
            "type": "integer",
            "minimum": 1,
            "description": "a whole number from 1",
        },
        "least_after_deletion": {
            "type": "integer",
            "minimum": 1,
            "description": "a whole number from 1",
        },
        "seed": {"type": "integer", "minimum": 0, "description": "a whole number from 0"},
        "output": {**PATH, "description": "the name of a new folder"},
        **engines.SCHEMA,
    },
}

# A header may have line breaks in the names of its columns.
_LINES_OF_HEADER = 1000
_MARK = "\ufeff"


@dataclass(frozen=True)
class Lines:
    """A CSV whose records are taken as they are written.

    Parameters
    ----------
    header : first line or lines, with the end of line, and what stands before it.
    names : of its columns.
    codes : array (records, quasi-identifiers), the place of each value among ``texts``.
    texts : the distinct values of each quasi-identifier.
    read_records : yields each record as it is written, with an end of line.
    """

    header: str
    names: list[str]
    codes: Codes
    texts: list[list[str]]
    read_records: Callable[[], Iterator[str]]


@command("sample")
@click.argument("conf", metavar="CONF.json", type=click.Path())
def sample(conf: str) -> None:
    """Draw stratified samples of a k-anonymized CSV as a JSON file says.

    Of every equivalence class of s records ⌈p·s⌉ are deleted, chosen by chance. Each sample is
    written as {id}_sampled_p{p*100}_t{i}.csv, i from 0, its records sorted and not changed by a
    byte, with a description beside it. Standard output has one line for each: number, p and
    seconds. For example:

    \b
    {
      "id": "arx250",
      "input": "diabetes_anonymized_arx250.csv",
      "qids": ["gender", "age", "bmi"],
      "deletion_percentage": 0.3,
      "num_experiments": 10,
      "seed": 2024,
      "output": "sampled"
    }

    \b
    input                a k-anonymized CSV of any tool, its columns parted by , ; tab or |
    qids                 the quasi-identifiers among its columns
    deletion_percentage  p, from 0 to 1
    least_after_deletion  records that every class needs that is left; may be left out (1)
    seed                 may be left out: then one is drawn that is kept nowhere
    output               a new folder; may be left out (named by the time)
    engine               memory, or duckdb or spark (from file to file, for tables that do not fit)
                         or auto, as without this key; with engine_memory (2 GB) and engine_temp
    """
    content = read_json(conf, SCHEMA)
    wanted = read_wanted(content)
    is_file = takes_file(wanted, Path(content["input"]), tell)
    lines = read_lines(content["input"], content["qids"], not is_file)
    members = find_classes(lines, content["input"])
    share = Fraction(str(content["deletion_percentage"]))
    name = f"{content['id']}_sampled_p{_write_percent(share)}_t"
    # Who knows the seed and the table can tell which records were deleted.
    seed = content.get("seed", secrets.randbits(128))
    with fresh_folder(content.get("output")) as (folder, unfinished):
        print(HEADER, flush=True)
        for i in tqdm(range(content["num_experiments"]), unit="sample", disable=None):
            key = make_key(seed, content["id"], str(share), i)
            start = time.perf_counter()
            kept = draw(members, 100 * share, key)
            seconds = time.perf_counter() - start
            # Sorted by what they show: their order in the table may tell who they are.
            left = compress(lines.read_records(), np.isin(np.arange(len(members)), kept))
            path = unfinished / f"{name}{i}.csv"
            with path.open("w", encoding="utf-8", newline="") as file:
                file.write(lines.header)
                file.writelines(sort_texts(left, wanted.limits) if is_file else sorted(left))
            sizes = np.bincount(members[kept])
            told = check_small_classes(
                sizes, content.get("least_after_deletion", 1), content["input"]
            )
            description = describe_sample(
                path, lines.names, content["qids"], sizes, float(100 * share)
            )
            write_json(description, name_description(path))
            print(f"{i},{content['deletion_percentage']},{seconds:.4f}", flush=True)
    if told:
        # The same in every sample: how many a class loses is no matter of chance.
        tell(told)
    tell(
        f"{content['num_experiments']} samples of {len(kept)} of {len(members)} records in {folder}"
    )


def read_lines(path: str, names: list[str], keeps_records: bool = True) -> Lines:
    """Read a CSV, its records as they are written.

    The columns are parted by whichever of ``,``, ``;``, tab and ``|`` gives the header all the
    names.

    Parameters
    ----------
    keeps_records : in memory; else they are read again when they are asked for.

    Raises
    ------
    UserError : the file is missing, empty or not UTF-8, a column is missing or stands twice, or
        a record has not as many values as the header.
    """
    with reading(path):
        check_bytes(path)
        with open_bytes(path) as file:
            start = [*islice(TextIOWrapper(file, "utf-8-sig", newline=""), _LINES_OF_HEADER)]
    if all(map(is_blank, start)):
        raise UserError(f"{path}: the file is empty; it needs a header and records")
    separator, header = find_separator(start, names)
    for name in names:
        if header.count(name) != 1:
            wrong = "twice" if name in header else "nowhere"
            raise UserError(
                f"{path}: the column {name!r} of `qids` stands {wrong} in the header "
                f"({', '.join(header)}); correct one of them"
            )
    places = [header.index(name) for name in names]
    numbers: list[dict[str, int]] = [{} for _ in places]
    codes = [array("i") for _ in places]
    rows = _read_rows(path, separator)
    first, _ = next(rows)
    records = []
    for number, (text, row) in enumerate(rows, start=1):
        if len(row) != len(header):
            raise UserError(
                f"{path}, record {number}: it has {len(row)} values where the header has "
                f"{len(header)}; mend that record"
            )
        for place, known, column in zip(places, numbers, codes, strict=True):
            column.append(known.setdefault(row[place], len(known)))
        if keeps_records:
            records.append(text)
    if not codes[0]:
        raise UserError(f"{path}: the file has a header but no record; add records")

    def read_again() -> Iterator[str]:
        return (text for text, _ in islice(_read_rows(path, separator), 1, None))

    return Lines(
        first,
        header,
        np.stack([np.asarray(column, dtype=np.intp) for column in codes], axis=1),
        [[*known] for known in numbers],
        (lambda: iter(records)) if keeps_records else read_again,
    )


def _read_rows(path: str, separator: str) -> Iterator[tuple[str, list[str]]]:
    """Yield the header and the records of a CSV: as they are written, and their values."""
    written: list[str] = []

    def read(file: TextIO) -> Iterator[str]:
        for line in file:
            written.append(line)
            # What stands before the header is no part of its first name.
            yield line.removeprefix(_MARK) if number == 0 else line

    number, end = 0, "\n"
    with reading(path), open_bytes(path) as file:
        reader = csv.reader(
            read(TextIOWrapper(file, "utf-8", newline="")), delimiter=separator, strict=True
        )
        try:
            for row in reader:
                text = "".join(written)
                written.clear()
                if number == 0:
                    end = "\r\n" if text.endswith("\r\n") else "\n"
                # Above the header pandas passes over blanks, too.
                if row and (number or not is_blank(text.removeprefix(_MARK))):
                    number += 1
                    yield text if text.endswith(("\n", "\r")) else text + end, row
        except csv.Error as error:
            raise UserError(f"{path}, line {reader.line_num}: {error}; mend that line") from None


def find_classes(lines: Lines, path: str) -> Codes:
    """Array (records,): the equivalence class of each record.

    Raises
    ------
    UserError : a record is alone in its class, so that the table is not k-anonymous for any k;
        suppressed records, ``*`` everywhere, may be.
    """
    groups = group(lines.codes)
    roots = [texts.index(ROOT) if ROOT in texts else -1 for texts in lines.texts]
    is_suppressed = (groups.tuples == roots).all(axis=1)
    is_alone = (groups.sizes == 1) & ~is_suppressed
    if is_alone.any():
        record = int(is_alone[groups.members].argmax())
        shown = ", ".join(
            texts[code] for texts, code in zip(lines.texts, lines.codes[record], strict=True)
        )
        raise UserError(
            f"{path}, record {record + 1}: no other record has the quasi-identifiers ({shown}), so "
            "the table is not k-anonymous; anonymize it first, correct `qids`, or remove what "
            f"stands alone ({count(int(is_alone.sum()), 'record')}), as any deletion would"
        )
    return groups.members


def _write_percent(share: Fraction) -> str:
    percent = 100 * share
    return str(percent.numerator) if percent.denominator == 1 else f"{float(percent):.10g}"
