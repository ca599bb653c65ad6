from itertools import pairwise

import pandas as pd

from anonify.base.looks import METHOD_LOOKS
from anonify.figures.benchmarks import plot_peers, plot_scale, plot_scaling

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


def draw_peers():
    names = [
        ("anonify", "ncp_mondrian"),
        ("anonify", "ncp_mondrian, polish"),
        ("anonify", "arx"),
        ("anonypy", "anonypy"),
        ("original", "original"),
    ]
    rows = [
        {"table": table, "records": 900, "attributes": d, "k": k, "library": library, "name": name}
        for table, numbers in (("adult", (3,)), ("census", (5, 11, 20)))
        for d in numbers
        for k in (5, 50)
        for library, name in names
    ]
    peers = pd.DataFrame(rows).assign(ncp=12.5, cpu_seconds=2.0)
    peers.loc[peers["library"] == "original", ["k", "cpu_seconds"]] = [1, None]
    stopped = (peers["name"] == "arx") & (peers["attributes"] == 20)
    peers.loc[stopped, ["ncp", "cpu_seconds"]] = None
    return plot_peers(peers)


def test_peers_are_drawn_for_the_table_with_most_numbers_of_quasi_identifiers():
    figure = draw_peers()
    figure.draw_without_rendering()
    assert [axis.get_title() for axis in figure.axes[:2]] == ["k = 5", "k = 50"]
    ours, polished, stopped, peer = figure.axes[0].lines
    assert ours.get_xdata().tolist() == [5, 11, 20]
    assert stopped.get_xdata().tolist() == [5, 11]
    assert ours.get_color() == polished.get_color() != stopped.get_color()
    assert (polished.get_markerfacecolor(), peer.get_color()) == ("white", "0.45")
    assert figure.get_supxlabel().startswith("Census, 900 records.")


def test_the_legend_of_peers_touches_no_panel_and_names_each_method_once():
    figure = draw_peers()
    figure.draw_without_rendering()
    legend = figure.legends[0]
    assert [text.get_text() for text in legend.get_texts()] == [
        "NCP Mondrian", "NCP Mondrian, polish", "ARX", "anonypy",
    ]  # fmt: skip
    lowest = legend.get_window_extent().y0
    assert all(axis.get_tightbbox().y1 <= lowest for axis in figure.axes)
