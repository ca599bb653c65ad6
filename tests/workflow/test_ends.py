"""A table with a top, a bottom and cut points, end to end."""

import re

import numpy as np
import pandas as pd
import pytest
from tests.profile import takes_longest
from tests.workflow.conftest import DATASET, make_table

COLUMNS = {
    "sex": DATASET["columns"]["sex"],
    "age": {
        "role": "quasi-identifier",
        "type": "integer",
        "ranges": {"start": 0, "width": 15},
        "top": 60,
    },
    "level": {"role": "sensitive", "type": "decimal", "bottom": 2, "top": 4.5},
    "ill": DATASET["columns"]["ill"],
}
RANGE = re.compile(r"\[(\d+), (\d+)([\[\]])")


def make_extremes() -> pd.DataFrame:
    table = make_table()
    table.loc[table.index[:4], "age"] = [97, 104, 83, 99]
    table.loc[table.index[4:6], "level"] = [91234.5, -77.25]
    return table


@pytest.fixture
def extremes(experiment):
    make_extremes().to_csv(experiment.folder / "data/tiny.csv", index=False)
    experiment.describe_dataset(columns=COLUMNS, releases={}, confidential=True)
    experiment.configure(methods=["mondrian", "k_member"], release={"method": "mondrian", "k": 4})
    return experiment


def check_release(path) -> pd.DataFrame:
    csv = pd.read_csv(path, dtype=str, keep_default_na=False)
    assert csv.groupby(["sex", "age"]).size().min() >= 4
    levels = csv["level"].astype(float)
    assert levels.between(2, 4.5).all()
    for label in {*csv["age"]} - {"*"}:
        low, high, bracket = RANGE.fullmatch(label).groups()
        assert int(low) % 15 == int(high) % 15 == 0
        assert int(low) < int(high) <= 60
        assert (bracket == "]") == (high == "60")
    return csv


def test_no_release_shows_an_extreme_and_the_job_tells_how_many_were_coded(extremes):
    files = [f"results/anonymized/{method}/k4.csv" for method in ("mondrian", "k_member")]
    run = extremes.snakemake(*files)
    assert run.returncode == 0, run.stdout + run.stderr
    original = make_extremes()
    for file in files:
        csv = check_release(extremes.folder / file)
        assert sorted(csv["level"].astype(float)) == sorted(original["level"].clip(2, 4.5))
    (log,) = extremes.folder.rglob("prepare_*.log")
    old = int((original["age"] > 60).sum())
    assert f"'age': {old} records above its top 60, coded as that" in log.read_text()
    low, high = int((original["level"] < 2).sum()), int((original["level"] > 4.5).sum())
    assert (
        f"'level': {low} records below its bottom 2 and {high} records above its top 4.5, coded "
        "as that" in log.read_text()
    )


@takes_longest
def test_everything_is_made_of_it(extremes):
    run = extremes.snakemake("all", "results/anonymized/mondrian/k4.csv")
    assert run.returncode == 0, run.stdout + run.stderr
    csv = check_release(extremes.folder / "results/anonymized/mondrian/k4.csv")
    losses = pd.read_csv(extremes.folder / "results/tables/info_loss.csv")
    row = losses[(losses["method"] == "mondrian") & (losses["k"] == 4)].iloc[0]
    # The youngest lie above the first edge, and 60 is the last one.
    width = 60 - 15 * (make_extremes()["age"].min() // 15)
    widths = [
        1.0 if label == "*" else (int(match[2]) - int(match[1])) / width
        for label in csv["age"]
        for match in [RANGE.fullmatch(label)]
    ]
    assert row["ncp_age"] == pytest.approx(100 * np.mean(widths))
    # No page, table or figure names what lies beyond; the owner's table is apart.
    read = 0
    for path in (extremes.folder / "results").rglob("*"):
        if path.suffix in (".csv", ".html", ".json") and path.parent.name != "dataset":
            assert not re.search(r"91234\.5|-77\.25", path.read_text()), path
            read += 1
    assert read > 5
