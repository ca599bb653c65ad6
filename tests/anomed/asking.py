"""Ask the routes of a server that runs in the test's own process."""

from tests.anomed.fake_challenge import X
from tests.anomed.servers import pack

KIB = 2**10
WHOLE = pack(X=X)


def refuse(result, status, title):
    """Check an error, and return its description."""
    assert (result.status_code, result.json["title"]) == (status, title)
    assert set(result.json) == {"title", "description"}
    assert result.json["description"].endswith(".")
    return result.json["description"]


def predict(client, body, query=""):
    return client.simulate_post("/predict", body=body, query_string=query)
