"""Configurations hold no credentials: whoever reads them, or what is made of them, would have them.

What is found is never quoted.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from anonify.base.errors import UserError

# The address of a database, or one with a user in it.
_ADDRESS = re.compile(r"^\s*postgres(ql)?:|://[^/\s]*@|\bpassword\s*=", re.IGNORECASE)
# In a query, such as one of dblink, where a column may be called `password`.
_IN_QUERY = re.compile(r"://[^/\s:]*:[^/\s]*@", re.IGNORECASE)


def check_credentials(description: Mapping[str, Any], where: str) -> None:
    """Make sure that a description has no address of a database, which may hold a password.

    Raises
    ------
    UserError : it has one.
    """
    for key in ("file", "database"):
        for place, text in _list_texts(key, description.get(key)):
            pattern = _IN_QUERY if place == "database.query" else _ADDRESS
            if pattern.search(text):
                raise UserError(
                    f"{where}: `{place}` has the address of a database, or a password; remove it, "
                    "put it into an environment variable, and write the name of that as "
                    "`database.uri_variable`"
                )


def _list_texts(place: str, content: Any) -> Iterator[tuple[str, str]]:
    """List the texts of a part of a configuration, each with the keys that lead to it."""
    if isinstance(content, str):
        yield place, content
    elif isinstance(content, Mapping):
        for key, value in content.items():
            yield from _list_texts(f"{place}.{key}", value)
    elif isinstance(content, list):
        for value in content:
            yield from _list_texts(place, value)
