"""The platform's own tests, and the example of its page, over our names.

Both are in the source distribution of anomed-anonymizer, which ``.ci/platform`` fetches.
"""

import os
import re
import subprocess
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import numpy as np
import pytest
import requests
from tests.anomed.servers import PROJECT, pack, serving, unpack
from tests.workflow.documentation import read_examples

PAGE = PROJECT / "docs/how-to/anomed.md"
# What differs on purpose, by what is told where it does; the page gives the reasons.
DIFFERENCES = {
    # There is a default, and so it tries to write the file.
    "test_raising_WrappedAnonymizer": "FileNotFoundError",
    "test_failing_fit_invocation_data": "'422 Unprocessable Entity' == '500 Internal Server Error'",
    "test_failing_utility_evaluation_submission": (
        "'424 Failed Dependency' == '500 Internal Server Error'"
    ),
}
NEEDS_OTHER_LIBRARIES = {"test_TFKerasWrapper", "test_TorchAnonymizer"}


@pytest.fixture(scope="module")
def source():
    """The source distribution of anomed-anonymizer."""
    if not (path := os.environ.get("ANONIFY_PLATFORM")):
        pytest.skip("needs the platform's source distribution, which .ci/platform fetches")
    return Path(path)


@pytest.fixture(scope="module")
def outcomes(source, anomed_python, tmp_path_factory):
    """What came of each of its tests, with a module of its name that gives our names."""
    folder = tmp_path_factory.mktemp("platform")
    (folder / "anomed_anonymizer.py").write_text("from anonify.anomed import *\n")
    results = folder / "results.xml"
    command = [anomed_python, "-m", "pytest", "-p", "no:cacheprovider", "tests"]
    done = subprocess.run(
        [*command, f"--junitxml={results}"],
        cwd=source,
        env={**os.environ, "PYTHONPATH": f"{folder}:{PROJECT / 'scripts'}"},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert results.exists(), done.stdout + done.stderr
    cases = list(ElementTree.parse(results).iter("testcase"))
    print(done.stdout[-500:])
    return {case.get("name"): {part.tag: part.get("message") for part in case} for case in cases}


def test_the_platform_s_tests_pass_but_for_what_differs_on_purpose(outcomes):
    wrong = {name: parts for name, parts in outcomes.items() if {"failure", "error"} & set(parts)}
    assert set(wrong) == set(DIFFERENCES)
    for name, told in DIFFERENCES.items():
        assert told in wrong[name]["failure"]
    assert {name for name, parts in outcomes.items() if "skipped" in parts} == NEEDS_OTHER_LIBRARIES


def test_the_page_lists_what_differs_and_how_many_pass(outcomes):
    page = " ".join(PAGE.read_text(encoding="utf-8").split())
    assert set(re.findall(r"\| `(test_\w+)` \|", page)) == set(DIFFERENCES)
    passed = sum(not parts for parts in outcomes.values())
    assert f"Of {len(outcomes)}, {passed} pass" in page


def test_the_example_of_the_platform_s_page_runs_but_for_its_import(
    source, anomed_python, iris_challenge, tmp_path
):
    [code] = [each.code for each in read_examples(source / "README.md") if "Gaussian" in each.code]
    assert "from diffprivlib.models import GaussianNB" in code
    theirs, ours = "import anomed_anonymizer as anon\n", "import anonify.anomed as anon\n"
    assert code.count(theirs) == 1
    (tmp_path / "example.py").write_text(code.replace(theirs, ours))
    options = {"python": anomed_python, "CHALLENGE_HOST": iris_challenge}
    with serving("example:application", tmp_path, **options) as host:
        assert requests.post(f"http://{host}/fit").status_code == 201
        tuned = requests.post(f"http://{host}/evaluate", params={"data_split": "tuning"})
        assert tuned.status_code == 201
        # It is private by noise, which may leave it no better than chance.
        assert 0 <= tuned.json()["evaluation"]["accuracy"] <= 1
        answer = requests.post(f"http://{host}/predict", data=pack(X=np.full((9, 4), 1.5)))
        assert answer.status_code == 201
        assert set(unpack(answer.content)["prediction"]) <= {0, 1, 2}
        refused = requests.post(f"http://{host}/predict", data=pack(X=np.ones((9, 3))))
        assert "needs to have shape (n_samples, 4)" in refused.json()["description"]
        # As it is printed it hands predictions of the training data in for those of validation.
        final = requests.post(f"http://{host}/evaluate", params={"data_split": "validation"})
        assert (final.status_code, final.json()["title"]) == (424, "Refused by the challenge")
