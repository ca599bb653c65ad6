"""The proxy that the documentation names holds slow clients off; it is nginx as it is installed."""

import os
import shutil
import socket
import threading
from contextlib import contextmanager

import pytest
import requests
from tests.anomed.fake_challenge import X, Y, fake_challenge
from tests.anomed.servers import PROJECT, find_port, pack, running, serving, unpack

NGINX = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin")
CONFIGURATION = PROJECT / "docs/how-to/nginx.conf"
THREADS = 4
MEBIBYTE = 2**20

pytestmark = pytest.mark.skipif(NGINX is None, reason="no nginx is installed")


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """One worker of four threads that has learned something."""
    folder = tmp_path_factory.mktemp("server")
    application = "applications.iris_anonymized:application"
    with (
        fake_challenge() as challenge,
        serving(application, folder, 1, THREADS, CHALLENGE_HOST=challenge.host) as host,
    ):
        assert requests.post(f"http://{host}/fit").status_code == 201
        yield host


@pytest.fixture(scope="module")
def proxy(server, tmp_path_factory):
    """The proxy of the documentation before it, but for the two ports."""
    text, port = CONFIGURATION.read_text(), find_port()
    for written, used in {"127.0.0.1:8080": f"127.0.0.1:{port}", "127.0.0.1:8000": server}.items():
        assert text.count(written) == 1
        text = text.replace(written, used)
    folder = tmp_path_factory.mktemp("proxy")
    (folder / "nginx.conf").write_text(text)
    # What the superuser starts would look for its files as a user who can't read the test's folder.
    user = "user root;" if os.geteuid() == 0 else ""
    command = [NGINX, "-e", "stderr", "-p", folder, "-c", folder / "nginx.conf"]
    with running([*command, "-g", f"daemon off; {user}"], port, folder / "log") as host:
        yield host


HEAD = b"POST /predict HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n"


@contextmanager
def dripping(host, clients, start):
    """Have clients that begin a request so, and go on with a byte each tenth second."""
    address, port = host.split(":")
    ended, sockets = threading.Event(), []

    def drip():
        while not ended.wait(0.1):
            for client in sockets:
                client.sendall(b"x")

    try:
        for _ in range(clients):
            client = socket.create_connection((address, int(port)))
            client.sendall(start)
            sockets.append(client)
        thread = threading.Thread(target=drip)
        thread.start()
        yield
    finally:
        ended.set()
        thread.join()
        for client in sockets:
            client.close()


def ask(host):
    answer = requests.post(f"http://{host}/predict", data=pack(X=X), timeout=5)
    assert answer.status_code == 201
    return unpack(answer.content)["prediction"]


@pytest.mark.parametrize("start", [HEAD + b"X-Head: ", HEAD + b"\r\n"], ids=["head", "body"])
def test_slow_clients_keep_no_thread_from_others(server, proxy, start):
    with dripping(proxy, 5 * THREADS, start):
        for _ in range(10):
            assert ask(proxy).shape == Y.shape
    # Without the proxy they do.
    with dripping(server, THREADS, start), pytest.raises(requests.Timeout):
        ask(server)


def test_what_is_too_large_is_told_as_by_the_server(proxy):
    # The server takes 2 MiB, the proxy 40.
    for size, told in ((3, "longer than the 2097152 bytes"), (41, "longer than what is taken")):
        answer = requests.post(f"http://{proxy}/predict", data=bytes(size * MEBIBYTE), timeout=60)
        assert (answer.status_code, answer.json()["title"]) == (413, "Too large")
        assert told in answer.json()["description"]
