"""A run whose tables go through Spark ends with the files of any other."""

import pandas as pd
import pytest
from tests.profile import takes_long
from tests.workflow.conftest import make_experiment

pytest.importorskip("snakemake", reason="needs the workflow: make test-spark")


def read_results(experiment):
    """Return the files of a run that people read, and its tables as texts."""
    files = experiment.files(".csv", ".json", ".pdf", ".svg", ".png")
    folder = experiment.folder / "results"
    # Each engine writes Parquet in its own way.
    tables = {
        str(path.relative_to(folder)): pd.read_parquet(path).astype("str")
        for path in sorted(folder.rglob("*.parquet"))
    }
    return files, tables


@takes_long
def test_all_of_a_run_is_as_in_memory(configured, tmp_path):
    made = {}
    for engine in ("memory", "spark"):
        experiment = make_experiment(tmp_path / engine)
        (temporary := experiment.folder / "temporary").mkdir()
        experiment.configure(
            engine=engine,
            engine_temp=str(temporary),
            engine_memory="1 GB",
            methods=["arx", "mondrian"],
            k_values=[4],
            deletions=[30],
            shown_deletion=30,
        )
        run = experiment.snakemake("all", "--cores", "1")
        assert run.returncode == 0, run.stdout + run.stderr
        assert not [*temporary.glob("anonify-*")]
        made[engine] = read_results(experiment)
    files, tables = made["spark"]
    expected_files, expected_tables = made["memory"]
    assert files.keys() == expected_files.keys()
    assert [name for name, content in files.items() if content != expected_files[name]] == []
    assert tables.keys() == expected_tables.keys()
    assert [name for name in tables if not tables[name].equals(expected_tables[name])] == []
