import numpy as np
import pandas as pd
import pytest

from anonify.base.looks import METHOD_LOOKS
from anonify.figures.information_loss import plot_information_loss
from anonify.figures.style import LEAST_HEIGHT

NCP = pd.DataFrame(
    {
        "method": ["arx", "arx", "oka"],
        "k": [50, 250, 250],
        "ncp": [10.9, 12.1, 26.9],
    }
)


NAMED = {"ncp": "Information loss"}


def test_each_method_is_a_line_over_k():
    axis = plot_information_loss(NCP, NAMED).axes[0]
    drawn = {line.get_label(): line.get_xydata().tolist() for line in axis.lines}
    assert drawn == {"ARX": [[50, 10.9], [250, 12.1]], "OKA": [[250, 26.9]]}


METHODS = sorted(METHOD_LOOKS)


@pytest.mark.parametrize("methods", [METHODS, [*METHODS[:7], "one", "two", "three"]])
def test_each_of_ten_methods_has_a_colour_and_a_marker_of_its_own(methods):
    assert len(methods) == 10
    table = pd.DataFrame({"method": np.repeat(methods, 2), "k": [5, 50] * 10, "ncp": 1.0})
    lines = plot_information_loss(table, {"ncp": "Information loss"}).axes[0].lines
    assert len({line.get_color() for line in lines}) == 10
    assert len({line.get_marker() for line in lines}) == 10


def test_a_method_looks_the_same_in_every_run():
    colours = []
    for table in (NCP, NCP[NCP["method"] == "oka"]):
        lines = plot_information_loss(table, NAMED).axes[0].lines
        colours += [line.get_color() for line in lines if line.get_label() == "OKA"]
    assert len(colours) == 2
    assert len(set(colours)) == 1


def test_methods_that_lose_the_same_are_all_seen():
    table = pd.DataFrame({"method": ["arx", "arx", "oka", "oka"], "k": [5, 50] * 2, "ncp": 3.0})
    sizes = [line.get_markersize() for line in plot_information_loss(table, NAMED).axes[0].lines]
    assert sizes[0] > sizes[1]


def test_where_nothing_is_lost_the_axis_does_not_look_for_something():
    table = NCP.assign(ncp=0.0)
    assert plot_information_loss(table, NAMED).axes[0].get_ylim() == (0, LEAST_HEIGHT)


def test_many_quasi_identifiers_are_drawn_below_each_other():
    names = {f"ncp_{place}": f"column $x_{place}$" for place in range(6)}
    table = pd.DataFrame({"method": ["arx"], "k": [5], **dict.fromkeys(names, 1.0)})
    figure = plot_information_loss(table, names)
    assert [axis.get_title() for axis in figure.axes] == [*names.values()]
    # Dollar signs are no mathematics.
    figure.canvas.draw()
