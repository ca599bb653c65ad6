"""One walk through a described dataset, whoever goes it and whatever becomes of a mistake."""

import hashlib
import json
import re
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
import yaml
from tests.unit.command_line import DESCRIPTION, HIERARCHY, TABLE, run

import prepare_dataset
from anonify.anomed.settings import read_settings
from anonify.base.errors import UserError
from anonify.datasets.described import Mistakes, check_dataset, read_dataset
from anonify.engines.choice import Limits, Wanted
from anonify.tables.storage import read_table

TARGET = "{role: target, type: integer}"
DISTRIBUTION = (
    "distributions: {d: {statistic: count, attribute: dead, value: 1, label: Dead, by: sex, "
    "by_label: Sex, values: [q]}}\n"
)


def replace(file: str, old: str, new: str) -> Callable[[], None]:
    """Return what spoils a file of the folder."""

    def spoil() -> None:
        text = Path(file).read_text()
        assert old in text
        Path(file).write_text(text.replace(old, new))

    return spoil


# What is wrong with the description, as the walk comes to it.
DESCRIBED = {
    "wrong key": (
        replace("clinic.yaml", "title:", "titel:"),
        "clinic.yaml: there is no key `titel`; did you mean `title`?",
    ),
    "no role": (
        replace("clinic.yaml", "name: {role: identifier, ", "name: {"),
        "clinic.yaml: `columns.name` lacks the key `role`; add it",
    ),
    "number for a name": (
        replace("clinic.yaml", "  sex:", "  2020:"),
        "clinic.yaml: `columns` has the key 2020, which YAML takes for no text; put the name of "
        "the column in quotes",
    ),
    "two targets": (
        replace("clinic.yaml", "illness: {role: sensitive", "illness: {role: target"),
        "clinic.yaml: `columns` has 2 columns of the role `target`; give it to one at most, and to "
        "the others the role `sensitive`",
    ),
    "no quasi-identifier": (
        replace("clinic.yaml", "quasi-identifier", "sensitive"),
        "clinic.yaml: `columns` has no `quasi-identifier`, so there is nothing to anonymize; give "
        "the role to what may identify a person",
    ),
    "format of no date": (
        replace(
            "clinic.yaml", "sensitive, type: category", "sensitive, type: category, format: '%d'"
        ),
        "clinic.yaml: `columns.illness` has a `format` but is no date; remove it, or mend the "
        "`type`",
    ),
    "distribution by nothing": (
        lambda: Path("clinic.yaml").write_text(DESCRIPTION + DISTRIBUTION.replace("sex", "sax")),
        "clinic.yaml: `distributions.d` has `by: sax`; name a quasi-identifier, or remove the "
        "distribution",
    ),
    "a name of ours": (
        replace("clinic.yaml", "  sex:", "  is_suppressed:"),
        "columns: 'is_suppressed' is a name that our tables use themselves; rename the column in "
        "the file and in the dataset's configuration",
    ),
}
# What is wrong with the table or a hierarchy.
TABLES = {
    "empty": (
        lambda: Path("clinic.csv").write_text(""),
        "clinic.csv: the file is empty; it needs a header and records",
    ),
    "missing column": (
        replace("clinic.csv", "sex,age,", "sex,years,"),
        "clinic.csv: the column 'age' is missing (there are name, sex, years, weight, illness, "
        "dead); add it or describe the table's own columns in config/datasets/",
    ),
    "undescribed column": (
        replace("clinic.yaml", f"  dead: {TARGET}\n", ""),
        "clinic.csv: the column 'dead' is not described; give it a role and a type in "
        "config/datasets/ or remove it from the file",
    ),
    "other separator": (
        replace("clinic.csv", ",", ";"),
        "clinic.csv: the column 'name' is missing (there are name;sex;age;weight;illness;dead); "
        "';' parts the columns, so write `separator: \";\"` in the description",
    ),
    "bad cell": (
        replace("clinic.csv", "40,80,", "40,8o,"),
        "clinic.csv, record 6: 'weight' is '8o', not a number; mend the value or the column's type",
    ),
    "missing row": (
        replace("age.csv", "40;40-49;*\n", ""),
        "age.csv: the value '40' of 'age' has no row; add one for it",
    ),
}
# What a run tells elsewhere, or never: it copies what it finds, and evaluates as far as it can.
FOUND = {
    "nowhere": (
        lambda: Path("clinic.csv").unlink(),
        "clinic.csv: the file is in none of ., data, .; put it there, or name its folder in "
        "ANONIFY_DATA",
    ),
    "no hierarchy": (
        lambda: Path("age.csv").unlink(),
        "age.csv: the file is in none of ., data, .; put it there, or name its folder in "
        "ANONIFY_DATA",
    ),
    "wrong checksum": (
        replace("clinic.yaml", "file: clinic.csv", f"file: clinic.csv\nsha256: {'a' * 64}"),
        "clinic.csv: the file is not the one that clinic.yaml describes, for its SHA-256 is "
        "another; correct `sha256` there, or put the right file in its place",
    ),
}
EVALUATED = {
    "distribution of no value": (
        lambda: Path("clinic.yaml").write_text(DESCRIPTION + DISTRIBUTION),
        "`distributions.d`: distributions: 'q' is no value of 'sex'; correct `values` in the "
        "dataset's configuration",
    ),
    "wrong positive": (
        replace("clinic.yaml", TARGET, "{role: target, type: integer, positive: 7}"),
        "target 'dead': no record is of the class 7; mend `positive` in the dataset's "
        "configuration",
    ),
    "one class": (
        replace("clinic.csv", ",1\n", ",0\n"),
        "target 'dead': all records are of one class, so there is nothing to learn; choose another "
        "target, or none",
    ),
}
ALL = {**DESCRIBED, **TABLES, **FOUND, **EVALUATED}


@pytest.fixture(autouse=True)
def in_folder(folder, monkeypatch):
    """Stand in a folder that is named as ``.``, so that sentences are short."""
    monkeypatch.setenv("ANONIFY_DATA", ".")


def raised(step: Callable[..., object], *arguments: object) -> str:
    with pytest.raises(UserError) as caught:
        step(*arguments)
    return str(caught.value)


def noted() -> list[str]:
    mistakes = Mistakes()
    with mistakes.noting():
        check_dataset("clinic.yaml", noting=mistakes.noting)
    return mistakes.sentences


def prepare() -> None:
    """Run the workflow's step on what it would get."""
    described = yaml.safe_load(Path("clinic.yaml").read_text())
    Path("copied.csv").write_bytes(Path("clinic.csv").read_bytes())
    about = {"name": "clinic", "title": "Clinic", "sha256": "", "synthetic": False}
    Path("record.json").write_text(json.dumps({**about, "origin": "clinic.csv"}))
    prepare_dataset.main(
        "copied.csv",
        "record.json",
        "table.parquet",
        ["domain_sex.csv", "domain_age.csv", "domain_weight.csv"],
        described["columns"],
        {},
        ["age.csv"],
        rows_are_people=False,
        confidential=True,
        engine=Wanted("auto", Limits(10**9, Path())),
    )


def serve() -> None:
    """Read the settings of a server for the dataset."""
    settings = {"offer": "table", "identifier": "trial", "dataset": "clinic.yaml", "k": 2}
    Path("anomed.yaml").write_text(json.dumps(settings))
    read_settings("anomed.yaml")


@pytest.mark.parametrize("mistake", ALL)
def test_what_is_raised_is_what_is_noted_first(mistake):
    spoil, sentence = ALL[mistake]
    spoil()
    assert raised(check_dataset, "clinic.yaml") == sentence
    assert noted()[0] == sentence


@pytest.mark.parametrize("mistake", [*DESCRIBED, *TABLES, *FOUND])
def test_check_tells_what_every_command_stops_at(mistake):
    spoil, _ = ALL[mistake]
    spoil()
    told = run("check", None, "clinic.yaml").stderr.splitlines()
    assert told[0] == raised(read_dataset, "clinic.yaml")


@pytest.mark.parametrize("mistake", TABLES)
def test_a_run_stops_at_what_check_tells(mistake):
    spoil, sentence = TABLES[mistake]
    spoil()
    assert raised(prepare) == sentence
    assert not list(Path().glob("*.parquet"))
    assert not list(Path().glob("domain_*"))


@pytest.mark.parametrize("mistake", [*DESCRIBED, "no hierarchy"])
def test_a_server_stops_at_what_check_tells(mistake):
    spoil, sentence = ALL[mistake]
    spoil()
    assert raised(serve) == sentence


@pytest.mark.parametrize("mistake", EVALUATED)
def test_what_hinders_an_evaluation_alone_keeps_nobody_from_reading(mistake):
    spoil, _ = EVALUATED[mistake]
    spoil()
    assert len(read_dataset("clinic.yaml").frame) == 6


def test_the_order_of_mistakes_is_the_same_where_there_are_many():
    for name in ("no role", "missing column", "bad cell", "missing row"):
        ALL[name][0]()
    first, *others = noted()
    assert first == raised(read_dataset, "clinic.yaml") == ALL["no role"][1]
    # Of the column without a role nothing is known, of `age` there are no values.
    assert others == [
        ALL["missing column"][1],
        "clinic.csv: the column 'years' is not described; give it a role and a type in "
        "config/datasets/ or remove it from the file",
        ALL["bad cell"][1],
    ]


def test_all_that_is_wrong_with_a_description_is_noted():
    text = DESCRIPTION.replace("illness: {role: sensitive", "illness: {role: target")
    text = text.replace("type: integer}", "type: integer, format: '%d'}")
    Path("clinic.yaml").write_text(text + DISTRIBUTION.replace("sex", "sax"))
    assert [re.sub("[;,].*", "", sentence) for sentence in noted()[:3]] == [
        "clinic.yaml: `columns` has 2 columns of the role `target`",
        "clinic.yaml: `columns.dead` has a `format` but is no date",
        "clinic.yaml: `distributions.d` has `by: sax`",
    ]


def test_a_run_reads_what_everybody_reads():
    prepare()
    dataset, prepared = read_dataset("clinic.yaml"), read_table("table.parquet")
    pd.testing.assert_frame_equal(prepared.frame, dataset.frame)
    assert prepared.columns == dataset.columns
    assert Path("domain_age.csv").read_text() == HIERARCHY


def test_the_numbers_of_parquet_have_points_whatever_is_described():
    table = pd.read_csv("clinic.csv").assign(weight=[50.5, 55, 60, 70, 75, 80])
    table.to_parquet("clinic.parquet")
    description = DESCRIPTION.replace("file: clinic.csv", 'file: clinic.parquet\ndecimal: ","')
    Path("clinic.yaml").write_text(description)
    assert read_dataset("clinic.yaml").frame["weight"].tolist()[:2] == ["50.5", "55.0"]


def test_a_table_that_is_given_may_have_another_checksum():
    FOUND["wrong checksum"][0]()
    assert len(read_dataset(Path("clinic.yaml"), Path("clinic.csv")).frame) == 6
    checksum = hashlib.sha256(TABLE.encode()).hexdigest()
    Path("clinic.yaml").write_text(Path("clinic.yaml").read_text().replace("a" * 64, checksum))
    assert len(read_dataset("clinic.yaml").frame) == 6
