import json
import re
import shutil
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner

from anonify.commands import main
from anonify.commands.anonymization import SCHEMA as ANONYMIZATION
from anonify.commands.stratified_sampling import SCHEMA as SAMPLING
from anonify.configuration import check_configuration

DESCRIPTION = """
name: clinic
title: Clinic
file: clinic.csv
columns:
  name: {role: identifier, type: category}
  sex: {role: quasi-identifier, type: category}
  age: {role: quasi-identifier, type: integer, hierarchy: {file: age.csv}}
  weight: {role: quasi-identifier, type: decimal}
  illness: {role: sensitive, type: category}
  dead: {role: target, type: integer}
"""

TABLE = """name,sex,age,weight,illness,dead
Ada,F,30,50,flu,0
Bea,F,30,55,"cold, bad",1
Cia,F,31,60,flu,0
Dan,M,31,70,flu,0
Eli,M,40,75,cold,1
Flo,M,40,80,cold,0
"""

HIERARCHY = "30;30-39;*\n31;30-39;*\n40;40-49;*\n"

RELEASED = (
    "sex,age,illness\r\n"
    + 'F,30-39,flu\r\nF,30-39,"cold\r\nbad"\r\n' * 5
    + ("M,*,flu\r\nM,*,00.50")
)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ANONIFY_DATA", str(tmp_path))
    (tmp_path / "clinic.yaml").write_text(DESCRIPTION)
    (tmp_path / "clinic.csv").write_text(TABLE)
    (tmp_path / "age.csv").write_text(HIERARCHY)
    (tmp_path / "released.csv").write_bytes(RELEASED.encode())
    return tmp_path


def run(command, content=None, *arguments):
    if content is not None:
        Path("conf.json").write_text(content if isinstance(content, str) else json.dumps(content))
        arguments = ("conf.json", *arguments)
    return CliRunner().invoke(main, [command, *arguments])


def refuse(command, content, *arguments):
    """Run a command in vain, and return its message: one line, no traceback."""
    result = run(command, content, *arguments)
    assert result.exit_code == 1, result.output
    assert isinstance(result.exception, SystemExit)
    message = result.stderr.splitlines()[-1]
    assert message.startswith("Error: ")
    return message


def anonymization(**changes):
    content = {
        "dataset": "clinic.yaml",
        "algo_conf": {"k": [2], "algo": ["mondrian"]},
        "dataset_conf": {"batch_size": [0], "attrs": [[]]},
        "output": "out",
    }
    for key, value in changes.items():
        part = content["algo_conf"] if key in ("k", "algo", "options") else content
        part = content["dataset_conf"] if key in ("batch_size", "attrs") else part
        part[key] = value
    return content


def sampling(**changes):
    return {
        "id": "trial",
        "input": "released.csv",
        "qids": ["sex", "age"],
        "deletion_percentage": 0.3,
        "num_experiments": 2,
        "output": "out",
        **changes,
    }


# Help


@pytest.mark.parametrize(
    ("command", "schema"), [("anonymize", ANONYMIZATION), ("sample", SAMPLING)]
)
def test_the_example_of_the_help_is_a_configuration(command, schema):
    text = run(command, None, "--help").stdout
    example = json.loads(re.search(r"  \{\n.*?\n  \}\n", text, re.DOTALL)[0])
    check_configuration(example, schema, "help")


# Anonymize


def test_every_combination_gives_a_table_and_a_line(folder):
    result = run(
        "anonymize",
        anonymization(
            k=[2, 3],
            algo=["mondrian", "knn_clustering"],
            batch_size=[0, 4],
            attrs=[[], ["sex", "age", "dead"]],
        ),
    )
    assert result.exit_code == 0, result.output
    header, *lines = result.stdout.splitlines()
    assert header == "Algorithm,BatchSize,k,n_att,ncp,run_time"
    assert len(lines) == 16
    # k, algorithm, batch size, columns: the last varies fastest.
    assert [line.split(",")[:4] for line in lines[:5]] == [
        ["mondrian", "0", "2", "3"],
        ["mondrian", "0", "2", "2"],
        ["mondrian", "4", "2", "3"],
        ["mondrian", "4", "2", "2"],
        ["knn_clustering", "0", "2", "3"],
    ]
    assert all(0 <= float(line.split(",")[4]) <= 100 for line in lines)
    assert len(list((folder / "out").iterdir())) == 16
    release = pd.read_csv(folder / "out/clinic_mondrian_k3_b4_a1.csv")
    assert release.columns.tolist() == ["sex", "age", "dead"]
    assert len(release) == 4


def test_the_table_is_k_anonymous_without_direct_identifiers(folder):
    run("anonymize", anonymization())
    release = pd.read_csv(folder / "out/clinic_mondrian_k2_b0_a0.csv", dtype=str)
    assert release.columns.tolist() == ["sex", "age", "weight", "illness", "dead"]
    assert release.groupby(["sex", "age", "weight"]).size().min() >= 2
    assert sorted(release["illness"]) == ["cold", "cold", "cold, bad", "flu", "flu", "flu"]


def test_the_same_seed_gives_the_same_table(folder):
    tables = []
    for seed in (1, 1, 2):
        shutil.rmtree("out", ignore_errors=True)
        run("anonymize", anonymization(algo=["oka"], seed=seed))
        tables.append((folder / "out/clinic_oka_k2_b0_a0.csv").read_text())
    assert tables[0] == tables[1] != tables[2]


def test_options_of_a_method_are_taken(folder):
    options = {"ola": {"suppression_limit": 0, "criterion": "loss"}}
    content = anonymization(algo=["ola"], options=options, attrs=[["sex", "age"]])
    result = run("anonymize", content)
    assert "loss: " in result.stderr
    assert (
        run("anonymize", {**content, "output": "again"}).stdout.split(",")[:4]
        == (result.stdout.split(",")[:4])
    )


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"dataset": "nowhere"}, "there is no config/datasets/nowhere.yaml"),
        ({"dataset": "nowhere.yaml"}, "nowhere.yaml: there is no such file"),
        ({"k": [1]}, r"`algo_conf.k\[0\]` is 1; it should be a whole number from 2"),
        ({"k": [7]}, "`algo_conf.k`: 7 is more than the 6 records"),
        ({"algo": ["mondrain"]}, "no method 'mondrain'"),
        ({"algo": ["ola"], "attrs": [["sex"]], "options": {"ola": {"x": 1}}}, "no option 'x'"),
        ({"algo": ["arx"]}, "'weight' has no hierarchy"),
        ({"batch_size": [7]}, "7 is more than the 6 records"),
        ({"batch_size": [2], "k": [3]}, "3 is more than the 2 records"),
        ({"attrs": [["sx"]]}, "names 'sx'; choose from sex, age"),
        ({"attrs": [["name"]]}, "names 'name'"),
        ({"attrs": [["dead"]]}, "no quasi-identifier; add one of sex, age, weight"),
        ({"outputs": "x"}, "no key `outputs`; did you mean `output`"),
        ({"k": [2, 2]}, "`algo_conf.k` is .*different"),
        ({"attrs": [["age", "age"]]}, r"`dataset_conf.attrs\[0\]` is .*different columns"),
        ({"options": {"ola": {}}}, "names 'ola'; `algo` does not"),
        ({"output": "a\0b"}, "`output` is"),
        # The second method fails after the first one has made its table.
        ({"algo": ["mondrian", "arx"]}, "'weight' has no hierarchy"),
    ],
)
def test_a_wrong_configuration_is_told_and_nothing_is_written(folder, changes, message):
    assert re.search(message, refuse("anonymize", anonymization(**changes)))
    assert not (folder / "out").exists()


def test_an_unfinished_configuration_is_told(folder):
    assert "line 2: the file is no JSON" in refuse("anonymize", '{"dataset":\n}')
    assert "lacks the key `dataset`" in refuse("anonymize", "{}")
    assert "no such file" in refuse("anonymize", None, "nowhere.json")
    assert "the key 'k' stands twice" in refuse("anonymize", '{"k": 1, "k": 2}')
    assert "NaN is no number" in refuse("anonymize", '{"k": NaN}')
    assert "holds [] where keys" in refuse("anonymize", "[]")


@pytest.mark.parametrize(
    ("file", "content", "message"),
    [
        ("clinic.csv", b"", "clinic.csv: the file is empty"),
        ("clinic.csv", TABLE.splitlines()[0].encode(), "a header but no record"),
        ("clinic.csv", TABLE.replace("Ada", "\xc4da").encode("latin-1"), "not UTF-8"),
        ("clinic.csv", TABLE.replace("weight", "wait").encode(), "column 'weight' is missing"),
        (
            "clinic.csv",
            TABLE.replace("30,50", "33,50").encode(),
            "the value '33' of 'age' has no row",
        ),
        ("clinic.csv", TABLE.replace("30,50", "30,x").encode(), "record 1: 'weight' is 'x'"),
        ("age.csv", (HIERARCHY + "30;30-39;*\n").encode(), "the leaf '30' stands twice"),
        ("age.csv", HIERARCHY.replace("31;30", "31;20").encode(), None),
        ("age.csv", HIERARCHY.replace("40-49;*", "40-49;all").encode(), "the top level has 2"),
        ("age.csv", b"\xff", "age.csv: the file is not UTF-8"),
    ],
)
def test_a_wrong_file_is_told_and_nothing_is_written(folder, file, content, message):
    (folder / file).write_bytes(content)
    if message is None:
        assert run("anonymize", anonymization()).exit_code == 0
        return
    assert message in refuse("anonymize", anonymization())
    assert not (folder / "out").exists()


def test_a_missing_value_is_a_value_of_its_own(folder):
    (folder / "clinic.csv").write_text(TABLE.replace("30,50", ",").replace("30,55", ","))
    run("anonymize", anonymization(attrs=[["sex", "age"]]))
    release = pd.read_csv(folder / "out/clinic_mondrian_k2_b0_a0.csv", dtype=str)
    assert release["age"].isna().sum() in (0, 2)


def test_a_record_that_breaks_off_is_told(folder):
    (folder / "clinic.csv").write_text(TABLE + "Gil,M,40,80\n")
    assert "record 7: it has fewer values than the header" in refuse("anonymize", anonymization())


def test_text_with_a_carriage_return_is_written_so_that_it_is_read_again(folder):
    (folder / "clinic.csv").write_text(TABLE.replace(",cold,", ',"co\rld",'), newline="")
    assert run("anonymize", anonymization(algo=["knn_clustering"])).exit_code == 0
    release = pd.read_csv(folder / "out/clinic_knn_clustering_k2_b0_a0.csv", dtype=str)
    assert sorted(release["illness"]) == ["co\rld", "co\rld", "cold, bad", "flu", "flu", "flu"]


def test_too_many_quasi_identifiers_for_a_lattice_are_told(folder):
    names = [f"q{number}" for number in range(30)]
    columns = "".join(f"  {name}: {{role: quasi-identifier, type: category}}\n" for name in names)
    (folder / "clinic.yaml").write_text(
        DESCRIPTION.split("  name:")[0] + columns + "  t: {role: target, type: integer}\n"
    )
    rows = [",".join([*names, "t"])] + [
        ",".join("ab"[(i + j) % 2] for i in range(30)) + ",0" for j in range(4)
    ]
    (folder / "clinic.csv").write_text("\n".join(rows))
    assert "30 quasi-identifiers have 1.07e+09 transformations" in (
        refuse("anonymize", anonymization(algo=["ola"]))
    )


def test_a_folder_with_files_is_not_overwritten(folder):
    (folder / "out").mkdir()
    (folder / "out/precious.csv").write_text("x")
    for command, content in (("anonymize", anonymization()), ("sample", sampling())):
        assert "`output`: out is there already" in refuse(command, content)
    assert [path.name for path in (folder / "out").iterdir()] == ["precious.csv"]


@pytest.mark.parametrize(
    ("command", "content"), [("anonymize", anonymization()), ("sample", sampling())]
)
def test_a_place_that_cannot_be_written_to_is_told(folder, command, content):
    (folder / "file").write_text("x")
    assert "file" in refuse(command, {**content, "output": "file/out"})


# Sample


def test_records_are_kept_byte_for_byte_in_their_order(folder):
    result = run("sample", sampling())
    assert result.exit_code == 0, result.output
    # Of ten ⌈0.3 · 10⌉ = 3 go, of two one.
    written = (folder / "out/trial_sampled_p30_t0.csv").read_bytes().decode()
    assert written.startswith("sex,age,illness\r\n")
    assert written.count("F,30-39,") == 7
    assert written.count("M,*,flu\r\n") + written.count("M,*,00.50\r\n") == 1
    assert written.count('"cold\r\nbad"') + written.count("F,30-39,flu") == 7
    assert sorted(path.name for path in (folder / "out").iterdir()) == [
        "trial_sampled_p30_t0.csv",
        "trial_sampled_p30_t1.csv",
    ]
    header, *lines = result.stdout.splitlines()
    assert header == "iteration,deletion_percentage,run_time"
    assert [line.split(",")[:2] for line in lines] == [["0", "0.3"], ["1", "0.3"]]


@pytest.mark.parametrize(
    ("share", "name", "left"),
    [(0, "p0", 12), (1, "p100", 0), (0.29, "p29", 8), (0.125, "p12.5", 9)],
)
def test_the_name_has_the_percentage(folder, share, name, left):
    run("sample", sampling(deletion_percentage=share, num_experiments=1))
    release = pd.read_csv(folder / f"out/trial_sampled_{name}_t0.csv")
    assert len(release) == left


def test_a_mark_before_a_quoted_header_is_kept(folder):
    (folder / "released.csv").write_bytes(b'\xef\xbb\xbf"sex",age\n' + b"F,1\n" * 4)
    run("sample", sampling(deletion_percentage=0.5, num_experiments=1))
    written = (folder / "out/trial_sampled_p50_t0.csv").read_bytes()
    assert written == b'\xef\xbb\xbf"sex",age\n' + b"F,1\n" * 2


def test_an_empty_folder_is_filled_where_it_is(folder):
    (folder / "real").mkdir()
    (folder / "out").symlink_to(folder / "real")
    assert run("sample", sampling()).exit_code == 0
    assert len(list((folder / "real").iterdir())) == 2


def test_the_same_seed_gives_the_same_samples(folder):
    samples = []
    for seed in (1, 1, 2):
        shutil.rmtree("out", ignore_errors=True)
        run("sample", sampling(seed=seed, num_experiments=3))
        samples.append([path.read_bytes() for path in sorted((folder / "out").iterdir())])
    assert samples[0] == samples[1] != samples[2]


def test_without_an_output_the_folder_is_named_by_the_time(folder):
    content = sampling()
    del content["output"]
    assert run("sample", content).exit_code == 0
    assert len(list(folder.glob("20*/trial_sampled_p30_t*.csv"))) == 2


def test_columns_may_be_parted_by_semicolons(folder):
    (folder / "released.csv").write_text("sex;age\n" + "F;1,5\n" * 4)
    run("sample", sampling(num_experiments=1))
    assert (folder / "out/trial_sampled_p30_t0.csv").read_text() == "sex;age\n" + "F;1,5\n" * 2


def test_suppressed_records_may_be_few(folder):
    (folder / "released.csv").write_text("sex,age\nF,1\nF,1\n*,*\n")
    assert run("sample", sampling()).exit_code == 0


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"input": "nowhere.csv"}, "nowhere.csv: there is no such file"),
        ({"qids": ["sex", "size"]}, "'size' of `qids` stands nowhere in the header"),
        ({"qids": []}, "`qids` is"),
        (
            {"deletion_percentage": 30},
            "`deletion_percentage` is 30; it should be a share from 0 to 1",
        ),
        ({"deletion_percentage": -0.1}, "should be a share from 0 to 1"),
        ({"num_experiments": 0}, "`num_experiments` is 0"),
        ({"id": "a/b"}, "`id` is 'a/b'"),
        ({"qids": ["sex", "age", "illness"]}, "record 11: no other record .* not k-anonymous"),
    ],
)
def test_a_wrong_sampling_is_told_and_nothing_is_written(folder, changes, message):
    assert re.search(message, refuse("sample", sampling(**changes)))
    assert not list(folder.glob("*out*"))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "the file is empty"),
        (b"sex,age\n", "a header but no record"),
        (b"sex,age\nF\xe4,1\n", "not UTF-8"),
        (b"sex,age,sex\nF,1,F\n", "'sex' of `qids` stands twice"),
        (b"sex,age\nF,1\nF\n", "record 2: it has 1 values where the header has 2"),
        (b'sex,age\nF,"1\n', "line 2: unexpected end of data"),
    ],
)
def test_a_wrong_table_is_told(folder, content, message):
    (folder / "released.csv").write_bytes(content)
    assert message in refuse("sample", sampling())
    assert not list(folder.glob("*out*"))


# Assess


def test_a_release_is_assessed(folder):
    run("anonymize", anonymization(attrs=[["sex", "age", "illness"]]))
    result = run("assess", None, "out/clinic_mondrian_k2_b0_a0.csv", "--config", "clinic.yaml")
    assert result.exit_code == 0, result.output
    written = json.loads((folder / "out/clinic_mondrian_k2_b0_a0.assessment.json").read_text())
    # F and M; ages 30, 30, 31 and 31, 40, 40: the F are in 30-39, two of three leaves, and any
    # other split by age would leave a single record.
    assert written["risk"]["achieved_k"] == 3
    assert written["risk"]["prosecutor_risk_highest"] == pytest.approx(100 / 3)
    assert written["quality"]["ncp"] == pytest.approx(100 * (0 + (2 / 3 + 1) / 2) / 2)
    assert written["privacy"]["illness"]["distinct_l"] == 2
    assert re.search(r"achieved k / records +3\n", result.stdout)
    assert re.search(r"highest prosecutor risk / % +33.33\n", result.stdout)
    assert re.search(r"illness +2 ", result.stdout)


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
    for target in ("release.csv", "."):
        arguments = ["--config", "clinic.yaml", "--json", target]
        assert "is one of the tables or no file" in refuse(
            "assess", None, "release.csv", *arguments
        )


@pytest.mark.parametrize("content", [b"", b"PAR1", b"sex,age\n"])
def test_a_parquet_file_that_is_none_of_ours_is_told(folder, content):
    (folder / "release.parquet").write_bytes(content)
    message = refuse("assess", None, "release.parquet", "--config", "clinic.yaml")
    assert "no released table of this pipeline" in message


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
