from itertools import pairwise

import pandas as pd
import pytest

from anonify.figures.attribute_inference import plot_attribute_inference
from anonify.figures.style import NARROW, WIDE


@pytest.fixture
def attribute_inference():
    rows = [
        {
            "method": method,
            "k": k,
            "deletion": deletion,
            "repeat": repeat,
            "attribute": attribute,
            "members": members,
            "success": 50.0 + k + repeat - deletion / 10 + (members == "kept"),
            "baseline": 40.0,
        }
        for method, k_values in (("original", [0]), ("arx", [4, 8]), ("oka", [4, 8]))
        for k in k_values
        for deletion in ([0] if method == "original" else [0, 50])
        for repeat in ([1, 2] if deletion else [1])
        for attribute in ("ill", "level")
        for members in ("all", "kept")
    ]
    return pd.DataFrame(rows)


def test_each_attribute_is_a_panel_with_a_line_for_each_method_and_sampling(attribute_inference):
    figure = plot_attribute_inference(attribute_inference, 50)
    titles = ["ill\n(original table: 51.0 %)", "level\n(original table: 51.0 %)"]
    assert [axis.get_title() for axis in figure.axes] == titles
    axis = figure.axes[0]
    assert set(axis.lines[0].get_ydata()) == {40}
    drawn = {bar.get_label(): bar.lines[0].get_xydata().tolist() for bar in axis.containers}
    assert drawn == {
        "arx 0": [[4, 55], [8, 59]],
        "arx 50": [[4, 50.5], [8, 54.5]],
        "oka 0": [[4, 55], [8, 59]],
        "oka 50": [[4, 50.5], [8, 54.5]],
    }
    assert [text.get_text() for text in figure.legends[0].get_texts()] == [
        "ARX",
        "OKA",
        "thin, hollow: 50 % deleted",
        "Most frequent value of all",
    ]
    assert axis.get_xticks().tolist() == [4, 8]


def test_a_single_k_is_drawn_as_a_point(attribute_inference):
    single = attribute_inference[attribute_inference["k"] <= 4]
    axis = plot_attribute_inference(single, 50).axes[0]
    points = [bar.lines[0] for bar in axis.containers]
    assert all(point.get_linestyle() == "None" and point.get_marker() for point in points)


def test_a_panel_where_nothing_differs_does_not_look_as_if_something_did(attribute_inference):
    flat = attribute_inference.assign(success=60.0, baseline=60.001)
    low, high = plot_attribute_inference(flat, 50).axes[0].get_ylim()
    assert (high - low, (high + low) / 2) == pytest.approx((2, 60), abs=0.01)


def test_a_long_name_is_broken(attribute_inference):
    name = "a_name_of_a_column_that_is_longer_than_a_panel_is_wide"
    tables = [attribute_inference.assign(attribute=each) for each in (name, "b", "c")]
    figure = plot_attribute_inference(pd.concat(tables), 50)
    figure.draw_without_rendering()
    boxes = [axis.title.get_window_extent() for axis in figure.axes]
    assert not any(box.overlaps(other) for box, other in pairwise(boxes))
    assert boxes[0].x0 > 0


def test_panels_stand_three_beside_each_other_and_in_a_narrow_window_below(attribute_inference):
    tables = pd.concat([attribute_inference.assign(attribute=name) for name in "abcd"])
    for width, columns in ((WIDE, 3), (NARROW, 1)):
        figure = plot_attribute_inference(tables, 50, width)
        figure.draw_without_rendering()
        assert len(figure.axes) == 4
        assert len({round(axis.get_position().x0, 3) for axis in figure.axes}) == columns


def test_a_sampled_table_is_told_from_the_anonymized_one_without_colour(attribute_inference):
    axis = plot_attribute_inference(attribute_inference, 50).axes[0]
    looks = [
        (line.get_markerfacecolor(), line.get_linewidth())
        for line in (bar.lines[0] for bar in axis.containers)
    ]
    assert looks[1::2] == [("white", 0.8)] * 2
    assert not {("white", 0.8)} & {*looks[::2]}
