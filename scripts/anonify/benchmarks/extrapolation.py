"""What a table that is too large to be measured would take."""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.optimize import nnls

from anonify.benchmarks.candidates import PEERS

COMMON, EXTRAPOLATED = "any", "extrapolated"

LEAST_SIZES = 3
"""Sizes that have to be measured: as many as there are parts."""

FITTED = ("cpu_seconds", "peak_megabytes")
"""What grows with the parts of a table."""

ON_DISK = ("temporary_megabytes", "written_megabytes")
"""What grows with the records alone."""


def fit_parts(
    records: npt.ArrayLike, tuples: npt.ArrayLike, values: npt.ArrayLike
) -> npt.NDArray[np.float64]:
    """Return array (3,): what a value has once, per record and per distinct tuple.

    None is negative. Least squares of relative differences, so that small tables, which tell what
    is there once, count as much as large ones.
    """
    known = np.maximum(np.asarray(values, dtype=float), 1e-6)
    parts = np.column_stack([np.ones(len(known)), np.asarray(records), np.asarray(tuples)])
    # Columns of about one size, for the sake of the solver.
    scale = parts.max(axis=0)
    fitted, _ = nnls(parts / scale / known[:, None], np.ones(len(known)))
    return np.asarray(fitted / scale, dtype=float)


def extrapolate(measured: pd.DataFrame, records: int, bounds: Mapping[str, float]) -> pd.DataFrame:
    """Return a row for each step of some engines, at a number of records.

    That is to be so many times the tuples that can be drawn that all of them are there. What lies
    on the disk grows from the largest measured size on as the records do; what an engine's memory
    does not hold lies there, too, whether or not it was used up at a size that was measured.
    Nothing is told of a step that was measured to its end at fewer than :data:`LEAST_SIZES` sizes.

    Parameters
    ----------
    measured : ``engine``, ``step``, ``records``, ``tuples``, ``possible_tuples``, and
        :data:`FITTED` and :data:`ON_DISK`.
    bounds : of each engine, how many MB it takes at most on top of its peak at the smallest size.
    """
    rows = []
    done = measured[measured["engine"].isin([*bounds])].dropna(subset="cpu_seconds")
    for (engine, _), part in done.sort_values("records").groupby(["engine", "step"], sort=False):
        if part["records"].nunique() < LEAST_SIZES:
            continue
        first, last = part.iloc[0], part.iloc[-1]
        row = {**last, "records": records, "tuples": last["possible_tuples"]}
        for quantity in FITTED:
            parts = fit_parts(part["records"], part["tuples"], part[quantity])
            row[quantity] = float(parts @ [1, row["records"], row["tuples"]])
        bound = first["peak_megabytes"] + bounds[str(engine)]
        for quantity in ON_DISK:
            row[quantity] = last[quantity] * records / last["records"]
        beyond = row["peak_megabytes"] - bound
        row["temporary_megabytes"] = max(row["temporary_megabytes"], beyond)
        row["peak_megabytes"] = min(row["peak_megabytes"], bound)
        rows.append({**row, "wall_seconds": float("nan"), "note": EXTRAPOLATED})
    return pd.DataFrame(rows, columns=measured.columns)


def add_up(scale: pd.DataFrame) -> pd.DataFrame:
    """Return what all steps of an engine take together, where it was measured in all of them.

    Parameters
    ----------
    scale : measured and extrapolated; of the engine ``any`` are steps that all of ours have.

    Returns
    -------
    ``engine``, ``records``, ``cpu_seconds`` in all, ``peak_megabytes`` of the step that takes most,
    and ``is_extrapolated``.
    """
    rows = []
    for records, table in scale.groupby("records"):
        common = table[table["engine"] == COMMON]
        for engine, own in table[table["engine"] != COMMON].groupby("engine", sort=False):
            steps = own if engine in PEERS else pd.concat([common, own])
            if steps["cpu_seconds"].isna().any() or (engine not in PEERS and common.empty):
                continue
            rows.append(
                {
                    "engine": engine,
                    "records": records,
                    "cpu_seconds": steps["cpu_seconds"].sum(),
                    "peak_megabytes": steps["peak_megabytes"].max(),
                    "is_extrapolated": (steps["note"] == EXTRAPOLATED).any(),
                }
            )
    columns = ["engine", "records", "cpu_seconds", "peak_megabytes", "is_extrapolated"]
    return pd.DataFrame(rows, columns=columns)
