import numpy as np
import pandas as pd
import pytest
from matplotlib.text import Text

from anonify.figures.style import NARROW
from anonify.figures.trade_off import find_knee, plot_trade_off
from anonify.measures.trade_off import RISKS, mark_chosen, mark_fronts, name_front


def make_table(methods=("arx", "oka"), k_values=(4, 8), deletions=(0, 50)):
    """Rows whose loss and risk grow with method and deletion, and whose risk falls with k."""
    rows = [
        {
            "method": method,
            "k": k,
            "deletion": deletion,
            "loss": 10 * place + deletion + k / 10 + 1,
            **dict.fromkeys(RISKS, 100 / k / (1 - deletion / 100) + place),
        }
        for place, method in enumerate(methods)
        for k in k_values
        for deletion in deletions
    ]
    chosen = {"method": methods[0], "k": k_values[0], "deletion": deletions[-1]}
    return mark_chosen(mark_fronts(pd.DataFrame(rows)), chosen)


def list_points(axis):
    """Return the points of a panel; those of the front apart."""
    drawn = [line for line in axis.lines if line.get_marker() not in ("None", "")]
    front = [line for line in drawn if line.get_markeredgecolor() == "black"]
    points = {}
    for name, lines in (("front", front), ("others", [x for x in drawn if x not in front])):
        points[name] = {tuple(point) for line in lines for point in line.get_xydata().tolist()}
    return points


def list_labels(axis):
    return [text.get_text() for text in axis.texts]


def list_legend(figure):
    """Return the rows of the legend, which has five columns."""
    texts = [text.get_text() for text in figure.legends[0].get_texts()]
    return np.reshape(texts, (5, -1)).T.tolist()


def test_each_risk_is_a_panel_in_which_each_row_is_a_point():
    table = make_table()
    figure = plot_trade_off(table)
    titles = [axis.get_title() for axis in figure.axes]
    assert titles[:2] == ["Highest prosecutor risk", "Average prosecutor risk"]
    for axis, risk in zip(figure.axes, RISKS, strict=True):
        points = list_points(axis)
        expected = table[["loss", risk]].itertuples(index=False, name=None)
        assert points["front"] | points["others"] == set(expected)


def test_where_a_row_of_panels_is_not_full_the_panel_above_the_gap_has_the_axis(monkeypatch):
    monkeypatch.setattr("anonify.figures.trade_off.RISKS", RISKS[:3])
    axes = plot_trade_off(make_table()).axes
    assert [axis.get_xlabel() for axis in axes] == ["", "Loss / %", "Loss / %"]
    assert all(label.get_visible() for axis in axes[1:] for label in axis.get_xticklabels())


def test_points_of_the_front_and_no_others_have_black_edges():
    table = make_table().assign(is_chosen=False)
    axis = plot_trade_off(table).axes[0]
    front = table.loc[table[name_front(RISKS[0])], ["loss", RISKS[0]]]
    assert list_points(axis)["front"] == set(front.itertuples(index=False, name=None))


def test_the_front_is_drawn_in_steps():
    line = plot_trade_off(make_table()).axes[0].lines[0]
    assert line.get_drawstyle() == "steps-post"
    assert line.get_xydata().tolist() == [[1.4, 25], [1.8, 12.5]]


def test_the_chosen_row_is_ringed_in_each_panel_and_named():
    figure = plot_trade_off(make_table())
    for axis in figure.axes:
        rings = [line for line in axis.lines if line.get_markerfacecolor() == "none"]
        assert [ring.get_xydata().tolist() for ring in rings] == [[[51.4, 50]]]
    assert list_legend(figure)[0] == [
        "ARX",
        "OKA",
        "Pareto front",
        " ",
        "Chosen: k = 4, 50 % deleted",
    ]


def test_methods_come_first_in_the_legend_and_deletions_in_a_row_of_their_own():
    methods = ("arx", "greedy", "mondrian", "oka", "ola")
    assert list_legend(plot_trade_off(make_table(methods, deletions=(0, 30, 70)))) == [
        ["ARX", "Greedy", "Mondrian", "OKA", "OLA"],
        ["Pareto front", " ", " ", " ", "Chosen: k = 4, 70 % deleted"],
        ["0 % deleted", "30 % deleted", "70 % deleted", " ", " "],
    ]


def test_each_method_has_a_colour_and_marker_of_its_own_that_pale_with_the_deletion():
    methods = [f"method_{number}" for number in range(9)]
    axis = plot_trade_off(make_table(methods, (4,), (0, 50)).assign(is_chosen=False)).axes[0]
    drawn = [line for line in axis.lines if line.get_marker() not in ("None", "")]
    drawn = [line for line in drawn if len(line.get_xdata())]
    assert len({(line.get_marker(), line.get_color()) for line in drawn}) == 9
    by_loss = {float(line.get_xdata()[0]): line for line in drawn}
    paler = np.array(by_loss[51.4].get_markerfacecolor())
    assert (paler >= by_loss[1.4].get_markerfacecolor()).all()


def test_the_ends_and_the_knee_of_the_front_are_labelled():
    # Risk 25, 2.5 and 2: on the logarithmic scale nearly all is gained at the second point.
    axis = plot_trade_off(make_table(("arx",), (4, 40, 50), (0,))).axes[0]
    assert list_labels(axis) == ["ARX\nk = 4, 0 %", "ARX\nk = 40, 0 %", "ARX\nk = 50, 0 %"]


def test_labels_cover_neither_each_other_nor_points():
    figure = plot_trade_off(make_table(("arx", "oka", "mondrian"), (4, 8, 16, 32), (0, 30, 70)))
    figure.draw_without_rendering()
    for axis in figure.axes:
        boxes = [Text.get_window_extent(text) for text in axis.texts]
        places = axis.transData.transform(np.array([*list_points(axis)["others"]]))
        assert all(axis.bbox.contains(*corner) for box in boxes for corner in box.corners())
        assert not any(
            box.overlaps(other) for number, box in enumerate(boxes) for other in boxes[:number]
        )
        assert not any(box.contains(*place) for box in boxes for place in places)


def test_panels_span_five_times_the_lowest_risk_at_least():
    # All risks are 25 or 26.
    for axis in plot_trade_off(make_table(("arx", "oka"), (4,), (0,))).axes:
        low, high = axis.get_ylim()
        assert high / low == pytest.approx(5)


def test_in_a_narrow_window_the_panels_stand_below_each_other_and_the_legend_fits():
    figure = plot_trade_off(make_table(), NARROW)
    figure.draw_without_rendering()
    assert len({round(axis.get_position().x0, 2) for axis in figure.axes}) == 1
    assert figure.legends[0].get_window_extent().width < figure.bbox.width


@pytest.mark.parametrize(("methods", "k_values"), [(("arx",), (4,)), (("arx", "oka"), (4,))])
def test_one_table_alone_is_drawn(methods, k_values):
    figure = plot_trade_off(make_table(methods, k_values, (0,)))
    assert list_labels(figure.axes[0]) == ["ARX\nk = 4, 0 %"]


def test_rows_at_no_risk_are_not_drawn():
    table = make_table()
    table.loc[0, RISKS[3]] = 0.0
    table[RISKS[2]] = np.nan
    figure = plot_trade_off(mark_fronts(table))
    assert list_points(figure.axes[2]) == {"front": set(), "others": set()}
    points = list_points(figure.axes[3])
    assert len(points["front"] | points["others"]) == len(table) - 1


def test_the_knee_is_the_point_furthest_below_the_line_between_the_ends():
    # Below the line from (0, 4) to (4, 0) by 2 and 1; the ends lie on it.
    assert find_knee(np.array([0.0, 1.0, 2.0, 4.0]), np.array([4.0, 1.0, 1.0, 0.0])) == 1


def test_the_knee_of_a_single_point_is_that_point():
    assert find_knee(np.array([3.0]), np.array([2.0])) == 0
