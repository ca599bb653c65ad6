import numpy as np
import pandas as pd

from anonify.figures.anonymity import plot_anonymity, plot_risk_by_record


def measured(readings=("as published", "corrected")):
    """An anonymized table of a class of 4 and one suppressed record, half of which is deleted."""
    classes = pd.DataFrame(
        {
            "data": ["anonymized", "anonymized", "sampled", "sampled"],
            "deletion": [0, 0, 50, 50],
            "is_suppressed": [False, True, False, True],
            "size": [4, 1, 4, 1],
            "released_size": [4, 1, 2, 0],
        }
    )
    rows = [
        {"data": data, "deletion": deletion, "reading": reading, "measure": measure, "value": 25.0}
        for data, deletion in (("anonymized", 0), ("sampled", 50))
        for reading in readings
        for measure in (
            *(f"journalist_risk_{part}" for part in ("average", "lowest", "highest")),
            *(f"certainty_{part}" for part in ("average", "lowest", "highest")),
        )
    ]
    return pd.DataFrame(rows), classes


def test_a_risk_has_a_panel_for_each_reading_and_its_title_and_unit():
    both = plot_anonymity("journalist_risk", *measured(), ["as published", "corrected"])
    assert len(both.axes) == 2
    assert both.axes[0].get_ylabel() == "Journalist risk / %"
    alone = plot_anonymity("certainty", *measured(), ["corrected"])
    assert len(alone.axes) == 1
    assert alone.axes[0].get_ylabel() == "Certainty / %"


def test_risks_by_record_are_those_of_the_classes():
    figure = plot_anonymity("risk_by_record", *measured(), ["corrected"])
    journalist, prosecutor = (
        {line.get_label(): line.get_xdata()[-1] for line in axis.lines} for axis in figure.axes
    )
    # 1 ÷ 4, also after sampling; 1 ÷ 4 and 1 ÷ 2.
    assert journalist == {"Anonymized": 25, "50 % deleted": 25}
    assert prosecutor == {"Anonymized": 25, "50 % deleted": 50}
    assert [axis.get_xlabel() for axis in figure.axes] == [
        "Journalist risk of a record / %",
        "Prosecutor risk of a record / %",
    ]


def test_the_highest_risk_as_published_is_marked_where_it_is_read():
    marked = plot_anonymity("risk_by_record", *measured(), ["as published", "corrected"])
    (text,) = marked.axes[0].texts
    assert "25 % = 1/4" in text.get_text()
    assert "1 suppressed" in text.get_text()
    assert not plot_anonymity("risk_by_record", *measured(), ["corrected"]).axes[0].texts


def test_a_table_that_is_all_suppressed_has_no_curve():
    empty = {"risk": np.array([]), "share": np.array([])}
    figure = plot_risk_by_record({"journalist_risk": {("anonymized", 0): empty}}, 9, None)
    assert len(figure.axes[0].lines) == 0
