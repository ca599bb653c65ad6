"""What a worker takes of a challenge that means harm: memory and time, measured from outside."""

import gzip
import io
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import requests
from sklearn.naive_bayes import GaussianNB
from tests.anomed.asking import WHOLE, predict, refuse
from tests.anomed.fake_challenge import X, Y
from tests.anomed.servers import find_workers, list_workers, pack, read_memory, serving
from tests.profile import takes_long, takes_longest

import anonify.anomed as anon

MEBIBYTE = 2**20
# Beyond what is allowed, 4 MiB as sent and 16 expanded: what a library takes when first used.
MOST = 4 * (4 + 16) * MEBIBYTE


def measure_growth(host, ask):
    """Return the answer to a request, and how many bytes a worker had more while it answered."""
    workers = list_workers(host)
    before = [read_memory(worker)[0] for worker in workers]
    answer = ask()
    assert list_workers(host) == workers
    after = [read_memory(worker)[1] for worker in workers]
    return answer, max(late - early for early, late in zip(before, after, strict=True))


def write(table, **options):
    file = io.BytesIO()
    pq.write_table(table, file, **options)
    return file.getvalue()


def write_repeated_text(**options):
    """One long text in many records: in the file it stands once."""
    place = pa.array(np.zeros(1000, dtype=np.int32))
    notes = pa.DictionaryArray.from_arrays(place, pa.array(["x" * MEBIBYTE]))
    table = pa.table({"age": np.arange(1000), "note": notes})
    return write(table, compression="zstd", **options)


def write_plain_repeated_text():
    return write_repeated_text(store_schema=False)


def write_long_page():
    """A page of many equal bytes, of which the file has next to nothing."""
    long = pa.array([b"x" * (200 * MEBIBYTE)], type=pa.binary())
    return write(pa.table({"age": [1], "note": long}), compression="zstd", use_dictionary=False)


@pytest.mark.parametrize(
    "make",
    [
        write_repeated_text,
        pytest.param(write_plain_repeated_text, marks=takes_long),
        pytest.param(write_long_page, marks=takes_longest),
    ],
)
def test_a_parquet_file_that_expands_takes_no_memory(challenge, tmp_path, make):
    bomb = make()
    assert len(bomb) < MEBIBYTE
    good = pd.DataFrame({"age": np.arange(40) % 9, "note": ["a", "b"] * 20})
    challenge.data["leaky"] = write(pa.Table.from_pandas(good))
    with serving(
        "applications.small_table:application", tmp_path, CHALLENGE_HOST=challenge.host
    ) as host:
        fit = lambda: requests.post(f"http://{host}/fit")  # noqa: E731
        assert fit().status_code == 201
        challenge.data["leaky"] = bomb
        answer, grown = measure_growth(host, fit)
        assert answer.status_code == 422
        assert "more than the 16777216 bytes" in answer.text
        assert grown < MOST


@pytest.mark.parametrize("length", [8, pytest.param(8000, marks=takes_long)])
def test_a_table_that_is_taken_takes_what_is_allowed(challenge, tmp_path, length):
    # In bytes: a number and a text, each 192 and eight times what it holds, beside its end.
    records = 16 * MEBIBYTE // (192 + 64 + 192 + 8 * (length + 8))
    notes = [f"{number:08}".ljust(length, "x") for number in range(records)]
    large = pa.table({"age": np.arange(records) % 97, "note": notes})
    challenge.data["leaky"] = write(large.slice(0, 40))
    application = "applications.small_table:application"
    with serving(application, tmp_path, workers=1, CHALLENGE_HOST=challenge.host) as host:
        assert requests.post(f"http://{host}/fit").status_code == 201
        [worker] = find_workers(host)
        before = read_memory(worker)[0]
        challenge.data["leaky"] = write(large, compression="zstd")
        answer = requests.post(f"http://{host}/fit")
        assert answer.status_code == 201, answer.text
        grown = read_memory(worker)[1] - before
        print(f"{records} records, {grown / MEBIBYTE:.0f} MiB more than before")
        assert grown < MOST
        challenge.data["leaky"] = write(pa.concat_tables([large, large]), compression="zstd")
        answer = requests.post(f"http://{host}/fit")
        assert answer.status_code == 422
        assert "more than the 16777216 bytes" in answer.text


@pytest.mark.parametrize(
    "route",
    [
        "fit",
        pytest.param("evaluate?data_split=tuning", marks=takes_longest),
        pytest.param("scores", marks=takes_long),
    ],
)
def test_an_answer_that_expands_takes_no_memory(challenge, tmp_path, route):
    bomb = gzip.compress(bytes(200 * MEBIBYTE), 9)
    assert len(bomb) < MEBIBYTE
    with serving(
        "applications.iris_anonymized:application", tmp_path, CHALLENGE_HOST=challenge.host
    ) as host:
        assert requests.post(f"http://{host}/fit").status_code == 201
        challenge.encoding = "gzip"
        if route == "scores":
            challenge.encoding, challenge.scores, route = None, bomb, "evaluate?data_split=tuning"
        else:
            challenge.data |= {"training": bomb, "tuning": bomb}
        answer, grown = measure_growth(host, lambda: requests.post(f"http://{host}/{route}"))
        assert answer.status_code == 422
        assert "bytes that are taken" in answer.text
        assert grown < MOST


def test_a_message_that_waits_too_long_for_others_is_refused(make_client, monkeypatch):
    monkeypatch.setattr("anonify.anomed.memory.PATIENCE", 0.2)
    begun, may_end, answers = threading.Event(), threading.Event(), []

    class Patient:
        def predict(self, X):
            if not begun.is_set():
                begun.set()
                may_end.wait(60)
            return np.zeros(len(X))

    client = make_client(anon.WrappedAnonymizer(GaussianNB()), model_loader=lambda path: Patient())
    assert client.simulate_post("/fit").status_code == 201
    # One takes 160,000 of the 262,144 bytes that are allowed.
    large = pack(X=np.ones((5000, 4)))
    first = threading.Thread(target=lambda: answers.append(predict(client, large)))
    first.start()
    assert begun.wait(60)
    refused = predict(client, large)
    assert "try again later" in refuse(refused, 503, "Too many messages")
    assert refused.headers["Retry-After"] == "5"
    # One that fits beside the first is answered.
    assert predict(client, WHOLE).status_code == 201
    may_end.set()
    first.join()
    assert answers[0].status_code == 201
    assert predict(client, large).status_code == 201


def test_an_answer_that_is_compressed_is_read(challenge, make_client):
    challenge.encoding = "gzip"
    challenge.data["training"] = gzip.compress(pack(X=X, y=Y))
    assert make_client().simulate_post("/fit").status_code == 201


def test_small_numbers_count_as_they_are_worked_with(make_client, challenge):
    # A truth value is a byte, and becomes a number of eight.
    challenge.data["training"] = pack(
        X=np.zeros((10_000, 4), dtype=bool), y=np.zeros(10_000, dtype=bool)
    )
    client = make_client(limits=anon.Limits(expanded=100_000))
    assert "take 320000 bytes" in client.simulate_post("/fit").json["description"]


def test_records_are_limited(make_client, challenge):
    client = make_client(limits=anon.Limits(records=60))
    assert client.simulate_post("/fit").status_code == 201
    assert client.simulate_post("/predict", body=pack(X=X)).status_code == 201
    answer = client.simulate_post("/predict", body=pack(X=np.ones((61, 4))))
    assert answer.status_code == 413
    assert "61 records, more than the 60" in answer.json["description"]


def test_many_messages_at_once_take_no_more_than_one_may(challenge, tmp_path):
    most, threads = 64 * MEBIBYTE, 8
    large = np.zeros((most // 8 // 16 - 1000, 16))
    body = pack(X=large)
    challenge.data["tuning"] = body
    ask = {
        "predict": lambda: requests.post(f"http://{host}/predict", data=body),
        "evaluate": lambda: requests.post(f"http://{host}/evaluate?data_split=tuning"),
    }
    application = "applications.large:application"
    options = {"workers": 1, "threads": threads, "CHALLENGE_HOST": challenge.host}
    with serving(application, tmp_path, **options) as host:
        assert requests.post(f"http://{host}/fit").status_code == 201
        [worker] = find_workers(host)
        before = read_memory(worker)[0]
        with ThreadPoolExecutor(threads) as pool:
            answers = list(pool.map(lambda kind: ask[kind](), ["predict", "evaluate"] * 4))
        grown = read_memory(worker)[1] - before
        print(f"{grown / MEBIBYTE:.0f} MiB more than before")
        assert [answer.status_code for answer in answers] == [201] * 8
        # The limit, as sent and as worked with; whether numbers are finite takes an eighth of them.
        assert grown < 1.125 * most + threads * MEBIBYTE + 16 * MEBIBYTE


@contextmanager
def dripping(start):
    """Run a challenge that begins its answer so, and goes on with a byte each tenth second."""
    ended = threading.Event()

    def drip(client):
        with client:
            client.recv(2**16)
            client.sendall(start)
            while not ended.wait(0.1):
                try:
                    client.sendall(b"x")
                except OSError:
                    return

    def serve():
        while not ended.is_set():
            try:
                client, _ = server.accept()
            except OSError:
                return
            threading.Thread(target=drip, args=(client,), daemon=True).start()

    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=serve, daemon=True).start()
        yield f"127.0.0.1:{server.getsockname()[1]}"
        ended.set()


@pytest.mark.parametrize(
    "start",
    [
        b"HTTP/1.1 200 OK\r\nX-Head: ",
        b"HTTP/1.1 200 OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n",
    ],
)
def test_a_challenge_that_drips_bytes_ends_at_the_time_out(make_client, start):
    with dripping(start) as host:
        client, begin = make_client(host=host, download_timeout=1), time.monotonic()
        answer = client.simulate_post("/fit")
    assert 1 <= time.monotonic() - begin < 3
    assert (answer.status_code, answer.json["title"]) == (503, "Challenge not available")


def test_thousands_of_codes_take_seconds():
    codes = [f"C{number:04}" for number in range(6000)]
    tree = {f"G{place}": codes[60 * place : 60 * place + 60] for place in range(100)}
    columns = {
        "code": {
            "role": "quasi-identifier",
            "type": "category",
            "hierarchy": {"tree": tree},
            "encoding": [*codes, *tree, "*"],
        },
        "dose": {"role": "sensitive", "type": "decimal"},
    }
    draw = np.random.default_rng(1)
    # Half of the codes are seen when it is fitted, all when it predicts.
    records = np.column_stack([draw.integers(0, 3000, 9000), draw.random(9000)])
    model = anon.AnonymizedClassifier(classifier="decision_tree", columns=columns, seed=1)
    begin = time.process_time()
    model.fit(records, draw.integers(0, 2, 9000))
    model.predict(np.column_stack([np.arange(6000), draw.random(6000)]))
    # It took 85 s when each code built the tree anew.
    assert time.process_time() - begin < 25
