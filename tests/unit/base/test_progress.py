"""What a terminal shows of long work."""

import io

import pandas as pd
import pytest

from anonify.base import progress
from anonify.engines.choice import Limits
from anonify.engines.database import open_database


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.fixture(params=[Terminal, io.StringIO])
def stream(request, monkeypatch):
    monkeypatch.setattr(progress, "_DELAY", 0)
    monkeypatch.setattr(progress, "_PAUSE", 0.01)
    monkeypatch.setattr(progress, "_stream", None)
    progress.show_on(shown := request.param())
    return shown


def test_parts_are_counted_in_records_on_a_terminal_alone(stream):
    parts = [pd.DataFrame({"age": range(1000)})] * 3
    assert len(list(progress.track(parts, "ward.csv", 3000))) == 3
    text = stream.getvalue()
    assert ("ward.csv:   0%" in text and "/3.00k" in text and "records/s" in text) == (
        stream.isatty()
    )
    assert stream.isatty() or text == ""


def test_an_engine_is_asked_how_far_it_is(stream, tmp_path):
    pd.DataFrame({"age": range(300_000)}).to_parquet(tmp_path / "table.parquet")
    with open_database(Limits(10**9, tmp_path)) as database:
        database.name_file("ward", tmp_path / "table.parquet")
        statement = "SELECT age, md5(age::VARCHAR) AS hash FROM ward ORDER BY hash"
        database.write_parquet(statement, tmp_path / "sorted.parquet", records=300_000)
    assert len(pd.read_parquet(tmp_path / "sorted.parquet")) == 300_000
    text = stream.getvalue()
    assert ("sorted.parquet: " in text and "/300k" in text) == stream.isatty()


def test_what_fails_while_it_is_watched_is_raised(stream):
    with pytest.raises(ValueError, match="wrong"), progress.watch("ward", 10, lambda: 50.0):
        raise ValueError("wrong")
