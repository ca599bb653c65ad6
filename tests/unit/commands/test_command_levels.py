"""Least and most levels: what is written, read back by pandas alone, shows no other one."""

import json
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml
from tests.unit.command_line import anonymization, refuse, run
from tests.unit.readback import list_members

import anonify
import anonymize as anonymize_script
from anonify.domains.files import read_domains, write_domain
from anonify.engines.choice import Limits, Wanted
from anonify.measures.information_loss import measure_ncp
from anonify.methods import METHODS
from anonify.releases.foreign import read_any_release
from anonify.tables.columns import Column
from anonify.tables.provenance import start_provenance
from anonify.tables.storage import Table, read_table, write_table
from anonify.verification.releases import VerificationError

WIDTHS = [{"start": 0, "width": width} for width in (5, 20, 60)]
TOWNS = {"North": ["Aln", "Brae"], "South": {"Coast": ["Carn", "Dun"], "Inland": ["Esk"]}}


def make_patients(n: int = 120) -> pd.DataFrame:
    generator = np.random.default_rng(4)
    # Forty people of one age and town: nothing but the level hides the age of these.
    age = np.append(generator.integers(18, 95, n - 40), [37] * 40)
    town = np.append(generator.choice(["Aln", "Brae", "Carn", "Dun", "Esk"], n - 40), ["Esk"] * 40)
    frame = pd.DataFrame({"age": pd.array(age, "Int64"), "town": town})
    frame.loc[generator.random(n) < 0.05, "age"] = pd.NA
    return frame.assign(illness=generator.choice(["flu", "cold", "burn"], n))


def describe(**changes) -> None:
    columns = {
        "age": {"role": "quasi-identifier", "type": "integer", "hierarchy": {"intervals": WIDTHS}},
        "town": {"role": "quasi-identifier", "type": "category", "hierarchy": {"tree": TOWNS}},
        "illness": {"role": "sensitive", "type": "category"},
    }
    columns = {name: column | changes.get(name, {}) for name, column in columns.items()}
    content = {"name": "ward", "title": "Ward", "file": "ward.csv", "columns": columns}
    Path("ward.yaml").write_text(yaml.safe_dump(content, sort_keys=False))


def find_level(label: str) -> int:
    """The level of an age's label."""
    if label == "*":
        return 4
    low, _, high = label.partition("-")
    return {5: 1, 20: 2, 60: 3}[int(high) - int(low)] if high else 0


def find_levels(ages) -> set[int]:
    """The levels of the ages that labels show, or of the members of sets."""
    members = {member for label in ages for member in list_members(label)}
    return {find_level(member) for member in members - {""}}


@pytest.fixture
def patients(folder):
    patients = make_patients()
    patients.to_csv("ward.csv", index=False)
    return patients


@pytest.mark.parametrize(
    ("limits", "levels"),
    [
        ({"least_level": 1}, {1, 2, 3, 4}),
        ({"least_level": 2, "most_level": 3}, {2, 3}),
        ({"most_level": 2}, {0, 1, 2}),
        ({"least_level": 2, "most_level": 2}, {2}),
    ],
)
def test_no_file_shows_another_level(patients, limits, levels):
    describe(age=limits)
    content = {
        "dataset": "ward.yaml",
        "algo_conf": {
            "k": [3],
            "algo": list(METHODS),
            "options": {"ola": {"suppression_limit": 30}},
        },
        "dataset_conf": {"batch_size": [0], "attrs": [[]]},
        "output": "out",
    }
    Path("conf.json").write_text(json.dumps(content))
    result = run("anonymize", None, "conf.json")
    assert result.exit_code == 0, result.output
    paths = [*Path("out").glob("*.csv")]
    assert len(paths) == len(METHODS)
    for path in paths:
        release = pd.read_csv(path, dtype=str, keep_default_na=False)
        assert len(release) >= 84, path
        assert release.groupby(["age", "town"]).size().min() >= 3
        assert find_levels(release["age"]) <= levels, path


@pytest.mark.parametrize("method", METHODS)
def test_a_release_in_python_shows_no_other_level(method):
    patients = make_patients()
    release = anonify.anonymize(
        patients,
        k=3,
        method=method,
        quasi_identifiers={"age": [5, 20, 60], "town": {"tree": TOWNS}},
        sensitive="illness",
        method_options={"suppression_limit": 30} if method == "ola" else None,
        least_level={"age": 1, "town": 1},
        most_level={"age": np.int64(2)},
        seed=1,
    )
    ages = release.table["age"].astype("str")
    assert find_levels(ages) <= {1, 2}
    # The short branch, North, begins above the first level.
    towns = {part for label in release.table["town"] for part in list_members(label)}
    assert towns <= {"Aln", "Brae", "North", "Coast", "Inland", "South", "*"}
    step = release.provenance["steps"][0]
    assert step["least_level"] == {"age": 1, "town": 1}
    assert step["most_level"] == {"age": 2}
    assert json.dumps(release.provenance)


def test_a_description_of_a_column_and_a_hierarchy_may_have_levels_in_python(tmp_path):
    patients = make_patients()[["town"]]
    (tmp_path / "town.csv").write_text(
        "".join(f"{town};{town[0]}..;*\n" for town in ("Aln", "Brae", "Carn", "Dun", "Esk"))
    )
    tree = anonify.read_hierarchy(tmp_path / "town.csv")
    for how, further in [
        ({"hierarchy": {"file": str(tmp_path / "town.csv")}, "least_level": 1}, {}),
        (tree, {"least_level": {"town": 1}}),
    ]:
        release = anonify.anonymize(patients, 5, quasi_identifiers={"town": how}, **further)
        assert {*release.table["town"]} == {"A..", "B..", "C..", "D..", "E.."}


@pytest.mark.parametrize("name", ["age", "town"])
def test_what_matters_more_loses_less_and_the_loss_is_told_without_it(patients, name):
    losses = {}
    for importance in (1, 20):
        describe(**{name: {"importance": importance}})
        content = {
            "dataset": "ward.yaml",
            "algo_conf": {"k": [6], "algo": ["optimal"]},
            "dataset_conf": {"batch_size": [0], "attrs": [[]]},
            "output": f"out{importance}",
        }
        Path("conf.json").write_text(json.dumps(content))
        printed = run("anonymize", None, "conf.json").stdout.splitlines()[1]
        dataset = anonify.read_dataset("ward.yaml")
        release = read_any_release(f"out{importance}/ward_optimal_k6_b0_a0.csv", dataset)
        losses[importance] = measure_ncp(release.rows([*dataset.domains]), dataset.domains)
        assert float(printed.split(",")[4]) == pytest.approx(
            np.mean([*losses[importance].values()])
        )
    assert losses[20][name] < losses[1][name]
    assert np.mean([*losses[20].values()]) > np.mean([*losses[1].values()])
    assert "; importance 20\n" in run("check", None, "ward.yaml").output


def test_importance_in_python_is_that_of_the_description():
    patients = make_patients()
    given = {"age": [5, 20, 60], "town": {"tree": TOWNS}}
    described = {"age": [5, 20, 60], "town": {"hierarchy": {"tree": TOWNS}, "importance": 9}}
    releases = [
        anonify.anonymize(
            patients, 6, method="greedy", quasi_identifiers=how, sensitive="illness", **further
        )
        for how, further in [(given, {"importance": {"town": 9}}), (described, {}), (given, {})]
    ]
    pd.testing.assert_frame_equal(releases[0].table, releases[1].table)
    assert releases[0].loss["ncp_town"] < releases[2].loss["ncp_town"]
    assert releases[0].provenance["steps"][0]["importance"] == {"town": 9.0}
    assert "importance" not in releases[2].provenance["steps"][0]


def test_check_tells_which_levels_are_shown_and_which_values_stay_as_they_are(patients):
    describe(town={"least_level": 1}, age={"most_level": 3})
    text = run("check", None, "ward.yaml").output
    assert re.search(r"age .*values, and missing values; shown on levels 0 to 3 alone\n", text)
    assert "shown on levels 1 to 3 alone\n" in text
    # The short branch, North, stays as it is on the lower levels.
    assert (
        "'town': 2 values are on level 1, the `least_level`, as in the table; choose a higher one, "
        "or generalize them in its hierarchy\n" in text
    )


@pytest.mark.parametrize(
    ("column", "changes", "sentence"),
    [
        (
            "age",
            {"least_level": 5},
            "hierarchy of 'age': its `least_level` is 5, but its highest level, that of '*', is 4; "
            "choose a level from 0 to 4",
        ),
        ("town", {"most_level": 9}, "hierarchy of 'town': its `most_level` is 9, but its highest"),
        (
            "age",
            {"least_level": 3, "most_level": 2},
            "`columns.age` has the `least_level` 3, which is above its `most_level` 2; swap them",
        ),
        (
            "age",
            {"least_level": -1},
            "`columns.age.least_level` is -1; it should be a whole number",
        ),
        (
            "age",
            {"most_level": 1.5},
            "`columns.age.most_level` is 1.5; it should be a whole number",
        ),
        ("age", {"least_level": True}, "it should be a whole number from 0"),
        ("age", {"importance": 0}, "`columns.age.importance` is 0; it should be a number above 0"),
        (
            "town",
            {"importance": "high"},
            "`columns.town.importance` is 'high'; it should be a number",
        ),
        ("illness", {"importance": 2}, "has an `importance` but is no quasi-identifier"),
        ("age", {"least_levels": 1}, "there is no key `least_levels` in `columns.age`; did you"),
        (
            "illness",
            {"most_level": 1},
            "has a `most_level` but is no quasi-identifier, so it is not",
        ),
        (
            "age",
            {"least_level": 1, "hierarchy": None},
            "hierarchy of 'age': it has a `least_level`, but ranges have no levels; give it a "
            "`hierarchy`, or `ranges` whose ends show no value itself",
        ),
    ],
)
def test_levels_that_do_not_fit_are_told_in_one_sentence(patients, column, changes, sentence):
    describe(**{column: changes})
    if "hierarchy" in changes:
        content = yaml.safe_load(Path("ward.yaml").read_text())
        del content["columns"][column]["hierarchy"]
        Path("ward.yaml").write_text(yaml.safe_dump(content))
    result = run("check", None, "ward.yaml")
    assert result.exit_code == 1
    assert sentence in result.stderr
    assert len(result.stderr.splitlines()) == 1
    assert sentence in refuse("anonymize", anonymization(dataset="ward.yaml", k=[3]))
    assert not Path("out").exists()


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (
            {"least_level": {"age": 7}},
            "hierarchy of 'age': its `least_level` is 7, but its highest",
        ),
        (
            {"least_level": {"illness": 1}},
            "'illness' has a `least_level` but is no quasi-identifier",
        ),
        ({"most_level": {"age": 1.0}}, "`most_level`: 'age' has 1.0; give a whole number from 0"),
        ({"most_level": {"age": True}}, "`most_level`: 'age' has True; give a whole number from 0"),
        ({"least_level": 1}, "`least_level` should name columns with a number each"),
        ({"importance": {"age": 0}}, "`importance`: 'age' has 0; give a number above 0"),
        (
            {"importance": {"age": float("nan")}},
            "`importance`: 'age' has nan; give a number above 0",
        ),
        ({"importance": {"age": "2"}}, "`importance`: 'age' has '2'; give a number above 0"),
        (
            {"importance": {"illness": 2}},
            "'illness' has an `importance` but is no quasi-identifier",
        ),
        (
            {"least_level": {"height": 1}},
            "`least_level` names 'height', which is no column that is",
        ),
        ({"least_level": {"age": 2}, "most_level": {"age": 1}}, "above its `most_level` 1; swap"),
    ],
)
def test_levels_that_do_not_fit_are_told_in_python(given, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        anonify.anonymize(
            make_patients(),
            k=3,
            quasi_identifiers={"age": [5, 20], "town": None},
            sensitive="illness",
            **given,
        )


@pytest.fixture
def job(tmp_path):
    """Anonymize a typed table as a rule does."""
    described = (
        Column("age", "quasi-identifier", "integer", least_level=1, most_level=2),
        Column("ill", "sensitive", "integer"),
    )
    frame = pd.DataFrame({"age": pd.Categorical(["31"] * 3 + ["77"]), "ill": [1, 0, 1, 0]})
    dataset = {"name": "ward", "title": "Ward", "sha256": "", "synthetic": False}
    write_table(Table(frame, described, start_provenance(dataset)), tmp_path / "ward.parquet")
    (tmp_path / "age.csv").write_text("31;30-35;30-40;*\n77;75-80;70-80;*\n")
    release = tmp_path / "k2.parquet"

    def main():
        anonymize_script.main(
            str(tmp_path / "ward.parquet"),
            [str(tmp_path / "age.csv")],
            str(release),
            "mondrian",
            2,
            {},
            [],
            "nodes",
            1,
            Wanted("memory", Limits(10**9, tmp_path)),
        )
        return read_table(release).frame

    return main


def test_a_rule_keeps_the_levels_of_the_description(job):
    shown = job()
    assert sorted(shown["age"]) == ["*", "30-35", "30-35", "30-35"]
    assert shown.loc[shown["is_suppressed"], "age"].tolist() == ["*"]


def test_what_a_rule_wrote_is_verified_against_the_description(job, monkeypatch):
    def forget(paths, table):
        return read_domains(paths, table.quasi_identifiers)

    monkeypatch.setattr(anonymize_script, "read_limited_domains", forget)
    with pytest.raises(VerificationError, match=r"age: '\*' is on none of the levels 1 to 2"):
        job()


def test_the_hierarchy_of_a_run_has_all_levels_as_arx_reads_them(patients, tmp_path):
    describe(age={"least_level": 1})
    domain = anonify.read_dataset("ward.yaml").domains["age"]
    write_domain(domain, tmp_path / "written.csv")
    assert read_domains([tmp_path / "written.csv"], ["age"])["age"].height == 4
