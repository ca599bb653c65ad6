"""The whole workflow on a small table: every rule, the same results however it is run."""

import functools
import json
import os
import re
import shutil
from pathlib import Path

import pandas as pd
from tests.profile import takes_long
from tests.workflow.conftest import CONFIG, DATASET, PROJECT, TERMINAL, make_experiment, make_table
from tests.workflow.warm import get_warm_python

from anonify.settings.parts import SECTIONS, list_parts

SCRIPTS = PROJECT / "scripts"


def test_every_figure_comes_as_pdf_png_and_svg(finished):
    stems = {name.rsplit(".", 1)[0] for name in finished.files(".pdf")}
    assert stems == {
        f"figures/{name}" for part in list_parts(DATASET, CONFIG) for name in part.figures
    }
    assert {name.rsplit(".", 1)[0] for name in finished.files(".png")} == stems
    narrow = {stem.replace("figures/", "figures/narrow/") for stem in stems}
    assert {name.rsplit(".", 1)[0] for name in finished.files(".svg")} == stems | narrow


def test_every_table_is_described_beside_it(finished):
    for name in finished.files(".csv"):
        if name.startswith("tables/"):
            path = finished.folder / "results" / f"{name}-metadata.json"
            described = json.loads(path.read_text())
            columns = [column["name"] for column in described["tableSchema"]["columns"]]
            assert columns == list(pd.read_csv(finished.folder / "results" / name).columns)
            assert described["notes"][0]["dataset"]["name"] == "tiny"


def test_a_second_run_does_nothing(finished):
    run = finished.snakemake("all", "--dry-run")
    assert "Nothing to be done" in run.stdout + run.stderr


def list_jobs(finished) -> list[tuple[str, str, str]]:
    """Return number, count and words of each job as the terminal had them."""
    text = (finished.folder / TERMINAL).read_text()
    return re.findall(r"^\[ *(\d+)/(\d+)\] (.*)$", text, re.MULTILINE)


def test_the_terminal_has_a_line_for_each_job_and_little_else(finished):
    jobs = list_jobs(finished)
    count = len(jobs)
    assert [(int(number), int(of)) for number, of, _ in jobs] == [
        (number, count) for number in range(1, count + 1)
    ]
    ended = finished.folder / "results/benchmarks"
    assert count == len(list(ended.rglob("*.tsv")))
    lines = (finished.folder / TERMINAL).read_text().splitlines()
    others = [line for line in lines if line.strip() and not line.startswith("[")]
    known = ("Using workflow specific profile", "Elapsed time: ", "results/")
    assert [line for line in others if not line.startswith(known)] == []
    assert len(others) < 10


def test_what_is_handed_out_is_made_before_anything_is_evaluated(finished):
    jobs = [job for _, _, job in list_jobs(finished)]
    handed_out = jobs.index("Writing what may be handed out, results/release/tiny.csv")
    evaluating = ("Measuring", "Drawing", "Training", "Attacking")
    assert handed_out < min(n for n, job in enumerate(jobs) if job.startswith(evaluating))
    assert jobs[-1].startswith("Writing the report")


def test_the_release_needs_no_evaluation(experiment):
    run = experiment.snakemake("release", "--dry-run")
    rules = set(re.findall(r"^(\w+) +\d+$", run.stdout + run.stderr, re.MULTILINE))
    assert rules == {
        "download_dataset",
        "prepare_dataset",
        "anonymize",
        "sample",
        "hand_out",
        "judge",
        "write_verdict",
        "release",
        "total",
    }


def test_what_is_not_to_be_evaluated_is_not_in_the_report(continued):
    continued.configure(evaluations=["attribute_inference"])
    run = continued.snakemake("all")
    assert run.returncode == 0, run.stdout + run.stderr
    page = (continued.folder / "results/report.html").read_text()
    sections = re.findall(r'<section id="(\w+)"', page)
    assert {*sections} & {*SECTIONS} == {"attribute_inference"}
    assert "Classifiers reach" not in page


def test_results_are_the_same_for_a_module(finished, tmp_path):
    other = make_experiment(tmp_path)
    module = other.write(
        "Snakefile",
        f"""
configfile: "experiment.yaml"

module anonify:
    snakefile: "{PROJECT / "Snakefile"}"
    config: config

use rule * from anonify

rule everything:
    input: rules.all.input
""",
    )
    plan = other.snakemake("everything", "--dry-run", snakefile=module)
    whole = len(list_jobs(finished)) + 1
    assert re.search(rf"^total +{whole}$", plan.stdout + plan.stderr, re.MULTILINE)
    run = other.snakemake("release", "results/figures/info_loss.pdf", snakefile=module)
    assert run.returncode == 0, run.stdout + run.stderr
    kinds = (".csv", ".json", ".parquet", ".pdf", ".svg", ".png")
    ours, theirs = finished.files(*kinds), other.files(*kinds)
    assert "figures/info_loss.pdf" in theirs
    assert [name for name in theirs if ours[name] != theirs[name]] == []


def test_a_single_figure_needs_no_other_evaluation(experiment):
    run = experiment.snakemake("results/figures/info_loss.pdf", "--dry-run")
    rules = set(re.findall(r"^(\w+) +\d+$", run.stdout + run.stderr, re.MULTILINE))
    assert rules == {
        "download_dataset",
        "prepare_dataset",
        "anonymize",
        "measure_information_loss",
        "plot_information_loss",
        "total",
    }


def test_the_speed_of_the_library_is_measured(continued):
    run = continued.snakemake("results/benchmarks/library.csv")
    assert run.returncode == 0, run.stdout + run.stderr
    table = pd.read_csv(continued.folder / "results/benchmarks/library.csv")
    assert len(table) == 3 * 2 + 2
    assert (table["seconds"] > 0).all()


def test_a_released_table_can_be_had_as_csv(continued):
    run = continued.snakemake("results/sampled/arx/k4/deletion50/repeat1.csv")
    assert run.returncode == 0, run.stdout + run.stderr
    path = continued.folder / "results/sampled/arx/k4/deletion50/repeat1.csv"
    assert list(pd.read_csv(path).columns) == ["sex", "age", "level", "ill"]


def test_the_workflow_passes_snakemakes_linter():
    run = get_warm_python().run(["-m", "snakemake", "--lint"], PROJECT, os.environ)
    assert run.returncode == 0, run.stdout + run.stderr


# A change of the library reruns what depends on it.


def list_inputs(experiment) -> dict[str, set[str]]:
    """Return the code that each rule has as inputs, by the workflow's own account."""
    run = experiment.snakemake("all", "--detailed-summary")
    inputs: dict[str, set[str]] = {}
    for line in run.stdout.splitlines()[1:]:
        fields = line.split("\t")
        names = fields[4].split(",")
        code = {path for path in map(Path, names) if path.suffix == ".py"}
        inputs.setdefault(fields[2], set()).update(str(path.relative_to(SCRIPTS)) for path in code)
    return inputs


# What a module imports in a function, not as it starts.
LATE = {
    "anonify.engines.database": [
        "anonify.engines.duckdb_database",
        "anonify.engines.spark_database",
    ],
    "anonify.measures.population": ["anonify.measures.uniqueness"],
}


@functools.cache
def list_imports(script: str, *modules: str) -> set[str]:
    """Return the files beside a script that are loaded when it and some modules are imported.

    Those that are imported late are among them.
    """
    code = (
        f"import sys; sys.path.insert(0, {str(SCRIPTS)!r}); import {script}\n"
        + "".join(f"import {module}\n" for module in modules)
        + f"for module, late in {LATE}.items():\n"
        + "    for name in late if module in sys.modules else []:\n"
        + "        __import__(name)\n"
        + "print(*[getattr(module, '__file__', '') for module in sys.modules.values()])"
    )
    run = get_warm_python().run(["-c", code], PROJECT, os.environ)
    assert run.returncode == 0, run.stderr
    loaded = (Path(name) for name in run.stdout.split())
    files = {str(path.relative_to(SCRIPTS)) for path in loaded if path.is_relative_to(SCRIPTS)}
    return files - {f"{script}.py"}


def list_scripts() -> dict[str, str]:
    """Return the script of each rule, as written in the rules."""
    text = "".join(path.read_text() for path in (PROJECT / "rules").glob("*.smk"))
    pairs = re.findall(r'^rule (\w+):.*?\.\./scripts/(\w+)\.py"', text, re.MULTILINE | re.DOTALL)
    scripts = dict(pairs)
    twins = re.findall(r"^use rule (\w+) as (\w+) with:", text, re.MULTILINE)
    return scripts | {twin: scripts[rule] for rule, twin in twins}


def test_each_rule_depends_on_the_modules_that_its_script_imports_and_no_others(finished):
    methods = [f"anonify.methods.{name}" for name in ("arx", "mondrian", "oka")]
    scripts = list_scripts()
    checked = list_inputs(finished)
    assert len(checked) >= 14
    for rule, library in checked.items():
        more = {"anonymize": methods, "attack_release": methods[:1]}.get(rule, [])
        assert library == list_imports(scripts[rule], *more), rule


def list_reruns(run) -> list[str]:
    """Return the outputs that a dry run would make because of an edit of the library."""
    text = run.stdout + run.stderr
    return re.findall(r"Job \d+: (.*)\nReason: Updated input files", text)


@takes_long
def test_an_edit_of_a_module_reruns_exactly_the_jobs_that_use_it(tmp_path):
    project = tmp_path / "project"
    for name in ("Snakefile", "rules", "scripts", "config", "profiles", "envs"):
        source = PROJECT / name
        copy = shutil.copytree if source.is_dir() else shutil.copy
        project.mkdir(exist_ok=True)
        copy(source, project / name)
    (tmp_path / "run").mkdir()
    experiment = make_experiment(tmp_path / "run")
    targets = ["results/tables/info_loss.csv", "results/tables/anonymity.csv"]
    run = experiment.snakemake(*targets, snakefile=project / "Snakefile")
    assert run.returncode == 0, run.stdout + run.stderr

    expected = {
        "releases/sampling": [
            "Sampling arx, k = 4, deleting 30 %",
            "Sampling arx, k = 4, deleting 50 %",
        ],
        "methods/oka": ["Anonymizing with oka, k = 4", "Anonymizing with oka, k = 8"],
        "figures/style": [],
    }
    for module, jobs in expected.items():
        path = project / f"scripts/anonify/{module}.py"
        text = path.read_text()
        path.write_text(text + "# edited\n")
        run = experiment.snakemake(*targets, "--dry-run", snakefile=project / "Snakefile")
        assert sorted(list_reruns(run)) == jobs, module
        path.write_text(text)
        run = experiment.snakemake(*targets, "--dry-run", snakefile=project / "Snakefile")
        assert list_reruns(run) == [], module


def test_the_module_of_a_method_is_an_input_of_that_method_alone(finished):
    run = finished.snakemake("all", "--detailed-summary")
    for line in run.stdout.splitlines()[1:]:
        output, _, rule, _, names = line.split("\t")[:5]
        if rule == "anonymize":
            method = Path(output).parent.name
            used = [Path(name).stem for name in names.split(",") if "/methods/" in name]
            assert set(used) == {"__init__", method}


# What comes out is what the table says.


def test_the_anonymized_table_keeps_every_record_and_no_order(finished):
    release = pd.read_parquet(finished.folder / "results/anonymized/arx/k4.parquet")
    original = make_table()
    assert sorted(release["level"]) == sorted(original["level"])
    assert list(release["level"]) != list(original["level"])


def test_samples_lose_the_ceiling_of_the_deletion_from_each_class(finished):
    results = finished.folder / "results"
    names = ["sex", "age"]
    before = pd.read_parquet(results / "anonymized/arx/k4.parquet").groupby(names, observed=True)
    for repeat in (1, 2):
        path = results / f"sampled/arx/k4/deletion30/repeat{repeat}.parquet"
        after = pd.read_parquet(path).groupby(names, observed=True).size()
        for values, size in before.size().items():
            assert after.get(values, 0) == size - -(-30 * size // 100)


def test_repeats_are_different_samples(finished):
    folder = finished.folder / "results/sampled/arx/k4/deletion50"
    first, second = (pd.read_parquet(folder / f"repeat{n}.parquet") for n in (1, 2))
    assert not first.equals(second)
