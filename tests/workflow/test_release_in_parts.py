"""A run that hands its table out in a folder of files."""

import json

import pandas as pd
import pytest
from tests.profile import takes_long

from anonify.base.files import list_files


@takes_long
@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_what_is_handed_out_may_be_a_folder_of_files(experiment, kind):
    read = pd.read_csv if kind == "csv" else pd.read_parquet
    results = experiment.folder / "results"
    target = ["results/verdict.html", f"results/release/tiny.{kind}"]
    experiment.configure(handout_format=kind)
    run = experiment.snakemake(*target)
    assert run.returncode == 0, run.stdout + run.stderr
    whole = read(results / f"release/tiny.{kind}")
    verdict = json.loads((results / "measures/verdict.json").read_text())
    assert (verdict["file"]["name"], verdict["file"]["files"]) == (f"tiny.{kind}", 1)

    experiment.configure(handout_format=kind, handout_records=50)
    run = experiment.snakemake(*target)
    assert run.returncode == 0, run.stdout + run.stderr
    names = [f"part-0000{number}.{kind}" for number in range(1, len(whole) // 50 + 2)]
    folder = results / f"release/tiny.{kind}"
    assert [path.name for path in list_files(folder)] == names
    parts = [read(folder / name) for name in names]
    pd.testing.assert_frame_equal(pd.concat(parts, ignore_index=True), whole)
    described = json.loads((results / f"release/tiny.{kind}-metadata.json").read_text())
    assert described["url"] == f"tiny.{kind}/"
    assert described["parts"] == [
        {"url": f"tiny.{kind}/{name}", "records": len(part)}
        for name, part in zip(names, parts, strict=True)
    ]
    page = (results / "verdict.html").read_text()
    assert f'<a href="release/tiny.{kind}/">release/tiny.{kind}/</a>, {len(names)} files,' in page
    assert "<strong>The folder, should you decide that it may leave:</strong>" in page
    again = experiment.snakemake(*target, "--dry-run")
    assert "Nothing to be done" in again.stdout + again.stderr

    experiment.configure(handout_format=kind)
    run = experiment.snakemake(*target)
    assert run.returncode == 0, run.stdout + run.stderr
    assert len(read(results / f"release/tiny.{kind}")) == len(whole)
    assert folder.is_file()


@takes_long
def test_another_format_replaces_the_first(experiment):
    release = experiment.folder / "results/release"

    def list_made(*targets):
        run = experiment.snakemake(*targets)
        assert run.returncode == 0, run.stdout + run.stderr
        return sorted(path.name for path in release.iterdir())

    csv, parquet = ([f"tiny.{kind}", f"tiny.{kind}-metadata.json"] for kind in ("csv", "parquet"))
    experiment.configure()
    assert list_made("results/release/tiny.csv") == csv
    # Who asks for the other one by its name has both, of the same table.
    assert list_made("results/release/tiny.parquet") == csv + parquet
    experiment.configure(handout_format="parquet", handout_records=50)
    assert list_made("results/release/tiny.parquet") == parquet
    experiment.configure()
    assert list_made("results/release/tiny.csv") == csv
