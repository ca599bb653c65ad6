"""The platform's own servers, and the data that they hand out."""

import falcon
import numpy as np
import pandas as pd
import pytest
from falcon.testing import TestClient
from sklearn.datasets import load_iris
from tests.anomed.asking import KIB
from tests.anomed.fake_challenge import fake_challenge
from tests.anomed.servers import HERE, PROJECT, find_port, running

import anonify.anomed as anon
from anonify.base.errors import UserError
from anonify.datasets.described import read_dataset
from anonify.measures.encoding import encode
from anonify.settings.description import read_description


@pytest.fixture(scope="session")
def anomed_python():
    """The Python that has the AnoMed packages."""
    path = PROJECT / ".venv-anomed/bin/python"
    if not path.exists():
        pytest.skip("needs the AnoMed packages: make .venv-anomed/.ready")
    return path


@pytest.fixture(scope="session")
def platform(anomed_python, tmp_path_factory):
    port = find_port()
    log = tmp_path_factory.mktemp("platform") / "log"
    with running([anomed_python, HERE / "peers/submissions.py", port], port, log) as host:
        yield host


@pytest.fixture(scope="session")
def start_challenge(anomed_python, platform, tmp_path_factory):
    def start(kind, path):
        port = find_port()
        log = tmp_path_factory.mktemp("challenge") / "log"
        command = [anomed_python, HERE / "peers/challenge.py", kind, path, port]
        return running(command, port, log, ANOMED_HOST=platform)

    return start


@pytest.fixture(scope="session")
def iris(tmp_path_factory):
    X, y = load_iris(return_X_y=True)
    path = tmp_path_factory.mktemp("iris") / "iris.npz"
    np.savez(path, X=X, y=y)
    return path


@pytest.fixture(scope="session")
def iris_challenge(start_challenge, iris):
    with start_challenge("classes", iris) as host:
        yield host


@pytest.fixture(scope="session")
def diabetes():
    try:
        return read_dataset("diabetes").frame
    except UserError as error:
        pytest.skip(f"needs the dataset: {error}")


@pytest.fixture(scope="session")
def diabetes_challenge(start_challenge, diabetes, tmp_path_factory):
    columns = read_description(PROJECT / "config/datasets/diabetes.yaml", "")["columns"]
    encodings = {name: each["encoding"] for name, each in columns.items() if "encoding" in each}
    described = [each for each in read_dataset("diabetes").columns if each.role != "target"]
    X = encode(diabetes, described, encodings, {}).to_numpy()
    path = tmp_path_factory.mktemp("diabetes") / "diabetes.npz"
    np.savez(path, X=X, y=diabetes["diabetes"].to_numpy())
    with start_challenge("classes", path) as host:
        yield host


@pytest.fixture(scope="session")
def diabetes_table(diabetes, tmp_path_factory):
    """The raw table as a challenge has it: numbers as numbers, categories as text."""
    frame = diabetes.sample(20_000, random_state=1)
    frame = frame.astype({"gender": "str", "smoking_history": "str"})
    frame = frame.assign(
        **{name: pd.to_numeric(frame[name].astype("str")) for name in ("age", "bmi")}
    )
    path = tmp_path_factory.mktemp("table") / "leaky.parquet"
    frame.reset_index(drop=True).to_parquet(path)
    return path


# The classifiers' server in the test's own process


@pytest.fixture
def challenge():
    with fake_challenge() as running:
        yield running


@pytest.fixture
def make_client(challenge, tmp_path):
    """Make clients of servers that share a model file, as worker processes do."""

    def make(model=None, host=None, **parameters):
        base = f"http://{host or challenge.host}"
        estimator = anon.AnonymizedClassifier(k=5, classifier="decision_tree", seed=1)
        application = anon.supervised_learning_anonymizer_server_factory(
            anonymizer_identifier="anonify",
            anonymizer_obj=model or anon.WrappedAnonymizer(estimator),
            model_filepath=tmp_path / "model.skops",
            default_batch_size=64,
            training_data_url=f"{base}/data/anonymizer/training",
            tuning_data_url=f"{base}/data/anonymizer/tuning",
            validation_data_url=f"{base}/data/anonymizer/validation",
            utility_evaluation_url=f"{base}/utility/anonymizer",
            **{
                "download_timeout": 60,
                "limits": anon.Limits(upload=64 * KIB, expanded=256 * KIB),
                **parameters,
            },
        )
        return TestClient(application)

    return make


@pytest.fixture
def client(make_client):
    client = make_client()
    assert client.simulate_post("/fit").status == falcon.HTTP_CREATED
    return client
