import pandas as pd
import pytest
from matplotlib.figure import Figure

from anonify.figures.style import add_legend, draw_intervals, save_figure


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


def test_the_legend_names_baselines_after_everything_else():
    figure = Figure()
    axis = figure.subplots()
    for label in ("baseline", "first", "second"):
        axis.plot([1], [1], label=label)
    add_legend(figure, axis, last=["baseline"])
    texts = [text.get_text() for text in figure.legends[0].get_texts()]
    assert texts == ["first", "second", "baseline"]
