"""What tests/workflow/test_archive_run.py does not show: other authors, other datasets."""

import json
import zipfile

import pytest

from anonify.report.archive import Run, write_archive
from anonify.tables.provenance import start_provenance

DATASET = {"name": "clinic", "title": "Clinic", "sha256": "0" * 64, "synthetic": False}
CITATION = {"title": "Pipeline", "license": "MIT", "authors": [{"name": "Some group"}]}


@pytest.fixture
def entities(tmp_path):
    """Archive a run of two files, and return the entities that describe it, by their names."""

    def entities(citation=CITATION, homepage=None, **dataset):
        for name in ("Snakefile", "risks.csv"):
            (tmp_path / name).write_text("x")
        run = Run(
            configuration={"seed": 1, "search_path": ["/home/someone"]},
            provenance=start_provenance({**DATASET, **dataset}),
            homepage=homepage,
            started=0,
            ended=60.4,
            snakemake="9.27.1",
        )
        write_archive(
            tmp_path / "archive.zip",
            {"Snakefile": tmp_path / "Snakefile"},
            {"results/risks.csv": tmp_path / "risks.csv"},
            run,
            citation,
        )
        with zipfile.ZipFile(tmp_path / "archive.zip") as file:
            assert file.read("configuration.yaml") == b"seed: 1\n"
            graph = json.loads(file.read("ro-crate-metadata.json"))["@graph"]
        return {entity["@id"]: entity for entity in graph}

    return entities


def test_times_are_utc_in_whole_seconds(entities):
    run = entities()["#run"]
    times = run["startTime"], run["endTime"]
    assert times == ("1970-01-01T00:00:00+00:00", "1970-01-01T00:01:00+00:00")


def test_the_dataset_is_named_by_its_homepage_where_it_has_one(entities):
    address = "https://example.org/clinic"
    found = entities(homepage=address)
    assert found["#run"]["object"][0] == {"@id": address}
    assert found[address]["sha256"] == "0" * 64


def test_an_archive_of_the_stand_in_says_so(entities):
    found = entities(synthetic=True, homepage="https://example.org/clinic")
    assert found["./"]["name"] == "Pipeline: Clinic (synthetic stand-in)"
    assert "none of the numbers means anything" in found["./"]["description"]
    # The page is that of the real data.
    assert found["#run"]["object"][0] == {"@id": "#dataset"}
    assert "url" not in found["#dataset"]


def test_people_and_groups_are_authors(entities):
    orcid = "https://orcid.org/0000-0000-0000-0000"
    person = {"given-names": "A.", "family-names": "Author", "orcid": orcid}
    group = {"name": "Some group", "website": "https://example.org"}
    found = entities({**CITATION, "authors": [person, group]})
    assert found["./"]["author"] == [{"@id": orcid}, {"@id": "#author2"}]
    assert (found[orcid]["@type"], found[orcid]["name"]) == ("Person", "A. Author")
    assert (found["#author2"]["@type"], found["#author2"]["url"]) == (
        "Organization",
        "https://example.org",
    )


def test_the_paper_is_cited_and_the_repository_named(entities):
    paper = {"type": "article", "title": "Paper", "year": 2024, "doi": "10.1/1"}
    book = {"type": "book", "title": "Book", "year": 2000}
    address = "https://example.org/repository"
    found = entities({**CITATION, "references": [paper, book], "repository-code": address})
    assert found["./"]["citation"] == {"@id": "https://doi.org/10.1/1"}
    assert found["https://doi.org/10.1/1"]["name"] == "Paper"
    assert found["Snakefile"]["url"] == address
