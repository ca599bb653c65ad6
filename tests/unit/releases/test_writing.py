"""What is handed out in a folder of files: one after the other they are the one file."""

from itertools import pairwise

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.profile import draws

from anonify.base.values import SUPPRESSED
from anonify.measures.verdict import describe_file
from anonify.releases.handout import Handout, Promise, prepare_handout
from anonify.releases.writing import (
    write_release_csv,
    write_release_folder,
    write_release_parquet,
)
from anonify.tables.counts import select_rows
from anonify.tables.text import read_text_columns
from anonify.verification.releases import VerificationError


def make_table(records):
    generator = np.random.default_rng(records)
    frame = pd.DataFrame(
        {
            "age": pd.Categorical(generator.choice(["20-30", "30,40", "*"], records)),
            "ill": generator.integers(0, 2, records),
            "level": generator.choice([1.5, 2.25, np.nan], records),
        }
    )
    return frame.sort_values([*frame], ignore_index=True)


@settings(max_examples=draws(30))
@given(
    records=st.integers(1, 40),
    of_file=st.integers(1, 45),
    cuts=st.lists(st.integers(0, 40), max_size=4),
)
def test_the_files_are_the_one_file_cut(tmp_path_factory, records, of_file, cuts):
    folder, frame = tmp_path_factory.mktemp("release"), make_table(records)
    handout = Handout.of(frame)
    write_release_csv(handout, folder / "whole.csv")
    whole = (folder / "whole.csv").read_text().splitlines()
    # Frames end elsewhere than files, and some are empty.
    ends = [0, *sorted(min(cut, records) for cut in cuts), records]
    frames = [frame[start:end] for start, end in pairwise(ends)]
    sizes = write_release_folder(handout, folder / "a.csv", of_file, parts=iter(frames))
    texts = [(folder / "a.csv" / name).read_text().splitlines() for name in sizes]
    assert {text[0] for text in texts} == {whole[0]}
    assert [line for text in texts for line in text[1:]] == whole[1:]
    assert [len(text) - 1 for text in texts] == [*sizes.values()]
    assert all(size == of_file for size in [*sizes.values()][:-1])
    assert sorted(sizes) == [*sizes] == sorted(path.name for path in (folder / "a.csv").iterdir())


@settings(max_examples=draws(30))
@given(
    records=st.integers(1, 40),
    of_group=st.integers(1, 45),
    cuts=st.lists(st.integers(0, 40), max_size=4),
)
def test_parquet_is_the_same_whatever_parts_it_comes_in(tmp_path_factory, records, of_group, cuts):
    folder, frame = tmp_path_factory.mktemp("release"), make_table(records)
    handout = Handout.of(frame)
    ends = [0, *sorted(min(cut, records) for cut in cuts), records]
    frames = [frame[start:end] for start, end in pairwise(ends)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("anonify.releases.writing._OF_GROUP", of_group)
        write_release_parquet(handout, folder / "whole.parquet")
        write_release_parquet(handout, folder / "parts.parquet", parts=iter(frames))
    assert (folder / "whole.parquet").read_bytes() == (folder / "parts.parquet").read_bytes()
    about = pq.read_metadata(folder / "whole.parquet")
    sizes = [about.row_group(place).num_rows for place in range(about.num_row_groups)]
    assert sum(sizes) == len(pd.read_parquet(folder / "whole.parquet")) == records
    assert all(size == of_group for size in sizes[:-1])


def test_parquet_files_have_one_schema_whatever_is_in_them(tmp_path):
    frame = pd.DataFrame(
        {
            "age": pd.Categorical(["a", "a", "b", "b"]),
            "ill": pd.array([1, 2, None, None], dtype="Int64"),
        }
    )
    handout = Handout.of(frame)
    sizes = write_release_folder(handout, tmp_path / "a.parquet", 2)
    assert sizes == {"part-00001.parquet": 2, "part-00002.parquet": 2}
    schemas = [pq.read_schema(tmp_path / "a.parquet" / name) for name in sizes]
    assert schemas[0] == schemas[1]
    write_release_parquet(handout, tmp_path / "whole.parquet")
    assert pq.read_schema(tmp_path / "whole.parquet") == schemas[0]
    # It is a table that the library reads, too.
    pd.testing.assert_frame_equal(
        read_text_columns(tmp_path / "a.parquet"), read_text_columns(tmp_path / "whole.parquet")
    )


def test_suppressed_records_that_are_kept_have_their_place_in_the_files(tmp_path):
    release = make_table(6).assign(age=pd.Categorical(["b", "b", "c", "c", "*", "*"]))
    release[SUPPRESSED] = [False] * 4 + [True] * 2
    handout = prepare_handout(select_rows(release), release, ["age"], Promise(3), "keep")
    assert handout.blanked == 2
    write_release_csv(handout, tmp_path / "whole.csv")
    write_release_folder(handout, tmp_path / "a.csv", 4, parts=iter([release[:3], release[3:]]))
    whole = (tmp_path / "whole.csv").read_text().splitlines()
    lines = [(tmp_path / f"a.csv/part-0000{n}.csv").read_text().splitlines() for n in (1, 2)]
    assert [len(each) for each in lines] == [5, 3]
    assert sorted([*lines[0][1:], *lines[1][1:]]) == sorted(whole[1:])


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_what_was_written_is_read_back(tmp_path, kind):
    handout, path = Handout.of(make_table(25)), tmp_path / f"a.{kind}"
    sizes = write_release_folder(handout, path, 10)
    described = describe_file(path, handout, ["age"], sizes)
    assert described["name"] == f"a.{kind}/"
    assert (described["files"], described["records"]) == (3, 25)
    assert described["bytes"] == sum(file.stat().st_size for file in path.iterdir())
    assert len(described["preview"]["rows"]) == 10
    write = write_release_csv if kind == "csv" else write_release_parquet
    write(handout, tmp_path / f"whole.{kind}")
    whole = describe_file(tmp_path / f"whole.{kind}", handout, ["age"])
    assert whole["preview"] == described["preview"]


def test_files_that_are_not_what_was_written_are_refused(tmp_path):
    frame, path = make_table(30), tmp_path / "a.csv"
    handout = Handout.of(frame)

    def refuse(message):
        with pytest.raises(VerificationError, match=message):
            describe_file(path, handout, ["age"], sizes)

    sizes = write_release_folder(handout, path, 10)
    file = path / "part-00002.csv"
    file.rename(path / "part-00009.csv")
    refuse(r"a\.csv has other files than its description says")
    (path / "part-00009.csv").rename(file)
    lines = file.read_text().splitlines(keepends=True)
    file.write_text("".join(lines[:-1]))
    refuse(r"part-00002\.csv has other records than its description says")
    file.write_text("".join([lines[0].replace("ill", "well"), *lines[1:]]))
    refuse(r"part-00002\.csv has other columns than the first file")
    # Each file may be as large as it was, and all together still another table.
    file.write_text("".join([lines[0], *["x" + line for line in lines[1:]]]))
    refuse(r"a\.csv has other equivalence classes than its table")


def test_nothing_half_is_left_where_writing_fails(tmp_path, monkeypatch):
    frame = make_table(20)
    write_release_folder(Handout.of(frame), tmp_path / "a.csv", 30)

    def break_off():
        yield frame[:15]
        raise OSError("the disk is full")

    with pytest.raises(OSError, match="the disk is full"):
        write_release_folder(Handout.of(frame), tmp_path / "a.csv", 10, parts=break_off())
    assert [path.name for path in tmp_path.iterdir()] == ["a.csv"]
    assert [path.name for path in (tmp_path / "a.csv").iterdir()] == ["part-00001.csv"]
    # Another number of files leaves none of the earlier ones; a file gives way to a folder.
    write_release_folder(Handout.of(frame), tmp_path / "a.csv", 10)
    write_release_folder(Handout.of(frame), tmp_path / "a.csv", 30)
    assert [path.name for path in (tmp_path / "a.csv").iterdir()] == ["part-00001.csv"]
    write_release_csv(Handout.of(frame), tmp_path / "b.csv")
    write_release_folder(Handout.of(frame), tmp_path / "b.csv", 30)
    assert (tmp_path / "b.csv").is_dir()
