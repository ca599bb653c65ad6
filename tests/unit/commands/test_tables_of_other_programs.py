"""Tables of Excel, SPSS, Stata and SAS, from `init` to the release, beside the CSV of the same."""

import hashlib
from datetime import date, timedelta
from pathlib import Path
from random import Random

import openpyxl
import pandas as pd
import pyreadstat
import pytest
import yaml
from tests.unit.command_line import anonymization, refuse, run

import anonify
from anonify.base.extras import EXTRAS

LABELS = {1: "female", 2: "male"}


def make_table():
    """Return a table as a person knows it, as a frame of values: sex by its label, some missing."""
    random = Random(11)
    rows = [
        {
            "PID": f"P{n:03}",
            "SEX": random.choice([*LABELS.values(), *LABELS.values(), None]),
            "AGE": random.randint(20, 80),
            "BORN": date(1944, 1, 1) + timedelta(days=random.randint(0, 20_000)),
            "ZIP": f"0{random.choice('1234')}067",
            "WEIGHT": round(random.uniform(45, 110), 1),
            "ILLNESS": random.choice(["flu", "cold, bad", "asthma"]),
        }
        for n in range(120)
    ]
    return pd.DataFrame(rows)


TRUTH = make_table()


def to_codes(frame, missing):
    """Return the frame as SPSS and the like hold it: sex by a code, a code where none is known."""
    codes = {label: float(code) for code, label in LABELS.items()}
    return frame.assign(
        SEX=frame["SEX"].map(codes).fillna(missing),
        AGE=frame["AGE"].astype(float),
    )


def write_excel(path):
    book = openpyxl.Workbook()
    book.active.title = "Notes"
    book.active.append(["Written by ward 3"])
    sheet = book.create_sheet("Patients 2024")
    sheet.append(["Patients of 2024"])
    sheet.merge_cells("A1:G1")
    sheet.append([])
    sheet.append(list(TRUTH.columns))
    for row in TRUTH.astype(object).where(TRUTH.notna(), None).itertuples(index=False):
        sheet.append(list(row))
    sheet.append([])
    sheet.append(["As of 1 May 2024"])
    book.save(path)


def write_spss(path):
    pyreadstat.write_sav(
        to_codes(TRUTH, 9.0),
        path,
        variable_value_labels={"SEX": {**LABELS, 9: "no answer"}},
        missing_ranges={"SEX": [{"lo": 8, "hi": 9}]},
    )


def write_stata(path):
    pyreadstat.write_dta(to_codes(TRUTH, float("nan")), path, variable_value_labels={"SEX": LABELS})


def write_sas(path):
    # Without labels, which SAS keeps in another file.
    pyreadstat.write_xport(TRUTH.assign(SEX=TRUTH["SEX"].fillna("")), path)


WRITERS = {"xlsx": write_excel, "sav": write_spss, "dta": write_stata, "xpt": write_sas}
ARGUMENTS = {"xlsx": ("--sheet", "Patients 2024")}


def release(name, table):
    """Take a table from `init` to a release, and return its description and the released table."""
    result = run("init", None, table, "--name", name, *ARGUMENTS.get(Path(table).suffix[1:], ()))
    assert result.exit_code == 0, result.output
    said = " ".join(result.stdout.split("\n\n")[0].split())
    result = run("check", None, name, "--table", table)
    assert result.exit_code == 0, result.output
    content = anonymization(dataset=name, k=[5], seed=7, output=f"out_{name}")
    result = run("anonymize", content)
    assert result.exit_code == 0, result.output
    description = yaml.safe_load(Path(f"config/datasets/{name}.yaml").read_text())
    released = Path(f"out_{name}/{name}_mondrian_k5_b0_a0.csv")
    return said, description, released.read_bytes()


@pytest.mark.parametrize("kind", WRITERS)
def test_a_table_of_another_program_is_released_like_its_csv(tmp_path, monkeypatch, kind):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ANONIFY_DATA", str(tmp_path))
    WRITERS[kind](f"theirs.{kind}")
    TRUTH.to_csv("plain.csv", index=False)
    said, description, released = release("theirs", f"theirs.{kind}")
    _, plain, expected = release("plain", "plain.csv")
    assert released == expected
    # The types and hierarchies are the same, and so is all that is asked.
    assert description["columns"] == plain["columns"]
    assert description["file"] == f"theirs.{kind}"
    assert description["sha256"] == hashlib.sha256(Path(f"theirs.{kind}").read_bytes()).hexdigest()
    assert "separator" not in description
    frame = pd.read_csv("out_theirs/theirs_mondrian_k5_b0_a0.csv", dtype=str, keep_default_na=False)
    hidden = [name for name in frame if name != "ILLNESS"]
    assert "PID" not in hidden
    assert frame.groupby(hidden).size().min() >= 5
    assert frame["ILLNESS"].value_counts().to_dict() == TRUTH["ILLNESS"].value_counts().to_dict()
    read = anonify.read_dataset("config/datasets/theirs.yaml")
    born = [day.isoformat() for day in TRUTH["BORN"]]
    assert read.frame["BORN"].astype(str).tolist() == born
    assert read.frame["SEX"].astype(str).tolist() == TRUTH["SEX"].fillna("").tolist()
    if kind == "xlsx":
        assert (description["sheet"], description["first_line"]) == ("Patients 2024", 3)
        assert description["last_line"] == 123
        assert said.endswith("(Excel, the sheet Patients 2024, from row 3 on, up to row 123)")
    if kind == "sav":
        assert "(SPSS, labels in the place of codes in SEX, what it takes for missing is" in said


def test_codes_take_the_place_of_labels_where_one_wants_them(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ANONIFY_DATA", str(tmp_path))
    write_stata("clinic.dta")
    assert run("init", None, "clinic.dta").exit_code == 0
    path = Path("config/datasets/clinic.yaml")
    description = yaml.safe_load(path.read_text())
    del description["sha256"]
    codes = TRUTH["SEX"].map({label: str(code) for code, label in LABELS.items()}).fillna("")
    for place in (description, description["columns"]["SEX"]):
        place["value_labels"] = False
        path.write_text(yaml.safe_dump(description))
        read = anonify.read_dataset(str(path))
        assert read.frame["SEX"].astype(str).tolist() == codes.tolist()
        del place["value_labels"]
    # A column comes before all.
    description["value_labels"] = False
    description["columns"]["SEX"]["value_labels"] = True
    path.write_text(yaml.safe_dump(description))
    assert set(anonify.read_dataset(str(path)).frame["SEX"]) == {"female", "male", ""}


def test_another_file_than_that_described_is_refused(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ANONIFY_DATA", str(tmp_path))
    write_stata("clinic.dta")
    assert run("init", None, "clinic.dta").exit_code == 0
    pyreadstat.write_dta(to_codes(TRUTH.head(50), float("nan")), "clinic.dta")
    result = run("check", None, "clinic")
    assert result.exit_code == 1
    assert "its SHA-256 is another" in result.stderr


def test_errors_of_formulas_are_proposed_as_missing(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    rows = [[20 + n % 50, ["a", "b", "c"][n % 3]] for n in range(60)]
    rows += [["#N/A", "a"], ["#DIV/0!", "b"]]
    pd.DataFrame(rows, columns=["age", "ward"]).to_excel("clinic.xlsx", index=False)
    assert run("init", None, "clinic.xlsx").exit_code == 0
    columns = yaml.safe_load(Path("config/datasets/clinic.yaml").read_text())["columns"]
    assert columns["age"]["type"] == "integer"
    assert columns["age"]["missing"] == ["#DIV/0!", "#N/A"]


@pytest.mark.parametrize("name", ["clinic.xlsx", "clinic.sav", "clinic.dta", "clinic.xpt"])
def test_without_the_extra_every_door_says_how_to_get_it(tmp_path, monkeypatch, name):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ANONIFY_DATA", str(tmp_path))
    Path(name).write_bytes(b"")
    Path("clinic.yaml").write_text(
        f"name: clinic\ntitle: Clinic\nfile: {name}\n"
        "columns:\n  sex: {role: quasi-identifier, type: category}\n"
    )
    monkeypatch.setitem(EXTRAS, "files", ("no_such_module",))
    told = [
        refuse("init", None, name),
        run("check", None, "clinic.yaml").stderr.strip(),
        refuse("anonymize", anonymization()),
    ]
    with pytest.raises(ValueError, match="needs packages") as error:
        anonify.read_dataset("clinic.yaml")
    for sentence in (*told, str(error.value)):
        assert sentence.endswith("[files]'")
        assert "needs packages that are not installed; run: pip install" in sentence


def test_a_stand_in_is_drawn_as_csv_or_parquet_alone(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("clinic.yaml").write_text(
        "name: clinic\ntitle: Clinic\nfile: clinic.xlsx\nsynthetic: {}\n"
        "columns:\n  sex: {role: quasi-identifier, type: category}\n"
    )
    message = run("check", None, "clinic.yaml").stderr
    assert "`synthetic` draws no file that ends as 'clinic.xlsx'; give a CSV or" in message
