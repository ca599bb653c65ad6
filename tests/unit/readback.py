"""What a released file tells, read by pandas alone and beside the table that it was made from.

Not a line of the library is used: meanings, generalizations, requirements and the order of records
are read here in a way of their own.
"""

import csv
import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

RECORD = "visit"
"""The column that tells which record of the original one is; all of its values differ."""

# The letters that a test writes in place of Latin ones.
LOOKALIKES = str.maketrans("АВЕНІОСТаеосі", "ABEHIOCTaeoci")


def read_meaning(text: str) -> str:
    """Return a text as people take it."""
    plain = unicodedata.normalize("NFKC", text)
    seen = "".join(letter for letter in plain if unicodedata.category(letter) != "Cf")
    return " ".join(seen.translate(LOOKALIKES).casefold().split())


@dataclass(frozen=True)
class Original:
    """The table that releases were made from, and what its description says.

    Parameters
    ----------
    frame : records as text, as the file has them.
    quasi_identifiers : their names.
    keys : the columns of the person; none where every record is a person.
    numbers : columns that hold numbers.
    missing : by column the texts that stand for no value.
    groups : by column the values below each label of a tree.
    ends : by column the bottom and the top that take the place of what lies beyond.
    widths : by column how far the cut points are from each other at which its ranges end.
    levels : by column the least and the last level that may be shown.
    """

    frame: pd.DataFrame
    quasi_identifiers: Sequence[str]
    keys: Sequence[str]
    numbers: Sequence[str]
    missing: Mapping[str, Sequence[str]] = field(default_factory=dict)
    groups: Mapping[str, Mapping[str, Sequence[str]]] = field(default_factory=dict)
    ends: Mapping[str, tuple[Any, Any]] = field(default_factory=dict)
    widths: Mapping[str, float] = field(default_factory=dict)
    levels: Mapping[str, tuple[int, int]] = field(default_factory=dict)

    @cached_property
    def people(self) -> dict[str, Any]:
        """The person of each record."""
        if not self.keys:
            return {record: record for record in self.frame[RECORD]}
        keys = self.frame[list(self.keys)].apply(lambda column: column.str.strip())
        return dict(zip(self.frame[RECORD], keys.itertuples(index=False, name=None), strict=True))

    def read_value(self, column: str, text: str) -> Any:
        """Return what a cell says: nothing (an empty text), a number, or a meaning.

        What lies beyond the ends of its column is one of them.
        """
        missing = self.missing.get(column, ())
        meaning = read_meaning(text)
        if meaning in ("", *map(read_meaning, missing)):
            return ""
        if column not in self.numbers:
            return self._code(column, meaning)
        try:
            number = float(text)
        except ValueError:
            # A generalized one.
            return meaning
        return "" if str(int(number)) in missing else self._code(column, number)

    def _code(self, column: str, value: Any) -> Any:
        bottom, top = self.ends.get(column, (value, value))
        is_date = isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\d", value)
        if isinstance(value, str) and not is_date:
            return value
        return min(max(value, bottom), top)

    def read_column(self, frame: pd.DataFrame, column: str) -> list[Any]:
        return [self.read_value(column, text) for text in frame[column]]


@dataclass(frozen=True)
class File:
    """A released file beside the original.

    Parameters
    ----------
    frame : records as text.
    """

    frame: pd.DataFrame
    original: Original

    @classmethod
    def read(cls, path: str | Path, original: Original, *, is_escaped: bool = False) -> "File":
        frame = pd.read_csv(path, dtype=str, keep_default_na=False)
        if is_escaped:
            # What a spreadsheet takes for a formula has an apostrophe before it, and nothing else.
            for name in frame:
                assert not frame[name].str.match(r"[=@\t]|[+-](?!\d+(\.\d+)?$)").any(), name
                frame[name] = frame[name].str.replace(r"^'(?=[=+\-@\t])", "", regex=True)
        return cls(frame, original)

    @property
    def names(self) -> list[str]:
        """The quasi-identifiers that the file has."""
        return [name for name in self.original.quasi_identifiers if name in self.frame]

    @property
    def others(self) -> list[str]:
        return [name for name in self.frame if name not in self.names]

    @cached_property
    def is_root(self) -> "pd.Series[bool]":
        return (self.frame[self.names] == "*").all(axis=1)

    @cached_property
    def is_blank(self) -> "pd.Series[bool]":
        """Records that show nothing at all: suppressed ones that are kept without a value."""
        return self.is_root & (self.frame[self.others] == "").all(axis=1)

    @cached_property
    def kept(self) -> pd.DataFrame:
        """The records of the original that the file has, in the order of the file."""
        by_record = self.original.frame.set_index(RECORD, drop=False)
        return by_record.loc[self.frame.loc[~self.is_blank, RECORD]]

    @cached_property
    def left_out(self) -> pd.DataFrame:
        is_kept = self.original.frame[RECORD].isin(self.kept[RECORD])
        return self.original.frame[~is_kept]

    @cached_property
    def groups(self) -> dict[tuple[str, ...], pd.DataFrame]:
        """Records that look alike, by what they look like; blank ones say nothing of anybody."""
        shown = self.frame[~self.is_blank]
        return dict(iter(shown.groupby(self.names)))

    @cached_property
    def sizes(self) -> list[int]:
        """People in each group."""
        people = self.original.people
        return [group[RECORD].map(people).nunique() for group in self.groups.values()]

    def count_values(self, group: pd.DataFrame, attribute: str) -> dict[Any, int]:
        """Return how many people of a group have each value."""
        values = self.original.read_column(group, attribute)
        pairs = set(zip(values, group[RECORD].map(self.original.people), strict=True))
        counted = pd.Series([value for value, _ in pairs if value != ""], dtype=object)
        return counted.value_counts().to_dict()


def check_file(file: File, k: int, requirements: Sequence[Mapping[str, Any]] = ()) -> None:
    """Assert all that a file promises; see the functions below."""
    check_records(file)
    check_generalization(file)
    check_ends(file)
    check_levels(file)
    assert min(file.sizes) >= k, (min(file.sizes), k)
    for rule in requirements:
        check_requirement(file, rule)
    check_left_out(file)
    check_order(file)


def check_records(file: File) -> None:
    """Nobody's key is shown, each record is there once, and its other values are its own."""
    assert not set(file.original.keys) & set(file.frame)
    assert file.kept[RECORD].is_unique
    shown = file.frame[~file.is_blank]
    for name in file.others:
        values = [file.original.read_column(frame, name) for frame in (shown, file.kept)]
        assert values[0] == values[1], name


def check_generalization(file: File) -> None:
    shown = file.frame[~file.is_blank]
    for name in file.names:
        for label, text in zip(shown[name], file.kept[name], strict=True):
            assert covers(file.original, name, label, text), (name, label, text)


def list_members(label: str) -> list[str]:
    """Return the values or nodes that the label of a set has, of a range its ends."""
    if ends := re.fullmatch(r"\[(.+), (.+)\]", label):
        return [*ends.groups()]
    if not re.fullmatch(r"\{.*, .*\}", label, re.S):
        return [label]
    return next(csv.reader([label[1:-1]], skipinitialspace=True, strict=True))


def check_ends(file: File) -> None:
    """Nothing is shown that lies beyond an end, nor a value where ranges end at cut points."""
    for name in file.frame:
        shown = {*file.frame[name]} - {"", "*"}
        width = file.original.widths.get(name)
        for label in shown if width else ():
            ends = re.fullmatch(r"\[(.+), (.+)[\[\]]", label)
            assert ends, label
            low, high = map(float, ends.groups())
            assert low < high, label
            assert low % width == high % width == 0, label
        if name not in file.original.ends:
            continue
        bottom, top = file.original.ends[name]
        parts = shown if width else {part for label in shown for part in list_members(label)}
        for text in parts - {""}:
            if name in file.original.numbers:
                # An interval or a range holds its lower end; a cut point may lie below the bottom.
                number = float(re.match(r"\[?(-?[\d.]+)", text)[1])
                assert number <= top, (name, text)
                assert number >= bottom or width, (name, text)
            else:
                # A date, or the month or the year that it is of.
                assert bottom[: len(text)] <= text <= top, (name, text)


def check_levels(file: File) -> None:
    """Who is not suppressed shows no other level than those that may be shown."""
    for name, (least, last) in file.original.levels.items():
        shown = file.frame.loc[~file.is_root, name].unique() if name in file.frame else ()
        labels = {part for label in shown for part in list_members(label)}
        for label in labels:
            # A missing value is on all levels but the highest one.
            assert (label == "" and least < LEVELS[name]("*")) or (
                least <= LEVELS[name](label) <= last
            ), (name, label, least, last)


# On which level of its hierarchy a label is, by how it looks.
LEVELS: dict[str, Callable[[str], int]] = {
    "age": lambda label: 3 if label == "*" else {0: 0, 5: 1, 20: 2}[measure_width(label)],
    "town": lambda label: {"North": 1, "South": 1, "*": 2}.get(label, 0),
    # 1234, 12*, 1* and *.
    "code": lambda label: {1: 3, 2: 2, 3: 1, 4: 0}[len(label)],
    "day": lambda label: {1: 3, 4: 2, 7: 1, 10: 0}[len(label)],
}


def measure_width(label: str) -> int:
    low, _, high = label.partition("-")
    return int(high or low) - int(low)


def covers(original: Original, name: str, label: str, text: str) -> bool:
    """Tell whether a released label may stand for a value."""
    value = original.read_value(name, text)
    if label[:1] == "{":
        return any(covers(original, name, member, text) for member in list_members(label))
    if label == "*" or original.read_value(name, label) == value:
        return True
    if value == "":
        return False
    if name not in original.numbers:
        if ends := re.fullmatch(r"\[(\d+), (\d+)\]", label):
            # Codes that are digits are shown in their order, too.
            return int(ends[1]) <= int(value) <= int(ends[2])
        below = original.groups.get(name, {}).get(label)
        # Otherwise the beginning of a code or a date, with or without marks for the rest.
        return value in map(read_meaning, below) if below else value.startswith(label.rstrip("*"))
    if ends := re.fullmatch(r"\[(.+), (.+)([\[\]])", label):
        low, high = float(ends[1]), float(ends[2])
        return low <= value <= high and (value < high or ends[3] == "]")
    ends = re.fullmatch(r"(-?\d+)-(-?\d+)", label)
    return bool(ends) and float(ends[1]) <= value < float(ends[2])


def check_requirement(file: File, rule: Mapping[str, Any]) -> None:
    """Every group keeps a requirement, against all that the file shows."""
    of_all = file.count_values(file.frame[~file.is_blank], rule["attribute"])
    for key, group in file.groups.items():
        counts = file.count_values(group, rule["attribute"])
        assert keeps(rule, counts, of_all), (rule, key, counts)


def keeps(rule: Mapping[str, Any], counts: Mapping[Any, int], of_all: Mapping[Any, int]) -> bool:
    falling = np.array(sorted(counts.values(), reverse=True), dtype=float)
    shares = falling / falling.sum()
    if rule["model"] == "distinct_l_diversity":
        return len(counts) >= rule["l"]
    if rule["model"] == "entropy_l_diversity":
        return bool(np.exp(-(shares * np.log(shares)).sum()) >= rule["l"] - 1e-6)
    if rule["model"] == "recursive_l_diversity":
        return bool(falling[:1].sum() < rule["c"] * falling[rule["l"] - 1 :].sum() + 1e-9)
    assert rule["model"] == "t_closeness"
    if not counts:
        return True
    values = sorted(of_all)
    expected = np.array([of_all[value] for value in values]) / sum(of_all.values())
    found = np.array([counts.get(value, 0) for value in values]) / sum(counts.values())
    moved = found - expected
    if isinstance(values[0], float):
        return bool(np.abs(moved.cumsum()).sum() / max(len(values) - 1, 1) <= rule["t"] + 1e-6)
    return bool(np.abs(moved).sum() / 2 <= rule["t"] + 1e-6)


def check_left_out(file: File) -> None:
    """No value of a record that was left out is shown unless a record that was kept has it, too."""
    for name in file.frame:
        read = file.original.read_column
        alone = {*read(file.left_out, name)} - {*read(file.kept, name)}
        shown = {*read(file.frame[~file.is_blank], name)}
        # Cut points are not values of the table.
        labels = [] if name in file.original.widths else file.frame[name].unique()
        ends = [re.fullmatch(r"\[(.+), (.+)\]", label) for label in labels]
        shown |= {float(number) for pair in ends if pair for number in pair.groups()}
        assert not alone & shown, (name, alone & shown)


def check_order(file: File) -> None:
    """Records are sorted by what they show, so that nothing else can be told by their order."""

    def key(name: str) -> "pd.Series[Any]":
        cells = file.frame[name]
        # A missing number comes after the others, a missing text before.
        is_last = name in file.original.numbers and name not in file.names
        return cells.where(cells != "", "~") if is_last else cells

    keys = pd.DataFrame({name: key(name) for name in file.frame})
    rows = list(keys.itertuples(index=False, name=None))
    assert rows == sorted(rows)
