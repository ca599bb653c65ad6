"""Serve an application with threads, and nothing that the AnoMed packages do not bring."""

import socketserver
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server


class ThreadingServer(socketserver.ThreadingMixIn, WSGIServer):
    daemon_threads = True
    request_queue_size = 128


class QuietHandler(WSGIRequestHandler):
    def log_message(self, *arguments):
        pass


def serve(application, port, kind=ThreadingServer):
    with make_server("127.0.0.1", port, application, kind, QuietHandler) as server:
        server.serve_forever()
