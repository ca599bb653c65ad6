"""A release of sets and ranges, end to end, in memory and from file to file."""

import numpy as np
import pandas as pd
import pytest
from tests.profile import takes_long, takes_longest
from tests.workflow.conftest import DATASET, TABLES, make_table

from anonify.tables.storage import read_table

TOWNS = ["Aln", "Brae, the", "Carn {N}", "Dun", "Esk"]

COLUMNS = {
    "town": {
        "role": "quasi-identifier",
        "type": "category",
        "hierarchy": {"tree": {"North": TOWNS[:2], "South": TOWNS[2:]}},
        "encoding": [*TOWNS, "", "North", "South", "*"],
    },
    **DATASET["columns"],
    "born": {
        "role": "quasi-identifier",
        "type": "date",
        "hierarchy": {"dates": ["month", "year"]},
        "least_level": 1,
    },
}
DISTRIBUTIONS = {
    **DATASET["distributions"],
    "ill_by_town": {
        "statistic": "count",
        "attribute": "ill",
        "value": 1,
        "label": "Ill records",
        "by": "town",
        "by_label": "Town",
        "values": ["North", "South"],
    },
}


@pytest.fixture
def sets(experiment):
    generator = np.random.default_rng(3)
    table = make_table()
    town = generator.choice([*TOWNS, ""], len(table))
    born = pd.to_datetime("2001-01-01") + pd.to_timedelta(generator.integers(0, 900, 120), "D")
    table = table.assign(town=town, born=born.strftime("%Y-%m-%d"))
    table[[*COLUMNS]].to_csv(experiment.folder / "data/tiny.csv", index=False)
    experiment.describe_dataset(
        columns=COLUMNS, distributions=DISTRIBUTIONS, releases={}, synthetic={}
    )
    experiment.configure(
        methods=["ncp_mondrian", "mondrian"],
        release={"method": "ncp_mondrian", "k": 4},
        k_values=[4],
        deletions=[30],
        shown_deletion=30,
        classifier_repeats=1,
    )
    return experiment


@takes_longest
def test_everything_is_made_of_it(sets):
    run = sets.snakemake("all")
    assert run.returncode == 0, run.stdout + run.stderr
    release = read_table(sets.folder / "results/anonymized/ncp_mondrian/k4.parquet").frame
    assert any(label.startswith("{") for label in release["town"].astype(str))
    assert any(label.startswith("[") for label in release["age"].astype(str))
    assert any(label.startswith("{20") for label in release["born"].astype(str))
    loss = pd.read_csv(sets.folder / "results/tables/info_loss.csv").set_index(["method", "k"])
    assert (loss.loc["ncp_mondrian", "ncp"] < loss.loc["mondrian", "ncp"]).all()


@takes_long
def test_all_is_measured_of_the_classes_of_any_method_so(sets):
    loss = {}
    for labels in ("nodes", "sets"):
        sets.configure(methods=["arx", "oka"], labels=labels, run=labels)
        folder = sets.folder / "results" / labels
        wanted = TABLES if labels == "sets" else ["tables/info_loss.csv"]
        run = sets.snakemake(*(f"results/{labels}/{path}" for path in wanted))
        assert run.returncode == 0, run.stdout + run.stderr
        loss[labels] = pd.read_csv(folder / "tables/info_loss.csv").set_index(["method", "k"])
    assert (loss["sets"]["ncp"] < loss["nodes"]["ncp"]).all()
    for method in ("arx", "oka"):
        released = read_table(folder / f"anonymized/{method}/k4.parquet")
        assert released.provenance["steps"][-1]["labels"] == "sets"
        labels = {name: released.frame[name].astype(str) for name in ("town", "age", "born")}
        assert any(label.startswith("{") for label in labels["town"])
        assert any(label.startswith("[") for label in labels["age"])
        assert any(label.startswith("{20") for label in labels["born"])
    attack = read_table(folder / "measures/membership/arx/k4/deletion30.parquet")
    assert attack.provenance["steps"][-1]["labels"] == "sets"


@takes_long
@pytest.mark.parametrize(("method", "labels"), [("ncp_mondrian", "nodes"), ("mondrian", "sets")])
def test_it_is_the_same_from_file_to_file(sets, method, labels):
    target = f"results/anonymized/{method}/k4.parquet"
    frames = []
    for engine in ("memory", "duckdb"):
        sets.configure(
            methods=[method], release={"method": method, "k": 4}, labels=labels, engine=engine
        )
        run = sets.snakemake(target, "--forceall")
        assert run.returncode == 0, run.stdout + run.stderr
        frames.append(read_table(sets.folder / target).frame)
    pd.testing.assert_frame_equal(*frames)
