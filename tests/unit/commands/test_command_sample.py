import codecs
import json
import re
import shutil

import pandas as pd
import pytest
from tests.unit.command_line import anonymization, refuse, run, sampling


def test_records_are_kept_byte_for_byte(folder):
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
        "trial_sampled_p30_t0.csv-metadata.json",
        "trial_sampled_p30_t1.csv",
        "trial_sampled_p30_t1.csv-metadata.json",
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
    assert len(list((folder / "real").glob("*.csv"))) == 2


def test_the_same_seed_gives_the_same_samples(folder):
    samples = []
    for seed in (1, 1, 2):
        shutil.rmtree("out", ignore_errors=True)
        run("sample", sampling(seed=seed, num_experiments=3))
        samples.append([path.read_bytes() for path in sorted((folder / "out").iterdir())])
    assert samples[0] == samples[1] != samples[2]


def test_the_order_of_the_table_is_not_kept(folder):
    records = [f"F,{number}\n" for number in range(20)]
    written = []
    for order in (records, records[::-1]):
        (folder / "released.csv").write_text("sex,age\n" + "".join(order))
        shutil.rmtree("out", ignore_errors=True)
        run("sample", sampling(qids=["sex"], deletion_percentage=0, num_experiments=1))
        written.append((folder / "out/trial_sampled_p0_t0.csv").read_text())
    assert written[0] == written[1] == "sex,age\n" + "".join(sorted(records))


def test_without_a_seed_nobody_can_draw_again(folder):
    (folder / "released.csv").write_text("sex,n\n" + "".join(f"F,{n}\n" for n in range(200)))
    content = sampling(qids=["sex"], deletion_percentage=0.5, num_experiments=1)
    samples = set()
    for _ in range(3):
        shutil.rmtree("out", ignore_errors=True)
        run("sample", content)
        samples.add((folder / "out/trial_sampled_p50_t0.csv").read_text())
    # Two draws of 100 out of 200 agree in fewer than one of 10⁵⁸ cases.
    assert len(samples) == 3


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


def test_records_alone_are_refused_with_how_to_go_on(folder):
    (folder / "released.csv").write_text("Gender,Age,A\nMale,20-30,1\n*,*,0\n")
    content = sampling(qids=["Gender", "Age"])
    assert refuse("sample", content) == (
        "Error: released.csv, record 1: no other record has the quasi-identifiers (Male, 20-30), "
        "so the table is not k-anonymous; anonymize it first, correct `qids`, or remove what "
        "stands alone (1 record), as any deletion would"
    )
    assert not list(folder.glob("*out*"))
    # Without that record it goes on, and with the share of the original nothing is left.
    (folder / "released.csv").write_text("Gender,Age,A\n*,*,0\n")
    assert run("sample", content).exit_code == 0
    assert (folder / "out/trial_sampled_p30_t0.csv").read_text() == "Gender,Age,A\n"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"sampling_percentage": 0.3}, "`sampling_percentage`; did you mean `deletion_percentage`"),
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


@pytest.mark.parametrize("name", ["..", ".", ".hidden", "a/b", "a\\b", "a\n", "\ud800", "a" * 101])
def test_an_id_is_a_part_of_a_file_name(folder, name):
    assert "`id` is" in refuse("sample", sampling(id=name))
    assert not (folder / "out").exists()


def test_an_output_that_is_no_folder_of_ours_is_refused_in_one_sentence(folder):
    (folder / "file").write_text("x")
    (folder / "lost").symlink_to("nowhere")
    (folder / "link").symlink_to("file")
    (folder / "round").symlink_to("round")
    for output in ("file", "file/out", "lost", "link", "round", "o" * 300):
        message = refuse("sample", sampling(output=output))
        assert output[:20] in message
        assert (folder / "file").read_text() == "x"
        assert not (folder / "nowhere").exists()


def test_a_link_to_an_empty_folder_is_as_good_as_the_folder(folder):
    (folder / "empty").mkdir()
    (folder / "link").symlink_to("empty")
    assert run("sample", sampling(output="link")).exit_code == 0
    assert len(list((folder / "empty").glob("*.csv"))) == 2


@pytest.mark.parametrize("blanks", ["\n", "\n\n", "\r\n", " \t\n", "\ufeff\n", "\ufeff \n\n"])
@pytest.mark.parametrize("engine", ["memory", "duckdb"])
def test_blank_lines_above_the_header_are_passed_over_by_every_command(folder, blanks, engine):
    released = "sex,age,illness\n" + "F,30-39,flu\nM,*,cold\n" * 3
    (folder / "released.csv").write_bytes((blanks + released).encode())
    result = run("sample", sampling(engine=engine, num_experiments=1))
    assert result.exit_code == 0, result.stderr
    text = (folder / "out/trial_sampled_p30_t0.csv").read_text()
    assert text.startswith("sex,age,illness\n")
    assert len(text.splitlines()) == 1 + 4
    asked = ["--config", "clinic.yaml", "--engine", engine, "--json", "found.json"]
    result = run("assess", None, "released.csv", *asked)
    assert result.exit_code == 0, result.stderr
    assert json.loads((folder / "found.json").read_text())["risk"]["achieved_k"] == 3
    table = (folder / "clinic.csv").read_bytes()
    checked = run("check", None, "clinic.yaml", "--engine", engine).stdout
    (folder / "clinic.csv").write_bytes(blanks.encode() + table)
    assert run("check", None, "clinic.yaml", "--engine", engine).stdout == checked


@pytest.mark.parametrize("content", ["", "\n", " \n\n", "\ufeff\n"])
def test_a_file_of_blank_lines_is_empty(folder, content):
    (folder / "released.csv").write_text(content)
    message = refuse("sample", sampling())
    assert message == "Error: released.csv: the file is empty; it needs a header and records"


@pytest.mark.parametrize(
    ("mark", "encoding", "told"),
    [
        (codecs.BOM_UTF16_LE, "utf-16-le", "utf-16"),
        (codecs.BOM_UTF16_BE, "utf-16-be", "utf-16"),
        (codecs.BOM_UTF32_LE, "utf-32-le", "utf-32"),
        (codecs.BOM_UTF32_BE, "utf-32-be", "utf-32"),
    ],
)
def test_another_encoding_is_told_by_its_mark(folder, mark, encoding, told):
    asked = ["--config", "clinic.yaml"]
    commands = {
        "released.csv": [("sample", sampling()), ("assess", None, "released.csv", *asked)],
        "conf.json": [("sample", None, "conf.json"), ("anonymize", None, "conf.json")],
        "age.csv": [("anonymize", anonymization())],
        "clinic.yaml": [("assess", None, "released.csv", *asked)],
    }
    for name, calls in commands.items():
        path = folder / name
        before = path.read_bytes() if path.exists() else b"{}"
        path.write_bytes(mark + before.decode().encode(encoding))
        for call in calls:
            message = refuse(*call)
            assert f"{name}: the file is {told.upper()} text; save it as UTF-8, such as" in message
            assert f"iconv -f {told} -t utf-8 IN > OUT" in message
        path.write_bytes(before)
    assert not (folder / "out").exists()
    # A table in UTF-16 is read, one in UTF-32 is not.
    table = folder / "clinic.csv"
    table.write_bytes(mark + table.read_text().encode(encoding))
    if told == "utf-16":
        assert run("check", None, "clinic.yaml").exit_code == 0
    else:
        assert "iconv -f utf-32" in refuse("anonymize", anonymization())
