import subprocess
import sys
from pathlib import Path

import pytest

import anonify
from anonify.base.errors import UserError
from anonify.base.files import check_place, name_file, reading, replacing


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


@pytest.mark.parametrize("place", ["nowhere.txt", "."])
def test_a_file_that_is_not_there_is_told(tmp_path, place):
    path = tmp_path / place
    with pytest.raises(UserError, match="there is no such file; check the path"), reading(path):
        path.read_text()


def test_a_file_that_is_not_utf_8_is_told_with_its_line(tmp_path):
    path = tmp_path / "a.txt"
    path.write_bytes("one\nÄ\n".encode("latin-1"))
    with pytest.raises(UserError, match=r"a\.txt, line 2: the file is not UTF-8"), reading(path):
        path.read_text(encoding="utf-8")


def test_standard_output_is_no_file_also_where_it_leads_to_one(tmp_path):
    code = "from anonify.base.files import check_place; check_place('/dev/stdout')"
    command = [sys.executable, "-c", code]
    library = {"PYTHONPATH": str(Path(anonify.__file__).parents[1])}
    with (tmp_path / "out.json").open("w") as file:
        found = subprocess.run(
            command, stdout=file, stderr=subprocess.PIPE, text=True, check=False, env=library
        )
    assert "/dev/stdout: it is there already and no file; write to another one" in found.stderr


def test_a_place_is_looked_at_without_a_trace(tmp_path):
    (tmp_path / "there.json").write_text("{}")
    for name in ("there.json", "new.json"):
        check_place(tmp_path / name, [tmp_path / "gone.csv"])
    assert [path.name for path in tmp_path.iterdir()] == ["there.json"]
    assert (tmp_path / "there.json").read_text() == "{}"
