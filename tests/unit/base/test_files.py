import pandas as pd
import pytest

from anonify.base.files import name_file, replacing
from anonify.releases.handout import write_release_csv


def test_a_release_is_written_in_an_order_that_says_nothing(tmp_path):
    frame = pd.DataFrame({"age": pd.Categorical(["30-40", "*", "30-40"]), "ill": [1, 0, 0]})
    write_release_csv(frame, tmp_path / "a.csv")
    write_release_csv(frame.iloc[[2, 0, 1]], tmp_path / "b.csv")
    assert (tmp_path / "a.csv").read_text() == "age,ill\n*,0\n30-40,0\n30-40,1\n"
    assert (tmp_path / "a.csv").read_bytes() == (tmp_path / "b.csv").read_bytes()


@pytest.mark.parametrize("name", ["height/cm", "{a}", "<results>", "a:b|c", "x\ny"])
def test_the_name_of_a_column_becomes_one_of_a_file(tmp_path, name):
    (tmp_path / name_file(name)).write_text("")
    assert not set("/{}<>:|\n") & set(name_file(name))


def test_what_a_killed_process_left_is_removed(tmp_path):
    left = tmp_path / ".a.csv.1.tmp.csv"
    left.write_text("half")
    with replacing(tmp_path / "a.csv") as temporary:
        temporary.write_text("whole")
    assert [path.name for path in tmp_path.iterdir()] == ["a.csv"]
