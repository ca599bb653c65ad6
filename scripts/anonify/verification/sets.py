"""What the label of a set or range stands for.

Written on purpose without a line of what writes such labels: what is in braces is read as CSV has
it, and a range has the numbers that are not beyond its ends.
"""

import csv
import re
from bisect import bisect_left, bisect_right
from collections.abc import Collection, Mapping, Sequence
from functools import cached_property

Rows = Mapping[str, Sequence[str]]
"""The rows of a hierarchy by their values: the value, then its generalizations."""


class Sets:
    """What labels stand for in a hierarchy.

    >>> sets = Sets({"1": ["1", "low", "*"], "2": ["2", "low", "*"], "3": ["3", "high", "*"]})
    >>> sorted(sets.read("{low, 3}")), sorted(sets.read("[2, 3]"))
    (['3', 'low'], ['2', '3'])
    """

    def __init__(self, rows: Rows) -> None:
        self.rows = rows
        self.nodes = {label for row in rows.values() for label in row}

    def read(self, label: str) -> frozenset[str]:
        """Return the values, or nodes, that a set or range names; none where a label is neither."""
        if label[:1] == "{" and label[-1:] == "}":
            return self._read_set(label[1:-1])
        ends = re.fullmatch(r"\[([^\s,]+), ([^\s,]+)\]", label)
        if ends is None or any(end not in self.rows for end in ends.groups()):
            return frozenset()
        numbers, values = self._numbers
        low, high = map(float, ends.groups()) if numbers else (1.0, 0.0)
        return frozenset(values[bisect_left(numbers, low) : bisect_right(numbers, high)])

    @cached_property
    def _numbers(self) -> tuple[list[float], list[str]]:
        """The numbers in their order, and the values that they are; none where a value is none."""
        try:
            pairs = sorted((float(value), value) for value in self.rows if value != "")
        except ValueError:
            return [], []
        return [number for number, _ in pairs], [value for _, value in pairs]

    def _read_set(self, text: str) -> frozenset[str]:
        try:
            members = next(csv.reader([text], skipinitialspace=True, strict=True))
        except (csv.Error, StopIteration):
            return frozenset()
        is_set = len(members) > 1 and len({*members}) == len(members)
        return frozenset(members if is_set and self.nodes >= {*members} else ())

    def have_common_node(self, members: Collection[str], level: int) -> bool:
        """Tell whether all values below these members lie below one node of a level."""
        rows = self.rows.values()
        return len({row[level] for row in rows if not {*row}.isdisjoint(members)}) == 1
