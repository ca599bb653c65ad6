import os
import socket
import sys
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner

from anonify.anomed.settings import build_application, read_settings
from anonify.base.errors import UserError
from anonify.commands.serving import serve

PROJECT = Path(__file__).parents[3]
SETTINGS = {"offer": "classifier", "identifier": "trial", "dataset": "diabetes", "k": 50}


@pytest.fixture(autouse=True)
def in_project(monkeypatch):
    monkeypatch.chdir(PROJECT)
    monkeypatch.setenv("CHALLENGE_HOST", "127.0.0.1:1")


@pytest.fixture
def write(tmp_path):
    def write(**changes):
        content = {**SETTINGS, **changes}
        path = tmp_path / "anomed.yaml"
        path.write_text(yaml.safe_dump({k: v for k, v in content.items() if v != "leave out"}))
        return str(path)

    return write


def test_the_settings_of_the_project_are_right():
    settings = read_settings("config/anomed.yaml")
    assert (settings.offer, settings.k, settings.deletion) == ("classifier", 250, 30)
    assert list(settings.columns)[:3] == ["gender", "age", "hypertension"]


def test_what_is_left_out_has_defaults(write):
    settings = read_settings(write())
    assert (settings.method, settings.deletion, settings.seed) == ("mondrian", 0, None)


@pytest.mark.parametrize("offer", ["classifier", "table", "synthesis"])
def test_each_offer_is_a_server(write, offer):
    assert callable(build_application(read_settings(write(offer=offer))))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"k": 1}, "`k` is 1; it should be a whole number from 2"),
        ({"k": "leave out"}, "lacks the key `k`"),
        ({"offer": "advice"}, "`offer` is 'advice'; it should be `classifier`, `table` or"),
        ({"deletion": 100}, "`deletion` is 100"),
        ({"classifer": "knn"}, "there is no key `classifer`; did you mean `classifier`?"),
        ({"dataset": "nowhere"}, "there is no config/datasets/nowhere.yaml"),
        ({"upload_limit": 0}, "`upload_limit` is 0; it should be a whole number from 1"),
    ],
)
def test_mistakes_are_named(write, changes, message):
    with pytest.raises(UserError) as raised:
        read_settings(write(**changes))
    assert message in str(raised.value)


def test_a_category_without_an_encoding_can_not_be_classified(write, tmp_path):
    description = tmp_path / "clinic.yaml"
    description.write_text(
        "{name: clinic, title: Clinic, file: clinic.csv, columns: {sex: {role: quasi-identifier, "
        "type: category}}}"
    )
    with pytest.raises(UserError, match=r"`columns\.sex` is a category without an `encoding`"):
        read_settings(write(dataset=str(description)))
    assert read_settings(write(dataset=str(description), offer="table")).offer == "table"


def test_people_with_several_records_can_not_be_counted_in_arrays(write, tmp_path):
    path = tmp_path / "visits.yaml"
    path.write_text(
        "name: visits\ntitle: Visits\nfile: visits.csv\ncolumns:\n"
        "  patient: {role: person, type: integer}\n"
        "  age: {role: quasi-identifier, type: integer}\n"
    )
    with pytest.raises(UserError, match=r"`columns\.patient` has the role `person`"):
        read_settings(write(dataset=str(path)))
    assert read_settings(write(dataset=str(path), offer="table")).offer == "table"


def test_hierarchies_in_files_are_found(write, tmp_path, monkeypatch):
    (tmp_path / "sex.csv").write_text("f;*\nm;*\n")
    description = tmp_path / "clinic.yaml"
    description.write_text(
        "{name: clinic, title: Clinic, file: clinic.csv, columns: {sex: {role: quasi-identifier, "
        "type: category, hierarchy: {file: sex.csv}, encoding: [f, m]}}}"
    )
    settings = read_settings(write(dataset=str(description)))
    assert settings.columns["sex"]["hierarchy"] == {"file": str(tmp_path / "sex.csv")}


def test_without_a_challenge_nothing_is_served(monkeypatch, write):
    monkeypatch.delenv("CHALLENGE_HOST")
    with pytest.raises(UserError, match="CHALLENGE_HOST is not set"):
        build_application(read_settings(write()))


def test_the_command_hands_over_to_gunicorn(monkeypatch, write, tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = str(free.getsockname()[1])
    monkeypatch.setenv("PORT", port)
    calls = []
    monkeypatch.setattr(os, "execve", lambda *arguments: calls.append(arguments))
    path = write(workers=3, threads=5, folder=str(tmp_path / "state"))
    result = CliRunner().invoke(serve, ["--config", path])
    assert result.exit_code == 0, result.output
    [(program, arguments, environment)] = calls
    assert program == sys.executable
    assert f"--bind 0.0.0.0:{port}" in " ".join(arguments)
    assert " ".join(arguments).endswith("--workers 3 --worker-class gthread --threads 5")
    assert environment["ANONIFY_ANOMED"] == path


def test_the_command_tells_a_mistake_in_one_sentence(write):
    result = CliRunner().invoke(serve, ["--config", write(k=1)])
    assert result.exit_code == 1
    assert result.stderr.splitlines()[-1].startswith("Error: ")


@pytest.mark.parametrize("port", ["", "abc", "0", "70000", "-1"])
def test_a_port_that_is_none_is_named(monkeypatch, write, port):
    monkeypatch.setenv("PORT", port)
    result = CliRunner().invoke(serve, ["--config", write()])
    assert result.exit_code == 1
    assert f"PORT is {port!r}; it should be a number from 1 to 65535" in result.stderr


def test_a_port_that_another_program_has_is_named(monkeypatch, write):
    with socket.create_server(("0.0.0.0", 0)) as other:
        port = other.getsockname()[1]
        monkeypatch.setenv("PORT", str(port))
        result = CliRunner().invoke(serve, ["--config", write()])
    assert result.exit_code == 1
    assert f"0.0.0.0:{port} can't be listened on (Address already in use)" in result.stderr


def test_a_folder_that_can_not_be_written_is_named(monkeypatch, write, tmp_path):
    (tmp_path / "file").touch()
    with socket.create_server(("127.0.0.1", 0)) as free:
        monkeypatch.setenv("PORT", str(free.getsockname()[1]))
    result = CliRunner().invoke(serve, ["--config", write(folder=str(tmp_path / "file"))])
    assert result.exit_code == 1
    assert f"{tmp_path}/file: it can't be written" in result.stderr


@pytest.mark.parametrize("host", ["http://127.0.0.1:80", "127.0.0.1/x", "a b", ""])
def test_a_challenge_that_is_no_host_is_named(monkeypatch, write, host):
    monkeypatch.setenv("CHALLENGE_HOST", host)
    with pytest.raises(UserError, match="name the challenge's host in it"):
        build_application(read_settings(write()))
