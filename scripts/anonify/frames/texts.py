"""DataFrames as the text that files hold, so that both are read in the same way."""

from dataclasses import dataclass
from typing import Any, Literal

import pandas as pd
import pyarrow as pa

from anonify.base.errors import UserError
from anonify.base.values import MISSING
from anonify.base.words import quote
from anonify.tables.columns import Type, is_reserved
from anonify.tables.parquet import write_as_text

# How sentences name the table.
FRAME = "`frame`"

_WHOLE = "-?[0-9]{1,15}"
_DAY = "[0-9]{4}-[0-9]{2}-[0-9]{2}"


@dataclass(frozen=True)
class Texts:
    """The records of a DataFrame as text.

    Parameters
    ----------
    frame : array of texts (records, columns), a missing value as the empty text, in a new index.
    kinds : what the values of each column are; ``time`` is a date with a time of day.
    """

    frame: pd.DataFrame
    kinds: dict[str, Type | Literal["time"]]


def check_frame(frame: Any) -> None:
    """Make sure that something is a DataFrame of records whose columns have names.

    Raises
    ------
    UserError : it is none, has no record, or a column's name is no text or stands twice.
    """
    if not isinstance(frame, pd.DataFrame):
        raise UserError(f"{FRAME} is of the type {type(frame).__name__}; give a pandas DataFrame")
    for place, name in enumerate(frame.columns, start=1):
        if not isinstance(name, str) or not name:
            raise UserError(
                f"{FRAME}: column {place} has the name {name!r}, which is no text; rename it"
            )
    repeated = frame.columns[frame.columns.duplicated()]
    if len(repeated):
        raise UserError(f"{FRAME}: the column {quote(repeated[0])} stands twice; rename one")
    if frame.empty:
        raise UserError(f"{FRAME} has no record; add records")


def check_released(names: list[str]) -> None:
    """Make sure that no column has a name that released tables use themselves.

    Raises
    ------
    UserError : one has.
    """
    for name in names:
        if is_reserved(name):
            raise UserError(
                f"{FRAME}: {name!r} is a name that our tables use themselves; rename the column"
            )


def write_texts(frame: pd.DataFrame) -> Texts:
    """Return the records of a DataFrame as text; the frame stays as it is.

    Numbers are written as short as they can be, truth values as ``true`` and ``false``, dates as
    ``YYYY-MM-DD``, dates of a time zone as they are there, periods and intervals as pandas shows
    them. Numbers whose decimals are all 0 are whole, for pandas keeps whole numbers with a missing
    one among them so.

    Raises
    ------
    UserError : values are no text, number, truth value or date, or of several kinds.
    """
    columns = {str(name): _to_arrow(str(name), frame[name]) for name in frame}
    texts = write_as_text(pa.table(columns), FRAME)
    kinds = {name: _find_kind(values.type, texts[name]) for name, values in columns.items()}
    return Texts(texts, kinds)


def _to_arrow(name: str, values: "pd.Series[Any]") -> Any:
    if isinstance(values.dtype, pd.SparseDtype):
        values = pd.Series(values.to_numpy())
    inner = values.cat.categories.dtype if values.dtype == "category" else values.dtype
    if isinstance(inner, pd.PeriodDtype | pd.IntervalDtype):
        values = values.astype("object").map(str, na_action="ignore")
    try:
        found = pa.Array.from_pandas(values)
    except (pa.ArrowException, TypeError, ValueError, OverflowError):
        found = None
    if found is None or pa.types.is_duration(found.type):
        kinds = sorted({type(value).__name__ for value in values.dropna()})
        raise UserError(
            f"{FRAME}: the column {quote(name)} holds values of the kind {' and '.join(kinds)}; "
            "make them texts, numbers or dates of one kind, such as by astype('str'), or leave "
            "the column out"
        )
    return found


def _find_kind(arrow: Any, texts: "pd.Series[str]") -> Type | Literal["time"]:
    kind = arrow.value_type if pa.types.is_dictionary(arrow) else arrow
    present = texts[texts != MISSING]
    if pa.types.is_integer(kind):
        return "integer"
    if pa.types.is_floating(kind) or pa.types.is_decimal(kind):
        return "integer" if present.str.fullmatch(_WHOLE).all() else "decimal"
    if pa.types.is_date(kind) or pa.types.is_timestamp(kind):
        return "date" if present.str.fullmatch(_DAY).all() else "time"
    return "category"
