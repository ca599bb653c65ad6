"""The rules of the benchmark: what they depend on, and a small run of them."""

import re
import shutil
from pathlib import Path

import pandas as pd
import pytest
from tests.profile import takes_long
from tests.workflow.conftest import PROJECT, make_experiment
from tests.workflow.test_run import list_imports

SCRIPTS = PROJECT / "scripts"
PEERS = PROJECT / ".venv-peers"
METHOD = "arx"
SIZES = {
    "benchmark_scaling": {"RECORDS": "(300, 600)", "ATTRIBUTES": "()"},
    # Of the real tables none, wherever their packages are.
    "compare_peers": {
        "GENERATED_RECORDS, GENERATED": "400, (1, 2)",
        "ADULT, DIABETES, CENSUS, SURVEY": "(), (), (), ()",
    },
}
TARGETS = (
    "results/benchmarks/adult.csv",
    "results/benchmarks/scaling.png",
    "results/benchmarks/peers.png",
)
SCALES = tuple(f"results/benchmarks/scale/{records}.csv" for records in (600, 1_200, 2_400))


STEPS = [
    ("any", "prepare"),
    ("memory", "anonymize"),
    ("memory", "sample"),
    ("duckdb", "anonymize"),
    ("duckdb", "sample"),
    ("any", "export"),
]

pytestmark = takes_long


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """A copy of the project with one method and small tables."""
    project = tmp_path_factory.mktemp("project")
    for name in ("rules", "scripts", "config", "profiles", "envs"):
        shutil.copytree(PROJECT / name, project / name)
    shutil.copy(PROJECT / "Snakefile", project)
    for path in (project / "scripts/anonify/methods").glob("[a-z]*.py"):
        if path.stem not in (METHOD, "recoding"):
            path.unlink()
    for name, sizes in SIZES.items():
        script = project / f"scripts/{name}.py"
        text = script.read_text()
        for constant, value in sizes.items():
            text = re.sub(rf"^{constant} = .*", f"{constant} = {value}", text, flags=re.MULTILINE)
        script.write_text(text)
    return project


@pytest.fixture(scope="module")
def experiment(project, tmp_path_factory):
    """A run of it, without Adult."""
    experiment = make_experiment(tmp_path_factory.mktemp("run"))
    experiment.configure(methods=[METHOD])
    if PEERS.exists():
        (experiment.folder / ".venv-peers").symlink_to(PEERS)
    run = experiment.snakemake(*TARGETS, snakefile=project / "Snakefile")
    assert run.returncode == 0, run.stdout + run.stderr
    return experiment


@pytest.fixture(scope="module")
def results(experiment):
    return experiment.folder / "results"


def test_a_method_is_measured_at_every_size(results):
    table = pd.read_csv(results / "benchmarks/scaling.csv")
    ours = table[table["library"] == "anonify"]
    assert ours["name"].tolist() == [METHOD, METHOD]
    assert ours["size"].tolist() == [300, 600]
    assert (table["cpu_seconds"] > 0).all()
    assert (table["peak_megabytes"] > table["added_megabytes"]).all()


def test_peers_are_measured_where_they_are_installed_or_named_in_the_log(results):
    table = pd.read_csv(results / "benchmarks/scaling.csv")
    log = (results / "logs/benchmarks/scaling.log").read_text()
    for peer in ("anjana", "anonypy"):
        assert (peer in set(table["name"])) != (f"{peer} is left out" in log)


def test_growth_and_the_figure_come_with_it(results):
    growth = pd.read_csv(results / "benchmarks/growth.csv")
    assert METHOD in set(growth["name"])
    assert {path.suffix for path in (results / "benchmarks").glob("scaling.*")} == {
        ".csv",
        ".pdf",
        ".png",
    }


def test_methods_and_libraries_are_compared_and_drawn(results):
    table = pd.read_csv(results / "benchmarks/peers.csv")
    made_up = table[table["table"] == "generated"]
    assert set(made_up["attributes"]) == {1, 2}
    ours = made_up[made_up["library"] == "anonify"]
    assert set(ours["name"]) == {METHOD, f"{METHOD}, sets"}
    assert set(ours["covers"]) == {"yes"}
    assert (ours["achieved_k"] >= ours["k"]).all()
    log = (results / "logs/benchmarks/peers.log").read_text()
    for peer in ("anjana", "anonypy", "anonypyx"):
        assert (peer in set(table["name"])) != (f"{peer} is left out" in log)
    assert {path.suffix for path in (results / "benchmarks").glob("peers.*")} == {
        ".csv",
        ".pdf",
        ".png",
    }


def test_adult_is_left_out_with_a_sentence_where_it_is_not(results):
    assert pd.read_csv(results / "benchmarks/adult.csv").empty
    assert "Adult is left out: adult.csv" in (results / "logs/benchmarks/adult.log").read_text()


def test_a_rule_depends_on_what_its_script_and_its_processes_import(experiment, project):
    run = experiment.snakemake(*TARGETS, "--detailed-summary", snakefile=project / "Snakefile")
    rows = [line.split("\t") for line in run.stdout.splitlines()[1:]]
    inputs = {row[2]: row[4].split(",") for row in rows}
    for rule in ("benchmark_adult", "benchmark_scaling", "compare_peers"):
        code = {path for path in map(Path, inputs[rule]) if path.suffix == ".py"}
        known = {str(path.relative_to(project / "scripts")) for path in code}
        loaded = list_imports(
            *(rule, "anonify.releases.recode", "anonify.recoding.tightening"),
            f"anonify.methods.{METHOD}",
        )
        assert known == loaded | {"benchmark_worker.py"}, rule


@pytest.fixture(scope="module")
def scale(experiment, project):
    """Three sizes, measured one by one, and put together."""
    for target in (*SCALES, "results/benchmarks/scale.csv"):
        run = experiment.snakemake(target, snakefile=project / "Snakefile")
        assert run.returncode == 0, run.stdout + run.stderr
    return pd.read_csv(experiment.folder / "results/benchmarks/scale.csv")


def test_each_engine_is_measured_at_each_size(scale):
    measured = scale[
        (scale["note"] != "extrapolated") & ~scale["engine"].isin(("anjana", "anonypy"))
    ]
    steps = measured.groupby("records").apply(
        lambda part: [*zip(part["engine"], part["step"], strict=True)], include_groups=False
    )
    assert steps.to_dict() == dict.fromkeys((600, 1_200, 2_400), STEPS)
    assert (measured[["cpu_seconds", "peak_megabytes", "written_megabytes"]] > 0).all(axis=None)


def test_other_libraries_are_measured_or_it_is_said_why_not(scale):
    peers = scale[scale["engine"].isin(("anjana", "anonypy"))]
    assert len(peers) == 6
    assert (peers["cpu_seconds"].notna() != (peers["note"] == "not installed")).all()


def test_a_billion_records_are_extrapolated_and_drawn(scale, results):
    expected = scale[scale["note"] == "extrapolated"]
    assert set(expected["records"]) == {10**9}
    assert [*zip(expected["engine"], expected["step"], strict=True)] == STEPS
    figures = {path.suffix for path in (results / "benchmarks").glob("scale.*")}
    assert figures == {".csv", ".pdf", ".png", ".svg"}
