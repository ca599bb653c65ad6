import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest

from anonify.base.words import ATTACK_TITLES, Kind, name_kind
from anonify.figures.membership import CHANCE, list_kinds, plot_membership
from anonify.figures.style import NARROW

KINDS = [
    Kind("original", 0, 0),
    Kind("anonymized", 4, 0),
    Kind("anonymized", 8, 0),
    Kind("sampled", 4, 50),
]
TITLES = {"naive_bayes": "Naive Bayes", "knn": "KNN"}


@pytest.fixture
def membership():
    """Attacks on two models of each kind, whose advantage is 10 times the kind's place, and one."""
    rows = [
        {
            **kind._asdict(),
            "classifier": classifier,
            "attack": attack,
            "members": members,
            "repeat": repeat,
            "advantage": 10.0 * place + repeat,
            "tpr_at_low_fpr": 1.0 + place,
        }
        for place, kind in enumerate(KINDS)
        for classifier in TITLES
        for attack in ATTACK_TITLES
        for members in (["all", "kept"] if kind.deletion else ["all"])
        for repeat in (0, 1, 2)
    ]
    return pd.DataFrame(rows)


def list_points(axis):
    return [bar.lines[0] for bar in axis.containers]


def test_kinds_are_listed_in_their_order_and_named(membership):
    assert list_kinds(membership) == KINDS
    assert [name_kind(kind) for kind in KINDS] == [
        "Original",
        "k = 4",
        "k = 8",
        "k = 4, 50 % deleted",
    ]


@pytest.mark.parametrize("measure", CHANCE)
def test_each_attack_is_a_panel_with_the_line_of_chance(membership, measure):
    figure = plot_membership(membership, measure, TITLES)
    assert [axis.get_title().split(":")[0] for axis in figure.axes] == list(ATTACK_TITLES.values())
    for axis in figure.axes:
        assert {CHANCE[measure]} == set(axis.lines[0].get_ydata())


def test_points_are_the_means_over_the_models(membership):
    axis = plot_membership(membership, "advantage", TITLES).axes[0]
    heights = [line.get_ydata().tolist() for line in list_points(axis)]
    # The kept members of the samples come on top of the four kinds.
    assert heights == [[1, 1], [11, 11], [21, 21], [31, 31], [31, 31]]


def test_bars_are_the_95_per_cent_interval_of_the_mean(membership):
    axis = plot_membership(membership, "advantage", TITLES).axes[0]
    (bar,) = axis.containers[0].lines[2]
    low, high = bar.get_segments()[0][:, 1]
    # Student's t for 3 models: 4.303 · 1 ÷ √3.
    assert (low, high) == pytest.approx((1 - 2.484, 1 + 2.484), abs=1e-3)


def test_kept_members_alone_are_hollow_and_every_kind_looks_different(membership):
    axis = plot_membership(membership, "advantage", TITLES).axes[0]
    points = list_points(axis)
    assert [line.get_markerfacecolor() == "none" for line in points] == [False] * 4 + [True]
    looks = {(mpl.colors.to_hex(line.get_color()), line.get_marker()) for line in points}
    assert len(looks) == len(KINDS)


def test_in_a_narrow_window_classifiers_stand_in_as_many_panels_as_they_need(membership):
    names = [f"classifier_{number}" for number in range(7)]
    tables = [membership[membership["classifier"] == "knn"].assign(classifier=n) for n in names]
    figure = plot_membership(pd.concat(tables), "advantage", dict.fromkeys(names, "KNN"), NARROW)
    assert [len(axis.get_xticks()) for axis in figure.axes] == [4, 3] * len(ATTACK_TITLES)
    titles = [axis.get_title() for axis in figure.axes]
    assert [bool(title) for title in titles] == [True, False] * len(ATTACK_TITLES)


def test_points_of_a_classifier_stay_between_its_edges(membership):
    axis = plot_membership(membership, "advantage", TITLES).axes[-1]
    places = np.array([line.get_xdata() for line in list_points(axis)])
    assert (abs(places - [0, 1]) < 0.5).all()
    assert [label.get_text() for label in axis.get_xticklabels()] == ["Naive\nBayes", "KNN"]
