"""The JSON files that drive the tools of the paper's repository, and the folders they write to."""

import datetime
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from anonify.configuration import check_configuration
from anonify.errors import UserError


def read_json(path: str, schema: Mapping[str, Any]) -> dict[str, Any]:
    """Read a JSON file and check it.

    Raises
    ------
    UserError : there is no such file, it is no JSON, or it does not keep to the schema.
    """
    try:
        text = Path(path).read_text(encoding="utf-8-sig")
        content: dict[str, Any] = json.loads(text)
    except (FileNotFoundError, IsADirectoryError):
        raise UserError(f"{path}: there is no such file; check the path") from None
    except UnicodeDecodeError:
        raise UserError(f"{path}: the file is not UTF-8 text; save it as UTF-8") from None
    except json.JSONDecodeError as error:
        raise UserError(
            f"{path}, line {error.lineno}: the file is no JSON ({error.msg}); mend that line"
        ) from None
    check_configuration(content, schema, path)
    return content


def choose_folder(output: str | None) -> Path:
    """Return the folder for results, which must be new or empty.

    Without a name it is that of the present moment (UTC).

    Raises
    ------
    UserError : the folder has files in it, or is a file.
    """
    if output is None:
        now = datetime.datetime.now(datetime.UTC)
        return Path(now.strftime("%Y-%m-%dT%H_%M_%S.%f"))
    folder = Path(output)
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UserError(
            f"`output`: {output} is there already and not an empty folder; name a new one"
        )
    return folder
