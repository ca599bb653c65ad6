"""Files of SPSS, Stata and SAS: their columns as the texts that a CSV of them would have."""

import codecs
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from anonify.base.errors import UserError
from anonify.base.extras import require
from anonify.base.files import STATISTICAL, reading
from anonify.base.values import MISSING
from anonify.tables.kinds import explain_content
from anonify.tables.numbers import write_number

# Seconds of a day, and in which of its days dates begin to be counted.
_DAY = 86_400
_EPOCHS = {"SPSS": "1582-10-14", "Stata": "1960-01-01", "SAS": "1960-01-01"}
# Days that have a date of four digits for the year, counted from 1970.
_FIRST, _LAST = (np.datetime64(day).astype(int) for day in ("0001-01-01", "9999-12-31"))

_SAS_DAYS = (
    "DATE|WEEKDAT[EX]|WORDDAT[EX]|MMDDYY.?|DDMMYY.?|YYMMDD.?|MMYY.?|YYMM.?|YYMON|MONYY|YYQ.?|YYQR.?"
    "|JULIAN|JULDAY|DAY|DOWNAME|MONTH|MONNAME|QTR|QTRR|WEEKDAY|WEEK[UVW]|YEAR|[EB]8601DA|IS8601DA"
    "|NLDATE.*|EURDF.*|MINGUO|NENGO"
)
_SAS_SECONDS = "DT[A-Z]+|DATETIME|DATEAMPM|MDYAMPM|[EB]8601(D[NTXZ]|LX)|IS8601D[TZ]|NLDATM.*"
_SAS_TIMES = "TIME|TIMEAMPM|HHMM|HOUR|MMSS|TOD|[EB]8601T[MXZ]|IS8601T[MZ]|NLTIM.*"
_SPSS_SIZE = _SAS_SIZE = r"[0-9]*([.][0-9]*)?"
# What the numbers of a column are, by the format in which the program shows them.
_FORMS: dict[str, dict[str, str]] = {
    "SPSS": {
        "days in seconds": rf"([AEJS]?DATE|MOYR|QYR|WKYR){_SPSS_SIZE}",
        "seconds": rf"(DATETIME|YMDHMS){_SPSS_SIZE}",
        "time": rf"[DM]?TIME{_SPSS_SIZE}",
    },
    "Stata": {
        "days": r"%-?t?d.*",
        "milliseconds": r"%-?t[cC].*",
        "weeks": r"%-?tw.*",
        "months": r"%-?tm.*",
        "quarters": r"%-?tq.*",
        "half-years": r"%-?th.*",
    },
    "SAS": {
        "seconds": rf"({_SAS_SECONDS}){_SAS_SIZE}",
        "days": rf"({_SAS_DAYS}){_SAS_SIZE}",
        "time": rf"({_SAS_TIMES}){_SAS_SIZE}",
    },
}
# In which numbers have zeros in front.
_ZEROS = {"SPSS": r"N([0-9]+)", "Stata": r"%0([0-9]+)(?:\.0)?[fg]", "SAS": r"Z([0-9]+)(?:\.0?)?"}
# Months from one number to the next.
_MONTHS = {"months": 1, "quarters": 3, "half-years": 6}
_WEEKS_OF_A_YEAR = 52


@dataclass(frozen=True)
class Statistical:
    """What a file of SPSS, Stata or SAS holds.

    Parameters
    ----------
    frame : texts (records, columns).
    labelled : the columns that show the labels of their values.
    absent : the columns with values that SPSS was told to take for missing.
    """

    frame: pd.DataFrame
    labelled: tuple[str, ...]
    absent: tuple[str, ...]


def read_statistical(
    path: str | Path, encoding: str | None = None, codes: Collection[str] = ()
) -> Statistical:
    """Read a file of SPSS, Stata or SAS, every value as text.

    A value that has a label is that label. What the file declares to be missing is an empty text.
    Dates, also of weeks, months, quarters and half-years, which begin then, are ``YYYY-MM-DD``, in
    columns with a time of day that behind it; times of day and spans are ``hh:mm:ss``. Whole
    numbers are written without a point, with zeros in front where the program shows them so.

    Parameters
    ----------
    encoding : of the texts, where the file does not say it rightly.
    codes : the columns whose values stay as they are, whatever their labels.

    Raises
    ------
    UserError : there is no such file, it is none of the kind that its name says, or not whole.
    MissingExtraError : pyreadstat is not installed.
    """
    program = STATISTICAL[Path(path).suffix.lower()]
    require("files", f"{path}: a file of {program}")
    with reading(path):
        other = explain_content(path)
    if other:
        raise UserError(f"{path}: {other}")
    values, about = _read(path, program, encoding)
    labels: Mapping[str, Mapping[Any, str]] = about.variable_value_labels
    forms, stored = about.original_variable_types, about.readstat_variable_types
    names = [str(name) for name in values.columns]
    frame = {}
    labelled = []
    for name in names:
        write = _find_writer(program, forms[name] or "", stored[name])
        shown = {} if name in codes else _list_labels(labels.get(name, {}))
        frame[name], is_labelled = _write_column(values[name], write, shown)
        labelled += [name] * is_labelled
    absent = [name for name in names if name in about.missing_ranges]
    return Statistical(pd.DataFrame(frame), tuple(labelled), tuple(absent))


def _read(path: str | Path, program: str, encoding: str | None) -> tuple[pd.DataFrame, Any]:
    """Return the values, dates as numbers, and what the file says of them."""
    import pyreadstat

    suffix = Path(path).suffix.lower().removeprefix(".")
    read = getattr(pyreadstat, f"read_{ {'zsav': 'sav', 'xpt': 'xport'}.get(suffix, suffix) }")
    options: dict[str, Any] = {"disable_datetime_conversion": True}
    if encoding:
        options["encoding"] = codecs.lookup(encoding).name.replace("_", "-").upper()
    try:
        values, about = read(str(path), **options)
        if suffix in ("sav", "zsav"):
            # What is declared missing is told only to who asks for it as it is.
            options |= {"user_missing": True, "metadataonly": True}
            about.missing_ranges = read(str(path), **options)[1].missing_ranges
    except (pyreadstat.ReadstatError, UnicodeDecodeError) as error:
        if isinstance(error, UnicodeDecodeError) or "encoding" in str(error):
            raise UserError(
                f"{path}: its texts are in another encoding than the file says; name it by "
                "`encoding` in the description, such as `encoding: cp1252`"
            ) from None
        raise UserError(
            f"{path}: the file is none of {program}, or not whole; save or copy it again"
        ) from None
    return values, about


def _list_labels(labels: Mapping[Any, str]) -> dict[Any, str]:
    """Return labels that show something, by their value."""
    return {value: label for value, label in labels.items() if label.strip()}


def _write_column(
    values: "pd.Series[Any]", write: Callable[[float], str], labels: Mapping[Any, str]
) -> tuple["pd.Series[str]", bool]:
    """Return the values of a column as texts, and whether any has a label."""
    numbers, distinct = pd.factorize(values)
    found = distinct.tolist()
    texts = [
        labels[value] if value in labels else value if isinstance(value, str) else write(value)
        for value in found
    ]
    texts.append(MISSING)
    written = np.array(texts, dtype=object)[numbers]
    is_labelled = any(value in labels for value in found)
    return pd.Series(written, dtype="str", name=values.name), is_labelled


def _find_writer(program: str, form: str, stored: str) -> Callable[[float], str]:
    """Return what writes the numbers of a column, by its format and how it is stored."""
    for kind, pattern in _FORMS[program].items():
        if re.fullmatch(pattern, form):
            return _Dates(kind, int(np.datetime64(_EPOCHS[program], "s").astype(int))).write
    if stored == "float":
        # Of 32 bits, in which 0.1 is another number than in 64.
        return lambda number: write_number(float(str(np.float32(number))))
    zeros = re.fullmatch(_ZEROS[program], form)
    digits = int(zeros[1]) if zeros else 1
    return lambda number: write_number(number, digits)


@dataclass(frozen=True)
class _Dates:
    """Dates and times that are numbers.

    Parameters
    ----------
    kind : what they count.
    epoch : seconds from 1970 to where they begin.
    """

    kind: str
    epoch: int

    def write(self, number: float) -> str:
        """Return a date or time as text; a number that is none as it is."""
        if self.kind == "time":
            return _write_time(number)
        if self.kind == "milliseconds":
            number = number / 1000
        if self.kind in _MONTHS or self.kind == "weeks":
            days = self._find_day(int(number))
            seconds = 0.0
        elif self.kind == "days":
            days, seconds = number // 1 + self.epoch / _DAY, 0.0
        else:
            # A thousandth less than a day would be 24 hours.
            days, seconds = divmod(round(number, 3) + self.epoch, _DAY)
        if not _FIRST <= days <= _LAST:
            return write_number(number)
        day = str(np.datetime64(int(days), "D"))
        is_timed = seconds and self.kind != "days in seconds"
        return f"{day} {_write_time(seconds)}" if is_timed else day

    def _find_day(self, number: int) -> float:
        """Return the first day of a week, month, quarter or half-year, counted from 1970."""
        if self.kind == "weeks":
            year, week = divmod(number, _WEEKS_OF_A_YEAR)
            return float(
                (np.datetime64(year - 10, "Y").astype("datetime64[D]").astype(int)) + 7 * week
            )
        months = np.datetime64(number * _MONTHS[self.kind] - 120, "M")
        return float(months.astype("datetime64[D]").astype(int))


def _write_time(seconds: float) -> str:
    """Return a time of day or a span.

    >>> _write_time(30600), _write_time(90061.25), _write_time(-60)
    ('08:30:00', '25:01:01.250', '-00:01:00')
    """
    thousandths = round(abs(seconds) * 1000)
    whole, rest = divmod(thousandths, 1000)
    text = f"{whole // 3600:02}:{whole // 60 % 60:02}:{whole % 60:02}"
    return "-" * (seconds < 0) + text + (f".{rest:03}" if rest else "")
