"""A run on a confidential table: what is published is read back from the files themselves."""

import hashlib
import json
import re
import zipfile
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest
from tests.profile import in_full
from tests.workflow.conftest import Experiment, make_experiment, make_table

pytestmark = in_full

K = 4


@pytest.fixture(scope="module")
def confidential(tmp_path_factory) -> Experiment:
    """A run of a table with two people of whom there are no others, who are suppressed."""
    experiment = make_experiment(tmp_path_factory.mktemp("confidential"))
    table = make_table()
    table.loc[:1, "sex"] = "x"
    table.to_csv(experiment.folder / "data/tiny.csv", index=False)
    digest = hashlib.sha256((experiment.folder / "data/tiny.csv").read_bytes()).hexdigest()
    # The default is confidential.
    experiment.describe_dataset(sha256=digest)
    described = experiment.folder / "config/datasets/tiny.yaml"
    described.write_text(described.read_text().replace("confidential: false\n", ""))
    experiment.configure(
        seed=None,
        methods=["arx"],
        k_values=[K],
        deletions=[50],
        repeats=2,
        classifiers=["naive_bayes"],
        membership={"members": 40, "shadow_models": 2, "repeats": 1},
    )
    run = experiment.snakemake("all", "archive")
    assert run.returncode == 0, run.stdout + run.stderr
    return experiment


@pytest.fixture(scope="module")
def suppressed(confidential) -> int:
    release = pd.read_parquet(confidential.folder / f"results/anonymized/arx/k{K}.parquet")
    number = int(release["is_suppressed"].sum())
    assert 0 < number < K
    return number


def read(experiment: Experiment, name: str) -> pd.DataFrame:
    return pd.read_csv(experiment.folder / f"results/tables/{name}.csv")


def list_published(experiment: Experiment) -> dict[str, bytes]:
    """Return what is published: tables, figures and page, and what the archive has."""
    results = experiment.folder / "results"
    places = [*results.glob("tables/*"), *results.glob("figures/*"), results / "report.html"]
    found = {str(path): path.read_bytes() for path in places}
    with zipfile.ZipFile(results / "archive.zip") as archive:
        return found | {name: archive.read(name) for name in archive.namelist()}


def test_no_published_file_has_the_hash_of_the_table_or_the_secret(confidential):
    results = confidential.folder / "results"
    digest = hashlib.sha256((confidential.folder / "data/tiny.csv").read_bytes()).hexdigest()
    assert json.loads((results / "dataset/tiny.json").read_text())["sha256"] == digest
    secret = results / "dataset/tiny.key"
    assert secret.stat().st_mode & 0o777 == 0o600
    published = list_published(confidential)
    assert len(published) > 300
    for text in (digest, secret.read_text()):
        assert not [name for name, content in published.items() if text.encode() in content]
    assert not [name for name in published if name.endswith(".key")]


def test_no_release_has_the_hash_of_the_table(confidential):
    digest = hashlib.sha256((confidential.folder / "data/tiny.csv").read_bytes()).hexdigest()
    releases = list((confidential.folder / "results").rglob("*.parquet"))
    assert len(releases) > 3
    assert not [path for path in releases if digest.encode() in path.read_bytes()]


def test_how_many_are_suppressed_is_told_nowhere(confidential, suppressed):
    for name in ("info_loss", "trade_off"):
        table = read(confidential, name)
        assert table["suppressed_records"].isna().all(), name
    risks = read(confidential, "anonymity").set_index(["data", "measure"])["value"]
    assert risks[:, "suppressed_records"].isna().all()
    # The original has as many records as the release and those that are suppressed.
    assert risks["original"].isna().all()
    assert not read(confidential, "equivalence_classes")["is_suppressed"].any()
    told = re.compile(rf'"?suppressed.records"?(?::| =) {suppressed}\b')
    for name, content in list_published(confidential).items():
        if Path(name).suffix in (".json", ".html"):
            assert not told.search(content.decode()), name


def test_no_group_of_a_distribution_is_of_few(confidential):
    for name in ("level_by_age", "ill_by_sex"):
        table = read(confidential, name)
        assert (
            table.loc[table["is_masked"], ["value", "scaled_value", "records"]]
            .isna()
            .all(axis=None)
        )
        shown = table[~table["is_masked"]]
        assert ((shown["records"] == 0) | (shown["records"] >= K)).all()
    ill = read(confidential, "ill_by_sex").query("~is_masked")
    for number in (ill["value"], ill["records"] - ill["value"]):
        assert ((number == 0) | (number >= K)).all()


def test_the_original_less_the_release_is_not_that_of_the_suppressed(confidential, suppressed):
    for name in ("level_by_age", "ill_by_sex"):
        before = read(confidential, name).query("data == 'original'")
        # Without a masked group, the sum over all groups would be that of the whole table.
        assert before["is_masked"].sum() >= 2


def test_the_page_says_that_cells_are_masked(confidential):
    page = (confidential.folder / "results/report.html").read_text()
    assert "cells about fewer than k people are masked" in page
    assert "fewer than k." in page


def test_the_folder_of_the_release_has_what_may_leave_and_nothing_else(confidential, suppressed):
    folder = confidential.folder / "results/release"
    assert sorted(path.name for path in folder.iterdir()) == ["tiny.csv", "tiny.csv-metadata.json"]
    read = pd.read_csv(folder / "tiny.csv", keep_default_na=False, dtype=str)
    described = json.loads((folder / "tiny.csv-metadata.json").read_text())
    assert [column["name"] for column in described["tableSchema"]["columns"]] == list(read)
    by_role = {column["name"]: column["role"] for column in described["tableSchema"]["columns"]}
    names = [name for name, role in by_role.items() if role == "quasi-identifier"]
    sizes = read.groupby(names).size()
    privacy = described["privacy"]
    assert described["records"] == len(read)
    assert (privacy["classes"], privacy["smallest_class"]) == (len(sizes), sizes.min())
    assert privacy["suppressed_and_left_out"] == "fewer than k"
    # Sorted by what it shows.
    rows = [tuple(row) for row in read.itertuples(index=False)]
    assert rows == sorted(rows)
    secret = (confidential.folder / "results/dataset/tiny.key").read_text()
    for word in ("seed", "sha256", "hmac", secret):
        assert word not in (folder / "tiny.csv-metadata.json").read_text()


def test_the_seed_is_secret_and_no_file_but_its_own_has_it(confidential):
    path = confidential.folder / "results/dataset/tiny.key"
    with_secret = [
        file
        for file in confidential.folder.rglob("*")
        if file.is_file() and path.read_bytes() in file.read_bytes()
    ]
    assert with_secret == [path]
    release = pq.read_schema(confidential.folder / f"results/anonymized/arx/k{K}.parquet")
    steps = json.loads(release.metadata[b"anonify.provenance"])["steps"]
    assert [step["seed"] for step in steps] == ["results/dataset/tiny.key"]
