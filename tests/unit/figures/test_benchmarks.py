from itertools import pairwise

import pandas as pd

from anonify.base.looks import METHOD_LOOKS
from anonify.figures.benchmarks import plot_scale, plot_scaling

SIZES = {"records": [10**power for power in range(3, 7)], "attributes": list(range(1, 9))}


def draw():
    ours, peers = [("anonify", name) for name in METHOD_LOOKS], [("anjana", "anjana")]
    rows = [
        {"library": library, "name": name, "varied": varied, "size": size}
        for library, name in [*ours, *peers]
        for varied, sizes in SIZES.items()
        for size in sizes
    ]
    table = pd.DataFrame(rows)
    return plot_scaling(table.assign(cpu_seconds=table["size"], peak_megabytes=table["size"]))


def test_sizes_have_ticks_that_do_not_touch():
    figure = draw()
    figure.draw_without_rendering()
    for axis in figure.axes:
        low, high = axis.get_xlim()
        labels = [
            label for label in axis.get_xticklabels() if low <= label.get_position()[0] <= high
        ]
        boxes = [label.get_window_extent() for label in labels]
        assert len(boxes) >= 4
        assert all(left.x1 < right.x0 for left, right in pairwise(boxes))
    assert [label.get_text() for label in figure.axes[0].get_xticklabels()][1:5] == [
        "1k", "10k", "100k", "1M",
    ]  # fmt: skip


def test_methods_look_as_in_the_other_figures_and_other_libraries_are_grey():
    lines = draw().axes[0].lines
    assert [line.get_color() for line in lines[:-1]] == [
        look.colour for look in METHOD_LOOKS.values()
    ]
    assert lines[-1].get_color() == "0.45"


def draw_scale():
    rows = [
        ("memory", 10**5, 1, False),
        ("duckdb", 10**5, 2, False),
        ("anonypy", 10**5, 3, False),
        ("memory", 10**6, 10, False),
        ("duckdb", 10**6, 20, False),
        ("duckdb", 10**9, 20_000, True),
    ]
    totals = pd.DataFrame(rows, columns=["engine", "records", "cpu_seconds", "is_extrapolated"])
    stops = ["anonypy, 1,000,000 records: stopped at 4 GB."]
    return plot_scale(totals.assign(peak_megabytes=100), stops)


def test_what_is_extrapolated_is_hollow_and_dotted():
    memory, duckdb, expected, peer = draw_scale().axes[0].lines
    assert memory.get_xdata().tolist() == duckdb.get_xdata().tolist() == [10**5, 10**6]
    assert expected.get_xdata().tolist() == [10**6, 10**9]
    assert (expected.get_linestyle(), expected.get_markerfacecolor()) == (":", "white")
    assert peer.get_color() == "0.45"


def test_a_figure_of_any_size_says_who_stopped_where():
    figure = draw_scale()
    figure.draw_without_rendering()
    assert figure.get_supxlabel().splitlines() == [
        "Hollow: extrapolated.",
        "anonypy, 1,000,000 records: stopped at 4 GB.",
    ]
    texts = [text.get_text() for text in figure.legends[0].get_texts()]
    assert texts == ["in memory, whole job", "DuckDB, whole job", "anonypy, method alone"]
    assert "10⁹" in [label.get_text() for label in figure.axes[0].get_xticklabels()]
