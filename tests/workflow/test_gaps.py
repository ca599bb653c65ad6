"""A table with an identifier, ranges and empty cells in nearly all columns, end to end."""

import numpy as np
import pandas as pd
import pytest
from tests.profile import takes_long
from tests.workflow.conftest import DATASET, TABLES, make_table

from anonify.tables.storage import read_table

GAPS = {
    "sex": slice(5, 8),
    "age": slice(100, 110),
    "level": slice(0, 12),
    "note": slice(6, 20),
    "ill": slice(15, 24),
}
COLUMNS = {
    "name": {"role": "identifier", "type": "category"},
    **DATASET["columns"],
    "sex": {
        "role": "quasi-identifier",
        "type": "category",
        "hierarchy": {"file": "sex.csv"},
        "encoding": ["f", "m", "", "*"],
    },
    "age": {"role": "quasi-identifier", "type": "integer"},
    "note": {"role": "sensitive", "type": "category"},
}
RULES = [
    {"attribute": "note", "model": "distinct_l_diversity", "l": 2},
    {"attribute": "ill", "model": "distinct_l_diversity", "l": 2},
    {"attribute": "level", "model": "t_closeness", "t": 0.9},
]


def make_gaps() -> pd.DataFrame:
    table = make_table().astype({"ill": "Int64", "age": "Int64"})
    table["name"] = [f"person {number}" for number in range(len(table))]
    # Of three spellings two mean the same; "unknown" is listed as missing.
    generator = np.random.default_rng(7)
    table["note"] = generator.choice(["flu", "Flu ", "cold", "unknown"], len(table))
    for name, rows in GAPS.items():
        table.loc[table.index[rows], name] = None
    return table


@pytest.fixture
def gaps(experiment):
    make_gaps().to_csv(experiment.folder / "data/tiny.csv", index=False, sep=";")
    experiment.write("data/sex.csv", "f;*\nm;*\n")
    experiment.describe_dataset(releases={}, columns=COLUMNS, missing=["UNKNOWN"], separator=";")
    experiment.configure(
        requirements=RULES, methods=["mondrian"], release={"method": "mondrian", "k": 4}
    )
    return experiment


@takes_long
def test_everything_is_measured_of_it(gaps):
    drawn = ("figures/level_by_age.svg", "figures/info_loss.svg", "figures/accuracy.svg")
    wanted = (*TABLES, *drawn, "anonymized/mondrian/k4.csv", "verdict.html")
    run = gaps.snakemake(*(f"results/{path}" for path in wanted))
    assert run.returncode == 0, run.stdout + run.stderr
    results = gaps.folder / "results"

    # Empty cells stay empty, and nothing else became so.
    original = make_gaps()
    original.loc[original["note"] == "unknown", "note"] = None
    table = read_table(results / "anonymized/mondrian/k4.parquet").frame
    assert "name" not in table
    assert any(age.startswith("[") for age in set(table["age"].astype(str)))
    assert pd.read_csv(results / "tables/info_loss.csv")["ncp"].between(0, 100).all()
    csv = pd.read_csv(results / "anonymized/mondrian/k4.csv", dtype=str, keep_default_na=False)
    for name in ("level", "note", "ill"):
        present = table[name].dropna()
        assert (present != "").sum() == original[name].notna().sum()
        assert (csv[name] != "").sum() == original[name].notna().sum()
    assert {*csv["note"]} == {"flu", "Flu ", "cold", ""}

    # ℓ by pandas alone: empty cells are no value, and spellings are one.
    shown = csv[(csv["sex"] != "*") | (csv["age"] != "*")]
    meant = shown["note"].str.strip().str.lower()
    in_class = [shown["sex"], shown["age"]]
    assert (
        meant[meant != ""]
        .groupby(in_class)
        .nunique()
        .reindex(shown.groupby(["sex", "age"]).size().index, fill_value=0)
        .min()
        >= 2
    )

    # Means are those of the records that have a value.
    means = pd.read_csv(results / "tables/level_by_age.csv")
    before = means[means["data"] == "original"].set_index("group")
    young = make_gaps().query("age < 30")
    assert before.loc["[0, 30)", "records"] == young["level"].notna().sum()
    assert before.loc["[0, 30)", "records_without_value"] == young["level"].isna().sum()
    assert before.loc["[0, 30)", "value"] == pytest.approx(young["level"].mean())

    # Classifiers say what they did without.
    text = next(gaps.folder.glob("**/classifiers/original/all.log")).read_text()
    lacking = int(original["note"].isna().sum())
    assert "9 records without 'ill' left out" in text
    assert f"median, of texts by a category of their own: 'level' (12), 'note' ({lacking})" in text
