"""The JSON files that drive the tools of the paper's repository, and the folders they write to."""

import datetime
import json
import math
import os
import shutil
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from anonify.base.errors import UserError
from anonify.base.files import check_outside, reading
from anonify.base.words import quote
from anonify.settings.schemas import LONGEST, MOST_DIGITS, check_configuration

# What the operating system takes for a path.
PATH = {
    "type": "string",
    "minLength": 1,
    "pattern": r"^[^\x00\ud800-\udfff]+$",
    "description": "a path",
}


def read_json(path: str, schema: Mapping[str, Any]) -> dict[str, Any]:
    """Read a JSON file and check it.

    Raises
    ------
    UserError : there is no such file, it is no JSON, a key stands twice, or it does not keep to
        the schema.
    """
    with reading(path):
        text = Path(path).read_text(encoding="utf-8-sig")
    try:
        content: dict[str, Any] = json.loads(
            text,
            object_pairs_hook=_refuse_repeated,
            parse_constant=_refuse_constant,
            parse_int=_read_integer,
            parse_float=_read_decimal,
        )
    except json.JSONDecodeError as error:
        raise UserError(
            f"{path}, line {error.lineno}: the file is no JSON ({error.msg}); mend that line"
        ) from None
    except RecursionError:
        raise UserError(f"{path}: the file is nested too deeply; write it flatter") from None
    except ValueError as error:
        raise UserError(f"{path}: the file is no fit JSON ({error}); mend it") from None
    check_configuration(content, schema, path)
    return content


@contextmanager
def fresh_folder(output: str | None, sources: Iterable[Path] = ()) -> Iterator[tuple[Path, Path]]:
    """Give a folder for results, and a temporary one whose files move there at a good end.

    Parameters
    ----------
    output : the folder, which must be new or empty; by default it is named by the time (UTC).
    sources : files and folders that are read.

    Raises
    ------
    UserError : the folder has files in it, is a file, or lies in one of the ``sources``.
    """
    now = datetime.datetime.now(datetime.UTC)
    folder = Path(output or now.strftime("%Y-%m-%dT%H_%M_%S.%f"))
    check_outside(folder, sources)
    is_new = not folder.exists()
    if not is_new and not folder.is_dir():
        raise UserError(f"`output`: {output} is there already and no folder; name a new one")
    there = None if is_new else next(folder.iterdir(), None)
    if there is not None:
        raise UserError(
            f"`output`: {output} is there already and has {there.name} in it; empty it, or name a "
            "new folder"
        )
    unfinished = folder / f".unfinished.{os.getpid()}"
    unfinished.mkdir(parents=True)
    try:
        yield folder, unfinished
        for file in sorted(unfinished.iterdir()):
            file.rename(folder / file.name)
        unfinished.rmdir()
    except BaseException:
        shutil.rmtree(unfinished, ignore_errors=True)
        if is_new and not any(folder.iterdir()):
            folder.rmdir()
        raise


def _refuse_repeated(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    content = dict(pairs)
    if len(content) < len(pairs):
        repeated = Counter(name for name, _ in pairs).most_common(1)[0][0]
        raise ValueError(f"the key {quote(repeated)} stands twice")
    return content


def _read_integer(text: str) -> int:
    if len(text) > MOST_DIGITS or abs(int(text)) >= LONGEST:
        raise ValueError(f"the number {quote(text)} is too large")
    return int(text)


def _read_decimal(text: str) -> float:
    if len(text) > MOST_DIGITS or not math.isfinite(float(text)):
        raise ValueError(f"the number {quote(text)} is too large")
    return float(text)


def _refuse_constant(constant: str) -> None:
    raise ValueError(f"{constant} is no number")
