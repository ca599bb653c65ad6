import re
from itertools import pairwise

import pandas as pd
import pytest
from matplotlib.figure import Figure

from anonify.figures.style import (
    NARROW,
    WIDE,
    add_legend,
    break_text,
    draw_intervals,
    make_panels,
    name_groups,
    save_figure,
    save_layouts,
    set_k_axis,
    span_at_least,
    turn_crowded,
)


def provenance(synthetic=False):
    return {"dataset": {"title": "Clinic", "synthetic": synthetic}}


def draw():
    figure = Figure()
    figure.subplots().plot([1, 2], [3, 4])
    return figure


@pytest.mark.parametrize("suffix", ["pdf", "png", "svg"])
def test_a_figure_is_the_same_file_in_every_run(tmp_path, suffix):
    for name in ("a", "b"):
        figure = draw()
        save_figure(figure, [tmp_path / f"{name}.{suffix}"], provenance())
    assert (tmp_path / f"a.{suffix}").read_bytes() == (tmp_path / f"b.{suffix}").read_bytes()


@pytest.mark.parametrize("synthetic", [True, False])
def test_figures_from_the_stand_in_and_no_others_say_so(tmp_path, synthetic):
    path = tmp_path / "figure.svg"
    figure = draw()
    save_figure(figure, [path], provenance(synthetic))
    svg = path.read_text()
    assert (">synthetic stand-in</text>" in svg) is synthetic
    assert (">synthetic stand-in: not the real data</text>" in svg) is synthetic
    assert ("Clinic (synthetic stand-in)" in svg) is synthetic
    assert "Clinic" in svg


def test_a_figure_is_saved_under_every_path_and_nothing_else_is_left(tmp_path):
    figure = draw()
    save_figure(figure, [tmp_path / "a.svg", tmp_path / "a.pdf"], provenance())
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.pdf", "a.svg"]


def test_a_group_is_drawn_at_its_mean_with_its_interval():
    axis = Figure().subplots()
    draw_intervals(axis, [0.0, 1.0], [pd.Series([1.0, 3.0]), pd.Series([5.0])], fmt="o")
    points, _, (bars,) = axis.containers[0]
    assert points.get_xydata().tolist() == [[0, 2], [1, 5]]
    # Student's t for 2 values: 12.706 · √2 ÷ √2; a single value has no interval.
    (low, high), (alone, too) = (segment[:, 1] for segment in bars.get_segments())
    assert (low, high) == pytest.approx((2 - 12.706, 2 + 12.706), abs=1e-3)
    assert alone == too == 5


def list_ticks(k_values, width=7.0):
    """Return the labels of k and where they are drawn."""
    panels = make_panels(3, width, 1.7, 2.0)
    for axis in panels.axes:
        axis.plot(k_values, k_values)
        set_k_axis(axis, k_values)
    panels.figure.draw_without_rendering()
    labels = [label for label in panels.axes[0].get_xticklabels() if label.get_text()]
    return [label.get_text() for label in labels], [label.get_window_extent() for label in labels]


@pytest.mark.parametrize("width", [7.0, 3.8])
@pytest.mark.parametrize(
    "k_values",
    [
        [5, 50, 250],
        [5, 10, 12, 15, 20, 25, 30, 50, 100],
        [2, 3, 5],
        list(range(50, 501, 50)),
        list(range(5, 101)),
        [1000, 2000, 5000, 100000, 1000000],
        [10000, 20000, 30000, 40000, 50000, 60000],
        [100, 101, 102, 5000],
        [7],
        [250, 5],
    ],
)
def test_ticks_of_k_never_touch(k_values, width):
    texts, boxes = list_ticks(k_values, width)
    assert texts
    assert all(left.x1 < right.x0 for left, right in pairwise(boxes))


def test_few_values_of_k_each_have_a_tick_on_the_scale_that_parts_them_best():
    assert list_ticks([5, 50, 250])[0] == ["5", "50", "250"]
    assert list_ticks([7])[0] == ["7"]
    axis = Figure().subplots()
    for k_values, scale in (([5, 50, 250], "log"), ([5, 10, 15], "linear"), ([5], "linear")):
        axis.set_xscale("linear")
        set_k_axis(axis, k_values)
        assert axis.get_xscale() == scale


def test_many_even_values_of_k_have_round_ticks():
    assert list_ticks(list(range(50, 501, 50)))[0] == ["100", "200", "300", "400", "500"]


def test_numbers_beside_an_axis_are_read_as_they_stand():
    for values in ([1e6 + 0.1, 1e6 + 0.2], [1e-5, 2e-5], [3e9, 4e9]):
        figure = Figure()
        axis = figure.subplots()
        axis.plot([0, 1], values)
        figure.draw_without_rendering()
        assert axis.yaxis.get_offset_text().get_text() == ""
        numbers = [float(text.get_text()) for text in axis.get_yticklabels()]
        assert numbers == pytest.approx(axis.get_yticks().tolist())


def test_a_panel_spans_a_height_at_least_with_what_is_drawn_in_its_middle():
    axis = Figure().subplots()
    axis.set_ylim(50, 50.1)
    span_at_least(axis, 2)
    assert axis.get_ylim() == pytest.approx((49.05, 51.05))
    axis.set_ylim(1, 30)
    span_at_least(axis, 2)
    assert axis.get_ylim() == (1, 30)


def test_names_that_would_touch_are_turned_and_shortened_and_the_panels_stay_as_high():
    heights, turned = [], []
    for names in (["a", "b", "c"], ["a name that is much longer than there is room"] * 8):
        panels = make_panels(1, 3.8, 3.8, 2.0)
        name_groups(panels.axes[0], names)
        turn_crowded(panels)
        panels.figure.draw_without_rendering()
        heights.append(panels.axes[0].get_window_extent().height)
        turned.append([label.get_rotation() for label in panels.axes[0].get_xticklabels()])
    assert turned == [[0] * 3, [90] * 8]
    assert heights[1] == pytest.approx(heights[0], rel=0.2)
    assert panels.axes[0].get_xticklabels()[0].get_text().endswith("…")


def test_a_legend_has_as_many_columns_as_there_is_room_for():
    figure = Figure(figsize=(3.8, 3))
    axis = figure.subplots()
    for number in range(6):
        axis.plot([1], [1], label=f"a method with a name {number}")
    add_legend(figure, axis, ncols=4)
    (legend,) = figure.legends
    assert legend.get_window_extent().width < figure.bbox.width
    assert legend._ncols == 2


def test_a_title_is_broken_where_it_leaves_its_panel_and_keeps_its_unit():
    assert (
        break_text("Records with an income above 50K", 2.0) == "Records with an\nincome above 50K"
    )
    assert break_text("Mean level / %", 0.8) == "Mean\nlevel / %"
    assert break_text("", 2.0) == ""


def test_each_figure_is_saved_once_more_for_narrow_windows(tmp_path):
    widths = []

    def draw_wide(width):
        widths.append(width)
        return Figure(figsize=(width, 1))

    (tmp_path / "narrow").mkdir()
    save_layouts(draw_wide, [tmp_path / "a.svg"], tmp_path / "narrow/a.svg", provenance())
    assert widths == [WIDE, NARROW]
    sizes = [
        float(re.search(r'width="([\d.]+)pt"', path.read_text())[1]) / 72
        for path in (tmp_path / "a.svg", tmp_path / "narrow/a.svg")
    ]
    assert sizes == pytest.approx([WIDE, NARROW])


def test_the_legend_names_baselines_after_everything_else():
    figure = Figure()
    axis = figure.subplots()
    for label in ("baseline", "first", "second"):
        axis.plot([1], [1], label=label)
    add_legend(figure, axis, last=["baseline"])
    texts = [text.get_text() for text in figure.legends[0].get_texts()]
    assert texts == ["first", "second", "baseline"]
