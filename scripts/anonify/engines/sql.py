"""How names and texts are written in statements. These are in the SQL of DuckDB."""

from collections.abc import Iterable

from anonify.base.errors import UserError

NUMBER = "anonify.number"
"""The column of a table that numbers its records as they stand in the file, from 0."""


def quote_name(name: str) -> str:
    """Return a name of a column as SQL has it.

    >>> print(quote_name('the "age" now'))
    "the ""age"" now"
    """
    return '"' + name.replace('"', '""') + '"'


def quote_names(names: Iterable[str], table: str = "") -> str:
    """Return a list of columns as SQL has it, those of a table where one is named."""
    before = f"{table}." if table else ""
    return ", ".join(before + quote_name(name) for name in names)


def quote_text(text: str) -> str:
    """Return a text as SQL has it.

    >>> quote_text("it's")
    "'it''s'"
    """
    return "'" + text.replace("'", "''") + "'"


def check_names(names: Iterable[str], engine: str, own: Iterable[str] = ()) -> None:
    """Make sure that names are names in SQL, too, where capital and small letters are one.

    Parameters
    ----------
    engine : its title.
    own : what the engine calls columns of its own.

    Raises
    ------
    UserError : SQL can't tell two of them apart.
    """
    own = {*own}
    known = {name: name for name in own}
    for name in names:
        other = known.setdefault(name.lower(), name)
        if other != name or name in own:
            raise UserError(
                f"`engine`: {engine} takes the column {name!r} for {other!r}, which it has as "
                "well; rename it, or choose `memory`"
            )
