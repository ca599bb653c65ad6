"""A command writes and says the same, whichever engine does the work."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml
from tests.profile import IS_FULL, takes_long
from tests.unit.command_line import anonymization, refuse, run, sampling

ENGINES = ["memory", "duckdb"]
COLUMNS = {
    "patient": {"role": "person", "type": "category"},
    "name": {"role": "identifier", "type": "category"},
    "age": {
        "role": "quasi-identifier",
        "type": "integer",
        "hierarchy": {"intervals": [{"start": 0, "width": 5}, {"start": 0, "width": 20}]},
        "top": 35,
    },
    "sex": {"role": "quasi-identifier", "type": "category", "hierarchy": {}},
    "town": {"role": "quasi-identifier", "type": "category", "hierarchy": {}, "most_level": 1},
    "bmi": {"role": "sensitive", "type": "decimal"},
    "illness": {"role": "sensitive", "type": "category"},
    "dead": {"role": "target", "type": "integer"},
    "stands_for": {"role": "weight", "type": "decimal"},
}


def make_table(seed: int, people: int, most: int) -> pd.DataFrame:
    generator = np.random.default_rng(seed)
    patient = np.repeat(np.arange(people), generator.integers(1, most + 1, people))
    records = len(patient)
    return pd.DataFrame(
        {
            "patient": [f"P{number}" for number in patient],
            "name": [f"n{number}" for number in range(records)],
            "age": generator.integers(0, 40, people)[patient],
            "sex": generator.choice(["f", "m", ""], people)[patient],
            "town": generator.choice(["Aln", "Brae", "", "Aln "], records),
            "bmi": generator.choice(["20.50", "31.25", "", "27.00"], records),
            "illness": generator.choice(["flu", "Flu", "cold, bad", 'say "x"', "é", ""], records),
            "dead": generator.integers(0, 2, records),
            "stands_for": generator.choice(["1.1", "2.7", "3.3"], records),
        }
    ).sample(frac=1, random_state=seed)


def write(table: pd.DataFrame, left_out=()) -> None:
    shown = table.drop(columns=list(left_out))
    shown.to_csv("ward.csv", index=False)
    description = {
        "name": "ward",
        "title": "Ward",
        "file": "ward.csv",
        "rows_are_people": True,
        "columns": {name: COLUMNS[name] for name in shown},
    }
    if "patient" in shown:
        del description["rows_are_people"]
    Path("ward.yaml").write_text(yaml.safe_dump(description, sort_keys=False))


def run_with_each(command, *arguments):
    """Run a command with each engine; return what it printed, and the JSON that it wrote."""
    found = []
    for engine in ENGINES:
        result = run(command, None, *arguments, "--engine", engine)
        assert result.exit_code == 0, result.output
        files = {path.name: path.read_text() for path in Path().glob("*.assessment.json")}
        found.append((result.output, files))
    return found


@pytest.fixture(params=["records", "people", "weights"])
def ward(request, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    left_out = {
        "records": ["patient", "stands_for"],
        "people": ["stands_for"],
        "weights": [],
    }[request.param]
    write(make_table(len(request.param), 150, 3), left_out)
    return left_out


def test_anonymize_writes_the_same_files(ward):
    if IS_FULL:
        methods = ["arx", "ncp_mondrian", "ola", "mondrian"]
        methods += [] if "patient" not in ward else ["greedy"]
    else:
        # One for each kind of table, and greedy where nobody has several records.
        methods = {2: ["greedy"], 1: ["ncp_mondrian"], 0: ["arx"]}[len(ward)]
    k_values = [3, 8] if IS_FULL else [3]
    content = anonymization(
        dataset="ward.yaml",
        k=k_values,
        algo=methods,
        batch_size=[0, 90],
        attrs=[[], ["town", "age", "illness"]],
        seed=11,
    )
    found = []
    for engine in ENGINES:
        shutil.rmtree("out", ignore_errors=True)
        result = run("anonymize", {**content, "engine": engine})
        assert result.exit_code == 0, result.output
        # All but the seconds.
        lines = [line.rpartition(",")[0] for line in result.stdout.splitlines()]
        found.append((lines, {path.name: path.read_bytes() for path in Path("out").iterdir()}))
    assert found[0] == found[1]
    assert len(found[0][1]) == len(k_values) * 2 * 2 * 2 * len(methods)


def test_assess_finds_the_same(ward):
    run("anonymize", anonymization(dataset="ward.yaml", k=[5], algo=["mondrian"], seed=3))
    shutil.copy("out/ward_mondrian_k5_b0_a0.csv", "released.csv")
    table = pd.read_csv("released.csv", dtype=str, keep_default_na=False)
    table.iloc[::2].to_csv("half.csv", index=False)
    options = ["--config", "ward.yaml", "-k", "5", "--risk-limit", "20", "--safe-harbor"]
    in_memory, in_file = run_with_each("assess", "released.csv", *options)
    assert in_memory == in_file
    options += ["--anonymized", "released.csv"]
    in_memory, in_file = run_with_each("assess", "half.csv", *options)
    assert in_memory == in_file
    assert json.loads(in_memory[1]["half.assessment.json"])["risk"]


def test_check_says_the_same(ward):
    in_memory, in_file = run_with_each("check", "ward.yaml")
    assert in_memory == in_file
    assert "ward: " in in_memory[0]


@pytest.mark.parametrize("engine", ENGINES)
def test_check_tells_all_mistakes_with_each_engine(tmp_path, monkeypatch, engine):
    monkeypatch.chdir(tmp_path)
    table = make_table(1, 40, 1).assign(age="old", dead="?")
    write(table, ["patient", "stands_for"])
    result = run("check", None, "ward.yaml", "--engine", engine)
    assert result.exit_code == 1
    assert [line.split(":")[0] for line in result.stderr.splitlines()] == ["ward.csv, record 1"] * 2


def test_what_follows_records_one_by_one_is_refused_and_leaves_nothing(ward):
    content = anonymization(dataset="ward.yaml", algo=["oka"], engine="duckdb", k=[3])
    content["engine_temp"] = str(Path("temp").absolute())
    Path("temp").mkdir()
    message = refuse("anonymize", content)
    assert "`oka`" in message or "oka" in message
    assert "mondrian" in message
    assert not Path("out").exists()
    assert [*Path("temp").iterdir()] == []


def test_sample_writes_the_same_files(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    rows = ["F;20;é", "M;30;z", 'F;20;"a\r\nb"', "F;20;\U0001f600", "F;20;\uffee", "*;*;x"] * 9
    text = '\ufeff"sex";age;what\r\n' + "\r\n".join([*rows[:20], "", *rows[20:]])
    Path("released.csv").write_bytes(text.encode())
    found = []
    for engine in ENGINES:
        shutil.rmtree("out", ignore_errors=True)
        result = run("sample", sampling(seed=5, num_experiments=3, engine=engine))
        assert result.exit_code == 0, result.output
        found.append({path.name: path.read_bytes() for path in Path("out").iterdir()})
    assert found[0] == found[1]
    kept = found[0]["trial_sampled_p30_t0.csv"].decode()
    header, *written = kept.removesuffix("\r\n").replace("\r\nb", "_").split("\r\n")
    assert header == '\ufeff"sex";age;what'
    # Of 36, 9 and 9 records ⌈0.3 · 36⌉ = 11, 3 and 3 go.
    assert [sum(line.startswith(start) for line in written) for start in "FM*"] == [25, 6, 6]


ROOM = ["unshare", "--mount", "sh", "-c", 'mount -t tmpfs -o size=$0 none temp && "$@"']


def run_with_little_room(size, *command):
    """Run a command in whose folder ``temp`` there is no more room than that."""
    return subprocess.run([*ROOM, size, *command], capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    "size", ["200k", *(pytest.param(size, marks=takes_long) for size in ("1m", "2m"))]
)
def test_a_full_disk_is_one_sentence(tmp_path, monkeypatch, size):
    monkeypatch.chdir(tmp_path)
    Path("temp").mkdir()
    if run_with_little_room("1m", "true").returncode:
        pytest.skip("a file system of little room needs root")
    table = make_table(1, 60_000, 1)
    table["bmi"] = np.round(np.random.default_rng(1).uniform(15, 40, len(table)), 4)
    write(table, ["patient", "stands_for", "name"])
    content = anonymization(dataset="ward.yaml", engine="duckdb", engine_temp="temp", k=[30])
    Path("conf.json").write_text(json.dumps(content))
    script = Path(__file__).parents[3] / "scripts/command.py"
    found = run_with_little_room(size, sys.executable, str(script), "anonymize", "conf.json")
    assert found.returncode == 1
    assert "no room left" in found.stderr.splitlines()[-1]
    assert "`engine_temp`" in found.stderr.splitlines()[-1]
    assert "Traceback" not in found.stderr
    assert not Path("out").exists()


def test_a_size_that_is_none_is_told(ward):
    assert "`engine_memory` is 'much'" in refuse(
        "anonymize", anonymization(dataset="ward.yaml", engine_memory="much")
    )
    result = run("check", None, "ward.yaml", "--engine-memory", "much")
    assert result.exit_code == 1
    assert "`engine_memory` is 'much'; write a size such as 2 GB" in result.stderr
