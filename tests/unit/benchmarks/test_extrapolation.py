import numpy as np
import pandas as pd
import pytest

from anonify.benchmarks.extrapolation import add_up, extrapolate, fit_parts

RECORDS, TUPLES = np.array([1e5, 1e6, 1e7]), np.array([6e4, 3e5, 5e5])
INFINITE = {"any": np.inf, "duckdb": np.inf}


def measure(engine, step, seconds, megabytes):
    return pd.DataFrame(
        {
            "engine": engine,
            "step": step,
            "records": RECORDS,
            "tuples": TUPLES,
            "possible_tuples": 600_000,
            "cpu_seconds": seconds,
            "wall_seconds": seconds,
            "peak_megabytes": megabytes,
            "temporary_megabytes": [0, 0, 300],
            "written_megabytes": RECORDS / 1e5,
            "note": "",
        }
    )


def test_parts_are_found_again():
    seconds = 1.5 + 2e-6 * RECORDS + 5e-6 * TUPLES
    assert fit_parts(RECORDS, TUPLES, seconds) == pytest.approx([1.5, 2e-6, 5e-6])


def test_no_part_is_negative():
    assert (fit_parts(RECORDS, TUPLES, [5.0, 4.0, 90.0]) >= 0).all()


def test_a_large_table_has_all_tuples_and_its_disk_grows_with_the_records():
    seconds = 1 + 2e-6 * RECORDS + 5e-6 * TUPLES
    row = extrapolate(measure("duckdb", "sample", seconds, 200 + RECORDS / 1e4), 10**9, INFINITE)
    assert len(row) == 1
    assert row["tuples"].item() == 600_000
    assert row["cpu_seconds"].item() == pytest.approx(1 + 2000 + 3)
    assert row["peak_megabytes"].item() == pytest.approx(100_200)
    assert row["temporary_megabytes"].item() == 30_000
    assert row["written_megabytes"].item() == 10_000


def test_an_engine_takes_no_more_memory_than_it_may_and_the_rest_on_the_disk():
    measured = measure("duckdb", "sample", RECORDS, 200 + RECORDS / 1e4)
    row = extrapolate(measured, 10**9, {"duckdb": 2000})
    assert row["peak_megabytes"].item() == pytest.approx(210 + 2000)
    assert row["temporary_megabytes"].item() == pytest.approx(100_200 - 2_210)


def test_two_sizes_tell_nothing_of_a_third():
    measured = measure("duckdb", "sample", [1, 2, np.nan], 200)
    assert extrapolate(measured, 10**9, INFINITE).empty


def test_a_whole_job_has_the_steps_that_all_engines_share():
    steps = [measure("any", "prepare", 1, 300), measure("duckdb", "sample", 2, 200)]
    peer = measure("anonypy", "anonymize", [3, 30, np.nan], 100)
    totals = add_up(pd.concat([*steps, peer])).set_index(["engine", "records"])
    assert totals.loc[("duckdb", 1e6), "cpu_seconds"] == 3
    assert totals.loc[("duckdb", 1e6), "peak_megabytes"] == 300
    assert totals.loc[("anonypy", 1e6), "cpu_seconds"] == 30
    assert ("anonypy", 1e7) not in totals.index
    assert not totals["is_extrapolated"].any()
