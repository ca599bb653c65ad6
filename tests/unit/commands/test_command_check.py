import re

import pytest
from tests.unit.command_line import DESCRIPTION, HIERARCHY, TABLE, run


def check(*arguments):
    return run("check", None, *arguments)


def problems(*arguments):
    """Check a dataset in vain, and return its problems: one a line, no traceback."""
    result = check(*arguments)
    assert isinstance(result.exception, SystemExit)
    assert (result.exit_code, result.stdout) == (1, "")
    return result.stderr.splitlines()


def test_a_dataset_without_a_mistake_is_described(folder):
    result = check("clinic.yaml")
    assert (result.exit_code, result.stderr) == (0, "")
    # No two of the six weights are alike.
    assert result.stdout == (
        """\
clinic: 6 records

sex (category): 2 values
  level    labels  such as
      0         2  F
      1         1  *

age (integer): 3 values
  level    labels  such as
      0         3  30
      1         2  30-39
      2         1  *

weight (decimal): 6 values, ranges from 50.0 to 80.0

name     identifier  not read
illness  sensitive   category
dead     target      integer

6 distinct combinations of quasi-identifiers; 6 of the 6 records (100.0 %) are unique in them

which columns identify: distinct values, pairs that differ, and who is alone in a value
share of the records / %      distinction    separation    unique
weight                             100.00        100.00    100.00
age                                 50.00         80.00      0.00
sex                                 33.33         60.00      0.00
"""
    )


def test_columns_that_identify_together_are_told_as_they_add_up(folder):
    rest = "{role: sensitive, type: decimal}"
    text = DESCRIPTION.replace("{role: quasi-identifier, type: decimal}", rest)
    (folder / "clinic.yaml").write_text(text)
    # Of the 15 pairs three share the age, six the sex; (F, 30) and (M, 40) each have one pair.
    assert check("clinic.yaml").stdout.endswith(
        """share of the records / %      distinction    separation    unique
age                                 50.00         80.00      0.00
sex                                 33.33         60.00      0.00

age                                 50.00         80.00      0.00
+ sex                               66.67         86.67     33.33
"""
    )


def test_of_many_columns_those_that_separate_most_are_told(folder):
    names = [f"c{place}" for place in range(14)]
    columns = [f"  {name}: {{role: quasi-identifier, type: category}}" for name in names]
    lines = ["name: wide", "title: Wide", "file: wide.csv", "columns:", *columns]
    (folder / "wide.yaml").write_text("\n".join(lines))
    records = [[f"{record % (place + 1)}" for place in range(14)] for record in range(30)]
    table = [",".join(row) for row in [names, *records]]
    (folder / "wide.csv").write_text("\n".join(table) + "\n")
    told = check("wide.yaml").stdout.split("which columns identify")[1].splitlines()
    # Of more values each has fewer records.
    assert [line.split()[0] for line in told[2:14]] == names[:1:-1]
    assert told[-1] == "and 2 columns more, which separate less"


def test_records_that_share_their_quasi_identifiers_are_not_unique(folder):
    rest = "{role: sensitive, type: decimal}"
    text = DESCRIPTION.replace("{role: quasi-identifier, type: decimal}", rest)
    (folder / "clinic.yaml").write_text(text)
    # Twice (F, 30) and (M, 40), once (F, 31) and (M, 31).
    assert "4 distinct combinations of quasi-identifiers; 2 of the 6 records (33.3 %)" in (
        check("clinic.yaml").stdout
    )


def test_the_example_is_a_value_that_is_generalized_most_often(folder):
    (folder / "age.csv").write_text("30;30;*\n31;31;*\n40;40-49;*\n")
    assert re.search(r"1 +3  40-49\n", check("clinic.yaml").stdout)


def test_missing_values_are_told_apart(folder):
    (folder / "clinic.csv").write_text(TABLE.replace("Ada,F,30,50", "Ada,,30,"))
    output = check("clinic.yaml").stdout
    assert "sex (category): 2 values, and missing values\n" in output
    assert "weight (decimal): 5 values, ranges from 55.0 to 80.0, and missing values\n" in output


def test_empty_cells_of_other_columns_are_told(folder):
    (folder / "clinic.csv").write_text(TABLE.replace("M,40,75,cold,1", "M,40,75,,"))
    output = check("clinic.yaml").stdout
    assert "illness  sensitive   category, 1 without a value\n" in output
    assert "dead     target      integer, 1 without a value\n" in output


def test_spellings_of_a_value_are_told(folder):
    table = TABLE.replace("Ada,F,30", "Ada,f ,30").replace("flu", "Flu ", 1)
    (folder / "clinic.csv").write_text(table.replace("M,40,75,cold", "M,40,75,n/a"))
    output = check("clinic.yaml").stdout
    assert "'sex': 'F' and 'f ' are told apart; `normalize: true` makes them one" in output
    assert "'illness': 'Flu ' and 'flu' are counted as one value\n" in output
    assert "'illness': 'n/a' counts as a value; list what stands for none as `missing`" in output


def test_a_table_may_be_given(folder):
    (folder / "clinic.csv").rename(folder / "other.csv")
    assert check("clinic.yaml", "--table", "other.csv").exit_code == 0
    assert re.match("clinic.csv: the file is in none of ", *problems("clinic.yaml"))


def test_a_dataset_is_named_as_elsewhere(folder):
    (folder / "config/datasets").mkdir(parents=True)
    (folder / "clinic.yaml").rename(folder / "config/datasets/clinic.yaml")
    (folder / "my.yaml").write_text("dataset: clinic\n")
    assert check("clinic").exit_code == check("my.yaml").exit_code == 0
    assert problems("clinics")[0].startswith("`dataset`: there is no config/datasets/clinics.yaml")


def test_the_run_of_the_same_name_says_where_the_table_is(folder):
    (folder / "config/datasets").mkdir(parents=True)
    (folder / "clinic.yaml").rename(folder / "config/datasets/clinic.yaml")
    (folder / "ward").mkdir()
    for name in ("clinic.csv", "age.csv"):
        (folder / name).rename(folder / "ward" / name)
    assert problems("clinic")[0].startswith("clinic.csv: the file is in none of ")
    (folder / "config/clinic.yaml").write_text("dataset: clinic\nsearch_path: [ward]\n")
    assert check("clinic").exit_code == 0


def test_all_mistakes_are_told(folder):
    text = DESCRIPTION.replace("name: {role: identifier, type: category}", "name: {type: category}")
    text = text.replace("dead: {role: target", "alive: {role: target")
    intervals = "{intervals: [{start: 0, width: 20}, {start: 0, width: 10}]}"
    text = text.replace("type: decimal}", f"type: decimal, hierarchy: {intervals}}}")
    (folder / "clinic.yaml").write_text(text)
    (folder / "clinic.csv").write_text(TABLE.replace("M,40,75,cold", "M,50,75,"))
    (folder / "age.csv").write_text(HIERARCHY + "30;40-49;*\n")
    assert problems("clinic.yaml") == [
        "clinic.yaml: `columns.name` lacks the key `role`; add it",
        f"{folder}/clinic.csv: the column 'alive' is missing (there are name, sex, age, weight, "
        "illness, dead); add it or describe the table's own columns in config/datasets/",
        f"{folder}/clinic.csv: the column 'dead' is not described; give it a role and a type in "
        "config/datasets/ or remove it from the file",
        f"{folder}/age.csv: hierarchy of 'age': the leaf '30' stands twice; keep one row",
        f"{folder}/age.csv: the value '50' of 'age' has no row; add one for it",
        "hierarchy of 'weight': the interval 50-60 of level 2 cuts 40-60 of level 1; order the "
        "levels from narrow to wide, and make every edge of level 2 an edge of level 1",
    ]


def test_the_same_mistake_is_not_told_a_thousand_times(folder):
    header, *records = TABLE.splitlines()
    ages = [re.sub("^[^,]*(.*),3[01],", rf"{age}\1,{age},", records[0]) for age in range(100, 130)]
    (folder / "clinic.csv").write_text("\n".join([header, *ages]))
    told = problems("clinic.yaml")
    assert len(told) == 21
    assert told[0].endswith("age.csv: the value '100' of 'age' has no row; add one for it")
    assert told[-1] == "and 10 more mistakes like this one"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("file: clinic.csv", "fil: clinic.csv"), "there is no key `fil`; did you mean `file`?"),
        (("title: Clinic", "title: 5"), "clinic.yaml: `title` is 5; it should be text for figures"),
        (
            ("  sex:", "  is_suppressed:"),
            "columns: 'is_suppressed' is a name that our tables use themselves",
        ),
        (("illness: {role: sensitive", "illness: {role: target"), "2 columns of the role `target`"),
        (("file: clinic.csv", f"file: clinic.csv\nsha256: {'a' * 64}"), "its SHA-256 is another"),
        (("file: age.csv", "file: years.csv"), "years.csv: the file is in none of"),
    ],
)
def test_a_wrong_description_is_told(folder, change, message):
    (folder / "clinic.yaml").write_text(DESCRIPTION.replace(*change))
    assert any(message in problem for problem in problems("clinic.yaml"))


@pytest.mark.parametrize("text", ["", "clinic", "name: clinic", "columns: {}", "columns: [a]", "{"])
def test_a_file_that_describes_nothing_is_told(folder, text):
    (folder / "clinic.yaml").write_text(text)
    assert problems("clinic.yaml")[0].startswith("clinic.yaml: ")


@pytest.mark.parametrize(
    ("dead", "distribution", "message"),
    [
        (
            "{role: target, type: integer, positive: 7}",
            "",
            "target 'dead': no record is of the class 7; mend `positive`",
        ),
        (
            "{role: target, type: integer}",
            "distributions: {d: {statistic: count, attribute: dead, value: 1, label: Dead, "
            "by: sex, by_label: Sex, values: [q]}}",
            "`distributions.d`: distributions: 'q' is no value of 'sex'",
        ),
        (
            "{role: target, type: integer}",
            "distributions: {d: {statistic: count, attribute: dead, value: 1, label: Dead, "
            "by: sex, by_label: Sex, edges: [0, 1]}}",
            "`distributions.d`: distributions: 'sex' has values that are no numbers",
        ),
    ],
)
def test_what_would_stop_an_evaluation_is_told_before(folder, dead, distribution, message):
    text = DESCRIPTION.replace("{role: target, type: integer}", dead)
    assert text != DESCRIPTION or distribution
    (folder / "clinic.yaml").write_text(f"{text}\n{distribution}\n")
    assert any(problem.startswith(message) for problem in problems("clinic.yaml"))
