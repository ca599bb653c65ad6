import json
import re
import shutil

import pandas as pd
import pytest
from tests.unit.command_line import (
    DESCRIPTION,
    HIERARCHY,
    TABLE,
    anonymization,
    refuse,
    run,
    sampling,
)

from anonify.commands.anonymization import SCHEMA as ANONYMIZATION
from anonify.commands.stratified_sampling import SCHEMA as SAMPLING
from anonify.methods import mondrian
from anonify.recoding.effort import Effort
from anonify.settings.schemas import check_configuration


@pytest.mark.parametrize(
    ("command", "schema"), [("anonymize", ANONYMIZATION), ("sample", SAMPLING)]
)
def test_the_example_of_the_help_is_a_configuration(command, schema):
    text = run(command, None, "--help").stdout
    example = json.loads(re.search(r"  \{\n.*?\n  \}\n", text, re.DOTALL)[0])
    check_configuration(example, schema, "help")


@pytest.mark.parametrize(("labels", "ages"), [({}, {"30-39"}), ({"labels": "sets"}, {"[30, 31]"})])
def test_classes_show_nodes_or_what_is_in_them(folder, labels, ages):
    # Four are in their thirties; the two who are 40 are suppressed.
    options = {"ola": {"suppression_limit": 40}}
    content = anonymization(algo=["ola"], k=[3], options=options, attrs=[["age", "dead"]], **labels)
    assert run("anonymize", content).exit_code == 0
    released = pd.read_csv(folder / "out/clinic_ola_k3_b0_a0.csv")
    assert {*released["age"]} == ages


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
    tables = {path.name for path in (folder / "out").glob("*.csv")}
    assert len(tables) == 16
    described = {f"{name}-metadata.json" for name in tables}
    assert {path.name for path in (folder / "out").iterdir()} == tables | described
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


def test_methods_may_have_the_names_of_the_papers_repository(folder):
    options = {"knn": {}}
    content = anonymization(algo=["mondrian", "oka", "kmember", "knn"], options=options, seed=1)
    result = run("anonymize", content)
    assert result.exit_code == 0, result.output
    ours = ["mondrian", "oka", "k_member", "knn_clustering"]
    assert [line.split(",")[0] for line in result.stdout.splitlines()[1:]] == ours
    run("anonymize", anonymization(algo=ours, output="again", seed=1))
    tables = [
        {path.name: path.read_bytes() for path in (folder / name).iterdir()}
        for name in ("out", "again")
    ]
    assert len(tables[0]) == 8
    assert tables[0] == tables[1]


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
        ({"labels": "set"}, "`labels` is 'set'; it should be `nodes` or `sets`"),
        ({"outputs": "x"}, "no key `outputs`; did you mean `output`"),
        ({"k": [2, 2]}, "`algo_conf.k` is .*different"),
        ({"attrs": [["age", "age"]]}, r"`dataset_conf.attrs\[0\]` is .*different columns"),
        ({"options": {"ola": {}}}, "names 'ola'; `algo` does not"),
        ({"algo": ["knn", "knn_clustering"]}, "knn and knn_clustering are two names of one method"),
        (
            {"algo": ["k_member"], "options": {"k_member": {}, "kmember": {}}},
            "`algo_conf.options`: k_member and kmember are two names of one method; keep one",
        ),
        ({"algo": ["kmember"], "options": {"knn": {}}}, "names 'knn_clustering'; `algo` does not"),
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
        ("age.csv", (HIERARCHY + "30;40-49;*\n").encode(), "the leaf '30' stands twice"),
        ("age.csv", HIERARCHY.replace("31;30", "31;20").encode(), None),
        ("age.csv", HIERARCHY.replace("40-49;*", "40-49;all").encode(), "the top level has 2"),
        ("age.csv", b"\xff", "age.csv, line 1: the file is not UTF-8"),
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


def test_many_quasi_identifiers_are_searched(folder):
    names = [f"q{number}" for number in range(30)]
    columns = "".join(f"  {name}: {{role: quasi-identifier, type: category}}\n" for name in names)
    (folder / "clinic.yaml").write_text(
        DESCRIPTION.split("  name:")[0] + columns + "  t: {role: target, type: integer}\n"
    )
    rows = [",".join([*names, "t"])] + [
        ",".join("ab"[(i + j) % 2] for i in range(30)) + ",0" for j in range(4)
    ]
    (folder / "clinic.csv").write_text("\n".join(rows))
    run("anonymize", anonymization(algo=["ola"]))
    release = pd.read_csv(folder / "out/clinic_ola_k2_b0_a0.csv", dtype=str)
    assert release.groupby(names).size().tolist() == [2, 2]


def test_a_folder_with_files_is_not_overwritten(folder):
    (folder / "out").mkdir()
    (folder / "out/precious.csv").write_text("x")
    for command, content in (("anonymize", anonymization()), ("sample", sampling())):
        assert "`output`: out is there already" in refuse(command, content)
    assert [path.name for path in (folder / "out").iterdir()] == ["precious.csv"]


@pytest.mark.parametrize("output", ["clinic.parquet/out", "clinic.parquet", "link/out"])
def test_what_is_written_is_no_part_of_the_table_that_is_read(folder, output):
    (folder / "clinic.parquet").mkdir()
    (folder / "link").symlink_to("clinic.parquet")
    table = pd.read_csv(folder / "clinic.csv")
    table.to_parquet(folder / "clinic.parquet/a.parquet")
    described = (folder / "clinic.yaml").read_text()
    (folder / "clinic.yaml").write_text(described.replace("clinic.csv", "clinic.parquet"))
    message = refuse("anonymize", anonymization(output=output))
    assert (
        f"Error: {output}: it would be a part of the table {folder / 'clinic.parquet'}, which"
        in message
    )
    assert [path.name for path in (folder / "clinic.parquet").iterdir()] == ["a.parquet"]


@pytest.mark.parametrize(
    ("command", "content"), [("anonymize", anonymization()), ("sample", sampling())]
)
def test_a_place_that_cannot_be_written_to_is_told(folder, command, content):
    (folder / "file").write_text("x")
    assert "file" in refuse(command, {**content, "output": "file/out"})


def test_what_may_take_very_long_is_told_in_a_sentence(folder, monkeypatch):
    little = Effort(lambda task: {"records": task.records}, 1, "choose `arx`")
    monkeypatch.setattr(mondrian, "EFFORT", little)
    result = run("anonymize", anonymization())
    assert result.exit_code == 0, result.output
    (told,) = [line for line in result.stderr.splitlines() if "choose `arx`" in line]
    assert "Warning" not in told
