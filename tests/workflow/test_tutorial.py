"""The tutorial does what it says, from the CSV to the archive."""

import json
import zipfile

import pandas as pd
import pytest
from tests.profile import CHOSEN
from tests.workflow.documentation import DOCS, Example, copy_project, follow, read_examples

# The page prints nothing of what is repeated or left out here; `finished` has all evaluations.
CHEAPER = Example(
    "change: config/clinic.yaml",
    "yaml",
    "{repeats: 1, evaluations: [information_loss, anonymity, trade_off]}",
)


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """A copy of the project in which the whole page was followed."""
    project = copy_project(tmp_path_factory.mktemp("tutorial"))
    examples = read_examples(DOCS / "tutorial.md")
    if CHOSEN != "full":
        last = max(n for n, each in enumerate(examples) if each.changed_file)
        examples.insert(last + 1, CHEAPER)
    follow(project, examples)
    return project


def test_the_release_has_no_identifier_and_twelve_alike(project):
    release = pd.read_csv(project / "results/clinic/release/clinic.csv", keep_default_na=False)
    assert not {"patient", "name"} & set(release.columns)
    classes = release.groupby(["age", "sex", "zip", "admitted", "smoker"]).size()
    assert (len(release), classes.min()) == (2000, 12)


def test_the_assessment_does_not_lie_where_the_release_is_handed_out_from(project):
    path = project / "clinic.assessment.json"
    assert json.loads(path.read_text())["risk"]["achieved_k"] == 12


def test_the_archive_has_the_choice_and_no_patient(project):
    with zipfile.ZipFile(project / "results/clinic/archive.zip") as archive:
        names = archive.namelist()
        report = next(name for name in names if name.endswith("report.html"))
        assert "Gro Ek" not in archive.read(report).decode()
    assert any(name.endswith("clinic.yaml") for name in names)
    assert not any("clinic.csv" in name or name.endswith(".parquet") for name in names)
