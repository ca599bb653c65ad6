import pandas as pd
import pytest

from anonify.figures.identification import LETTERS, plot_identification
from anonify.figures.style import NARROW
from anonify.measures.identification import MOST_COMBINED, tabulate_identification


@pytest.fixture
def identification():
    """Age, sex and town of which age and sex tell all apart, and a release without any of it."""
    columns = {"sex": [*"ffmm"], "age": ["1", "2", "1", "2"], "town": [*"xxxx"]}
    before, after = (
        pd.DataFrame({name: pd.Categorical(values) for name, values in each.items()})
        for each in (columns, {name: ["*"] * 4 for name in columns})
    )
    return tabulate_identification({("original", 0): before, ("sampled", 30): after}, [*columns])


def list_bars(axis):
    """The lengths of the bars by what they are of."""
    return {
        bars.get_label(): [round(bar.get_width(), 6) for bar in bars] for bars in axis.containers
    }


def test_bars_are_the_separation_of_each_column_and_who_is_unique_by_several(identification):
    alone, together = plot_identification(identification).axes
    assert [text.get_text() for text in alone.get_yticklabels()] == ["sex", "age", "town"]
    # Of six pairs four differ in the sex, and as many in the age.
    assert list_bars(alone) == {
        "Original": [pytest.approx(400 / 6, abs=1e-5)] * 2 + [0],
        "30 % deleted": [0, 0, 0],
    }
    assert [text.get_text() for text in together.get_yticklabels()] == ["sex", "+ age"]
    assert list_bars(together) == {"Original": [0, 100], "30 % deleted": [0, 0]}
    assert alone.get_xlabel() == "Separation / %"
    assert together.get_xlabel() == "People who are unique / %"


def test_both_tables_have_colours_of_their_own(identification):
    axis = plot_identification(identification).axes[0]
    colours = {bars.get_label(): bars[0].get_facecolor() for bars in axis.containers}
    assert len({*colours.values()}) == 2


def test_panels_stand_below_each_other_where_there_is_little_room(identification):
    wide, narrow = (plot_identification(identification, width) for width in (7.0, NARROW))
    for figure in (wide, narrow):
        figure.draw_without_rendering()
    heights = [[axis.get_position().y0 for axis in figure.axes] for figure in (wide, narrow)]
    assert heights[0][0] == pytest.approx(heights[0][1])
    assert heights[1][0] > heights[1][1]


def test_of_many_columns_those_that_separate_most_are_drawn():
    names = [f"{'very ' * 9}long name {place}" for place in range(MOST_COMBINED + 2)]
    frame = pd.DataFrame(
        {
            name: pd.Categorical([str(record % (place + 1)) for record in range(30)])
            for place, name in enumerate(names)
        }
    )
    tables = {("original", 0): frame, ("anonymized", 0): frame}
    alone, _ = plot_identification(tabulate_identification(tables, names)).axes
    labels = [text.get_text() for text in alone.get_yticklabels()]
    assert len(labels) == MOST_COMBINED
    assert max(map(len, labels)) <= LETTERS


def test_a_share_that_is_not_told_has_no_bar(identification):
    unknown = identification.assign(separation=float("nan"))
    alone, _ = plot_identification(unknown).axes
    assert not any(bar.get_width() > 0 for bars in alone.containers for bar in bars)
