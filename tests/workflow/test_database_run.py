"""A run on a table of a real database."""

import json

import pandas as pd
import pytest
from tests.postgresql import PASSWORD, find_programs, start_server
from tests.profile import takes_long
from tests.workflow.conftest import DATASET, make_table

PROGRAMS = find_programs()
pytestmark = pytest.mark.skipif(PROGRAMS is None, reason="PostgreSQL's server is not installed")
RELEASE = "results/anonymized/mondrian/k4.csv"
DATABASE = {"system": "postgresql", "table": "visits", "order": ["id"], "uri_variable": "CLINIC"}


@pytest.fixture
def server():
    with start_server(PROGRAMS) as started:
        columns = "id int PRIMARY KEY, sex text, age int, level numeric(3, 1), ill boolean"
        frame = make_table().reset_index()
        values = ", ".join(
            f"({place}, '{sex}', {age}, {level}, {bool(ill)})"
            for place, sex, age, level, ill in frame.itertuples(index=False)
        )
        # As they come to lie on the disk; the order is said by the key.
        started.execute(
            f"CREATE TABLE visits ({columns})",
            f"INSERT INTO visits SELECT * FROM (VALUES {values}) AS v ORDER BY random()",
        )
        yield started


@takes_long
def test_a_run_reads_a_database_and_keeps_its_credentials_to_itself(experiment, server):
    assert experiment.snakemake(RELEASE).returncode == 0
    expected = pd.read_csv(experiment.folder / RELEASE)
    columns = {"id": {"role": "identifier", "type": "integer"}, **DATASET["columns"]}
    columns["ill"] = {"role": "target", "type": "category"}
    description = {
        key: value
        for key, value in DATASET.items()
        if key not in ("file", "synthetic", "distributions")
    }
    description |= {"database": DATABASE, "columns": columns}
    experiment.write("config/datasets/tiny.yaml", json.dumps(description))

    uri = server.get_uri()
    run = experiment.snakemake(RELEASE, CLINIC=uri)
    assert run.returncode == 0, run.stdout + run.stderr
    released = pd.read_csv(experiment.folder / RELEASE)
    expected["ill"] = expected["ill"].astype("bool")
    pd.testing.assert_frame_equal(released, expected)
    record = json.loads((experiment.folder / "results/dataset/tiny.json").read_text())
    assert record["origin"] == "PostgreSQL, table visits"
    for path in experiment.folder.rglob("*"):
        if path.is_file():
            assert PASSWORD.encode() not in path.read_bytes(), path
    assert PASSWORD not in run.stdout + run.stderr

    # The run keeps what it has read: nobody looks whether the database has changed.
    server.execute("DELETE FROM visits WHERE id >= 60")
    again = experiment.snakemake(RELEASE, "--dry-run")
    assert "Nothing to be done" in again.stdout + again.stderr
    anew = ("--forcerun", "download_dataset")
    wrong = experiment.snakemake(RELEASE, *anew, CLINIC=server.get_uri(password="Wr0ng"))
    assert wrong.returncode == 1
    told = wrong.stdout + wrong.stderr
    assert "there is no connection to the database, for the server refuses the user or" in told
    assert "Wr0ng" not in told + "".join(
        path.read_text() for path in (experiment.folder / "logs").rglob("*.log")
    )
    run = experiment.snakemake(RELEASE, *anew, CLINIC=uri)
    assert run.returncode == 0, run.stdout + run.stderr
    assert len(pd.read_csv(experiment.folder / RELEASE)) == 60
