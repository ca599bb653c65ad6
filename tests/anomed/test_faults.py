"""Load and faults: many clients during refits, killed workers, and uploads that mean harm.

Everything runs under gunicorn with two workers of eight threads, on loopback, with a challenge of
our own, so that the platform's packages are not needed.
"""

import io
import os
import random
import signal
import socket
import threading
import time
import zipfile

import numpy as np
import pytest
import requests
from tests.anomed.fake_challenge import X, Y, fake_challenge
from tests.anomed.servers import list_workers, pack, read_memory, serving, unpack
from tests.profile import takes_long

CLIENTS = 50
MEBIBYTE = 2**20
APPLICATION = "applications.iris_anonymized:application"


@pytest.fixture(scope="module")
def challenge():
    with fake_challenge() as running:
        yield running


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("faults")


@pytest.fixture(scope="module")
def host(challenge, folder):
    """One server for all tests: each fault leaves it fit for the next."""
    with serving(APPLICATION, folder, CHALLENGE_HOST=challenge.host) as running:
        assert requests.post(f"http://{running}/fit").status_code == 201
        yield running


@takes_long
def test_no_request_fails_while_the_model_is_fitted_anew(host):
    failures, times, ended = [], [], threading.Event()
    body = pack(X=X)

    def ask():
        with requests.Session() as session:
            while not ended.is_set():
                start = time.monotonic()
                answer = session.post(f"http://{host}/predict", data=body)
                times.append(time.monotonic() - start)
                if (
                    answer.status_code != 201
                    or unpack(answer.content)["prediction"].shape != Y.shape
                ):
                    failures.append(answer.text)

    clients = [threading.Thread(target=ask) for _ in range(CLIENTS)]
    for client in clients:
        client.start()
    fits, least = 0, time.monotonic() + 3
    while fits < 3 or len(times) <= CLIENTS or time.monotonic() < least:
        assert requests.post(f"http://{host}/fit").status_code == 201
        fits += 1
    ended.set()
    for client in clients:
        client.join()
    print(f"{len(times)} requests, {len(failures)} failed, {fits} fits, {max(times):.2f} s at most")
    assert failures == []


def test_a_second_fit_is_refused_whichever_worker_gets_it(host, challenge):
    challenge.may_answer.clear()
    challenge.waiting.clear()
    answers = []
    first = threading.Thread(target=lambda: answers.append(requests.post(f"http://{host}/fit")))
    first.start()
    assert challenge.waiting.wait(60)
    refused = {requests.post(f"http://{host}/fit").status_code for _ in range(20)}
    assert refused == {503}
    assert requests.post(f"http://{host}/predict", data=pack(X=X)).status_code == 201
    challenge.may_answer.set()
    first.join()
    assert answers[0].status_code == 201


def test_a_worker_killed_during_a_fit_leaves_a_usable_server(host, challenge, folder):
    challenge.may_answer.clear()
    challenge.waiting.clear()

    def fit():
        with pytest.raises(requests.ConnectionError):
            requests.post(f"http://{host}/fit")

    first = threading.Thread(target=fit)
    first.start()
    assert challenge.waiting.wait(60)
    model = (folder / "model.skops").read_bytes()
    workers = list_workers(host)
    assert len(workers) == 2
    for worker in workers:  # One of them fits.
        os.kill(worker, signal.SIGKILL)
    first.join()
    challenge.may_answer.set()
    assert (folder / "model.skops").read_bytes() == model
    wait_until_alive(host)
    assert requests.post(f"http://{host}/predict", data=pack(X=X)).status_code == 201
    assert requests.post(f"http://{host}/fit").status_code == 201
    assert requests.post(f"http://{host}/predict", data=pack(X=X)).status_code == 201
    assert [path.name for path in folder.iterdir() if "unfinished" in path.name] == []


def test_harmful_uploads_kill_no_worker_and_take_no_more_memory_than_the_limit(host):
    def post(body, **parameters):
        try:
            return requests.post(f"http://{host}/predict", data=body, **parameters).status_code
        except requests.ConnectionError:
            return "broken off"

    workers = list_workers(host)
    for _ in range(20):
        assert post(pack(X=X)) == 201
    before = [read_memory(worker)[0] for worker in workers]
    zeros = io.BytesIO()
    with zipfile.ZipFile(zeros, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("X.npy", bytes(500 * MEBIBYTE))
    good, draw = bytearray(pack(X=X, y=Y)), random.Random(1)
    codes = set()
    for _ in range(10):
        codes |= {post(zeros.getvalue()), post(bytes(10 * MEBIBYTE)), post(iter([b"x"] * 3))}
        codes |= {post(iter([bytes(MEBIBYTE)] * 10)), post(pack(X=np.zeros((10**6, 4))))}
    for _ in range(200):
        damaged = bytearray(good)
        for _ in range(draw.randint(1, 20)):
            damaged[draw.randrange(len(damaged))] = draw.randrange(256)
        codes.add(post(bytes(damaged[: draw.randint(1, len(damaged))])))
    codes |= {post(draw.randbytes(draw.randrange(5000))) for _ in range(50)}
    assert codes <= {201, 400, 413}
    assert list_workers(host) == workers
    after = [read_memory(worker)[1] for worker in workers]
    grown = [(late - early) / MEBIBYTE for early, late in zip(before, after, strict=True)]
    print(f"memory at most {max(grown):.0f} MiB more than before")
    # What is allowed is 2 MiB as sent for each of eight threads, and 16 expanded for all of them.
    assert max(grown) < 2 * (8 * 2 + 16)
    assert post(pack(X=X)) == 201


def test_a_wrong_length_is_named(host):
    # More than would be read and forgotten, so that nothing is waited for.
    answer = send(host, b"Content-Length: 99999999999\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 413")
    assert b"Too large" in answer
    for wrong in (b"Transfer-Encoding: chunked\r\n\r\nZZ\r\n", b"\r\n"):
        answer = send(host, wrong)
        assert answer.startswith(b"HTTP/1.1 400")
        assert b"Bad request" in answer


def send(host, rest):
    """Send a request as no library would, and return the answer."""
    address, port = host.split(":")
    with socket.create_connection((address, int(port)), timeout=60) as client:
        client.sendall(b"POST /predict HTTP/1.1\r\nHost: x\r\nConnection: close\r\n" + rest)
        answer = client.recv(2**16)
        while b"}" not in answer and (piece := client.recv(2**16)):
            answer += piece
    return answer


def wait_until_alive(host):
    for _ in range(100):
        try:
            if requests.get(f"http://{host}/", timeout=10).status_code == 200:
                return
        except requests.RequestException:
            time.sleep(0.1)
    raise AssertionError("the server did not come back")
