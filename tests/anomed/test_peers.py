"""Our servers among the platform's own: a challenge and a deanonymizer of its packages."""

import io
import sys

import numpy as np
import pandas as pd
import pytest
import requests
import yaml
from tests.anomed.servers import HERE, PROJECT, find_port, pack, running, serving, unpack
from tests.profile import takes_longest
from tests.workflow.documentation import edit, read_examples

SPLITS = ("tuning", "validation")


pytestmark = takes_longest


@pytest.fixture
def serve_config(tmp_path):
    """Run ``anonify serve`` with settings."""

    def start(challenge, **settings):
        path = tmp_path / "anomed.yaml"
        settings |= {"identifier": "anonify", "folder": str(tmp_path / "state")}
        path.write_text(yaml.safe_dump(settings))
        port = find_port()
        command = [sys.executable, PROJECT / "scripts/command.py", "serve", "--config", path]
        return running(command, port, tmp_path / "log", CHALLENGE_HOST=challenge, PORT=str(port))

    return start


# Supervised learning


def test_the_example_of_the_documentation_runs(iris_challenge, tmp_path):
    for example in read_examples(PROJECT / "docs/how-to/anomed.md"):
        edit(tmp_path, example)
    application = "example_anonymizer:application"
    with serving(application, tmp_path, CHALLENGE_HOST=iris_challenge) as host:
        alive = requests.get(f"http://{host}/")
        assert (alive.status_code, alive.json()) == (
            200,
            {"message": "Anonymizer server is alive!"},
        )
        assert (
            requests.post(f"http://{host}/predict", data=pack(X=np.ones((1, 4)))).status_code == 503
        )
        fit = requests.post(f"http://{host}/fit")
        assert (fit.status_code, fit.json()) == (
            201,
            {"message": "Fitting has been completed successfully."},
        )
        for split in SPLITS:
            answer = requests.post(f"http://{host}/evaluate", params={"data_split": split})
            assert answer.status_code == 201
            assert answer.json()["message"] == (
                f"The anonymizer has been evaluated based on {split} data."
            )
            assert answer.json()["evaluation"]["accuracy"] > 0.9
        X = np.array([[5.1, 3.5, 1.4, 0.2], [6.3, 3.3, 6.0, 2.5]])
        answer = requests.post(f"http://{host}/predict?batch_size=1", data=pack(X=X))
        assert answer.status_code == 201
        assert unpack(answer.content)["prediction"].tolist() == [0, 2]


@pytest.mark.parametrize("method", ["mondrian", "arx"])
def test_a_classifier_of_anonymized_records_goes_through_the_challenge(
    diabetes_challenge, serve_config, method
):
    settings = {"offer": "classifier", "dataset": "diabetes", "method": method, "k": 250}
    settings |= {"deletion": 30, "classifier": "decision_tree", "seed": 1}
    with serve_config(diabetes_challenge, **settings) as host:
        assert requests.post(f"http://{host}/fit").status_code == 201
        for split in SPLITS:
            answer = requests.post(f"http://{host}/evaluate", params={"data_split": split})
            assert answer.status_code == 201, answer.text
            # 91.5 % have no diabetes.
            assert answer.json()["evaluation"]["accuracy"] > 0.94


def test_a_real_attack_goes_through(anomed_python, iris_challenge, platform, tmp_path):
    application = "applications.iris_anonymized:application"
    port = find_port()
    with serving(application, tmp_path, CHALLENGE_HOST=iris_challenge) as host:
        requests.post(f"http://{host}/fit").raise_for_status()
        command = [anomed_python, HERE / "peers/deanonymizer.py", iris_challenge, host, tmp_path]
        command += [4, 3, port]
        with running(command, port, tmp_path / "attack.log", ANOMED_HOST=platform) as attacker:
            fit = requests.post(f"http://{attacker}/fit")
            assert fit.status_code == 201, (tmp_path / "attack.log").read_text()
            for split in SPLITS:
                answer = requests.post(f"http://{attacker}/evaluate", params={"data_split": split})
                assert answer.status_code == 201
                assert set(answer.json()["evaluation"]) == {"acc", "tpr", "fpr"}


# Tables


@pytest.mark.parametrize(("offer", "scheme"), [("table", "generalization"), ("synthesis", "same")])
def test_a_table_goes_through_the_challenge(
    start_challenge, diabetes_table, serve_config, offer, scheme
):
    leaky = pd.read_parquet(diabetes_table)
    settings = {"offer": offer, "dataset": "diabetes", "k": 50, "deletion": 10, "seed": 1}
    with (
        start_challenge("table", diabetes_table) as challenge,
        serve_config(challenge, **settings) as host,
    ):
        for _ in range(8):  # Whichever worker answers.
            assert requests.get(f"http://{host}/anon_data").status_code == 503
        fit = requests.post(f"http://{host}/fit")
        assert (fit.status_code, fit.json()) == (
            201,
            {"message": "Anonymization has been completed successfully."},
        )
        answers = {requests.get(f"http://{host}/anon_data").content for _ in range(8)}
        assert len(answers) == 1
        release = pd.read_parquet(io.BytesIO(answers.pop()))
        assert requests.get(f"http://{host}/anon_data_scheme").json() == {"scheme": scheme}
        # 10 % of each class are deleted, rounded up.
        assert 0.85 * len(leaky) < len(release) <= 0.9 * len(leaky)
        evaluation = requests.post(f"http://{host}/evaluate")
        assert evaluation.status_code == 201, evaluation.text
        scores = evaluation.json()["evaluation"]
        assert (scores["records"], scores["scheme"]) == (len(release), scheme)
        assert scores["same_types"] == (scheme == "same")
