"""Rules: how a dataset's description says what generalizes the values of an attribute.

A rule gives the levels of a hierarchy from narrow to wide; the root comes on top of them. A
missing value lies on no level: it is generalized straight to the root.
"""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from anonify.base.codes import SYSTEMS, label_codes, spell_code
from anonify.base.values import MISSING, ROOT, parse_date
from anonify.base.words import quote
from anonify.domains.hierarchy import Hierarchy, check_mistakes, hierarchy_from_rows
from anonify.domains.intervals import find_wrong_intervals, label_intervals

TIMES = ("month", "quarter", "year", "decade")

_ORDER = "order the levels from narrow to wide"


def build_hierarchy(attribute: str, domain: Sequence[str], rule: Mapping[str, Any]) -> Hierarchy:
    """Build the hierarchy of an attribute from a rule of the dataset's description.

    Parameters
    ----------
    domain : the distinct values of the attribute as text, in the order of the domain.
    rule : one of
        ``intervals``: a list of levels, each either ``{start, width}`` or ``{edges: [...]}``;
        intervals are closed below and open above. ``open_below: x`` makes one interval of
        everything below x, ``open_above: x`` one of everything from x. Intervals are labelled
        ``low-high``, ``<x`` and ``>=x``, or as ``label`` or ``labels`` say;
        ``prefixes``: a list of numbers of characters that are kept; a value of at least so many
        is labelled by them and ``*``, a shorter one stays as it is;
        ``dates``: a list of ``month`` (``1980-03``), ``quarter`` (``1980-Q1``), ``year``
        (``1980``) and ``decade`` (``1980s``);
        ``code``: a ``system`` of :data:`anonify.base.codes.SYSTEMS`, whose levels these are;
        ``tree``: nested lists and mappings whose innermost lists hold the leaves. A tree may
        place a missing value.
        An empty rule gives the flat hierarchy.

    Raises
    ------
    HierarchyError : a value lies on no interval, is no date, no code or no leaf of the tree, a
        level does not nest in the next, a leaf stands twice, or a label stands for several nodes.
    """
    where = f"hierarchy of {attribute!r}"
    if "tree" in rule:
        rows = _follow_tree(where, domain, rule["tree"])
    else:
        values = [value for value in domain if value != MISSING]
        levels = _label_levels(where, values, rule)
        rows = [list(path) for path in zip(values, *levels, strict=True)]
    rows = [[*row, ROOT] for row in rows]
    return hierarchy_from_rows(attribute, add_missing(rows, domain))


def add_missing(rows: list[list[str]], domain: Sequence[str]) -> list[list[str]]:
    """Return rows of a hierarchy with one for a missing value, where the domain has it.

    It is generalized straight to the root, unless the rows have it already.
    """
    if MISSING not in domain or any(row[0] == MISSING for row in rows):
        return rows
    width, root = (len(rows[0]), rows[0][-1]) if rows else (2, ROOT)
    return [*rows, [MISSING] * (width - 1) + [root]]


def list_leaves(tree: Any) -> list[str]:
    """Return the values that a tree places."""
    return [*_read_tree(tree)[0]]


def _label_levels(where: str, values: Sequence[str], rule: Mapping[str, Any]) -> list[list[str]]:
    """Return the label of each value on each level."""
    if "intervals" in rule:
        check_mistakes(where, find_wrong_intervals(values, rule["intervals"]))
        return label_intervals(values, rule["intervals"])
    if "prefixes" in rule:
        check_mistakes(where, _find_wrong_prefixes(values, rule["prefixes"]))
        return [[_cut(value, length) for value in values] for length in rule["prefixes"]]
    if "dates" in rule:
        check_mistakes(where, _find_wrong_dates(values, rule["dates"]))
        return [[_widen(value, time) for value in values] for time in rule["dates"]]
    if "code" in rule:
        check_mistakes(where, _find_wrong_codes(values, rule["code"]["system"]))
        return label_codes(rule["code"]["system"], values)
    return []


# Prefixes


def _find_wrong_prefixes(values: Sequence[str], lengths: Sequence[int]) -> list[str]:
    mistakes = [
        f"level {number} of `prefixes` keeps {length} characters where level {number - 1} keeps "
        f"{before}; {_ORDER}, so that the numbers fall"
        for number, (before, length) in enumerate(pairwise(lengths), start=2)
        if length >= before
    ]
    mistakes += [
        f"the value {quote(value)} ends in `*` as the labels of `prefixes` do; mend it in the "
        "table, or give the attribute a `tree`"
        for value in values
        if value.endswith("*")
    ]
    return mistakes


def _cut(value: str, length: int) -> str:
    return f"{value[:length]}*" if len(value) >= length else value


# Dates


def _find_wrong_dates(values: Sequence[str], times: Sequence[str]) -> list[str]:
    mistakes = [
        f"level {number} of `dates`, `{time}`, is not wider than level {number - 1}, `{before}`; "
        f"{_ORDER}, such as [{', '.join(sorted(set(times), key=TIMES.index))}]"
        for number, (before, time) in enumerate(pairwise(times), start=2)
        if TIMES.index(time) <= TIMES.index(before)
    ]
    mistakes += [
        f"the value {quote(value)} is no date as YYYY-MM-DD; mend it, or give the column "
        "`type: date` and say by `format` how its dates are written"
        for value in values
        if not _is_date(value)
    ]
    return mistakes


def _is_date(text: str) -> bool:
    try:
        parse_date(text)
    except ValueError:
        return False
    return True


def _widen(day: str, time: str) -> str:
    """Return the month, quarter, year or decade of a date.

    >>> [_widen("1980-03-01", time) for time in TIMES]
    ['1980-03', '1980-Q1', '1980', '1980s']
    """
    if time == "month":
        return day[:7]
    if time == "quarter":
        return f"{day[:4]}-Q{(int(day[5:7]) + 2) // 3}"
    return day[:4] if time == "year" else f"{day[:3]}0s"


# Codes


def _find_wrong_codes(values: Sequence[str], system: str) -> list[str]:
    return [
        f"the value {quote(value)} is no code of {SYSTEMS[system].title}; mend it in the table, "
        "or list it as `missing`"
        for value in values
        if spell_code(system, value) is None
    ]


# Trees


def _follow_tree(where: str, domain: Sequence[str], tree: Any) -> list[list[str]]:
    """Return the way up to below the root from each leaf of the domain, in the tree's order."""
    paths, mistakes = _read_tree(tree)
    mistakes += [
        f"the value {quote(value)} is no leaf of the tree; add it under the node that "
        "generalizes it, in quotes if it looks like yes or 010"
        for value in domain
        if value not in paths and value != MISSING
    ]
    check_mistakes(where, mistakes)
    height = max(map(len, paths.values()), default=0)
    present = {*domain}
    found = [path for leaf, path in paths.items() if leaf in present]
    return [[path[0]] * (height - len(path)) + path for path in found]


def _read_tree(tree: Any) -> tuple[dict[str, list[str]], list[str]]:
    """Return each leaf with the nodes above it, lowest first, and what is wrong with the tree."""
    paths: dict[str, list[str]] = {}
    mistakes = []

    def walk(node: Any, above: list[str]) -> None:
        if isinstance(node, Mapping):
            for label, below in node.items():
                walk(below, [str(label), *above])
            return
        place = " in ".join(above) or "the root"
        if not isinstance(node, list):
            mistakes.append(f"under {place} stands {node!r} where a list of leaves should be")
            return
        for leaf in node:
            if isinstance(leaf, Mapping | list):
                mistakes.append(f"in the list under {place} stands {leaf!r} where a leaf should be")
            elif str(leaf) in paths:
                mistakes.append(
                    f"the leaf {str(leaf)!r} stands twice in the tree; keep it under one node"
                )
            else:
                paths[str(leaf)] = [str(leaf), *above]

    walk(tree, [])
    return paths, mistakes
