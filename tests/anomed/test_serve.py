"""The command ``anonify serve`` as a process; the challenge is one of our own."""

import os
import subprocess
import sys

import pytest
import requests
import yaml
from tests.anomed.fake_challenge import X, Y
from tests.anomed.servers import PROJECT, find_port, list_workers, pack, running, unpack
from tests.profile import takes_long, takes_longest

DESCRIPTION = """
name: trial
title: Trial
file: trial.csv
columns:
  age: {role: quasi-identifier, type: integer}
  weight: {role: quasi-identifier, type: integer}
  arm: {role: sensitive, type: integer}
  visits: {role: sensitive, type: integer}
  ill: {role: target, type: integer}
"""


@pytest.fixture
def config(tmp_path):
    (tmp_path / "trial.yaml").write_text(DESCRIPTION)
    settings = {"offer": "classifier", "identifier": "anonify", "k": 5, "threads": 4}
    settings |= {"dataset": str(tmp_path / "trial.yaml"), "folder": str(tmp_path / "state")}
    path = tmp_path / "anomed.yaml"
    path.write_text(yaml.safe_dump({**settings, "classifier": "decision_tree"}))
    return path


@pytest.fixture
def serve(config, challenge, tmp_path):
    def start(port):
        command = [sys.executable, PROJECT / "scripts/command.py", "serve", "--config", config]
        log = tmp_path / f"log-{port}"
        return running(command, port, log, CHALLENGE_HOST=challenge.host, PORT=str(port))

    return start


def refuse(config, **environment):
    """Return what the command tells when it does not start."""
    command = [sys.executable, PROJECT / "scripts/command.py", "serve", "--config", config]
    variables = {**os.environ, "CHALLENGE_HOST": "127.0.0.1:1", **environment}
    result = subprocess.run(command, env=variables, capture_output=True, text=True, timeout=60)
    assert result.returncode == 1
    [line] = result.stderr.splitlines()
    return line


@takes_long
def test_it_serves_in_several_processes_until_it_is_ended(serve, tmp_path):
    with serve(find_port()) as host:
        assert requests.post(f"http://{host}/fit").status_code == 201
        answer = requests.post(f"http://{host}/predict", data=pack(X=X))
        assert unpack(answer.content)["prediction"].shape == Y.shape
        assert len(list_workers(host)) == 2
    kept = sorted(path.name for path in (tmp_path / "state").iterdir())
    assert kept == [".model.skops.fits", ".model.skops.lock", ".server.lock", "model.skops"]
    # A server that starts anew serves what the other one has learned.
    with serve(find_port()) as host:
        assert requests.post(f"http://{host}/predict", data=pack(X=X)).status_code == 201


@takes_longest
def test_a_folder_has_one_server(serve, config, tmp_path):
    with serve(find_port()):
        told = refuse(config, PORT=str(find_port()))
    assert told == (
        f"Error: {tmp_path}/state: another server uses this folder; give each a `folder` of its own"
    )
