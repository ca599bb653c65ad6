"""The routes of the classifiers' server: what they answer, and every error by its name."""

import io
import pickle
import threading

import falcon
import numpy as np
import pytest
from sklearn.naive_bayes import GaussianNB
from tests.anomed.asking import KIB, WHOLE, predict, refuse
from tests.anomed.fake_challenge import X, Y
from tests.anomed.servers import pack, unpack

import anonify.anomed as anon

# What it is for


def test_it_is_alive(make_client):
    assert make_client().simulate_get("/").json == {"message": "Anonymizer server is alive!"}


def test_it_fits_and_predicts(client):
    answer = predict(client, pack(X=X))
    assert answer.status == falcon.HTTP_CREATED
    prediction = unpack(answer.content)["prediction"]
    assert (prediction.shape, prediction.dtype) == (Y.shape, Y.dtype)
    # By chance it would be a third.
    assert (prediction == Y).mean() > 0.6


def test_batches_change_nothing(client):
    answers = [unpack(predict(client, pack(X=X), f"batch_size={n}").content) for n in (1, 7, 999)]
    for answer in answers[1:]:
        assert answer["prediction"].tolist() == answers[0]["prediction"].tolist()


@pytest.mark.parametrize(("split", "records"), [("tuning", 60), ("validation", 7)])
def test_it_hands_in_predictions_and_passes_the_scores_on(client, challenge, split, records):
    answer = client.simulate_post("/evaluate", params={"data_split": split})
    assert answer.status == falcon.HTTP_CREATED
    assert answer.json == {
        "message": f"The anonymizer has been evaluated based on {split} data.",
        "evaluation": {"accuracy": 0.5},
    }
    [(parameters, parts)] = challenge.received
    assert parameters == {"anonymizer": "anonify", "data_split": split}
    assert parts["prediction"].shape == (records,)
    assert parts["prediction"].dtype == Y.dtype


# Pitfall 1: a fit does not disturb those who ask


def test_the_model_is_loaded_once_and_again_after_a_fit(make_client, challenge):
    loads = []
    client = make_client(model_loader=lambda path: loads.append(path) or anon.load_model(path))
    client.simulate_post("/fit")
    for _ in range(5):
        assert predict(client, pack(X=X)).status_code == 201
    assert len(loads) == 1
    challenge.data["training"] = pack(X=X, y=Y[::-1])
    client.simulate_post("/fit")
    predict(client, pack(X=X))
    assert len(loads) == 2


def test_a_fit_that_fails_leaves_the_old_model(client, challenge):
    challenge.data["training"] = pack(X=X, y=np.full(60, 0.5))
    refuse(client.simulate_post("/fit"), 422, "Unfit data")
    assert predict(client, pack(X=X)).status_code == 201


def test_the_model_handed_over_is_never_fitted_itself(make_client):
    model = GaussianNB()
    client = make_client(anon.WrappedAnonymizer(model))
    client.simulate_post("/fit")
    assert not hasattr(model, "classes_")
    assert predict(client, pack(X=X)).status_code == 201


# Pitfall 2: no pickles


def test_a_planted_pickle_is_not_run(make_client, tmp_path):
    class Planted:
        def __reduce__(self):
            return exec, ("raise SystemExit('code was run')",)

    client = make_client()
    (tmp_path / "model.skops").write_bytes(pickle.dumps(Planted()))
    description = refuse(predict(client, pack(X=X)), 503, "Not fitted")
    assert "no model that can be trusted" in description
    assert client.simulate_post("/fit").status_code == 201
    assert predict(client, pack(X=X)).status_code == 201


# Pitfall 3: uploads are limited


def test_a_large_upload_is_refused(client):
    noise = np.random.default_rng(1).random((10_000, 4))
    assert "longer than the 65536 bytes" in refuse(predict(client, pack(X=noise)), 413, "Too large")


def test_a_small_upload_that_expands_is_refused(client):
    bomb = pack(X=np.zeros((100_000, 4)))
    assert len(bomb) < 64 * KIB
    assert "take 3200128 bytes" in refuse(predict(client, bomb), 413, "Too large")


# Pitfall 4: what is wrong with a request is said


def write(save, *arguments, **arrays):
    file = io.BytesIO()
    save(file, *arguments, **arrays)
    return file.getvalue()


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"", "The body is no .npz file"),
        (b"nonsense", "The body is no .npz file"),
        (WHOLE[: len(WHOLE) // 2], "not whole"),
        (write(np.save, np.ones((2, 4))), "a single array (.npy)"),
        (pack(Y=np.ones((2, 4))), "no array 'X' (there are 'Y')"),
        (
            pack(X=np.array([[1, 2, 3, np.nan]])),
            "1 numbers that are not finite, in column 4",
        ),
        (
            pack(X=np.array([[1, 2, 3, -np.inf]])),
            "1 numbers that are not finite, in column 4",
        ),
        (pack(X=np.ones((0, 4))), "nothing to predict"),
        (pack(X=np.ones(4)), "X has 1 dimensions"),
        (pack(X=np.ones((2, 3))), "expecting 4 features"),
        (pack(X=np.ones((2, 4, 2))), "the shape (2, 4, 2)"),
        (pack(X=np.array([["a"] * 4])), "holds <U1"),
        (pack(X=np.ones((1, 4), dtype="c16")), "holds complex128"),
        (write(np.savez, X=np.array([[{}] * 4]), allow_pickle=True), "holds object"),
    ],
)
def test_a_wrong_body_is_named(client, body, message):
    assert message in refuse(predict(client, body), 400, "Bad request")


@pytest.mark.parametrize("size", ["0", "-1", "1.5", "", "x", "1e3", "9999999999", "%F0%9F%99%82"])
def test_a_wrong_batch_size_is_named(client, size):
    description = refuse(predict(client, WHOLE, f"batch_size={size}"), 400, "Bad batch_size")
    assert "it should be a whole number from 1" in description


@pytest.mark.parametrize(
    ("query", "given"),
    [
        ("", "missing"),
        ("data_split=training", "'training'"),
        ("data_split=utility", "'utility'"),
        ("data_split=tuning&data_split=validation", "'tuning, validation'"),
    ],
)
def test_a_wrong_split_is_named(client, query, given):
    answer = client.simulate_post("/evaluate", query_string=query)
    assert f"`data_split` is {given}" in refuse(answer, 400, "Bad data_split")


def test_the_validator_of_the_documentation_is_asked_last(make_client):
    # It looks at the second dimension first, which a 1-D array has not.
    def validate(array):
        if array.shape[1] != 4:
            raise ValueError("four columns, please.")

    client = make_client(anon.WrappedAnonymizer(GaussianNB(), None, validate))
    client.simulate_post("/fit")
    refuse(predict(client, pack(X=np.ones(4))), 400, "Bad request")
    description = refuse(predict(client, pack(X=np.ones((1, 3)))), 400, "Bad request")
    assert description == "X does not fit the anonymizer: four columns, please."


def test_what_a_model_without_a_validator_refuses_is_a_bad_request(make_client):
    client = make_client(anon.WrappedAnonymizer(GaussianNB()))
    client.simulate_post("/fit")
    description = refuse(predict(client, pack(X=np.ones((1, 3)))), 400, "Bad request")
    assert "expecting 4 features" in description


def test_unknown_routes_and_methods_are_named(make_client):
    client = make_client()
    assert "no /nowhere" in refuse(client.simulate_get("/nowhere"), 404, "404 Not Found")
    answer = client.simulate_get("/fit")
    assert "/fit does not take GET" in refuse(answer, 405, "405 Method Not Allowed")
    # Whatever a client says it would like to read.
    answer = client.simulate_get("/nowhere", headers={"Accept": "text/html"})
    refuse(answer, 404, "404 Not Found")


# Pitfall 5: one fit at a time, and other requests are answered


def test_before_a_fit_nothing_is_predicted(make_client):
    client = make_client()
    assert "POST /fit first" in refuse(predict(client, WHOLE), 503, "Not fitted")
    answer = client.simulate_post("/evaluate", params={"data_split": "tuning"})
    refuse(answer, 503, "Not fitted")


def test_during_a_fit_a_second_one_is_refused_and_all_else_is_answered(
    client, make_client, challenge
):
    other = make_client()
    challenge.may_answer.clear()
    challenge.waiting.clear()
    answers = []
    first = threading.Thread(target=lambda: answers.append(client.simulate_post("/fit")))
    first.start()
    assert challenge.waiting.wait(60)
    for each in (client, other):
        answer = each.simulate_post("/fit")
        refuse(answer, 503, "Fitting in progress")
        assert answer.headers["Retry-After"] == "5"
        assert predict(each, WHOLE).status_code == 201
    challenge.may_answer.set()
    first.join()
    assert answers[0].status_code == 201


def test_every_worker_serves_the_newest_model(make_client, challenge):
    first, second = make_client(), make_client()
    challenge.data["training"] = pack(X=X, y=np.arange(60) % 2)
    first.simulate_post("/fit")
    for client in (first, second):
        assert set(unpack(predict(client, WHOLE).content)["prediction"]) <= {0, 1}
    challenge.data["training"] = pack(X=X, y=np.arange(60) % 2 + 5)
    second.simulate_post("/fit")
    for client in (first, second):
        assert set(unpack(predict(client, WHOLE).content)["prediction"]) <= {5, 6}


def test_a_folder_that_can_not_be_written_is_named(make_client, tmp_path):
    (tmp_path / ".unfinished.model.skops").mkdir()
    description = refuse(make_client().simulate_post("/fit"), 503, "Not stored")
    assert "model.skops: it can't be written" in description
