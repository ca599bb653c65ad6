"""Each pitfall, as the reference implementation falls into it and ours does not.

The numbers are those of the list in docs/how-to/anomed.md.
"""

import io
import json
import os
import pickle
import subprocess
import threading

import numpy as np
import pandas as pd
import pytest
import requests
from tests.anomed.fake_challenge import X, fake_challenge
from tests.anomed.servers import HERE, find_port, pack, read_memory, read_parent, running, serving
from tests.profile import takes_longest

from anonify.anomed import measure_attack

MEBIBYTE = 2**20
DOSES = pd.DataFrame({"dose": np.arange(50.0)})


pytestmark = takes_longest


@pytest.fixture
def challenge():
    with fake_challenge() as running:
        file = io.BytesIO()
        DOSES.to_parquet(file)
        running.data["leaky"] = file.getvalue()
        yield running


@pytest.fixture
def reference(anomed_python, challenge, tmp_path):
    """Run the reference; all of one folder share their files, as workers do."""
    (tmp_path / "reference").mkdir()

    def start(kind):
        port = find_port()
        command = [anomed_python, HERE / "peers/anonymizer.py", kind, challenge.host]
        command += [tmp_path / "reference", port]
        return running(command, port, tmp_path / f"reference-{port}.log")

    return start


@pytest.fixture
def ours(challenge, tmp_path):
    def start(application="slow", **options):
        options |= {"CHALLENGE_HOST": challenge.host}
        return serving(f"applications.{application}:application", tmp_path, **options)

    return start


def fit(host):
    return requests.post(f"http://{host}/fit").status_code


def predict(host, body, **parameters):
    return requests.post(f"http://{host}/predict", data=body, params=parameters).status_code


def predict_during_a_fit(host):
    """Return the codes of predictions during a fit."""
    assert fit(host) == 201
    fitting = threading.Thread(target=fit, args=(host,))
    fitting.start()
    codes = set()
    while fitting.is_alive():
        codes.add(predict(host, pack(X=X)))
    return codes


def fit_twice(host):
    """Return the codes of two fits at a time."""
    codes = []
    threads = [threading.Thread(target=lambda: codes.append(fit(host))) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(codes)


def test_1_predictions_during_a_fit(reference, ours):
    with reference("classes") as host:
        assert 500 in predict_during_a_fit(host)
    with ours() as host:
        assert predict_during_a_fit(host) == {201}


def test_2_a_planted_model_file(reference, ours, tmp_path):
    class Planted:
        def __reduce__(self):
            return os.mkdir, (str(tmp_path / "code-was-run"),)

    with reference("classes") as host:
        (tmp_path / "reference/model.pkl").write_bytes(pickle.dumps(Planted()))
        predict(host, pack(X=X))
    assert (tmp_path / "code-was-run").exists()
    (tmp_path / "code-was-run").rmdir()
    with ours() as host:
        (tmp_path / "model.skops").write_bytes(pickle.dumps(Planted()))
        assert predict(host, pack(X=X)) == 503
    assert not (tmp_path / "code-was-run").exists()


def test_3_an_upload_that_expands(reference, ours, tmp_path):
    bomb = pack(X=np.zeros((24 * MEBIBYTE // 4, 4)))
    assert len(bomb) < MEBIBYTE
    with reference("classes") as host:
        assert fit(host) == 201
        [worker] = list_listeners(host)
        before = read_memory(worker)[0]
        predict(host, bomb, batch_size=10**8)
        assert read_memory(worker)[1] - before > 150 * MEBIBYTE
    with ours("iris_anonymized", workers=1) as host:
        assert fit(host) == 201
        [worker] = [pid for pid in list_listeners(host) if is_worker(pid)]
        before = read_memory(worker)[0]
        assert predict(host, bomb) == 413
        assert read_memory(worker)[1] - before < 20 * MEBIBYTE


def test_4_wrong_requests(reference, ours):
    whole = pack(X=X)
    npy = io.BytesIO()
    np.save(npy, X)
    wrong = {
        "NaN": pack(X=X * np.nan),
        "no rows": pack(X=X[:0]),
        "1-D": pack(X=X[0]),
        "truncated": whole[: len(whole) // 2],
        "npy": npy.getvalue(),
    }
    urls = {name: f"/predict?name={name}" for name in wrong} | {"0": "/predict?batch_size=0"}
    with reference("classes") as host:
        fit(host)
        answers = post_all(host, urls, wrong, whole)
        assert {answer.status_code for answer in answers.values()} == {500}
    with ours() as host:
        fit(host)
        answers = post_all(host, urls, wrong, whole)
        assert {answer.status_code for answer in answers.values()} == {400}
        descriptions = {answer.json()["description"] for answer in answers.values()}
        assert len(descriptions) == len(urls)


def post_all(host, urls, bodies, whole):
    return {
        name: requests.post(f"http://{host}{url}", data=bodies.get(name, whole))
        for name, url in urls.items()
    }


def test_5_a_second_fit_during_the_first(reference, ours):
    with reference("classes-one-by-one") as host:
        assert fit_twice(host) == [201, 201]
    with ours() as host:
        assert fit_twice(host) == [201, 503]


def test_6_tables(reference, ours):
    with reference("table") as host:
        assert requests.get(f"http://{host}/anon_data").status_code == 500
        assert fit_twice(host) == [201, 500]
    with ours("slow_table") as host:
        assert requests.get(f"http://{host}/anon_data").status_code == 503
        assert fit_twice(host) == [201, 503]


def test_6_all_workers_give_away_one_release(reference, ours, challenge, tmp_path):
    with reference("table") as host, reference("table") as other:
        assert has_stale_worker(challenge, host, other)
    with ours("slow_table") as host, ours("slow_table") as other:
        assert not has_stale_worker(challenge, host, other)


def has_stale_worker(challenge, host, other):
    """Whether, after two fits of different tables by one process, another gives away the first."""
    leaky = challenge.data["leaky"]
    assert fit(host) == 201
    requests.get(f"http://{other}/anon_data").raise_for_status()
    file = io.BytesIO()
    (DOSES + 1000).to_parquet(file)
    challenge.data["leaky"] = file.getvalue()
    assert fit(host) == 201
    challenge.data["leaky"] = leaky
    newest, seen = (read_release(each)["dose"].min() for each in (host, other))
    assert newest == 1000
    return seen != newest


def read_release(host):
    return pd.read_parquet(io.BytesIO(requests.get(f"http://{host}/anon_data").content))


def test_7_the_order_of_the_records(reference, ours):
    with reference("table") as host:
        assert fit(host) == 201
        release = read_release(host)
        assert release["dose"].tolist() == DOSES["dose"].tolist()
        assert release.index.tolist() == list(range(100, 150))
    with ours("slow_table") as host:
        assert fit(host) == 201
        release = read_release(host)
        assert sorted(release["dose"]) == DOSES["dose"].tolist()
        assert abs(np.corrcoef(release["dose"], DOSES["dose"])[0, 1]) < 0.5
        assert release.index.tolist() == list(range(50))


def test_8_a_table_that_the_challenge_finds_too_large(start_challenge, tmp_path):
    # Beyond 1 MiB even compressed.
    noise = pd.DataFrame({"dose": np.random.default_rng(1).random(300_000)})
    noise.to_parquet(tmp_path / "leaky.parquet")
    application = "applications.slow_table:application"
    with (
        start_challenge("table-of-small-parts", tmp_path / "leaky.parquet") as challenge,
        serving(application, tmp_path, CHALLENGE_HOST=challenge) as host,
    ):
        assert fit(host) == 201
        answer = requests.post(f"http://{host}/evaluate")
        assert (answer.status_code, answer.json()["title"]) == (424, "Refused by the challenge")
        # What another server says is for whoever runs ours, and not for its clients.
        assert "it answered 400" in answer.json()["description"]
        logs = [path.read_text() for path in tmp_path.glob("server-*.log")]
        assert any("body part is too large" in log for log in logs)
    with (
        start_challenge("table", tmp_path / "leaky.parquet") as challenge,
        serving(application, tmp_path, CHALLENGE_HOST=challenge) as host,
    ):
        assert requests.post(f"http://{host}/evaluate").json()["evaluation"]["records"] == 300_000


def ask_challenge(anomed_python, program):
    """Run a program in the AnoMed environment and return what it prints."""
    result = subprocess.run([anomed_python, "-c", program], capture_output=True, check=True)
    return json.loads(result.stdout)


def test_9_false_positives(anomed_python):
    prediction = [True, True, False, False, True, False, False, False]
    membership = [True] * 4 + [False] * 4
    program = (
        "import json, numpy, anomed_challenge as c;"
        f"print(json.dumps(c.evaluate_MIA(numpy.array({prediction}), numpy.array({membership}))))"
    )
    # One of four who are no members is taken for one.
    assert ask_challenge(anomed_python, program)["fpr"] == 1 / 8
    assert measure_attack(np.array(prediction), np.array(membership))["fpr"] == 1 / 4


def test_10_the_membership_mask_depends_on_the_names_alone(anomed_python):
    program = """
import json, numpy, anomed_challenge as c

def mask(seed):
    draw = numpy.random.default_rng(seed)
    data = [c.InMemoryNumpyArrays(draw.random((100, 2)), draw.random(100)) for _ in range(3)]
    challenge = c.SupervisedLearningMIAChallenge(
        *data, c.strict_binary_accuracy, c.evaluate_MIA, 10, seed)
    return challenge.MIA_evaluation_data("anonymizer", "attack", "validation")[1].tolist()
print(json.dumps([mask(1), mask(2)]))
"""
    first, second = ask_challenge(anomed_python, program)
    assert first == second


def list_listeners(host):
    """Return the processes whose command line has a server's port."""
    port = host.rpartition(":")[2]
    found = subprocess.run(["pgrep", "-f", f"(gunicorn|peers).*{port}"], capture_output=True)
    return [int(line) for line in found.stdout.split()]


def is_worker(pid):
    return read_parent(pid) != os.getpid()
