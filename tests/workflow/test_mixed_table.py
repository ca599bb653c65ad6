"""A table with ranges, missing values, an identifier and requirements beside k, end to end."""

import pytest
from tests.workflow.conftest import DATASET, make_table

from anonify.tables.storage import read_table
from anonify.verification.privacy import measure_privacy

COLUMNS = {
    "name": {"role": "identifier", "type": "category"},
    **DATASET["columns"],
    "age": {"role": "quasi-identifier", "type": "integer"},
    "sex": {"role": "quasi-identifier", "type": "category", "hierarchy": {"file": "sex.csv"}},
}
ENCODED = {**COLUMNS["sex"], "encoding": ["f", "m", "", "*"]}


@pytest.fixture
def mixed(experiment):
    table = make_table().assign(name=[f"person {number}" for number in range(120)])
    table.loc[:9, "age"] = None
    table.loc[5:7, "sex"] = None
    table["age"] = table["age"].astype("Int64")
    table.to_csv(experiment.folder / "data/tiny.csv", index=False, sep=";")
    experiment.write("data/sex.csv", "f;*\nm;*\n")
    experiment.describe_dataset(columns={**COLUMNS, "sex": ENCODED}, separator=";")
    experiment.configure(
        methods=["mondrian", "knn_clustering"], release={"method": "mondrian", "k": 4}
    )
    return experiment


def test_what_is_required_beside_k_is_kept(mixed):
    rule = {"attribute": "ill", "model": "distinct_l_diversity", "l": 2}
    mixed.configure(
        methods=["mondrian"], release={"method": "mondrian", "k": 4}, requirements=[rule]
    )
    run = mixed.snakemake("results/anonymized/mondrian/k4.parquet")
    assert run.returncode == 0, run.stdout + run.stderr
    table = read_table(mixed.folder / "results/anonymized/mondrian/k4.parquet")
    assert measure_privacy(table.frame, ["sex", "age"], "ill").distinct_l == 2
    assert table.provenance["steps"][-1]["requirements"] == [rule]


def test_a_method_that_takes_no_ranges_stops_with_how_to_mend_it(mixed):
    run = mixed.snakemake("results/anonymized/arx/k4.parquet")
    assert run.returncode == 1
    assert (
        "error: 'age' has no hierarchy, and the method takes no ranges" in run.stdout + run.stderr
    )
    assert "Traceback" not in run.stdout + run.stderr


def test_a_hierarchy_that_is_nowhere_is_told(mixed):
    (mixed.folder / "data/sex.csv").unlink()
    run = mixed.snakemake("results/anonymized/mondrian/k4.parquet")
    assert run.returncode == 1
    assert "the hierarchy sex.csv is in none of data" in run.stdout + run.stderr
