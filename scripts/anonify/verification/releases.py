"""Check released tables for what they promise.

Written against the tables as text and the hierarchy files, on purpose without a line of the
anonymizers, of the hierarchy module or of the equivalence classes that it checks.
"""

import csv
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from anonify.verification.sets import Sets

# What generalizes everything where there are ranges instead of a hierarchy.
ANYTHING = "*"


class VerificationError(Exception):
    """A released table does not keep what its method promises. The message says where."""


@dataclass(frozen=True)
class Verification:
    """What was found in a released table.

    Parameters
    ----------
    achieved_k : people in the smallest equivalence class, which are its records where each is a
        person of its own; suppressed records apart; 0 where every record is suppressed.
    classes : number of equivalence classes, suppressed records apart.
    suppressed_records : number of suppressed records.
    """

    achieved_k: int
    classes: int
    suppressed_records: int


def verify_release(
    release: pd.DataFrame, quasi_identifiers: Sequence[str], k: int, record_count: int
) -> Verification:
    """Check the size of a released table and of its equivalence classes.

    Parameters
    ----------
    release : frame with the quasi-identifiers, the boolean column ``is_suppressed`` and, where
        people have several records, their numbers in the column ``anonify.person``; where its
        rows stand for several records, how many in ``anonify.records``.
    k : smallest class allowed, in people.
    record_count : number of records that the table must have.

    Raises
    ------
    VerificationError : records are lost, or a class is smaller than k.
    """
    records = count_each(release).to_numpy()
    if records.sum() != record_count:
        raise VerificationError(f"{records.sum()} records were released of {record_count}")
    is_kept = ~release["is_suppressed"].to_numpy(bool)
    kept = release.loc[is_kept, list(quasi_identifiers)]
    members = number_classes(kept)
    has_people = "anonify.person" in release
    if has_people:
        people = release.loc[is_kept, "anonify.person"].to_numpy()
        sizes = np.bincount(count_once(members, people))
    else:
        sizes = np.bincount(members, weights=records[is_kept]).astype(np.int64)
    if len(sizes) and sizes.min() < k:
        place = int((members == sizes.argmin()).argmax())
        smallest = ", ".join(str(kept[name].iloc[place]) for name in kept)
        raise VerificationError(
            f"the class ({smallest}) has {sizes.min()} {'people' if has_people else 'records'}, "
            f"fewer than k = {k}"
        )
    return Verification(
        achieved_k=int(sizes.min()) if len(sizes) else 0,
        classes=len(sizes),
        suppressed_records=int(records[~is_kept].sum()),
    )


def count_each(table: pd.DataFrame) -> "pd.Series[int]":
    """Return how many records each row stands for: one, unless the table says it."""
    if "anonify.records" in table:
        return table["anonify.records"]
    return pd.Series(1, index=table.index)


def number_classes(records: pd.DataFrame) -> npt.NDArray[np.int64]:
    """Array (records,): the number of the class of each, those that show the same.

    Classes are numbered in the order of their values, without a gap; a missing value is one, the
    last. It is codes of values that are compared, so that no text is made of any record.
    """
    numbers, most = np.zeros(len(records), dtype=np.int64), 1
    for name in records:
        values = records[name]
        if values.dtype == "category":
            codes, distinct = values.cat.codes.to_numpy(), len(values.cat.categories)
        else:
            codes, found = pd.factorize(values, sort=True)
            distinct = len(found)
        if most * (distinct + 1) > 2**62:
            numbers = _renumber(numbers)
            most = int(numbers.max(initial=-1)) + 1
        numbers = numbers * (distinct + 1) + np.where(codes < 0, distinct, codes)
        most *= distinct + 1
    return _renumber(numbers)


def _renumber(numbers: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Return numbers in the same order without a gap, from 0."""
    return np.asarray(pd.factorize(numbers, sort=True)[0], dtype=np.int64)


def count_once(values: npt.NDArray[Any], people: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Return the values without those that a person has again."""
    pairs = pd.DataFrame({"value": values, "person": people}).drop_duplicates()
    return pairs["value"].to_numpy()


def verify_recoding(
    original: pd.DataFrame, release: pd.DataFrame, hierarchy_files: Mapping[str, str | Path]
) -> None:
    """Check record by record that every released value generalizes the original one.

    Parameters
    ----------
    original, release : frames whose rows correspond.
    hierarchy_files : for each quasi-identifier its hierarchy as ARX writes it.

    Raises
    ------
    VerificationError : a released value is no ancestor of the original, and no set or range that
        has it, a suppressed record still shows a value, or another column was changed.
    """
    if len(original) != len(release):
        raise VerificationError(f"{len(release)} records were released of {len(original)}")
    for name, path in hierarchy_files.items():
        rows, cuts = read_hierarchy_rows(path), read_cut_points(path)
        members, generalizes = _read_sets(release[name], rows), _choose_check(rows, cuts)
        for value, label in _list_pairs(original[name], release[name]):
            is_above = not members[label].isdisjoint(rows.get(value, ()))
            if not is_above and not generalizes(label, value):
                raise VerificationError(f"{name}: {label!r} does not generalize {value!r}")
        root = _find_root(rows)
        suppressed = release.loc[release["is_suppressed"], name]
        shown = suppressed[suppressed.astype("str") != root]
        if len(shown):
            raise VerificationError(f"{name}: {len(shown)} suppressed records show a value")
    for name in original.columns.difference(list(hierarchy_files)):
        # An empty cell equals an empty cell.
        before, after = (frame[name].reset_index(drop=True) for frame in (original, release))
        if not before.equals(after):
            raise VerificationError(f"{name}: values differ from the original")


def verify_labels(release: pd.DataFrame, hierarchy_files: Mapping[str, str | Path]) -> None:
    """Check that every released value is in its hierarchy; for tables in unknown order.

    Raises
    ------
    VerificationError : a value is not in the hierarchy, and no set or range of its values.
    """
    for name, path in hierarchy_files.items():
        rows, cuts = read_hierarchy_rows(path), read_cut_points(path)
        known = {label for row in rows.values() for label in row} | {_find_root(rows)}
        if cuts:
            known = {"", ANYTHING} & {*rows, ANYTHING}
        sets, has_ranges = Sets(rows), _has_ranges(rows)
        for label in release[name].drop_duplicates().astype("str"):
            if has_ranges:
                is_known = label in known or _is_range(label, rows, cuts)
            else:
                is_known = label in known or bool(sets.read(label))
            if not is_known:
                raise VerificationError(f"{name}: {label!r} is not in the hierarchy")


def verify_levels(
    release: pd.DataFrame,
    hierarchy_files: Mapping[str, str | Path],
    levels: Mapping[str, tuple[int, int | None]],
) -> None:
    """Check that every record that is not suppressed shows allowed levels of its hierarchies.

    Parameters
    ----------
    release : frame with the quasi-identifiers and ``is_suppressed``.
    levels : the lowest and the highest level that each column may show, None for any height; those
        that are not named may show all.

    Raises
    ------
    VerificationError : a record shows another level, or a set that is not made of allowed nodes.
    """
    kept = release.loc[~release["is_suppressed"].to_numpy(bool), list(levels)]
    for name, (least, most) in levels.items():
        rows = read_hierarchy_rows(hierarchy_files[name])
        last = len(next(iter(rows.values()))) - 1 if most is None else most
        sets = Sets(rows)
        allowed = {row[level] for row in rows.values() for level in range(least, last + 1)}
        for label in kept[name].drop_duplicates().astype("str"):
            if label in allowed:
                continue
            members = sets.read(label)
            if not (members and members <= allowed and sets.have_common_node(members, last)):
                raise VerificationError(
                    f"{name}: {label!r} is on none of the levels {least} to {last}, which alone a "
                    "release may show"
                )


def verify_other_columns(
    original: pd.DataFrame, release: pd.DataFrame, names: Sequence[str]
) -> None:
    """Check that records agree in the columns that are no quasi-identifiers, in any order.

    Raises
    ------
    VerificationError : a combination of values occurs more or less often than in the original.
    """
    before = original[list(names)].astype("str").value_counts(dropna=False)
    after = release[list(names)].astype("str").value_counts(dropna=False)
    differs = before.sub(after, fill_value=0)
    differs = differs[differs != 0]
    if len(differs):
        values = ", ".join(
            f"{name} {value}" for name, value in zip(names, differs.index[0], strict=True)
        )
        raise VerificationError(
            f"{len(differs)} combinations of the other columns do not occur as often as in the "
            f"original, such as {values}"
        )


def _read_sets(
    released: "pd.Series[Any]", rows: Mapping[str, Sequence[str]]
) -> dict[str, frozenset[str]]:
    """Return the members of each label that is a set or range of a hierarchy, and no node of it.

    Ranges of numbers without a hierarchy are none of these.
    """
    sets, has_ranges = Sets(rows), _has_ranges(rows)
    return {
        label: frozenset() if has_ranges or label in sets.nodes else sets.read(label)
        for label in released.drop_duplicates().astype("str")
    }


def _list_pairs(
    original: "pd.Series[Any]", released: "pd.Series[Any]"
) -> Iterator[tuple[str, str]]:
    """List as text which values are released as which, in order of appearance."""
    before, after = (
        values.cat.codes.to_numpy() if values.dtype == "category" else pd.factorize(values)[0]
        for values in (original, released)
    )
    pairs = before.astype(np.int64) * (int(after.max(initial=-1)) + 2) + after
    first = np.flatnonzero(~pd.Series(pairs).duplicated())
    texts = [values.iloc[first].astype("str") for values in (original, released)]
    return zip(*texts, strict=True)


def _choose_check(
    rows: Mapping[str, Sequence[str]], cuts: Sequence[str]
) -> Callable[[str, str], bool]:
    """Return what tells whether a label generalizes a value."""
    if _has_ranges(rows):
        return lambda label, value: _lies_in(label, value, rows, cuts)
    return lambda label, value: label in rows.get(value, ())


def _lies_in(
    label: str, value: str, rows: Mapping[str, Sequence[str]], cuts: Sequence[str]
) -> bool:
    """Tell whether a value without a hierarchy lies in the range of a label."""
    if label == ANYTHING or (label == value and (not cuts or value == "")):
        return value in rows
    if value not in rows or value == "" or not _is_range(label, rows, cuts):
        return False
    (low, high), number = map(float, _split_range(label)), float(value)
    return low <= number < high or (number == high and label.endswith("]"))


def _is_range(label: str, rows: Mapping[str, Sequence[str]], cuts: Sequence[str]) -> bool:
    """Tell whether a label is a range between values or, where there are any, cut points.

    Of those the last one alone is in the range that it ends.
    """
    low, high = _split_range(label)
    ends = cuts or rows
    is_closed = label.endswith("]")
    return (
        "" not in (low, high)
        and low in ends
        and high in ends
        and float(low) < float(high)
        and is_closed == (not cuts or high == cuts[-1])
    )


def _split_range(label: str) -> tuple[str, str]:
    if not (label.startswith("[") and label.endswith(("]", "[")) and label.count(", ") == 1):
        return "", ""
    low, high = label[1:-1].split(", ")
    return low, high


def _has_ranges(rows: Mapping[str, Sequence[str]]) -> bool:
    """Tell whether the file lists values alone, so that ranges of numbers generalize them."""
    return all(len(row) == 1 for row in rows.values())


def _find_root(rows: Mapping[str, Sequence[str]]) -> str:
    return ANYTHING if _has_ranges(rows) else next(iter(rows.values()))[-1]


def read_hierarchy_rows(path: str | Path) -> dict[str, list[str]]:
    """Return for each leaf its row: the leaf, then its generalizations."""
    table = pd.read_csv(
        path,
        sep=";",
        header=None,
        dtype="str",
        keep_default_na=False,
        skip_blank_lines=False,
        skiprows=1 if read_cut_points(path) else 0,
    )
    return {row[0]: list(row) for row in table.itertuples(index=False, name=None)}


def read_cut_points(path: str | Path) -> list[str]:
    """Return the numbers at which ranges have to end: a long first row before rows of one value.

    None where they end at the values themselves, or the file is a hierarchy.
    """
    with Path(path).open(encoding="utf-8", newline="") as file:
        rows = csv.reader(file, delimiter=";")
        first, second = next(rows, []), next(rows, [])
    return first if len(first) > 1 and len(second) == 1 else []
