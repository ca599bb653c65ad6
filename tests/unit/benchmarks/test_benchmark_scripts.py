"""What the benchmark's scripts measure, leave out and say; see also test_benchmarks.py."""

import re
import signal
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import benchmark_adult
import benchmark_peers
import benchmark_scale
import benchmark_scaling
import benchmark_worker
from anonify.base.errors import UserError
from anonify.benchmarks.candidates import Candidate
from anonify.engines.choice import DEFAULTS
from anonify.figures.benchmarks import plot_scaling
from anonify.methods import METHODS

PROJECT = Path(__file__).resolve().parents[3]
MONDRIAN = Candidate("anonify", "mondrian", sys.executable)


@pytest.fixture
def said(monkeypatch):
    """What the scripts tell."""
    messages: list[str] = []
    for script in (benchmark_adult, benchmark_peers, benchmark_scaling):
        monkeypatch.setattr(script, "tell", messages.append)
    return messages


def pretend(monkeypatch, seconds):
    """Let every table take as long as a function of its records says; None fails."""

    def run(candidate, table, hierarchies, k, limit, *, keep_release):
        taken = seconds(len(table))
        if taken is None:
            return {"note": "failed: too large"}, None
        return {"cpu_seconds": taken, "added_megabytes": 1.0, "note": ""}, None

    monkeypatch.setattr(benchmark_scaling, "run_candidate", run)


def test_peers_that_are_absent_are_left_out_and_named(said):
    found = benchmark_peers.list_installed("/nowhere/python")
    assert [each.method for each in found] == list(METHODS)
    assert [message.split()[0] for message in said] == ["anjana", "anonypy"]


def test_a_peer_is_there_where_its_python_can_import_it():
    assert benchmark_peers.is_installed("json", sys.executable)
    assert not benchmark_peers.is_installed("no_such_library", sys.executable)


def test_a_size_that_would_take_too_long_is_not_run_and_says_so(monkeypatch, said):
    # A second for every thousand records: 31.6 s are expected of the fourth, and 30 are the limit.
    pretend(monkeypatch, lambda records: records / 1000)
    rows = benchmark_scaling._vary(MONDRIAN, "records", (1_000, 3_162, 10_000, 31_623, 10**5), 1)
    assert [row["note"] for row in rows] == [
        *["", "", ""],
        "not run: about 32 s expected",
        "not run: a smaller one was too much",
    ]
    assert said[3] == "mondrian, 31623 records: not run: about 32 s expected"


def test_nothing_is_asked_for_beyond_a_size_that_failed(monkeypatch, said):
    pretend(monkeypatch, lambda records: None if records > 2_000 else 0.1)
    rows = benchmark_scaling._vary(MONDRIAN, "records", (1_000, 2_000, 3_000, 4_000), 1)
    assert [row["note"] for row in rows[2:]] == [
        "failed: too large",
        "not run: a smaller one was too much",
    ]


def test_growth_is_fitted_to_what_was_run_to_its_end(monkeypatch, said, tmp_path):
    pretend(monkeypatch, lambda records: (records / 1000) ** 1.5)
    monkeypatch.setattr(benchmark_scaling, "list_installed", lambda python: [MONDRIAN])
    monkeypatch.setattr(benchmark_scaling, "RECORDS", (1_000, 2_000, 4_000, 8_000, 64_000))
    monkeypatch.setattr(benchmark_scaling, "ATTRIBUTES", (1, 2))
    benchmark_scaling.main(str(tmp_path / "scaling.csv"), str(tmp_path / "growth.csv"), "", 1)
    growth = pd.read_csv(tmp_path / "growth.csv").set_index("varied")
    assert growth.loc["records", "cpu_seconds_exponent"] == pytest.approx(1.5)
    assert growth.loc["records", "cpu_seconds_sizes"] == 4
    assert growth.loc["records", "largest_size"] == 8_000


def test_without_adult_there_are_no_rows_and_a_sentence(monkeypatch, said, tmp_path):
    def refuse(name):
        raise UserError("adult.csv: the file is in none of the folders")

    monkeypatch.setattr(benchmark_adult, "read_dataset", refuse)
    benchmark_adult.main(str(tmp_path / "adult.csv"), "")
    assert pd.read_csv(tmp_path / "adult.csv").empty
    assert said == ["Adult is left out: adult.csv: the file is in none of the folders"]


def test_anjana_is_measured_on_adult_with_both_suppressions(monkeypatch):
    installed = [MONDRIAN, Candidate("anjana", "k_anonymity", "python")]
    monkeypatch.setattr(benchmark_adult, "list_installed", lambda python: installed)
    methods = [each.method for each in benchmark_adult._list_candidates("python")]
    assert methods == ["mondrian", "k_anonymity", "k_anonymity_limited"]


def test_peers_ranges_are_told_from_nodes_that_are_written_alike():
    table = pd.DataFrame({"age": ["20", "24", "25"], "place": ["1-a", "2", "3"]})
    release = pd.DataFrame({"age": ["20-25", "24"], "place": ["2-b", "3"]})
    shown = benchmark_worker.bracket_ranges(release, table, ["age", "place"])
    assert shown["age"].tolist() == ["[20, 25]", "24"]
    assert shown["place"].tolist() == ["2-b", "3"]


def test_memory_is_of_the_call_and_not_of_what_came_before():
    if not Path("/proc/self/clear_refs").exists():
        pytest.skip("only Linux tells")
    np.ones(30_000_000)
    benchmark_worker.forget_peak()
    present = benchmark_worker.measure_memory("VmRSS")
    assert benchmark_worker.measure_memory("VmHWM") == pytest.approx(present, abs=20)


def test_a_process_without_memory_says_how_much_it_had(monkeypatch):
    def fill(task):
        raise MemoryError

    limits = []
    monkeypatch.setattr(benchmark_worker, "main", fill)
    monkeypatch.setattr(benchmark_worker.resource, "setrlimit", lambda *limit: limits.append(limit))
    task = {"memory_limit": 4 * 10**9, "cpu_limit": None}
    assert benchmark_worker.run_within(task) == {"note": "stopped at 4 GB"}
    assert limits == [(benchmark_worker.resource.RLIMIT_DATA, (4 * 10**9, 4 * 10**9))]


def test_a_process_that_takes_too_long_is_stopped_once(monkeypatch):
    def work(task):
        signal.raise_signal(signal.SIGXCPU)

    monkeypatch.setattr(benchmark_worker, "main", work)
    monkeypatch.setattr(benchmark_worker.resource, "setrlimit", lambda *limit: None)
    before = signal.getsignal(signal.SIGXCPU)
    try:
        stopped = benchmark_worker.run_within({"memory_limit": None, "cpu_limit": 90})
        # The next second is over before the note is written.
        signal.raise_signal(signal.SIGXCPU)
    finally:
        signal.signal(signal.SIGXCPU, before)
    assert stopped == {"note": "stopped after 90 CPU s"}


def test_a_table_that_memory_does_not_hold_is_left_to_the_other_engines(monkeypatch, tmp_path):
    monkeypatch.setattr(benchmark_scale, "estimate_memory", lambda table: 40 * 10**9)
    monkeypatch.setattr(benchmark_scale.Wanted, "is_out_of_core", lambda wanted, table: True)
    release = tmp_path / "release.parquet"
    rows = [*benchmark_scale._anonymize("memory", tmp_path, [], release, {}, tmp_path, 1)]
    assert [row["step"] for row in rows] == ["anonymize", "sample"]
    assert {row["note"] for row in rows} == {
        "not run: 40 GB are more than half of the memory that is free"
    }


def test_another_library_does_not_get_a_table_that_it_could_not_even_read(said):
    rows = [*benchmark_scale._measure_peers("table", [], [], 10**8, "/nowhere/python")]
    assert [row["engine"] for row in rows] == ["anjana", "anonypy"]
    assert {row["note"] for row in rows} == {"not run: the table as text takes more than 4 GB"}


def test_a_job_that_fails_says_why(monkeypatch, tmp_path):
    monkeypatch.setattr(benchmark_scale, "tell", lambda message: None)
    arguments = {"table": str(tmp_path / "nowhere.parquet"), "csv": str(tmp_path / "out.csv")}
    arguments |= {"suppressed": "drop", "escapes_formulas": False}
    row = benchmark_scale._do("any", "export_csv", arguments, [], DEFAULTS, tmp_path)
    assert row["note"].startswith("failed: ")
    assert "nowhere.parquet" in row["note"]


def test_a_line_of_the_figure_ends_where_a_method_was_not_run():
    scaling = pd.DataFrame(
        {
            "library": ["anonify"] * 3 + ["anjana"] * 3,
            "name": ["optimal"] * 3 + ["anjana"] * 3,
            "varied": ["records", "records", "attributes"] * 2,
            "size": [1000, 2000, 1] * 2,
            "cpu_seconds": [1, np.nan, 1, 2, 3, 2],
            "added_megabytes": [10, np.nan, 10, 20, 20, 20],
            "peak_megabytes": [110, np.nan, 110, 120, 120, 120],
            "note": [None, "not run: about 99 s expected", None] + [None] * 3,
        }
    )
    first = plot_scaling(scaling).axes[0]
    ours, peer = (line.get_xdata().tolist() for line in first.get_lines())
    assert (ours, peer) == ([1000], [1000, 2000])


def test_every_locked_peer_has_hashes_and_no_address():
    text = (PROJECT / "envs/peers.lock").read_text()
    blocks = re.split(r"\n(?=[a-z])", text)
    assert all("--hash=sha256:" in block for block in blocks if "==" in block)
    assert "://" not in text
    assert re.search(r"^anjana==1\.2\.3 ; .*< '3\.13'", text, re.MULTILINE)
