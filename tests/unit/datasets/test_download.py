import hashlib
import io
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import gdown
import pytest
import requests
from gdown.download import GoogleDriveFileToDownload

from anonify.base.errors import UserError
from anonify.base.files import hash_file
from anonify.datasets import download
from anonify.datasets.download import DataFile, Unavailable, fetch
from anonify.settings.search import find_file

CONTENT = b"age,bmi\n" + b"80.0,25.19\n" * 1000
SHA256 = hashlib.sha256(CONTENT).hexdigest()

Answer = Callable[[BaseHTTPRequestHandler], None]


@dataclass
class Server:
    """A server on this machine: each path has a list of answers, the last one stays."""

    address: str
    answers: dict[str, list[Answer]] = field(default_factory=dict)
    requests: list[str] = field(default_factory=list)

    def source(self, path: str, *answers: Answer) -> dict[str, str]:
        self.answers[path] = list(answers)
        return {"url": self.address + path}


@pytest.fixture
def server(monkeypatch) -> Iterator[Server]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            served.requests.append(self.path)
            answers = served.answers[self.path]
            (answers.pop(0) if len(answers) > 1 else answers[0])(self)

        def log_message(self, *_):
            pass

    http_server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    served = Server(f"http://127.0.0.1:{http_server.server_port}")
    threading.Thread(target=http_server.serve_forever, args=(0.01,)).start()
    yield served
    http_server.shutdown()
    http_server.server_close()


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch):
    monkeypatch.setattr(download, "SECONDS_BEFORE_RETRY", 0.0)
    monkeypatch.setattr(download, "SECONDS_TO_READ", 0.3)


@pytest.fixture
def output(tmp_path) -> Path:
    folder = tmp_path / "output"
    folder.mkdir()
    return folder / "patients.csv"


def patients(*sources: dict[str, str], name: str = "patients.csv") -> DataFile:
    return DataFile(name, "clinic", SHA256, sources, "https://example.org/patients")


def whole(request: BaseHTTPRequestHandler) -> None:
    send(request, CONTENT)


def another_file(request: BaseHTTPRequestHandler) -> None:
    send(request, b"age,bmi\n81.0,25.19\n")


def web_page(request: BaseHTTPRequestHandler) -> None:
    send(request, b"\n<!DOCTYPE html><html><body>Please log in</body></html>")


def half(request: BaseHTTPRequestHandler) -> None:
    start(request, 200, len(CONTENT))
    request.wfile.write(CONTENT[: len(CONTENT) // 2])


def silent(_: BaseHTTPRequestHandler) -> None:
    time.sleep(0.6)


def silent_after_half(request: BaseHTTPRequestHandler) -> None:
    half(request)
    request.wfile.flush()
    time.sleep(0.6)


def status(code: int) -> Answer:
    return lambda request: send(request, b"sorry", code)


def send(request: BaseHTTPRequestHandler, content: bytes, code: int = 200) -> None:
    start(request, code, len(content))
    request.wfile.write(content)


def start(request: BaseHTTPRequestHandler, code: int, length: int) -> None:
    request.send_response(code)
    request.send_header("Content-Length", str(length))
    request.end_headers()


def place(path: Path, content: bytes = CONTENT) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


# Search path


def test_a_file_is_found_in_a_folder_of_the_search_path(tmp_path):
    path = place(tmp_path / "patients.csv")
    assert find_file("patients.csv", "clinic", [tmp_path]) == path


def test_a_file_is_found_in_the_sub_folder_of_its_dataset(tmp_path):
    path = place(tmp_path / "clinic/patients.csv")
    assert find_file("patients.csv", "clinic", [str(tmp_path)]) == path


def test_a_name_may_have_sub_folders(tmp_path):
    path = place(tmp_path / "clinic/published/patients.csv")
    assert find_file("published/patients.csv", "clinic", [tmp_path]) == path


def test_the_folder_itself_comes_before_the_sub_folder_of_the_dataset(tmp_path):
    place(tmp_path / "clinic/patients.csv")
    path = place(tmp_path / "patients.csv")
    assert find_file("patients.csv", "clinic", [tmp_path]) == path


def test_an_earlier_folder_comes_before_a_later_one(tmp_path):
    place(tmp_path / "b/patients.csv")
    path = place(tmp_path / "a/clinic/patients.csv")
    assert find_file("patients.csv", "clinic", [tmp_path / "a", tmp_path / "b"]) == path


def test_a_folder_with_the_name_of_the_file_is_not_the_file(tmp_path):
    (tmp_path / "patients.csv").mkdir()
    assert find_file("patients.csv", "clinic", [tmp_path]) is None


def test_a_search_path_without_the_file_gives_none(tmp_path):
    assert find_file("patients.csv", "clinic", [tmp_path, tmp_path / "missing"]) is None


def test_a_file_in_the_search_path_is_copied_and_named_as_the_origin(tmp_path, output):
    path = place(tmp_path / "data/patients.csv")
    origin = fetch(patients(), [tmp_path / "data"], output)
    assert (origin, output.read_bytes()) == (str(path), CONTENT)


def test_a_file_in_the_search_path_spares_the_sources(tmp_path, output, server):
    place(tmp_path / "patients.csv")
    fetch(patients(server.source("/patients", whole)), [tmp_path], output)
    assert server.requests == []


def test_a_wrong_file_in_the_search_path_is_refused_with_both_checksums(tmp_path, output, server):
    path = place(tmp_path / "patients.csv", b"age,bmi\n")
    with pytest.raises(UserError) as caught:
        fetch(patients(server.source("/patients", whole)), [tmp_path], output)
    message = str(caught.value)
    assert str(path) in message
    assert hashlib.sha256(b"age,bmi\n").hexdigest() in message
    assert SHA256 in message


def test_a_wrong_file_in_the_search_path_says_how_to_mend_it(tmp_path, output):
    place(tmp_path / "patients.csv", b"age,bmi\n")
    with pytest.raises(UserError, match=r"replace it by .*example\.org/patients, or remove it"):
        fetch(patients(), [tmp_path], output)


def test_a_wrong_file_in_the_search_path_leaves_nothing_behind(tmp_path, output):
    place(tmp_path / "patients.csv", b"age,bmi\n")
    with pytest.raises(UserError):
        fetch(patients(), [tmp_path], output)
    assert list(output.parent.iterdir()) == []


def test_the_checksum_of_a_file_is_its_sha256_in_lower_case(tmp_path):
    path = place(tmp_path / "abc", b"abc")  # the example of FIPS 180-2, appendix B.1
    assert hash_file(path) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


# Sources


def test_a_file_is_downloaded_and_its_url_is_the_origin(output, server):
    source = server.source("/patients", whole)
    origin = fetch(patients(source), [], output)
    assert (origin, output.read_bytes()) == (source["url"], CONTENT)


def test_a_download_leaves_only_the_file(output, server):
    fetch(patients(server.source("/patients", half, whole)), [], output)
    assert list(output.parent.iterdir()) == [output]


def test_progress_is_shown_on_the_given_stream(output, server, capsys):
    stream = io.StringIO()
    fetch(patients(server.source("/patients", whole)), [], output, stream)
    assert "127.0.0.1: 100%" in stream.getvalue()
    assert capsys.readouterr() == ("", "")


def test_progress_is_shown_on_standard_error_by_default(output, server, capsys):
    fetch(patients(server.source("/patients", whole)), [], output)
    assert "127.0.0.1: 100%" in capsys.readouterr().err


def test_sources_after_the_one_that_answers_are_spared(output, server):
    first, second = server.source("/first", whole), server.source("/second", whole)
    fetch(patients(first, second), [], output)
    assert server.requests == ["/first"]


@pytest.mark.parametrize("broken", [half, silent, silent_after_half, status(503)])
def test_a_transfer_that_fails_is_tried_again(broken, output, server):
    fetch(patients(server.source("/patients", broken, broken, whole)), [], output)
    assert output.read_bytes() == CONTENT


def test_a_source_is_tried_three_times(output, server):
    with pytest.raises(Unavailable):
        fetch(patients(server.source("/patients", half)), [], output)
    assert len(server.requests) == 3


def test_the_wait_before_a_retry_grows(output, server, monkeypatch):
    waits = []
    monkeypatch.setattr(download, "SECONDS_BEFORE_RETRY", 1.0)
    monkeypatch.setattr(download.time, "sleep", waits.append)
    with pytest.raises(Unavailable):
        fetch(patients(server.source("/patients", half)), [], output)
    assert waits == [1.0, 2.0]


@pytest.mark.parametrize("answer", [status(404), status(429), web_page, another_file])
def test_a_source_that_does_not_have_the_file_is_asked_once(answer, output, server):
    with pytest.raises(Unavailable):
        fetch(patients(server.source("/patients", answer)), [], output)
    assert len(server.requests) == 1


FAILURES = {
    "404": (status(404), "answered with HTTP status 404"),
    "429": (status(429), "answered with HTTP status 429"),
    "503": (status(503), "answered with HTTP status 503"),
    "web page": (web_page, "answered with a web page"),
    "another file": (another_file, "answered with another file, SHA-256"),
    "half": (half, "broke off"),
    "silent": (silent, "did not answer in time"),
    "silent after half": (silent_after_half, "went silent"),
}


@pytest.fixture(params=FAILURES)
def failure(request, server, monkeypatch) -> tuple[dict[str, str], str]:
    """Give a source that fails at its only try, and the reason it is passed over for."""
    monkeypatch.setattr(download, "TRIES", 1)
    answer, reason = FAILURES[request.param]
    return server.source("/bad", answer), reason


def test_after_a_source_that_fails_comes_the_next(failure, output, server):
    good = server.source("/good", whole)
    assert fetch(patients(failure[0], good), [], output) == good["url"]
    assert output.read_bytes() == CONTENT


def test_one_sentence_tells_why_a_source_is_passed_over(failure, output, server):
    source, reason = failure
    stream = io.StringIO()
    fetch(patients(source, server.source("/good", whole)), [], output, stream)
    told = [line for line in stream.getvalue().splitlines() if source["url"] in line]
    assert len(told) == 1
    assert reason in told[0]


def test_a_source_that_fails_leaves_nothing_behind(failure, output):
    with pytest.raises(Unavailable):
        fetch(patients(failure[0]), [], output)
    assert list(output.parent.iterdir()) == []


def test_a_source_that_fails_leaves_an_older_file_as_it_was(failure, output):
    output.write_bytes(b"older")
    with pytest.raises(Unavailable):
        fetch(patients(failure[0]), [], output)
    assert output.read_bytes() == b"older"


def test_a_refused_connection_is_a_failure_of_the_source(output):
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    with pytest.raises(Unavailable, match="could not be reached"):
        fetch(patients({"url": f"http://127.0.0.1:{port}/"}), [], output)


def test_an_unknown_host_is_a_failure_of_the_source(output, monkeypatch):
    def resolve(*_args, **_kwargs):
        raise socket.gaierror("Name or service not known")

    monkeypatch.setenv("NO_PROXY", "*")
    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    with pytest.raises(Unavailable, match="could not be reached"):
        fetch(patients({"url": "https://host.invalid/"}), [], output)


def test_a_failed_tls_handshake_is_a_failure_of_the_source(output, server):
    url = server.address.replace("http:", "https:")
    with pytest.raises(Unavailable, match="offered no secure connection"):
        fetch(patients({"url": url}), [], output)


# Google Drive


def answer_for_google_drive(monkeypatch, answer: Callable[..., None]) -> None:
    """Let ``answer`` stand for Google Drive; other sources stay as they are."""
    original = gdown.download

    def stand_in(*, url, **options):
        chosen = answer if "drive.google.com" in url else original
        return chosen(url=url, **options)

    monkeypatch.setattr(gdown, "download", stand_in)


def test_a_file_on_google_drive_is_asked_for_by_its_id(output, monkeypatch):
    answer_for_google_drive(monkeypatch, lambda *, output, **_: output.write(CONTENT))
    origin = fetch(patients({"google_drive": "1Abc"}), [], output)
    assert origin == "https://drive.google.com/uc?id=1Abc"
    assert output.read_bytes() == CONTENT


@pytest.mark.parametrize(
    "error", [gdown.FileURLRetrievalError("quota"), KeyError("Content-Type"), ValueError("date")]
)
def test_after_google_drive_failed_comes_the_next_source(error, output, server, monkeypatch):
    def refuse(**_):
        raise error

    answer_for_google_drive(monkeypatch, refuse)
    good = server.source("/good", whole)
    assert fetch(patients({"google_drive": "1Abc"}, good), [], output) == good["url"]


def test_google_drive_that_refuses_the_file_is_told(output, monkeypatch):
    def refuse(**_):
        raise gdown.FileURLRetrievalError("quota")

    answer_for_google_drive(monkeypatch, refuse)
    with pytest.raises(Unavailable, match=r"uc\?id=1Abc refused the file"):
        fetch(patients({"google_drive": "1Abc"}), [], output)


def test_a_download_from_google_drive_has_time_outs(output, monkeypatch):
    asked = {}

    def answer(*, output, timeout, **_):
        asked["timeout"] = timeout
        output.write(CONTENT)

    answer_for_google_drive(monkeypatch, answer)
    fetch(patients({"google_drive": "1Abc"}), [], output)
    assert asked["timeout"] == (10.0, 0.3)


def list_on_google_drive(monkeypatch, *paths: str) -> list[str]:
    """Let a folder hold these files, the first with the id ``0``; return what is asked for it."""
    asked = []

    def stand_in(*, id, skip_download, **_):
        assert skip_download
        asked.append(id)
        return [
            GoogleDriveFileToDownload(id=str(number), path=path, local_path=path)
            for number, path in enumerate(paths)
        ]

    download._list_google_drive.cache_clear()
    monkeypatch.setattr(gdown, "download_folder", stand_in)
    return asked


def test_a_file_in_a_folder_on_google_drive_is_found_by_its_path(output, monkeypatch):
    asked = list_on_google_drive(monkeypatch, "b/x.csv", "tables/a/x.csv", "tables/aa/x.csv")
    answer_for_google_drive(monkeypatch, lambda *, output, **_: output.write(CONTENT))
    for path, number in (("a/x.csv", 1), ("aa/x.csv", 2)):
        source = {"google_drive_folder": "1Folder", "path": path}
        assert fetch(patients(source), [], output) == f"https://drive.google.com/uc?id={number}"
    assert asked == ["1Folder"]


@pytest.mark.parametrize("paths", [[], ["a/y.csv"], ["a/x.csv", "copy/a/x.csv"]])
def test_a_folder_on_google_drive_without_that_one_file_is_passed_over(output, monkeypatch, paths):
    list_on_google_drive(monkeypatch, *paths)
    source = {"google_drive_folder": "1Folder", "path": "a/x.csv"}
    found = len([path for path in paths if path.endswith("x.csv")])
    with pytest.raises(Unavailable, match=rf"folders/1Folder has {found} files a/x\.csv"):
        fetch(patients(source), [], output)


def test_a_folder_on_google_drive_that_does_not_answer_is_passed_over(output, server, monkeypatch):
    def refuse(**_):
        raise requests.exceptions.ConnectionError

    download._list_google_drive.cache_clear()
    monkeypatch.setattr(gdown, "download_folder", refuse)
    sources = [{"google_drive_folder": "1Folder", "path": "x.csv"}, server.source("/good", whole)]
    assert fetch(patients(*sources), [], output) == sources[1]["url"]


# No source at all


def test_an_unavailable_file_is_named_with_the_reason_of_each_source(output, server):
    file = patients(
        server.source("/a", status(404)), server.source("/b", web_page), name="published/x.csv"
    )
    with pytest.raises(Unavailable) as caught:
        fetch(file, [], output)
    message = str(caught.value)
    assert message.startswith("published/x.csv: no source answered")
    assert f"{server.address}/a answered with HTTP status 404" in message
    assert f"{server.address}/b answered with a web page" in message


def test_an_unavailable_file_comes_with_the_way_to_get_it(output):
    with pytest.raises(Unavailable) as caught:
        fetch(patients(), ["data", "/srv/data"], output)
    message = str(caught.value)
    assert "get it from https://example.org/patients" in message
    assert "a folder of the search path (data, /srv/data)" in message
    assert "ANONIFY_DATA" in message


def test_a_file_without_sources_is_unavailable(output):
    with pytest.raises(Unavailable, match="none is configured"):
        fetch(patients(), [], output)


def test_a_message_about_an_unavailable_file_is_one_line(failure, output):
    with pytest.raises(Unavailable) as caught:
        fetch(patients(failure[0]), [], output)
    assert "\n" not in str(caught.value)
