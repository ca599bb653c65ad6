"""A population is read as its dataset is, and what it may be wrong in."""

from pathlib import Path

import pytest

from anonify.base.errors import UserError
from anonify.base.values import PERSON
from anonify.datasets.described import read_dataset
from anonify.datasets.population import find_population

DESCRIPTION = """
name: clinic
title: Clinic
file: clinic.csv
missing: [unknown]
population: {file: register.csv}
columns:
  who: {role: person, type: integer}
  sex: {role: quasi-identifier, type: category}
  age:
    role: quasi-identifier
    type: integer
    top: 80
    hierarchy: {intervals: [{start: 0, width: 10}]}
  born: {role: quasi-identifier, type: date, format: "%d.%m.%Y", hierarchy: {dates: [year]}}
  weight: {role: quasi-identifier, type: decimal}
  ill: {role: sensitive, type: category}
"""
TABLE = """who,sex,age,born,weight,ill
1,F,31,01.02.1990,50.5,flu
2,M,80,05.06.1940,70,cold
2,M,80,05.06.1940,70,flu
"""
REGISTER = """age,note,weight,born,sex
31,x,50.5,01.02.1990,f
38,y,60,09.09.1990, M
92,z,71,05.06.1940,male
unknown,,50.50,,unknown
"""


@pytest.fixture(autouse=True)
def clinic(folder):
    (folder / "clinic.yaml").write_text(DESCRIPTION)
    (folder / "clinic.csv").write_text(TABLE)
    (folder / "register.csv").write_text(REGISTER)


def replace(file, old, new):
    text = Path(file).read_text()
    assert old in text
    Path(file).write_text(text.replace(old, new))


def read():
    dataset = read_dataset("clinic.yaml")
    found = find_population("clinic.yaml", dataset)
    if found is None or found.people is None:
        return found, None
    labels = {
        name: domain.labels_of(found.people[name].to_numpy())
        for name, domain in dataset.domains.items()
    }
    return found, labels


def refuse():
    with pytest.raises(UserError) as caught:
        read()
    return str(caught.value)


EXPECTED = {
    "sex": ["F", "M", "*", "*"],
    # Of 30-39 the table has 31, and what is above 80 is 80.
    "age": ["31", "30-40", "80", "*"],
    "born": ["1990-02-01", "1990", "1940-06-05", "*"],
    "weight": ["50.5", "*", "*", "50.5"],
}


def test_values_are_read_as_those_of_the_table():
    found, labels = read()
    assert labels == EXPECTED
    assert found.size == 4
    assert PERSON not in found.people


def test_a_population_in_another_dialect_is_the_same():
    text = REGISTER.replace(",", ";").replace("50.5", "50,5")
    Path("register.csv").write_text(text.replace("z", "ü"), encoding="cp1252")
    replace(
        "clinic.yaml",
        "register.csv}",
        'register.csv, separator: ";", decimal: ",", encoding: cp1252}',
    )
    assert read()[1] == EXPECTED


def test_people_with_several_records_are_counted_once():
    lines = REGISTER.splitlines()
    keys = ["who", "7", "8", "8", "9"]
    Path("register.csv").write_text(
        "".join(f"{line},{key}\n" for line, key in zip(lines, keys, strict=True))
    )
    found, _ = read()
    assert found.size == 3
    assert found.people[PERSON].tolist() == [0, 1, 1, 2]


def test_a_size_is_taken_as_it_is():
    replace("clinic.yaml", "file: register.csv}", "size: 60000000}")
    found, labels = read()
    assert (found.size, labels) == (60_000_000, None)


def test_nothing_is_known_where_nothing_is_said():
    replace("clinic.yaml", "population: {file: register.csv}\n", "")
    assert read() == (None, None)


@pytest.mark.parametrize(("role", "size"), [("person", 120.5), ("identifier", 220.5)])
def test_weights_add_up_to_the_population_where_nothing_is_said(role, size):
    replace("clinic.yaml", "population: {file: register.csv}\n", "rows_are_people: true\n")
    replace("clinic.yaml", "type: decimal", "type: decimal}\n  w: {role: weight, type: decimal")
    replace("clinic.yaml", "who: {role: person", f"who: {{role: {role}")
    lines = [
        f"{line},{w}" for line, w in zip(TABLE.splitlines(), ["w", 20.5, 100, 100], strict=True)
    ]
    Path("clinic.csv").write_text("\n".join(lines) + "\n")
    assert read()[0].size == size


def test_as_many_people_as_the_table_has_may_be_all():
    replace("clinic.yaml", "file: register.csv}", "size: 2}")
    assert read()[0].size == 2


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            lambda: replace("clinic.yaml", "file: register.csv}", "size: 1}"),
            "`population.size` is 1 people, fewer than the 2 of the table, which is "
            "no sample of it then; give the population that the people are of",
        ),
        (
            lambda: Path("register.csv").write_text("\n".join(REGISTER.splitlines()[:2])),
            "register.csv: the population is 1 people, fewer than the 2 of the table",
        ),
        (
            lambda: replace("register.csv", "weight", "kg"),
            "register.csv: the header of the population has no column 'weight'; add it under the "
            "name that the table gives it, or say what parts the columns by the `separator` of "
            "`population`",
        ),
        (
            lambda: replace("register.csv", "age,note,weight,born,sex\n", ""),
            "register.csv: the header of the population has no column 'sex'; add it",
        ),
        (
            lambda: replace("register.csv", "38,y", "38 years,y"),
            "register.csv, record 2: 'age' is '38 years', not a whole number",
        ),
        (
            lambda: Path("register.csv").unlink(),
            "register.csv: the file is in none of",
        ),
        (
            lambda: replace("clinic.yaml", "{file: register.csv}", "{file: register.csv, size: 9}"),
            "clinic.yaml: `population` is {'file': 'register.csv', 'size': 9}; it should be either "
            "a `size`, or a `file` with its `separator`, `decimal` and `encoding`",
        ),
        (
            lambda: replace("clinic.yaml", "{file: register.csv}", "{separator: ';', size: 9}"),
            "it should be either a `size`, or a `file`",
        ),
        (
            lambda: replace("clinic.yaml", "{file: register.csv}", "{size: 9.5}"),
            "`population.size` is 9.5; it should be a whole number from 1",
        ),
        (
            lambda: replace("clinic.yaml", "{file: register.csv}", "400"),
            "`population` is 400; it should be either a `size`, or a `file`",
        ),
    ],
)
def test_what_is_wrong_is_told_in_one_sentence(change, message):
    change()
    assert message in refuse()
