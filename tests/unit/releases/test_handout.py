import pandas as pd

from anonify.releases.handout import Handout
from anonify.releases.writing import write_release_csv
from anonify.tables.counts import count_rows


def test_a_release_is_written_in_an_order_that_says_nothing(tmp_path):
    frame = pd.DataFrame({"age": pd.Categorical(["30-40", "*", "30-40"]), "ill": [1, 0, 0]})
    write_release_csv(Handout.of(frame), tmp_path / "a.csv")
    write_release_csv(Handout.of(frame.iloc[[2, 0, 1]]), tmp_path / "b.csv")
    assert (tmp_path / "a.csv").read_text() == "age,ill\n*,0\n30-40,0\n30-40,1\n"
    assert (tmp_path / "a.csv").read_bytes() == (tmp_path / "b.csv").read_bytes()


def test_a_counted_table_is_written_record_by_record(tmp_path):
    frame = pd.DataFrame({"age": pd.Categorical(["30-40", "*", "30-40"]), "ill": [1, 0, 1]})
    write_release_csv(Handout.of(count_rows(frame, ["age", "ill"])), tmp_path / "a.csv")
    assert (tmp_path / "a.csv").read_text() == "age,ill\n*,0\n30-40,1\n30-40,1\n"


def test_a_spreadsheet_finds_no_formula_where_they_are_escaped(tmp_path):
    texts = ["=1+1", "+49", "-5", "-5-0", "@x", "\tx", "a=b", ""]
    frame = pd.DataFrame({"=ill": pd.Categorical(texts), "n": range(-4, 4)})
    write_release_csv(Handout.of(frame), tmp_path / "a.csv", escapes_formulas=True)
    read = pd.read_csv(tmp_path / "a.csv", dtype=str, keep_default_na=False)
    assert list(read) == ["'=ill", "n"]
    found = dict(zip(read["n"].astype(int), read["'=ill"], strict=True))
    # Numbers stay numbers.
    assert [found[n] for n in range(-4, 4)] == [
        "'=1+1",
        "+49",
        "-5",
        "'-5-0",
        "'@x",
        "'\tx",
        "a=b",
        "",
    ]
    write_release_csv(Handout.of(frame), tmp_path / "b.csv")
    assert "=ill" in pd.read_csv(tmp_path / "b.csv")
