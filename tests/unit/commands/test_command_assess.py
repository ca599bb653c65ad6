import json
import re
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml
from tests.unit.command_line import (
    DESCRIPTION,
    anonymization,
    refuse,
    run,
)

import anonify
from anonify.base.words import MEASURES
from anonify.commands.assessment import LEFT_OUT, write_report
from anonify.measures.risk import measure_corrected
from anonify.releases.description import name_description
from anonify.releases.handout import Handout
from anonify.releases.writing import write_release_csv, write_release_parquet


def test_a_release_is_assessed(folder):
    run("anonymize", anonymization(attrs=[["sex", "age", "illness"]]))
    result = run("assess", None, "out/clinic_mondrian_k2_b0_a0.csv", "--config", "clinic.yaml")
    assert result.exit_code == 0, result.output
    written = json.loads((folder / "clinic_mondrian_k2_b0_a0.assessment.json").read_text())
    # F and M; ages 30, 30, 31 and 31, 40, 40: the F are in 30-39, two of three leaves, and any
    # other split by age would leave a single record.
    assert written["risk"]["achieved_k"] == 3
    assert written["risk"]["prosecutor_risk_highest"] == pytest.approx(100 / 3)
    assert written["quality"]["ncp"] == pytest.approx(100 * (0 + (2 / 3 + 1) / 2) / 2)
    assert written["privacy"]["illness"]["distinct_l"] == 2
    assert re.search(r"achieved k / records +3\n", result.stdout)
    assert re.search(r"highest prosecutor risk / % +33.33\n", result.stdout)
    assert re.search(r"illness +2 ", result.stdout)


@pytest.mark.parametrize(
    ("arguments", "headline", "sentence"),
    [
        ([], "No limit was stated", "No highest risk was stated (`--risk-limit`)"),
        (["-k", "3"], "The limit is kept", "- Kept. k = 3: every group of people who look alike"),
        (["-k", "4"], "The limit is not kept", "- Not kept. k = 4: every group of people"),
        (["--risk-limit", "33"], "The limit is not kept", "33 % at most; the highest is 33.3 %"),
        (["-k", "3", "--risk-limit", "40"], "Both limits are kept", "40 % at most; the highest is"),
        (["-k", "4", "--risk-limit", "40"], "1 of 2 limits is not kept", "do not hand this table"),
    ],
)
def test_what_is_assessed_is_judged_by_the_limits_that_are_named(
    folder, arguments, headline, sentence
):
    text = "sex,age,illness\n" + "F,30-39,flu\n" * 3 + "M,*,flu\nM,*,cold\nM,*,cold\n"
    (folder / "release.csv").write_text(text)
    result = run("assess", None, "release.csv", "--config", "clinic.yaml", *arguments)
    told = " ".join(result.stdout.split())
    assert f"Verdict: {headline}" in told
    assert sentence in told
    assert "33.3 % at most (1 in 3)" in told
    assert "“illness” of 3 (50 %: 'flu' for 3)" in told
    written = json.loads((folder / "release.assessment.json").read_text())["verdict"]
    assert written["certain"] == {"illness": {"people": 3, "values": [["flu", 3]]}}
    assert written["is_kept"] == (None if not arguments else "not" not in headline)


def test_every_measure_is_told_but_those_that_are_left_out():
    classes = pd.DataFrame(
        {"is_suppressed": [False], "size": [4], "released_size": [2], "estimated_population": [9.0]}
    )
    risk = {**measure_corrected(classes, 2, 1), "achieved_k": 2}
    assert set(risk) > LEFT_OUT
    found = {"k": 2, "threshold": 1, "risk": risk, "quality": {"ncp": 5.0}, "privacy": {}}
    found["counted"] = "records"
    found["verdict"] = {
        **{"k": 2, "deletion": 0, "limits": [], "risk": risk, "cost": {"ncp": 5.0, "loss": 5.0}},
        **{"columns": [{"name": "age", "role": "quasi-identifier", "shown": ""}], "people": 2},
        **{"certain": {}, "left_out": {"suppressed": 0, "blanked": 0, "deletion": 0}},
    }
    told = [line.rsplit("  ", 1)[0].strip() for line in write_report("x", found).splitlines()]
    for name in risk:
        assert (MEASURES[name].label.format(threshold=1) in told) == (name not in LEFT_OUT)
    assert told.index("highest prosecutor risk / %") < told.index("highest journalist risk / %")


def test_a_configuration_of_a_run_names_the_dataset(folder):
    (folder / "config/datasets").mkdir(parents=True)
    shutil.copy("clinic.yaml", "config/datasets/clinic.yaml")
    (folder / "my.yaml").write_text("dataset: clinic\nk_values: [2]\n")
    (folder / "release.csv").write_text("sex,age\n" + "F,30-39\n" * 6)
    assert run("assess", None, "release.csv", "--config", "my.yaml").exit_code == 0


def test_a_sample_is_assessed_against_the_table_before_sampling(folder):
    (folder / "before.csv").write_text("sex;age\n" + "F;30-39\n" * 4 + "*;*\n")
    (folder / "after.csv").write_text("sex;age\n" + "F;30-39\n" * 2)
    arguments = ["--config", "clinic.yaml", "--anonymized", "before.csv", "-k", "4", "--json", "x"]
    assert run("assess", None, "after.csv", *arguments).exit_code == 0
    risk = json.loads((folder / "x").read_text())["risk"]
    assert (risk["journalist_risk_highest"], risk["prosecutor_risk_highest"]) == (25, 50)
    assert risk["classes_below_k"] == 1


@pytest.mark.parametrize(
    ("before", "message"),
    [
        ("sex,age\n" + "F,30-39\n" * 3, r"the class \(F, 30-39\) has fewer records there"),
        ("sex,age\n" + "F,*\n" * 6, r"the class \(F, 30-39\) has fewer records there"),
        ("sex\n" + "F\n" * 6, "the table has no column 'age'"),
        ("sex,age\n" + "F,20-29\n" * 6, "before.csv: column 'age', record 1: the value '20-29'"),
    ],
)
def test_a_table_that_a_release_is_no_sample_of_is_told(folder, before, message):
    (folder / "before.csv").write_text(before)
    (folder / "after.csv").write_text("sex,age\n" + "F,30-39\n" * 4)
    arguments = ["--config", "clinic.yaml", "--anonymized", "before.csv"]
    assert re.search(message, refuse("assess", None, "after.csv", *arguments))


def test_a_table_is_not_overwritten_by_its_assessment(folder):
    (folder / "release.csv").write_text("sex,age\n" + "F,30-39\n" * 6)
    (folder / "release.csv-metadata.json").write_text("{}")
    before = {path: path.read_bytes() for path in folder.iterdir() if path.is_file()}
    (folder / "link").symlink_to("release.csv")
    for target, told in {
        "release.csv": "this file is read and would be lost; write to another one",
        "link": "this file is read",
        "release.csv-metadata.json": "this file is read",
        "clinic.yaml": "this file is read",
        "clinic.csv": "this file is read",
        ".": "it is there already and no file",
        "nowhere/a.json": "nothing can be written there (No such file or directory)",
        "clinic.csv/a.json": "nothing can be written there (Not a directory)",
    }.items():
        arguments = ["--config", "clinic.yaml", "--json", target]
        message = refuse("assess", None, "release.csv", *arguments)
        assert f"Error: {Path(target)}: {told}" in message
    assert all(path.read_bytes() == content for path, content in before.items())


@pytest.mark.parametrize("content", [b"", b"\n", b" \r\n\r\n", b"\xef\xbb\xbf", b"\xef\xbb\xbf\n"])
def test_a_release_without_anything_in_it_is_called_empty(folder, content):
    (folder / "release.csv").write_bytes(content)
    message = refuse("assess", None, "release.csv", "--config", "clinic.yaml")
    assert "release.csv: the file is empty; it needs a header and records" in message


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "the file is empty"),
        (b"PAR1", "the file is no Parquet, or not whole"),
        (b"sex,age\n", "the file is no Parquet, or not whole"),
    ],
)
def test_a_parquet_file_that_is_none_is_told(folder, content, told):
    (folder / "release.parquet").write_bytes(content)
    message = refuse("assess", None, "release.parquet", "--config", "clinic.yaml")
    assert f"release.parquet: {told}" in message


def test_what_is_handed_out_is_assessed_as_csv_and_as_parquet(folder):
    frame = pd.DataFrame({"sex": ["F"] * 6, "age": ["30-39"] * 6})
    handout = Handout.of(frame.astype("category"))
    found = []
    for write, name in ((write_release_csv, "a.csv"), (write_release_parquet, "b.parquet")):
        (folder / "release").mkdir(exist_ok=True)
        write(handout, folder / "release" / name)
        name_description(folder / "release" / name).write_text("{}")
        assert run("assess", None, f"release/{name}", "--config", "clinic.yaml").exit_code == 0
        # What may be handed out from that folder is the table and its description alone.
        assert not list((folder / "release").glob("*.assessment.json"))
        found.append(json.loads((folder / f"{name[0]}.assessment.json").read_text()))
    assert found[0]["risk"] == found[1]["risk"]
    assert found[0]["risk"]["achieved_k"] == 6


@pytest.mark.parametrize(
    ("release", "message"),
    [
        ("name,sex\nAda,F\n", "'name' is a direct identifier"),
        ("x,y\n1,2\n", "it has none of the quasi-identifiers sex, age, weight"),
        ("sex,age\nF,20-29\n", "wrong.csv: column 'age', record 1: the value '20-29' is no"),
        ("sex,hair\nF,red\n", "the column 'hair' is not described"),
    ],
)
def test_a_wrong_release_is_told(folder, release, message):
    (folder / "wrong.csv").write_text(release)
    assert message in refuse("assess", None, "wrong.csv", "--config", "clinic.yaml")
    assert not list(folder.glob("*.json"))


def test_safe_harbor_is_told_where_it_is_asked_for(folder):
    (folder / "release.csv").write_text("sex,age\n" + "F,30-39\n" * 6)
    arguments = ["assess", None, "release.csv", "--config", "clinic.yaml", "--json", "x"]
    plain = run(*arguments)
    assert "Safe Harbor" not in plain.stdout
    assert "safe_harbor" not in json.loads((folder / "x").read_text())
    asked = run(*arguments, "--safe-harbor")
    assert asked.stdout.startswith(plain.stdout.rstrip("\n"))
    assert re.search(r"^A  names +kept +name: left out$", asked.stdout, re.MULTILINE)
    assert "Of the eighteen: 18 kept, as far as" in asked.stdout
    assert "no legal advice" in asked.stdout
    found = json.loads((folder / "x").read_text())["safe_harbor"]
    assert "".join(each["letter"] for each in found) == "ABCDEFGHIJKLMNOPQR"
    assert found[2] == {
        "letter": "C",
        "title": "dates but for the year, ages over 89",
        "verdict": "kept",
        "columns": ["age"],
        "why": "age: no age over 89 is told",
    }


def test_what_safe_harbor_forbids_is_told(folder):
    text = DESCRIPTION.replace("illness:", "zip:").replace("dead:", "seen:")
    text = text.replace("role: target, type: integer", "role: sensitive, type: date")
    (folder / "clinic.yaml").write_text(text)
    rows = [f"A{n},F,3{n % 2},50,0213{n},2025-01-0{n + 1}\n" for n in range(6)]
    (folder / "clinic.csv").write_text("name,sex,age,weight,zip,seen\n" + "".join(rows))
    rows = [f"F,30,0213{n},2025-01-0{n + 1}\n" for n in range(6)]
    (folder / "release.csv").write_text("sex,age,zip,seen\n" + "".join(rows))
    told = run("assess", None, "release.csv", "--config", "clinic.yaml", "--safe-harbor").stdout
    assert "zip: more than three digits, such as '02130'" in told
    assert "seen: more than the year, such as '2025-01-01'" in told
    assert "Of the eighteen: 16 kept, 2 not kept" in told


FORMULAS = ["=1+1", "@x", "+a", "-b", "'abc", "'@own", "", "plain"]


@pytest.mark.parametrize("engine", ["memory", "duckdb"])
@pytest.mark.parametrize("ending", ["csv", "parquet"])
@pytest.mark.parametrize("labels", ["nodes", "sets"])
def test_what_is_kept_from_being_a_formula_is_assessed_as_what_it_is(
    tmp_path, monkeypatch, engine, ending, labels
):
    monkeypatch.chdir(tmp_path)
    generator = np.random.default_rng(3)
    table = pd.DataFrame(
        {
            "-town": generator.choice([*FORMULAS, "-5"], 300),
            "change": generator.choice(["-2.5", "-1.5", "-0.5", "0.5"], 300),
            "=ill": generator.choice(FORMULAS, 300),
        }
    )
    table.to_csv("ward.csv", index=False)
    quasi, sensitive = {"role": "quasi-identifier"}, {"role": "sensitive", "type": "category"}
    intervals = {"intervals": [{"start": -2.5, "width": 2.5}]}
    described = {
        "name": "ward",
        "title": "Ward",
        "file": "ward.csv",
        "rows_are_people": True,
        "columns": {
            "-town": {**quasi, "type": "category"},
            "change": {**quasi, "type": "decimal", "hierarchy": intervals},
            "=ill": sensitive,
        },
    }
    Path("ward.yaml").write_text(yaml.safe_dump(described, sort_keys=False))
    found = {}
    for name, escapes in (("plain", False), ("escaped", True)):
        asked = {"method": "mondrian", "labels": labels, "escape_formulas": escapes}
        anonify.anonymize_file("ward.yaml", f"{name}.{ending}", 5, **asked)
        options = ["--config", "ward.yaml", "--json", f"{name}.json", "--engine", engine]
        result = run("assess", None, f"{name}.{ending}", *options)
        assert result.exit_code == 0, result.stderr
        found[name] = json.loads(Path(f"{name}.json").read_text())
        del found[name]["release"]
    read = pd.read_csv if ending == "csv" else pd.read_parquet
    escaped = read(f"escaped.{ending}")
    assert {"'-town", "'=ill"} < {*escaped}
    assert {"'=1+1", "'@x", "'abc", "'@own"} < {*escaped["'=ill"]}
    assert found["escaped"] == found["plain"]
    assert found["plain"]["risk"]["achieved_k"] >= 5
    # A direct identifier is one also where its name has an apostrophe.
    columns = {"=ill": {"role": "identifier", "type": "category"}}
    Path("ward.yaml").write_text(
        yaml.safe_dump({**described, "columns": {**described["columns"], **columns}})
    )
    message = refuse("assess", None, f"escaped.{ending}", "--config", "ward.yaml")
    assert "the column '=ill' is a direct identifier" in message
