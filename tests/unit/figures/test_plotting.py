import numpy as np
import pandas as pd
import pytest

from anonify.base.words import name_method
from anonify.figures.anonymity import plot_risk_by_record
from anonify.figures.information_loss import plot_information_loss
from anonify.figures.style import save_figure
from anonify.measures.spread import mean_with_interval

NCP = pd.DataFrame(
    {
        "method": ["arx", "arx", "oka"],
        "k": [50, 250, 250],
        "ncp": [10.9, 12.1, 26.9],
    }
)


def provenance(synthetic=False):
    return {"dataset": {"title": "Clinic", "synthetic": synthetic}}


@pytest.mark.parametrize("suffix", ["pdf", "png", "svg"])
def test_a_figure_is_the_same_file_in_every_run(tmp_path, suffix):
    for name in ("a", "b"):
        figure = plot_information_loss(NCP, {"ncp": "Information loss"})
        save_figure(figure, [tmp_path / f"{name}.{suffix}"], provenance())
    assert (tmp_path / f"a.{suffix}").read_bytes() == (tmp_path / f"b.{suffix}").read_bytes()


@pytest.mark.parametrize("synthetic", [True, False])
def test_figures_from_the_stand_in_and_no_others_say_so(tmp_path, synthetic):
    path = tmp_path / "figure.svg"
    figure = plot_information_loss(NCP, {"ncp": "Information loss"})
    save_figure(figure, [path], provenance(synthetic))
    svg = path.read_text()
    assert (">synthetic stand-in</text>" in svg) is synthetic
    assert (">synthetic stand-in: not the real data</text>" in svg) is synthetic
    assert ("Clinic (synthetic stand-in)" in svg) is synthetic
    assert "Clinic" in svg


def test_a_figure_is_saved_under_every_path_and_nothing_else_is_left(tmp_path):
    figure = plot_information_loss(NCP, {"ncp": "Information loss"})
    save_figure(figure, [tmp_path / "a.svg", tmp_path / "a.pdf"], provenance())
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.pdf", "a.svg"]


def test_each_method_is_a_line_over_k():
    axis = plot_information_loss(NCP, {"ncp": "Information loss"}).axes[0]
    drawn = {line.get_label(): line.get_xydata().tolist() for line in axis.lines}
    assert drawn == {"ARX": [[50, 10.9], [250, 12.1]], "OKA": [[250, 26.9]]}


def test_methods_are_named_in_words():
    assert name_method("arx") == "ARX"
    assert name_method("top_down") == "Top down"


def test_the_interval_is_that_of_student_s_t():
    # Mean 2, standard deviation 1, 3 values; the 97.5 % quantile of t with 2 degrees of freedom is
    # 4.302653.
    mean, half = mean_with_interval(pd.Series([1.0, 2.0, 3.0]))
    assert mean == 2
    assert half == pytest.approx(4.302653 / np.sqrt(3))


def test_a_missing_value_does_not_narrow_the_interval():
    # The mean of a group that is empty in one of the repeats.
    assert mean_with_interval(pd.Series([1.0, 2.0, np.nan])) == pytest.approx(
        mean_with_interval(pd.Series([1.0, 2.0]))
    )


@pytest.mark.parametrize("values", [[5.0], [0.1, 0.1, 0.1]])
def test_values_without_spread_have_no_interval(values):
    mean, half = mean_with_interval(pd.Series(values))
    assert mean == pytest.approx(values[0])
    assert half == 0


def test_many_quasi_identifiers_are_drawn_below_each_other():
    names = {f"ncp_{place}": f"column $x_{place}$" for place in range(6)}
    table = pd.DataFrame({"method": ["arx"], "k": [5], **dict.fromkeys(names, 1.0)})
    figure = plot_information_loss(table, names)
    assert [axis.get_title() for axis in figure.axes if axis.get_visible()] == [*names.values()]
    # Dollar signs are no mathematics.
    figure.canvas.draw()


def test_a_table_that_is_all_suppressed_has_no_curve():
    empty = {"risk": np.array([]), "share": np.array([])}
    figure = plot_risk_by_record({"Journalist risk": {("anonymized", 0): empty}}, 9, None)
    assert len(figure.axes[0].lines) == 0
