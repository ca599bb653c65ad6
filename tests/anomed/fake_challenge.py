"""A challenge that answers whatever a test wants, without the platform's packages."""

import threading
from contextlib import contextmanager
from wsgiref.simple_server import make_server

import falcon
import numpy as np
from tests.anomed.peers.serving import QuietHandler, ThreadingServer
from tests.anomed.servers import pack, unpack

X = np.array([[n % 10, n % 7, n // 20, n % 3] for n in range(60)], dtype=float)
Y = np.array([n // 20 for n in range(60)])


class Challenge:
    """What the challenge answers, to be changed by a test; and what it was sent.

    Parameters
    ----------
    data : what it answers for each kind of data.
    status, scores : what it answers to what is handed in.
    """

    def __init__(self):
        self.data = {"training": pack(X=X, y=Y), "tuning": pack(X=X), "validation": pack(X=X[:7])}
        self.data_status = falcon.HTTP_OK
        self.status = falcon.HTTP_CREATED
        self.scores = '{"accuracy": 0.5}'
        self.received = []
        self.redirect = None
        self.encoding = None
        self.waiting = threading.Event()
        self.may_answer = threading.Event()
        self.may_answer.set()

    def on_get(self, request, response, kind):
        self.waiting.set()
        self.may_answer.wait(120)
        if self.redirect:
            raise falcon.HTTPTemporaryRedirect(self.redirect)
        response.status = self.data_status
        response.data = self.data[kind]
        response.content_type = "application/octet-stream"
        if self.encoding:
            response.set_header("Content-Encoding", self.encoding)

    def on_post(self, request, response):
        if self.redirect:
            raise falcon.HTTPTemporaryRedirect(self.redirect)
        if (request.content_type or "").startswith("multipart"):
            parts = {part.name: part.stream.read() for part in request.get_media()}
        else:
            parts = unpack(request.bounded_stream.read())
        self.received.append((request.params, parts))
        response.status = self.status
        if isinstance(self.scores, bytes):
            response.data = self.scores
            response.set_header("Content-Encoding", "gzip")
        else:
            response.text = self.scores


@contextmanager
def fake_challenge():
    challenge = Challenge()
    application = falcon.App()
    application.add_route("/data/anonymizer/{kind}", challenge)
    application.add_route("/utility/anonymizer", challenge)
    with make_server("127.0.0.1", 0, application, ThreadingServer, QuietHandler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        challenge.host = f"127.0.0.1:{server.server_port}"
        yield challenge
        challenge.may_answer.set()
        server.shutdown()
