"""How a table is written as text: encoding, marks, and which of its lines are the table."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Self


@dataclass(frozen=True)
class Dialect:
    """How a CSV is written, and where the table is in an Excel workbook.

    Nothing of it concerns Parquet, and of files of SPSS, Stata and SAS the encoding alone.

    Parameters
    ----------
    separator, decimal : what parts the columns, and the decimals of numbers.
    encoding : of the file; a mark of UTF-8 or UTF-16 at its beginning goes before it.
    header : whether the first line names the columns; None where nobody has said it: then it
        does, unless it looks like a record, which stops.
    first_line, last_line : those of the table, counted from 1; what stands before and behind them
        is not read. Of a workbook it is rows.
    sheet : of a workbook, with the table; None where a single one has values.
    """

    separator: str = ","
    decimal: str = "."
    encoding: str = "utf-8"
    header: bool | None = None
    first_line: int = 1
    last_line: int | None = None
    sheet: str | None = None

    @classmethod
    def of(cls, description: Mapping[str, Any]) -> Self:
        """Return what the description of a dataset says of its file."""
        names = [field.name for field in fields(cls)]
        return cls(**{name: description[name] for name in names if name in description})

    @property
    def stated_encoding(self) -> str | None:
        """The encoding, where it is another than where nothing is said."""
        return None if self.encoding == "utf-8" else self.encoding

    @property
    def is_whole_utf8(self) -> bool:
        """Tell whether all lines are the table, in UTF-8."""
        return self.encoding == "utf-8" and self.first_line == 1 and self.last_line is None
