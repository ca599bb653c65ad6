import pandas as pd

from anonify.figures.information_loss import plot_information_loss

NCP = pd.DataFrame(
    {
        "method": ["arx", "arx", "oka"],
        "k": [50, 250, 250],
        "ncp": [10.9, 12.1, 26.9],
    }
)


def test_each_method_is_a_line_over_k():
    axis = plot_information_loss(NCP, {"ncp": "Information loss"}).axes[0]
    drawn = {line.get_label(): line.get_xydata().tolist() for line in axis.lines}
    assert drawn == {"ARX": [[50, 10.9], [250, 12.1]], "OKA": [[250, 26.9]]}


def test_many_quasi_identifiers_are_drawn_below_each_other():
    names = {f"ncp_{place}": f"column $x_{place}$" for place in range(6)}
    table = pd.DataFrame({"method": ["arx"], "k": [5], **dict.fromkeys(names, 1.0)})
    figure = plot_information_loss(table, names)
    assert [axis.get_title() for axis in figure.axes if axis.get_visible()] == [*names.values()]
    # Dollar signs are no mathematics.
    figure.canvas.draw()
