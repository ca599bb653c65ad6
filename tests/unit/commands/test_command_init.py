import csv
import io
import random
import re
from pathlib import Path

import pandas as pd
import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.profile import draws
from tests.unit.command_line import refuse, run

from anonify.base.values import PERSON
from anonify.commands.initialization import init as init_command
from anonify.datasets.described import read_dataset
from anonify.settings.description import read_description
from anonify.settings.run import load_run
from anonify.settings.schemas import check_configuration, read_yaml

CLINIC = """MRN;Name;Geburtsdatum;PLZ;Geschlecht;Gewicht;Diagnose;verstorben
P1;"Müller; Åsa";01.02.1950;01067;w;70,5;E11.9;nein
P2;"O'Brien ""Bob"" X";24.12.1961;01069;m;81,0;I10;ja
P3;"José
García";31.03.1999;01159;m;64,2;E11.9;nein
P4;李雷;05.06.1972;80331;d;90,1;I10;nein
P5;Ada;07.08.1980;80333;w;55,5;E11.9;nein
P6;Eva;07.08.1981;80335;w;75,5;C50.1;ja
"""

SCHEMA = read_yaml(Path(__file__).parents[3] / "config/config.schema.yaml")


def init(table, content=None, *arguments):
    """Run the command on a table, and return what it prints."""
    if content is not None:
        Path(table).parent.mkdir(exist_ok=True)
        Path(table).write_bytes(content if isinstance(content, bytes) else content.encode())
    result = run("init", None, table, *arguments)
    assert result.exit_code == 0, result.output
    return result.stdout


def read(name):
    """Return description and run, both of which must be sound."""
    run_file = f"config/{name}.yaml"
    check_configuration(read_yaml(run_file), SCHEMA, run_file)
    description_file = f"config/datasets/{name}.yaml"
    return read_description(description_file, description_file), read_yaml(run_file)


def to_csv(rows, separator=","):
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=separator).writerows(rows)
    return text.getvalue()


def test_a_table_of_a_clinic_is_described(folder):
    init("data/clinic 2021.csv", CLINIC)
    description, config = read("clinic_2021")
    assert (description["separator"], description["decimal"]) == (";", ",")
    assert (description["title"], description["file"]) == ("Clinic 2021", "clinic 2021.csv")
    assert description["columns"] == {
        "MRN": {"role": "identifier", "type": "category"},
        "Name": {"role": "identifier", "type": "category"},
        "Geburtsdatum": {
            "role": "quasi-identifier",
            "type": "date",
            "format": "%d.%m.%Y",
            "hierarchy": {"dates": ["month", "year", "decade"]},
        },
        # 4 characters leave 3 of the 6 codes, 3 characters no fewer, and 2 leave 01 and 80.
        "PLZ": {
            "role": "quasi-identifier",
            "type": "category",
            "hierarchy": {"prefixes": [4, 2]},
        },
        "Geschlecht": {"role": "quasi-identifier", "type": "category", "hierarchy": {}},
        "Gewicht": {
            "role": "quasi-identifier",
            "type": "decimal",
            # The weights span 34.6, a 20th of which is 1.7; intervals of 2 and of 5 join no two.
            "hierarchy": {"intervals": [{"start": 40, "width": w} for w in (10, 20)]},
        },
        "Diagnose": {"role": "target", "type": "category"},
        "verstorben": {"role": "sensitive", "type": "category"},
    }
    assert config["dataset"] == config["run"] == "clinic_2021"
    assert config["search_path"] == ["data"]
    assert config["when_unavailable"] == "fail"


def test_what_is_proposed_can_be_read_with_its_table(folder):
    init("data/first.csv", CLINIC)
    dataset = read_dataset("config/first.yaml")
    assert dataset.frame.shape == (6, 6)
    assert list(dataset.domains) == ["Geburtsdatum", "PLZ", "Geschlecht", "Gewicht"]


def test_the_summary_says_what_was_found_and_how_to_go_on(folder):
    printed = init("clinic.csv", CLINIC)
    assert "6 records, 8 columns (CSV, columns parted by semicolons, decimal commas)" in printed
    assert re.search(r"PLZ +category +6 +0 +quasi-identifier +first 4, 2 characters", printed)
    assert "RELEASED AS THEY ARE: 'Diagnose', 'verstorben'." in printed
    assert "make check NAME=clinic\n" in printed
    assert "make release CONFIG=config/clinic.yaml\n" in printed
    assert "make run CONFIG=config/clinic.yaml\n" in printed
    assert max(map(len, printed.splitlines())) <= 100


def test_each_column_has_a_reason(folder):
    init("clinic.csv", CLINIC)
    text = Path("config/datasets/clinic.yaml").read_text()
    columns = text[text.index("\ncolumns:") : text.index("\ndistributions:")]
    assert columns.count("  # ") - columns.count("  # extremes: ") == 8
    assert "MRN: {role: identifier, type: category}  # the name says 'mrn'" in columns


def test_extremes_that_few_records_have_are_mentioned_but_stay(folder):
    # The limit gives k = 3; 20 and 90 are held by one and two.
    ages = ["20", *["35"] * 17, *["50"] * 20, *["90"] * 2]
    rows = [["age", "sex"], *([age, "fm"[n % 2]] for n, age in enumerate(ages))]
    init("table.csv", to_csv(rows), "--risk-limit", "40")
    description, proposed = read("table")
    assert proposed["risk_limit"] == 40
    text = Path("config/datasets/table.yaml").read_text()
    mentioned = "# extremes: bottom: 35 and top: 50 leave no end to fewer than 3 records"
    assert text.count("# extremes:") == text.count(mentioned) == 1
    assert not {"bottom", "top"} & {*description["columns"]["age"]}


@pytest.mark.parametrize(
    ("arguments", "limit", "k", "k_values"),
    [
        ((), 9, 12, [3, 6, 12, 24]),
        (("--risk-limit", "20"), 20, 5, [2, 3, 5, 10, 20]),
        (("--risk-limit", "0.5"), 0.5, 200, [50, 100, 200]),
    ],
)
def test_the_run_follows_the_limit(folder, arguments, limit, k, k_values):
    rows = [["age", "sex"], *([str(20 + n % 60), "fm"[n % 2]] for n in range(240))]
    printed = init("table.csv", to_csv(rows), *arguments)
    assert f"A risk of up to {limit} % takes k = {k}." in printed
    proposed = read("table")[1]
    assert (proposed["risk_limit"], proposed["k_values"]) == (limit, k_values)
    run = load_run(proposed, Path(__file__).parents[3])
    assert run.config["release"] == {"method": "arx", "k": k}
    assert run.config["shown_deletion"] == 0
    assert run.config["risk_threshold"] == limit


@pytest.mark.parametrize("limit", ["0", "-1", "101", "nine"])
def test_a_limit_that_is_none_is_told(folder, limit):
    Path("clinic.csv").write_text(CLINIC)
    result = run("init", None, "clinic.csv", "--risk-limit", limit)
    assert result.exit_code == 2
    assert "--risk-limit" in result.stderr
    assert not Path("config/clinic.yaml").exists()


def test_on_a_terminal_the_limit_is_asked_for(folder, monkeypatch):
    Path("clinic.csv").write_text(CLINIC)
    # As if somebody sat there and wrote.
    terminal = io.StringIO("many\n25\n")
    monkeypatch.setattr(terminal, "isatty", lambda: True)
    monkeypatch.setattr("sys.stdin", terminal)
    options = {each.name: None for each in init_command.params}
    init_command.callback(**{**options, "table": "clinic.csv"})
    assert read("clinic")[1]["risk_limit"] == 25


def test_fewer_records_than_k_are_told(folder):
    assert "6 records are fewer than k = 12, which the risk limit takes" in init("a.csv", CLINIC)
    assert "fewer than k" not in init("b.csv", CLINIC, "--risk-limit", "50")


@pytest.mark.parametrize(
    ("column", "values", "decision"),
    [
        ("lab", ["1", "2", "3", ""] * 5, "Records without a value: 'lab' (5). They stay empty"),
        ("lab", ["1", "2", "3", "n/a"] * 5, "'lab' has 'n/a' in 5 records, which `missing` makes"),
        ("lab", ["1", "2", "3", "90+"] * 5, "'lab' has '90+' among its numbers. `open_ends` reads"),
        ("lab", ["1", "2", "3", "few"] * 5, "'lab' has numbers but for 5 records ('few')"),
        (
            "age",
            ["20", "30", "40", "old"] * 5,
            "If these say why there is no value, list them as `missing`",
        ),
        ("dx", ["flu", "HIV", "HIV ", "hiv"] * 5, "'dx' has 'HIV', 'HIV ' and 'hiv': ℓ-diversity"),
        ("dx", ["flu", "HIV", "H\u200bIV"] * 5, "'dx' has 'HIV' and 'H\\u200bIV': ℓ-diversity"),
        ("dx", ["flu", "HIV", "N/A", "cold"] * 5, "'dx' has 'N/A' in 5 records, which `missing`"),
        ("seen", ["01/02/2020", "03/04/2020"] * 10, "day and month can't be told apart"),
        ("seen", ["01.02.20", "13.04.21"] * 10, "whose years have two digits"),
        ("seen", ["2020-01-02 12:30", "2020-01-03 9:00"] * 10, "time of day, which is left out"),
        ("seen", ["01.02.20 12:30", "13.04.21 9:00"] * 10, "whose years have two digits"),
        (
            "seen",
            ["2020-01-02", "2020-01-03", "9999-12-31"] * 7,
            "'9999-12-31' in 7 records",
        ),
        ("born", ["02.01.1980", "03.01.1990", "01.01.1900"] * 7, 'it: `missing: ["01.01.1900"]`'),
        ("lab", ["1,234.5", "12,345.6"] * 10, "with marks for thousands"),
        ("town", [f"town {letter}" for letter in "abcdefghij"] * 2, "by a `tree`"),
        ("age", ["20", "30", "40", "50", "999"] * 4, "'age' has 999 far from its other values"),
        ("age", ["20", "30", "40", "50", "-1"] * 4, "'age' has -1 far from its other values"),
        ("lab", [str(number / 8) for number in range(200)], "Rarely the same twice"),
        ("MRN", ["P1", "P2", "P3", "P4"] * 5, "'MRN' has 4 values in 20 records"),
        ("lab", ["1", "2"] * 10, "No column is the `target`"),
        ("lab", ["1", "2"] * 10, "20 records are few"),
        ("lab", ["1", "2"] * 10, "RELEASED AS THEY ARE: 'lab'"),
    ],
)
def test_what_is_to_decide_is_told(folder, column, values, decision):
    rows = [[value, "fm"[place % 2]] for place, value in enumerate(values)]
    printed = init("table.csv", to_csv([[column, "sex"], *rows]))
    assert decision in " ".join(printed.split())


def test_nothing_is_released_of_which_no_name_says_what_it_is(folder):
    chance = random.Random(1)
    draw = chance.randint
    rows = [[draw(18, 90), chance.choice("fm"), draw(0, 2), draw(40, 95) / 10] for _ in range(200)]
    printed = init("table.csv", to_csv(rows), "--no-header")
    assert "RELEASED AS THEY ARE" not in printed
    columns = read("table")[0]["columns"]
    assert list(columns) == ["column_1", "column_2", "column_3", "column_4"]
    assert {column["role"] for column in columns.values()} == {"quasi-identifier"}


def test_spellings_are_joined_and_codes_for_missing_listed_in_what_is_proposed(folder):
    rows = [["f", "40", "flu"], ["F ", ".", "HIV"], ["m", "41", "unknown"], ["f", "42", "hiv"]]
    # No diagnosis comes with the same sex and age each time, as that of a person might.
    rows += [["m", "40", "flu"], ["m", "42", "HIV"], ["f", "41", "unknown"], ["m", "41", "hiv"]]
    init("clinic.csv", to_csv([["sex", "age", "dx"], *rows * 5]))
    clinic = read_dataset("config/datasets/clinic.yaml", "clinic.csv")
    columns = {column.name: column for column in clinic.columns}
    assert columns["sex"].normalize
    assert columns["age"].missing == (".",)
    assert columns["dx"].missing == ("unknown",)
    assert clinic.frame["sex"].tolist() == ["f", "f", "m", "f", "m", "m", "f", "m"] * 5
    assert clinic.frame["age"].tolist() == ["40", "", "41", "42", "40", "42", "41", "41"] * 5
    assert clinic.frame["dx"].tolist() == ["flu", "HIV", "", "hiv", "flu", "HIV", "", "hiv"] * 5


def test_what_stops_a_run_comes_first(folder):
    printed = init("table.csv", "lab,mass\n1,2\n3,4\n2,2\n2,2\n")
    assert "\n 1. FIRST, OR THE RUN STOPS: No column is a quasi-identifier" in printed


def test_many_quasi_identifiers_are_told(folder):
    names = [f"age {place}" for place in range(9)]
    printed = init("table.csv", to_csv([names, *([str(n)] * 9 for n in (1, 2, 1, 2))]))
    assert "9 columns are quasi-identifiers" in printed


def test_people_kinds_and_what_follows_are_described_with_the_reasons(folder):
    rows = [
        [f"K{n % 40}", "fm"[n % 40 % 3 % 2], f"{1940 + n % 40}-05-0{1 + n % 7}", n % 5 + 1, n % 11]
        for n in range(120)
    ]
    rows = [[*row, int(row[2][:4])] for row in rows]
    names = ["x", "sex", "born", "marital_status", "lab", "year"]
    printed = init("table.csv", to_csv([names, *rows]))
    columns = read("table")[0]["columns"]
    assert columns["x"] == {"role": "person", "type": "category"}
    assert (columns["marital_status"]["type"], columns["marital_status"]["hierarchy"]) == (
        "category",
        {},
    )
    assert "'x' tells 40 people in 120 records by the role `person`" in " ".join(printed.split())
    told = " ".join(Path("config/datasets/table.yaml").read_text().split())
    assert "# 40 people in 120 records: people are counted" in told
    assert "it follows from 'born': leave out one, or generalize both alike" in told
    dataset = read_dataset("config/datasets/table.yaml", "table.csv")
    assert dataset.frame[PERSON].nunique() == 40


def test_without_a_quasi_identifier_the_description_says_what_to_do(folder):
    printed = init("table.csv", "a,b\nx,1\ny,1\nx,2\n")
    assert "1. FIRST, OR THE RUN STOPS: No column is a quasi-identifier" in printed
    message = refuse("assess", None, "table.csv", "--config", "config/datasets/table.yaml")
    assert "no `quasi-identifier`" in message


def test_a_tree_is_shown_with_the_values_of_the_table(folder):
    towns = [f"town {letter}" for letter in "abcdefghij"]
    init("table.csv", to_csv([["town"], *([town] for town in towns * 2)]))
    text = Path("config/datasets/table.yaml").read_text()
    example = re.search(r"# in groups: hierarchy: (.*)\n", text)[1]
    assert yaml.safe_load(example)["tree"]["Group A"] == ["town a", "town b"]


def test_hierarchies_beside_the_table_are_taken(folder):
    Path("data/hierarchies").mkdir(parents=True)
    Path("data/hierarchies/of_age.csv").write_text("30;30-39;*\n31;30-39;*\n")
    Path("data/hierarchies/of_sex.csv").write_text("f;*\n")
    printed = init("data/table.csv", "age,sex\n30,f\n31,m\n30,f\n")
    columns = read("table")[0]["columns"]
    assert columns["age"]["hierarchy"] == {"file": "hierarchies/of_age.csv"}
    assert columns["sex"]["hierarchy"] == {}
    assert "A hierarchy was found and does not fit" in printed
    assert "age" in read_dataset("config/table.yaml").domains


HEADERS = [
    *("age: years", "#age", "no", "yes", "1", "1.5", "null", "~", "<<", "=", "? a", "- a", "a\tb"),
    *(
        "two\nlines",
        "{age}",
        "a/b",
        "..",
        "'",
        '"',
        "a'b\"c",
        "😀",
        "größe",
        "年齢",
        " age ",
        "*",
        "&a",
    ),
    *(
        "a\u2028",
        "a\x85",
        "%",
        "@",
        "`",
        "[",
        ",",
        "|",
        "!",
        "a # b",
        "$x$",
        "name",
        "type",
        "age\\",
    ),
]


@pytest.mark.parametrize("used", ["age", "lab"])
def test_any_header_is_written_as_it_is(folder, used):
    names = [f"{name}{used}" if used == "age" else name for name in HEADERS]
    rows = [[f"{(place + row) % 5}" for place in range(len(names))] for row in range(20)]
    init("table.csv", to_csv([[*names, "sex"], *([*row, "f"] for row in rows)]))
    description, _ = read("table")
    assert list(description["columns"]) == [*names, "sex"]


def test_a_parquet_file_is_described(folder):
    frame = pd.DataFrame({"age": [30, 31, 32], "weight": [50.5, 60.5, None]})
    frame.to_parquet("table.parquet")
    assert "(Parquet)" in init("table.parquet")
    description, _ = read("table")
    assert description["columns"]["weight"]["type"] == "decimal"
    assert "separator:" not in Path("config/datasets/table.yaml").read_text()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "the file is empty"),
        (b"\n\n", "the file is empty"),
        (b"age,sex\n", "a header but no record"),
        (b"age,sex\n30,f\n", "the file has one record, which nothing can hide"),
        (b"age,age\n30,f\n31,m\n", "'age' stands twice in the header"),
        (b"age,sex\n30,f\n31,m,x\n", "the file is no regular CSV"),
        (b"age,sex\n30,f\n31\n", "record 2: it has fewer values"),
        (b'{"sex": "f"}\n{"sex": "m"}\n', "the file is JSON; save the table as CSV"),
        (b"30,f\n31,m\n30,m\n40,f\n", "the first line looks like a record"),
        (b"PK\x03\x04\0\0", "an archive that is not whole or locked; save or copy it again"),
        (b"%PDF-1.7", "the file is a PDF"),
        (b"a\0b", "the file is no text"),
        (
            b"age,is_suppressed\n30,f\n31,m\n30,f\n",
            "'is_suppressed' is a name that our tables use themselves",
        ),
        (b",sex\nx,f\nx,m\nx,f\n", "column 1 has no name"),
        (b"age,sex\n30,*\n31,m\n30,m\n", "'sex' has the value '*'"),
        (b"age " + b"x" * 300 + b",sex\n30,f\n31,m\n", "column 1, 'age xxx"),
    ],
)
def test_a_table_that_can_not_be_described_is_told(folder, content, message):
    Path("table.csv").write_bytes(content)
    assert message in refuse("init", None, "table.csv")
    assert not Path("config").exists()


@pytest.mark.parametrize("table", ["none.csv", "none.parquet"])
def test_a_table_that_is_not_there_is_told(folder, table):
    message = refuse("init", None, table, "--name", "x")
    assert "there is no such file" in message


def test_a_folder_that_is_no_table_is_told(folder):
    Path("notes").mkdir()
    assert "notes: the folder has no Parquet file" in refuse("init", None, "notes", "--name", "x")
    Path("notes/clinic.csv").write_text("age\n30\n")
    message = refuse("init", None, "notes", "--name", "x")
    assert "notes/clinic.csv: the file is no Parquet, as all of a folder have to be" in message


def test_a_folder_of_parquet_files_is_described(folder):
    frame = pd.read_csv("clinic.csv")
    Path("visits").mkdir()
    frame.iloc[:3].to_parquet("visits/a.parquet", index=False)
    frame.iloc[3:].to_parquet("visits/b.parquet", index=False)
    init("visits")
    assert yaml.safe_load(Path("config/datasets/visits.yaml").read_text())["file"] == "visits/"
    assert run("check", None, "visits").exit_code == 0


def test_a_number_without_a_name_that_only_counts_records_is_left_out(folder):
    init("table.csv", ",age\n1,30\n2,30\n3,31\n")
    assert read("table")[0]["columns"][""]["role"] == "identifier"


def test_a_link_to_a_table_is_found_where_the_link_is(folder):
    Path("elsewhere").mkdir()
    Path("elsewhere/1234.csv").write_text("age,sex\n30,f\n31,m\n30,f\n")
    Path("data").mkdir()
    Path("data/table.csv").symlink_to(Path("elsewhere/1234.csv").resolve())
    init("data/table.csv")
    assert len(read_dataset("config/table.yaml").frame) == 3


def test_no_file_is_overwritten(folder):
    init("clinic.csv", CLINIC)
    before = {file: file.read_text() for file in Path("config").rglob("*.yaml")}
    message = refuse("init", None, "clinic.csv")
    assert "config/datasets/clinic.yaml and config/clinic.yaml are there already" in message
    Path("config/clinic.yaml").unlink()
    assert "`--name`" in refuse("init", None, "clinic.csv")
    assert not Path("config/clinic.yaml").exists()
    assert all(file.read_text() == text for file, text in before.items() if file.exists())
    init("clinic.csv", None, "--name", "another")


def test_of_two_files_none_is_left_where_one_can_not_be_written(folder, monkeypatch):
    monkeypatch.setattr(
        "anonify.drafting.drafts._check_run", lambda *_: (_ for _ in ()).throw(OSError(28))
    )
    Path("table.csv").write_text("age,sex\n30,f\n31,m\n")
    assert run("init", None, "table.csv").exit_code == 1
    assert not [file for file in Path("config").rglob("*") if file.is_file()]


@pytest.mark.parametrize(
    ("file", "name", "run_name"),
    [
        ("Pâtients (2021) – v1.csv", "Patients_2021_v1", "Patients_2021_v1"),
        # A run of this name would lie among the files of a run without one.
        ("dataset.csv", "dataset", "dataset_run"),
    ],
)
def test_a_name_is_made_from_that_of_the_file(folder, file, name, run_name):
    init(file, "age,sex\n30,f\n31,m\n30,f\n")
    assert read(name)[1]["run"] == run_name


@pytest.mark.parametrize(
    ("table", "arguments", "message"),
    [
        ("a.csv", ["--name", "a b"], "`--name` is 'a b'; it should be letters"),
        ("a.csv", ["--name", "../a"], "`--name` is '../a'"),
        ("年.csv", [], "give one by `--name`"),
    ],
)
def test_a_name_that_can_not_be_used_is_told(folder, table, arguments, message):
    Path(table).write_text("age,sex\n30,f\n31,m\n")
    assert message in refuse("init", None, table, *arguments)


def test_what_a_terminal_would_obey_is_not_printed(folder):
    printed = init("table.csv", "age\x1b[2J,sex\n30,f\n31,m\n30,f\n")
    assert "\x1b" not in printed


CELLS = st.one_of(
    st.text(max_size=6),
    st.sampled_from(["", " ", "*", "0", "1", "01", "1.5", "1,5", "-3", "1e400", "nan", "inf"]),
    st.sampled_from(["2020-02-29", "01.02.1950", "13/01/2020", "01/13/2020", "20200101", "E11.9"]),
    st.integers().map(str),
    st.floats().map(str),
)
NAMES = st.one_of(st.text(max_size=8), st.sampled_from(["age", "sex", "zip", "dob", "id", "y"]))


@st.composite
def random_tables(draw):
    width = draw(st.integers(1, 4))
    columns = [draw(st.lists(CELLS, min_size=1, max_size=4)) for _ in range(width)]
    header = draw(st.lists(NAMES, min_size=width, max_size=width, unique=True))
    length = draw(st.integers(2, 12))
    rows = [[draw(st.sampled_from(column)) for column in columns] for _ in range(length)]
    return to_csv([header, *rows], draw(st.sampled_from(",;\t|")))


@settings(max_examples=draws(100), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=random_tables())
def test_any_table_is_refused_in_one_sentence_or_described_soundly(folder, content):
    for file in Path("config").rglob("*.yaml"):
        file.unlink()
    Path("table.csv").write_bytes(content.encode(errors="replace"))
    result = run("init", None, "table.csv")
    if result.exit_code:
        assert isinstance(result.exception, SystemExit), result.exception
        assert len(result.stderr.splitlines()) == 1
        assert not list(Path("config").rglob("*.yaml"))
    elif "FIRST, OR THE RUN STOPS" in result.stdout:
        assert read_yaml("config/datasets/table.yaml")["columns"]
    else:
        read("table")
        assert read_dataset("config/table.yaml").domains
