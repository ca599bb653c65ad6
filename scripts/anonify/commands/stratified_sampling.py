"""Draw stratified samples of a k-anonymized CSV as a JSON file says.

Source: the repository of the paper, Stratified Sampling.
"""

import csv
import io
import secrets
import time
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import click
import numpy as np
import pandas as pd
from tqdm import tqdm

from anonify.base.errors import UserError
from anonify.base.files import open_bytes, reading, write_json
from anonify.base.seeding import make_key
from anonify.base.values import ROOT, Codes
from anonify.base.words import count
from anonify.commands.jsonfile import PATH, fresh_folder, read_json
from anonify.commands.terminal import command, tell
from anonify.releases.description import describe_sample, name_description
from anonify.releases.sampling import check_small_classes
from anonify.releases.sampling import sample as draw
from anonify.tables.classes import group
from anonify.tables.text import check_start, find_separator

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
    },
}


@dataclass(frozen=True)
class Lines:
    """A CSV as it is written.

    Parameters
    ----------
    header : first line or lines, with the end of line, and what stands before it.
    names : of its columns.
    records : each as it is written, with an end of line.
    values : frame (records, quasi-identifiers) of text.
    """

    header: str
    names: list[str]
    records: list[str]
    values: pd.DataFrame


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
    """
    content = read_json(conf, SCHEMA)
    lines = read_lines(content["input"], content["qids"])
    members = find_classes(lines.values, content["input"])
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
            text = lines.header + "".join(sorted(lines.records[record] for record in kept))
            path = unfinished / f"{name}{i}.csv"
            path.write_bytes(text.encode())
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


def read_lines(path: str, names: list[str]) -> Lines:
    """Read a CSV, its records as they are written.

    The columns are parted by whichever of ``,``, ``;``, tab and ``|`` gives the header all the
    names.

    Raises
    ------
    UserError : the file is missing, empty or not UTF-8, a column is missing or stands twice, or
        a record has not as many values as the header.
    """
    with reading(path):
        check_start(path)
        # What stands before the header is kept, and is no part of its first name.
        with open_bytes(path) as file:
            mark, text = _part_mark(file.read().decode())
    written = list(io.StringIO(text, newline=""))
    if not written:
        raise UserError(f"{path}: the file is empty; it needs a header and records")
    separator, header = find_separator(written, names)
    for name in names:
        if header.count(name) != 1:
            wrong = "twice" if name in header else "nowhere"
            raise UserError(
                f"{path}: the column {name!r} of `qids` stands {wrong} in the header "
                f"({', '.join(header)}); correct one of them"
            )
    end = "\r\n" if written[0].endswith("\r\n") else "\n"
    if not written[-1].endswith(("\n", "\r")):
        written[-1] += end
    rows, records, start = [], [], 0
    reader = csv.reader(written, delimiter=separator, strict=True)
    try:
        for row in reader:
            if row:
                rows.append(row)
                records.append("".join(written[start : reader.line_num]))
            start = reader.line_num
    except csv.Error as error:
        raise UserError(f"{path}, line {reader.line_num}: {error}; mend that line") from None
    for number, row in enumerate(rows[1:], start=1):
        if len(row) != len(header):
            raise UserError(
                f"{path}, record {number}: it has {len(row)} values where the header has "
                f"{len(header)}; mend that record"
            )
    if len(rows) == 1:
        raise UserError(f"{path}: the file has a header but no record; add records")
    places = [header.index(name) for name in names]
    values = {
        name: [row[place] for row in rows[1:]] for name, place in zip(names, places, strict=True)
    }
    return Lines(mark + records[0], header, records[1:], pd.DataFrame(values))


def find_classes(values: pd.DataFrame, path: str) -> Codes:
    """Array (records,): the equivalence class of each record.

    Raises
    ------
    UserError : a record is alone in its class, so that the table is not k-anonymous for any k;
        suppressed records, ``*`` everywhere, may be.
    """
    groups = group(np.stack([pd.factorize(values[name])[0] for name in values], axis=1))
    is_suppressed = (values == ROOT).all(axis=1).to_numpy()
    is_alone = (groups.sizes == 1)[groups.members] & ~is_suppressed
    if is_alone.any():
        record = int(is_alone.argmax())
        shown = ", ".join(values.iloc[record])
        raise UserError(
            f"{path}, record {record + 1}: no other record has the quasi-identifiers ({shown}), so "
            "the table is not k-anonymous; anonymize it first, correct `qids`, or remove what "
            f"stands alone ({count(int(is_alone.sum()), 'record')}), as any deletion would"
        )
    return groups.members


def _part_mark(text: str) -> tuple[str, str]:
    mark = "\ufeff" if text.startswith("\ufeff") else ""
    return mark, text.removeprefix(mark)


def _write_percent(share: Fraction) -> str:
    percent = 100 * share
    return str(percent.numerator) if percent.denominator == 1 else f"{float(percent):.10g}"
