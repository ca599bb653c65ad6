"""The routes of the tables' server."""

import io
import threading

import falcon
import numpy as np
import pandas as pd
import pytest
from falcon.testing import TestClient
from tests.anomed.fake_challenge import fake_challenge

import anonify.anomed as anon

COLUMNS = {
    "name": {"role": "identifier", "type": "category"},
    "sex": {"role": "quasi-identifier", "type": "category"},
    "age": {"role": "quasi-identifier", "type": "integer"},
    "dose": {"role": "sensitive", "type": "decimal"},
}
LEAKY = pd.DataFrame(
    {
        "name": [f"person {n}" for n in range(40)],
        "sex": ["f", "m"] * 20,
        "age": np.arange(40) % 23 + 20,
        "dose": np.arange(40) / 8,
    }
)


def write(frame):
    file = io.BytesIO()
    frame.to_parquet(file)
    return file.getvalue()


@pytest.fixture
def challenge():
    with fake_challenge() as running:
        running.data["leaky"] = write(LEAKY)
        yield running


@pytest.fixture
def make_client(challenge, tmp_path):
    def make(anonymizer=None):
        return TestClient(
            anon.tabular_data_anonymizer_server_factory(
                anonymizer_identifier="anonify",
                anonymizer_obj=anonymizer or anon.SynthesizingAnonymizer(COLUMNS, k=5, seed=1),
                output_dir=tmp_path,
                leaky_data_url=f"http://{challenge.host}/data/anonymizer/leaky",
                utility_evaluation_url=f"http://{challenge.host}/utility/anonymizer",
                limits=anon.Limits(upload=2**16, expanded=2**18),
            )
        )

    return make


def refuse(result, status, title):
    assert (result.status_code, result.json["title"]) == (status, title)
    return result.json["description"]


def read(client):
    return pd.read_parquet(io.BytesIO(client.simulate_get("/anon_data").content))


def test_before_a_fit_there_is_nothing_to_give_away(make_client):
    client = make_client()
    for route in ("/anon_data", "/anon_data_scheme"):
        assert "POST /fit first" in refuse(client.simulate_get(route), 503, "Not fitted")
    refuse(client.simulate_post("/evaluate"), 503, "Not fitted")


def test_a_second_fit_during_the_first_is_refused(make_client, challenge):
    client, other, answers = make_client(), make_client(), []
    challenge.may_answer.clear()
    first = threading.Thread(target=lambda: answers.append(client.simulate_post("/fit")))
    first.start()
    assert challenge.waiting.wait(60)
    for each in (client, other):
        refuse(each.simulate_post("/fit"), 503, "Fitting in progress")
    challenge.may_answer.set()
    first.join()
    assert answers[0].json == {"message": "Anonymization has been completed successfully."}


def test_all_workers_give_away_the_same_release(make_client, challenge):
    # Without a seed every release is drawn anew, but of the same records there is one.
    clients = [make_client(anon.SynthesizingAnonymizer(COLUMNS, k=5)) for _ in range(2)]
    changed = LEAKY.assign(dose=LEAKY["dose"] + 1)
    releases = []
    for number, table in enumerate([LEAKY, LEAKY, LEAKY[::-1], changed, LEAKY]):
        challenge.data["leaky"] = write(table)
        assert clients[number % 2].simulate_post("/fit").status == falcon.HTTP_CREATED
        first, second = (each.simulate_get("/anon_data").content for each in clients)
        assert first == second
        releases.append(first)
    assert releases[0] == releases[1] == releases[2]
    assert len(set(releases)) == 3


def test_refits_without_a_seed_do_not_add_up_to_the_table(make_client, challenge):
    client = make_client(anon.GeneralizingAnonymizer(COLUMNS, k=5, deletion=50))
    shown = set()
    for number in range(12):
        # The challenge may hand its records out in another order each time.
        challenge.data["leaky"] = write(LEAKY.sample(frac=1, random_state=number))
        assert client.simulate_post("/fit").status == falcon.HTTP_CREATED
        released = read(client)
        shown |= set(released["dose"])
    # Each dose is that of one person, and half of each class is deleted.
    assert len(shown) == len(released) <= len(LEAKY) / 2


def test_the_release_and_its_scheme_are_handed_in(make_client, challenge):
    client = make_client()
    client.simulate_post("/fit")
    assert client.simulate_get("/anon_data_scheme").json == {"scheme": "same"}
    answer = client.simulate_post("/evaluate")
    assert answer.json == {
        "message": "The anonymized data's utility has been evaluated.",
        "evaluation": {"accuracy": 0.5},
    }
    [(parameters, parts)] = challenge.received
    assert parameters == {"anonymizer": "anonify"}
    assert parts["anon_scheme"] == b"same"
    pd.testing.assert_frame_equal(pd.read_parquet(io.BytesIO(parts["anon_data"])), read(client))


def test_no_index_is_left(make_client):
    client = make_client()
    client.simulate_post("/fit")
    assert read(client).index.tolist() == list(range(40))


def test_people_are_counted_where_they_have_several_records(make_client, challenge):
    columns = {**COLUMNS, "name": {"role": "person", "type": "category"}}
    visits = pd.concat([LEAKY.iloc[:6]] * 4)
    challenge.data["leaky"] = write(visits)
    description = refuse(
        make_client(anon.GeneralizingAnonymizer(columns, k=7)).simulate_post("/fit"),
        422,
        "Unfit data",
    )
    assert "there are 6 people, fewer than k = 7" in description
    client = make_client(anon.GeneralizingAnonymizer(columns, k=3))
    assert client.simulate_post("/fit").status == falcon.HTTP_CREATED
    released = read(client)
    assert "name" not in released
    # Whose a record is, is told by its dose.
    people = dict(zip(LEAKY["dose"], LEAKY["name"], strict=True))
    released["name"] = released["dose"].map(people)
    shown = [name for name in released if name.startswith(("sex_", "age_"))]
    assert released.groupby(shown)["name"].nunique().min() >= 3


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"nonsense", "it is no Parquet, or not whole"),
        (write(LEAKY)[:-20], "it is no Parquet, or not whole"),
        (write(LEAKY.drop(columns="dose")), "the challenge's table: the column 'dose' is missing"),
        (write(LEAKY.assign(more=1)), "the challenge's table: the column 'more' is not described"),
        (
            write(LEAKY.assign(dose="much")),
            "40 values of 'dose' are not of the type decimal",
        ),
        (write(LEAKY.iloc[:3]), "3 records, fewer than k = 5"),
        (write(LEAKY.iloc[:0]), "no record"),
        (write(pd.DataFrame({"x": np.zeros(10**6)})), "more than the 262144"),
    ],
)
def test_a_table_that_does_not_fit_is_named(make_client, challenge, data, message):
    challenge.data["leaky"] = data
    description = refuse(make_client().simulate_post("/fit"), 422, "Unfit data")
    assert message in description
    assert "much" not in description


def test_a_planted_file_is_not_given_away(make_client, tmp_path):
    (tmp_path / "anon_data.parquet").write_bytes(write(LEAKY))
    client = make_client()
    assert "none that was written here" in refuse(
        client.simulate_get("/anon_data"), 503, "Not fitted"
    )


def test_a_challenge_that_refuses_large_parts_is_quoted_in_the_log(make_client, challenge, caplog):
    client = make_client()
    client.simulate_post("/fit")
    challenge.status = falcon.HTTP_BAD_REQUEST
    challenge.scores = '{"title": "Malformed multipart", "description": "body part is too large"}'
    refuse(client.simulate_post("/evaluate"), 424, "Refused by the challenge")
    assert "body part is too large" in caplog.text
