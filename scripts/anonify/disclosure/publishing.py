"""Tables for people, as they are published: nothing in them tells of fewer than k people."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from anonify.base.values import SUPPRESSED
from anonify.disclosure.cells import is_few
from anonify.tables.counts import count_everyone
from anonify.tables.provenance import Provenance, is_confidential
from anonify.tables.storage import write_csv

STEP_KEYS = (
    "step", "method", "k", "options", "requirements", "labels", "seed", "achieved_k", "classes",
)  # fmt: skip
"""What is told of a step that suppressed fewer than k people: nothing that counts them in."""

ALL_PEOPLE = ("members", "non_members")
"""What adds up to all people of a small table, suppressed ones among them."""


def publish_csv(
    frame: pd.DataFrame, path: str | Path, metadata_path: str | Path, provenance: Provenance
) -> None:
    """Write a table for people as :func:`anonify.tables.storage.write_csv` does.

    The provenance of a confidential one tells of no step how many were suppressed if fewer than its
    k were.
    """
    write_csv(frame, path, metadata_path, mask_provenance(provenance))


def mask_provenance(provenance: Provenance) -> Provenance:
    """Return a provenance as it may be published."""
    if not is_confidential(provenance):
        return provenance
    return {**provenance, "steps": [_mask_step(step) for step in provenance["steps"]]}


def _mask_step(step: dict[str, Any]) -> dict[str, Any]:
    step = {key: value for key, value in step.items() if key not in ALL_PEOPLE}
    people = step.get("suppressed_people", step.get("suppressed_records", 0))
    if not is_few(people, step.get("k", 0)):
        return step
    kept = {key: value for key, value in step.items() if key in STEP_KEYS}
    return {**kept, "suppressed_records": "of fewer than k people"}


def has_few(release: pd.DataFrame, k: int) -> bool:
    """Tell whether fewer than k people of a release are suppressed, and some are.

    Parameters
    ----------
    release : with ``is_suppressed``, and the numbers of the people where some have several records;
        of records, or counted (:mod:`anonify.tables.counts`).
    """
    return is_few(count_everyone(release[release[SUPPRESSED].to_numpy(bool)]), k)


def leave_out_few(release: pd.DataFrame, k: int) -> pd.DataFrame:
    """Return a release without its suppressed records, where these are fewer than k.

    What is measured with them and again without would tell of them, as the release does not.

    Parameters
    ----------
    release : with ``is_suppressed``.
    """
    return release[~release[SUPPRESSED].to_numpy(bool)] if has_few(release, k) else release


def mask_few(numbers: pd.Series, k: int | pd.Series) -> pd.Series:
    """Empty the counts of fewer than k people.

    Parameters
    ----------
    k : one for all, or one for each.
    """
    return numbers.astype("Int64").mask((numbers > 0) & (numbers < k))


def round_rates(table: pd.DataFrame, columns: Sequence[str], records: int, k: int) -> pd.DataFrame:
    """Round numbers that are divided by a number of records, so that it does not follow from them.

    They keep as many significant digits as k records more or less do not change: at most log10 of
    records ÷ k, at least one (rounding to a base; Hundepool et al., Statistical Disclosure Control,
    2012, Chapter 5).
    """
    digits = max(1, int(np.log10(max(records / k, 1))))
    rounded = {name: [_round(value, digits) for value in table[name]] for name in columns}
    return table.assign(**rounded)


def round_rows(
    table: pd.DataFrame, columns: Sequence[str], records: Sequence[int | None]
) -> pd.DataFrame:
    """Round the rates of some rows; see :func:`round_rates`.

    Parameters
    ----------
    table : with ``k``.
    records : array (rows,), what the rates of a row are divided by; None where they are not to be
        rounded.
    """
    rows = [table.iloc[[place]] for place in range(len(table))]
    return pd.concat(
        [
            row if number is None else round_rates(row, columns, number, row["k"].iloc[0])
            for row, number in zip(rows, records, strict=True)
        ]
    )


def round_shares(table: pd.DataFrame, columns: Sequence[str], records: int, k: int) -> pd.DataFrame:
    """Round shares of records, in per cent, to multiples of k records or more.

    The multiples are of 1, 2 or 5 times a power of ten: those of k records themselves would tell
    how many records there are.

    Parameters
    ----------
    records : how many 100 % are.
    """
    base = choose_base(100 * min(k / max(records, 1), 1))
    return table.assign(**{name: (table[name] / base).round() * base for name in columns})


def choose_base(least: float) -> float:
    """Return the least of 1, 2 and 5 times the powers of ten that is not below a number above 0.

    >>> choose_base(3.3), choose_base(0.2), choose_base(100)
    (5.0, 0.2, 100.0)
    """
    power = int(np.floor(np.log10(least)))
    bases = [float(f"{digit}e{power}") for digit in (1, 2, 5, 10)]
    return next(base for base in bases if base >= least * (1 - 1e-9))


def _round(value: float, digits: int) -> float:
    return float(f"{value:.{digits}g}")
