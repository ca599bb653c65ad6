"""The classifiers' server and its challenge: what that may do wrong, and what fits leave."""

import falcon
import numpy as np
import pytest
from sklearn.naive_bayes import GaussianNB
from tests.anomed.asking import KIB, WHOLE, predict, refuse
from tests.anomed.fake_challenge import X, Y, fake_challenge
from tests.anomed.servers import pack, unpack

import anonify.anomed as anon

# What the challenge may do wrong


def test_a_challenge_that_is_not_there_is_named(make_client):
    client = make_client(host="127.0.0.1:1")
    assert "ConnectionError" in refuse(client.simulate_post("/fit"), 503, "Challenge not available")


def test_a_challenge_that_is_too_slow_is_named(make_client, challenge):
    challenge.may_answer.clear()
    client = make_client(download_timeout=0.2)
    refuse(client.simulate_post("/fit"), 503, "Challenge not available")


def test_a_challenge_that_answers_an_error_is_named(make_client, challenge):
    challenge.data_status = falcon.HTTP_INTERNAL_SERVER_ERROR
    description = refuse(make_client().simulate_post("/fit"), 503, "Challenge not available")
    assert "it answered 500" in description


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"nonsense", "no .npz file"),
        (pack(X=X), "no array 'y'"),
        (pack(X=X[:, :0], y=Y), "nothing to predict"),
        (pack(X=X[:4], y=Y[:4]), "4 records, fewer than k = 5"),
        (pack(X=X, y=Y[:10]), "inconsistent numbers of samples"),
        (pack(X=X * np.nan, y=Y), "X holds 240 numbers that are not finite"),
        (pack(X=np.zeros((100_000, 4)), y=Y), "more than the 262144"),
        (bytes(100 * KIB), "more than the 65536 bytes"),
    ],
)
def test_training_data_that_do_not_fit_are_named(make_client, challenge, data, message):
    challenge.data["training"] = data
    assert message in refuse(make_client().simulate_post("/fit"), 422, "Unfit data")


def test_data_of_a_split_that_do_not_fit_are_named(client, challenge):
    challenge.data["tuning"] = pack(X=X[:, :2])
    answer = client.simulate_post("/evaluate", params={"data_split": "tuning"})
    assert "The tuning data: X does not fit" in refuse(answer, 422, "Unfit data")


def test_scores_that_are_no_numbers_are_null(client, challenge):
    challenge.scores = '{"accuracy": NaN}'
    answer = client.simulate_post("/evaluate", params={"data_split": "tuning"})
    assert answer.json["evaluation"] == {"accuracy": None}
    assert "NaN" not in answer.text


def test_a_challenge_that_refuses_is_quoted_in_the_log_alone(client, challenge, caplog):
    challenge.status, challenge.scores = falcon.HTTP_BAD_REQUEST, '{"title": "Too late"}'
    answer = client.simulate_post("/evaluate", params={"data_split": "tuning"})
    description = refuse(answer, 424, "Refused by the challenge")
    assert "answered 400" in description
    assert "Too late" not in description
    assert "Too late" in caplog.text
    challenge.status, challenge.scores = falcon.HTTP_CREATED, "no JSON"
    answer = client.simulate_post("/evaluate", params={"data_split": "tuning"})
    assert "scores that are no JSON" in refuse(answer, 424, "Refused by the challenge")


def test_no_redirect_is_followed(make_client, challenge, client):
    with fake_challenge() as other:
        challenge.redirect = f"http://{other.host}/data/anonymizer/training"
        description = refuse(make_client().simulate_post("/fit"), 503, "Challenge not available")
        assert "it answered 307" in description
        assert other.host not in description
        challenge.redirect = f"http://{other.host}/utility/anonymizer"
        answer = client.simulate_post("/evaluate", params={"data_split": "tuning"})
        refuse(answer, 503, "Challenge not available")
        challenge.redirect = None
        assert not other.waiting.is_set()
        assert other.received == []


def test_no_value_of_the_data_is_told_but_logged(make_client, challenge, caplog):
    class Talkative:
        def fit(self, X, y):
            raise ValueError(f"the patient of {X[0, 0]}")

        def predict(self, X):
            return np.zeros(len(X))

        def validate_input(self, feature_array):
            pass

    secret = 4711.5
    challenge.data["training"] = pack(X=np.full((60, 4), secret), y=Y)
    description = refuse(make_client(Talkative()).simulate_post("/fit"), 422, "Unfit data")
    assert "the server's log says why" in description
    assert "4711" not in description
    assert "the patient of 4711.5" in caplog.text


# Fits


def test_refits_do_not_add_up(make_client, challenge):
    """Without a seed each fit would delete others; twelve of them would show nearly all."""
    model = anon.AnonymizedClassifier(k=5, deletion=70, classifier="decision_tree")
    clients = [make_client(anon.WrappedAnonymizer(model)) for _ in range(2)]
    predictions = set()
    for number in range(12):
        # The challenge may hand its records out in another order each time.
        order = np.random.default_rng(number).permutation(len(X))
        challenge.data["training"] = pack(X=X[order], y=Y[order])
        assert clients[number % 2].simulate_post("/fit").status_code == 201
        predictions.add(predict(clients[0], WHOLE).content)
    assert len(predictions) == 1
    # Other parameters are another anonymizer.
    other = anon.AnonymizedClassifier(k=30, deletion=70, classifier="decision_tree")
    client = make_client(anon.WrappedAnonymizer(other))
    client.simulate_post("/fit")
    assert predict(client, WHOLE).content not in predictions


def test_fits_are_limited_in_rate_for_all_workers_together(make_client):
    clients = [make_client(fits_per_minute=3) for _ in range(2)]
    codes = [clients[number % 2].simulate_post("/fit").status_code for number in range(5)]
    assert codes == [201, 201, 201, 429, 429]
    answer = clients[0].simulate_post("/fit")
    assert "Only 3 fits a minute are taken" in refuse(answer, 429, "Too many fits")
    assert 1 <= int(answer.headers["Retry-After"]) <= 60
    assert predict(clients[0], WHOLE).status_code == 201


def test_an_object_with_all_methods_needs_no_wrapper(make_client):
    class Model:
        def fit(self, X, y):
            self.model = GaussianNB().fit(X, y)

        def predict(self, X, batch_size=None):
            return self.model.predict(X)

        def save(self, filepath):
            anon.save_model(self.model, filepath)

        def validate_input(self, feature_array):
            if feature_array.ndim != 2 or feature_array.shape[1] != 4:
                raise ValueError("four columns, please")

    client = make_client(Model())
    assert client.simulate_post("/fit").status_code == 201
    expected = GaussianNB().fit(X, Y).predict(X).tolist()
    assert unpack(predict(client, WHOLE).content)["prediction"].tolist() == expected
    description = refuse(predict(client, pack(X=np.ones((1, 3)))), 400, "Bad request")
    assert description == "X does not fit the anonymizer: four columns, please."
