import numpy as np
import pandas as pd

from anonify.domains.rules import build_hierarchy
from anonify.figures.distribution import plot_distribution
from anonify.measures.distribution import OUTSIDE, Tables, compare_distributions
from anonify.report.sentences import say_distribution
from anonify.report.tables import show_distribution

AGE = build_hierarchy("age", ["5", "15", "25"], {"intervals": [{"start": 0, "width": 10}]})
ILL = {
    **{"statistic": "count", "attribute": "ill", "value": "yes", "weight": "w"},
    **{"by": "age", "edges": [0, 10, 20, 30], "label": "Ill", "by_label": "Age"},
}


def test_figure_page_and_sentence_say_that_numbers_are_weighted():
    draw = np.random.default_rng(0)
    frame = pd.DataFrame(
        {
            "age": pd.Categorical(draw.choice(["5", "15", "25"], 60)),
            "ill": pd.Categorical(draw.choice(["yes", "no", ""], 60)),
            "w": draw.gamma(1.0, 200.0, 60) + 1,
        }
    )
    table = compare_distributions(Tables(frame, frame, {(50, 1): frame.iloc[:30]}), ILL, AGE, 2)
    figure = plot_distribution(table, ILL, 50, ["corrected"])
    assert figure.axes[0].get_title() == "Scaled, all records, weighted"
    heights = {round(patch.get_height(), 6) for patch in figure.axes[0].patches}
    inside = table[(table["data"] == "original") & (table["group"] != OUTSIDE)]
    assert {round(value, 6) for value in inside["weighted_value"]} <= heights
    shown = show_distribution(table, "Ill")
    assert shown["Weighted"].to_list()[:4] == table["weighted_value"].to_list()[:4]
    assert "Sum of weights" in shown
    assert say_distribution(table, "Ill", 50)[0].startswith("Ill, weighted: ")
