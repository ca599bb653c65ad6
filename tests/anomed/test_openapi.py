"""The descriptions that our servers answer, against the running servers."""

import io

import numpy as np
import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from tests.anomed.fake_challenge import fake_challenge
from tests.anomed.servers import pack, serving
from tests.anomed.test_pitfalls import DOSES

ROUTES = {
    "iris_anonymized": {"/", "/openapi.json", "/fit", "/evaluate", "/predict"},
    "slow_table": {"/", "/openapi.json", "/fit", "/evaluate", "/anon_data", "/anon_data_scheme"},
}
# JSON Schema has no word for what a body of bytes should be.
RECORDS = st.integers(1, 20).map(lambda count: pack(X=np.ones((count, 4))))
schemathesis.openapi.media_type("application/octet-stream", RECORDS)

# Each fit of the slow table takes a second.
EXAMPLES = {"iris_anonymized": 20, "slow_table": 3}


@pytest.fixture(scope="module", params=ROUTES)
def name(request):
    return request.param


@pytest.fixture(scope="module")
def host(name, tmp_path_factory):
    with fake_challenge() as challenge:
        file = io.BytesIO()
        DOSES.to_parquet(file)
        challenge.data["leaky"] = file.getvalue()
        application = f"applications.{name}:application"
        folder = tmp_path_factory.mktemp(name)
        with serving(application, folder, CHALLENGE_HOST=challenge.host) as host:
            # Schemathesis takes a 503 for a failure.
            requests.post(f"http://{host}/fit").raise_for_status()
            yield host


def test_the_description_has_every_route(name, host):
    description = requests.get(f"http://{host}/openapi.json").json()
    assert set(description["paths"]) == ROUTES[name]


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
def test_whatever_is_sent_the_answers_are_as_described(name, host, mode):
    schema = schemathesis.openapi.from_url(f"http://{host}/openapi.json")
    checked = set()
    for found in schema.get_all_operations():
        operation = found.ok()
        if mode == GenerationMode.NEGATIVE and not (operation.query or operation.body):
            continue  # There is nothing that could be sent wrongly.

        @settings(
            max_examples=EXAMPLES[name],
            deadline=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        )
        @given(operation.as_strategy(generation_mode=mode))
        def check(case):
            case.call_and_validate()

        check()
        checked.add(operation.path)
    if mode == GenerationMode.POSITIVE:
        # The description itself is left out.
        assert checked == ROUTES[name] - {"/openapi.json"}
