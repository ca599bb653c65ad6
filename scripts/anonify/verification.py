"""Check released tables for what they promise.

Written against the tables as text and the hierarchy files, on purpose without a line of the
anonymizers, of the hierarchy module or of the equivalence classes that it checks.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd


class VerificationError(Exception):
    """A released table does not keep what its method promises. The message says where."""


@dataclass(frozen=True)
class Verification:
    """What was found in a released table.

    Parameters
    ----------
    achieved_k : size of the smallest equivalence class, suppressed records apart; 0 where
        every record is suppressed.
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
    release : frame with the quasi-identifiers and the boolean column ``is_suppressed``.
    k : smallest class allowed.
    record_count : number of records that the table must have.

    Raises
    ------
    VerificationError : records are lost, or a class is smaller than k.
    """
    if len(release) != record_count:
        raise VerificationError(f"{len(release)} records were released of {record_count}")
    kept = release[~release["is_suppressed"]]
    sizes = kept.groupby(list(quasi_identifiers), observed=True, dropna=False).size()
    if len(sizes) and sizes.min() < k:
        values = sizes.idxmin()
        smallest = ", ".join(map(str, values if isinstance(values, tuple) else (values,)))
        raise VerificationError(
            f"the class ({smallest}) has {sizes.min()} records, fewer than k = {k}"
        )
    return Verification(
        achieved_k=int(sizes.min()) if len(sizes) else 0,
        classes=len(sizes),
        suppressed_records=int(release["is_suppressed"].sum()),
    )


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
    VerificationError : a released value is no ancestor of the original, a suppressed record
        still shows a value, or another column was changed.
    """
    if len(original) != len(release):
        raise VerificationError(f"{len(release)} records were released of {len(original)}")
    for name, path in hierarchy_files.items():
        rows = read_hierarchy_rows(path)
        pairs = pd.DataFrame(
            {"original": original[name].astype("str"), "released": release[name].astype("str")}
        ).drop_duplicates()
        for value, label in pairs.itertuples(index=False):
            if label not in rows.get(value, ()):
                raise VerificationError(f"{name}: {label!r} does not generalize {value!r}")
        root = next(iter(rows.values()))[-1]
        shown = release.loc[release["is_suppressed"], name].astype("str") != root
        if shown.any():
            raise VerificationError(f"{name}: {int(shown.sum())} suppressed records show a value")
    for name in original.columns.difference(list(hierarchy_files)):
        if not (original[name].to_numpy() == release[name].to_numpy()).all():
            raise VerificationError(f"{name}: values differ from the original")


def verify_labels(release: pd.DataFrame, hierarchy_files: Mapping[str, str | Path]) -> None:
    """Check that every released value is in its hierarchy; for tables in unknown order.

    Raises
    ------
    VerificationError : a value is not in the hierarchy.
    """
    for name, path in hierarchy_files.items():
        known = {label for row in read_hierarchy_rows(path).values() for label in row}
        for label in release[name].astype("str").unique():
            if label not in known:
                raise VerificationError(f"{name}: {label!r} is not in the hierarchy")


def verify_other_columns(
    original: pd.DataFrame, release: pd.DataFrame, names: Sequence[str]
) -> None:
    """Check that records agree in the columns that are no quasi-identifiers, in any order.

    Raises
    ------
    VerificationError : a combination of values occurs more or less often than in the original.
    """
    before = original[list(names)].astype("str").value_counts()
    after = release[list(names)].astype("str").value_counts()
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


def read_hierarchy_rows(path: str | Path) -> dict[str, list[str]]:
    """Return for each leaf its row: the leaf, then its generalizations."""
    table = pd.read_csv(path, sep=";", header=None, dtype="str", keep_default_na=False)
    return {row[0]: list(row) for row in table.itertuples(index=False, name=None)}
