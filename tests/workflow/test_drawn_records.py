"""Classifiers and attacks that learn from drawn records of a table which has more."""

import json

from tests.profile import takes_longest

from anonify.tables.storage import read_table

LEARNED = "Of each table with more than 100 records the classifiers have seen that many"


@takes_longest
def test_what_learns_from_drawn_records_says_so(experiment):
    # The table has 120 records; of a sample fewer are left.
    experiment.configure(
        evaluation_records=100,
        evaluations=["classifiers", "membership"],
        k_values=[4],
        deletions=[50],
        repeats=1,
        classifier_repeats=1,
        classifiers=["naive_bayes"],
        shown_deletion=50,
    )
    run = experiment.snakemake("all")
    assert run.returncode == 0, run.stdout + run.stderr
    results = experiment.folder / "results"
    for name in ("classifiers", "membership"):
        notes = json.loads((results / f"tables/{name}.csv-metadata.json").read_text())["notes"][0]
        steps = [step for step in notes["steps"] if step["step"] == "draw for evaluation"]
        assert [step["records"] for step in steps] == [100]
    measures = results / "measures/classifiers"
    drawn, sampled = (
        [step["step"] for step in read_table(measures / name).provenance["steps"]]
        for name in ("arx/k4/anonymized.parquet", "arx/k4/deletion50/repeat1.parquet")
    )
    assert drawn[-2:] == ["draw for evaluation", "train classifiers"]
    assert "draw for evaluation" not in sampled
    page = (results / "report.html").read_text()
    assert page.count(LEARNED) >= 2
    assert "100 drawn records at most" in (results / "figures/accuracy.svg").read_text()
