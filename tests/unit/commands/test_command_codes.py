"""Codes by their structure: what is written, read back by pandas alone."""

import json
import re
from collections import Counter
from pathlib import Path

import pandas as pd
import pytest
import yaml
from tests.unit.command_line import anonymization, refuse, run

import anonify
from anonify.releases.foreign import read_any_release

SPELT = ["e11.9", "E119", "E11.9 ", "E11.90", "E10.1", "E11.-", "I10", "i10.x", "I25.1", "C50.9"]


def describe(**changes) -> None:
    column = {
        "role": "quasi-identifier",
        "type": "category",
        "hierarchy": {"code": {"system": "icd10"}},
    }
    columns = {
        "diagnosis": column | changes,
        "stay": {"role": "sensitive", "type": "integer"},
    }
    content = {"name": "ward", "title": "Ward", "file": "ward.csv", "columns": columns}
    Path("ward.yaml").write_text(yaml.safe_dump(content, sort_keys=False))


@pytest.fixture
def write(folder):
    def write(codes):
        frame = pd.DataFrame({"diagnosis": codes, "stay": range(len(codes))})
        frame.to_csv("ward.csv", index=False)

    return write


def anonymize(method, k=3, **further):
    content = {
        "dataset": "ward.yaml",
        "algo_conf": {"k": [k], "algo": [method]},
        "dataset_conf": {"batch_size": [0], "attrs": [[]]},
        "output": "out",
    }
    Path("conf.json").write_text(json.dumps(content))
    result = run("anonymize", None, "conf.json")
    assert result.exit_code == 0, result.output
    (path,) = Path("out").glob("*.csv")
    return pd.read_csv(path, dtype=str, keep_default_na=False)


@pytest.mark.parametrize("method", ["arx", "mondrian", "k_member"])
def test_spellings_are_one_code_in_every_release(write, method):
    write(["e11.9", "E119", "E11.9 ", "E11.9-"] * 2 + ["I10", "I10X", "i10.-"])
    describe()
    release = anonymize(method)
    assert Counter(release["diagnosis"]) == {"E11.9": 8, "I10": 3}


def test_a_least_level_hides_further_digits(write):
    write(SPELT * 3)
    describe(least_level=2)
    release = anonymize("greedy")
    assert {*release["diagnosis"]} == {"E10*", "E11*", "I10", "I25*", "C50*"}


def test_check_shows_the_levels(write):
    write(SPELT)
    describe()
    text = run("check", None, "ward.yaml").output
    assert "diagnosis (category): 7 values\n" in text
    rows = [line.split() for line in text.splitlines() if re.match(r" +[0-5] ", line)]
    assert [row[1] for row in rows] == ["7", "6", "5", "4", "3", "1"]
    assert [row[0] for row in rows] == ["0", "1", "2", "3", "4", "5"]
    assert "told apart" not in text


def test_what_is_no_code_is_told_with_its_record_and_column(write):
    write([*SPELT, "n/a", "E11.9"])
    describe()
    sentence = (
        "ward.csv, record 11: 'diagnosis' is 'n/a', no code of ICD-10; mend the value, or list it "
        "as `missing` of the column"
    )
    result = run("check", None, "ward.yaml")
    assert result.exit_code == 1
    (told,) = result.stderr.splitlines()
    assert told.endswith(sentence)
    assert sentence in refuse("anonymize", anonymization(dataset="ward.yaml", k=[3]))
    assert not Path("out").exists()
    describe(missing=["N/A"])
    result = run("check", None, "ward.yaml")
    assert result.exit_code == 0
    assert "7 values, and missing values" in result.output


def test_codes_that_are_no_text_are_told(write):
    write(["110", "250"])
    describe(type="integer", hierarchy={"code": {"system": "icd9cm"}})
    result = run("check", None, "ward.yaml")
    assert result.exit_code == 1
    assert "`columns.diagnosis` has a `code` but is no text; give it `type: category`" in (
        result.stderr
    )


def test_a_release_in_python_takes_a_code_by_its_rule():
    frame = pd.DataFrame({"home": ["sw1a1aa", "SW1A 1AA", "SW1A 2AA", "M1 1AE", "m11ae", "M1"]})
    how = {"code": {"system": "uk_postcode"}}
    release = anonify.anonymize(
        frame,
        2,
        method="ola",
        quasi_identifiers={"home": how},
        method_options={"suppression_limit": 0},
    )
    assert Counter(release.table["home"].astype("str")) == {"SW1A *": 3, "M1 *": 3}
    with pytest.raises(
        ValueError, match=r"`frame`, record 2: 'home' is '1011', no code of UK post"
    ):
        anonify.anonymize(
            pd.DataFrame({"home": ["M1", "1011"]}), 2, quasi_identifiers={"home": how}
        )
    described = {"hierarchy": how, "least_level": 2}
    release = anonify.anonymize(frame, 2, quasi_identifiers={"home": described})
    assert {*release.table["home"]} == {"SW1A *", "M1 *"}


def test_a_release_of_another_tool_may_spell_codes_in_its_own_way(write):
    write(SPELT)
    describe()
    dataset = anonify.read_dataset("ward.yaml")
    Path("theirs.csv").write_text("diagnosis,stay\ne119,1\nE11*,2\nE10-E14,3\ni10.-,4\n*,5\n")
    release = read_any_release("theirs.csv", dataset).rows(["diagnosis", "stay"])
    release = release.sort_values("stay")
    assert release["diagnosis"].tolist() == ["E11.9", "E11*", "E10-E14", "I10", "*"]
