from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from sklearn.naive_bayes import GaussianNB
from sklearn.svm import SVC

from anonify.measures.membership import view_original
from anonify.measures.membership_models import SURE, ask_models, group_questions, learn, score


class Model:
    """Tells the first feature as the probability of the class 1."""

    def __init__(self, classes=(0, 1)):
        self.classes_ = np.array(classes)

    def predict_proba(self, features):
        return np.column_stack([1 - features[:, 0], features[:, 0]])[:, -len(self.classes_) :]


def test_a_probability_is_scored_by_its_log_odds():
    scores = score(Model(), np.array([[0.5], [0.8]]), np.array([0, 1]))
    assert scores == pytest.approx(np.log([[1, 1], [1 / 4, 4]]))


def test_a_probability_of_1_is_scored_as_one_a_little_below():
    scores = score(Model(), np.array([[1.0]]), np.array([0, 1]))
    assert scores[0, 1] == pytest.approx(np.log((1 - SURE) / SURE))
    assert scores[0, 0] == pytest.approx(-scores[0, 1])


def test_a_class_that_the_model_does_not_know_has_the_lowest_score():
    scores = score(Model([0, 2]), np.array([[0.2]]), np.array([0, 1, 2]))
    assert scores[0] == pytest.approx(np.log([4, 1 / 4, 1 / 4]))
    alone = score(Model([1]), np.array([[0.8]]), np.array([0, 1]))
    assert alone[0] == pytest.approx(np.log([1 / 4, 4]))


def test_a_model_without_probabilities_is_scored_by_its_decision_value():
    features = np.array([[0.0], [1.0], [2.0], [3.0]])
    model = SVC().fit(features, [0, 0, 1, 1])
    values = model.decision_function(features)
    scores = score(model, features, np.array([0, 1]))
    assert scores == pytest.approx(np.column_stack([-values, values]))


def test_a_model_that_tells_classes_alone_is_scored_by_them():
    model = SimpleNamespace(
        classes_=np.array([0, 2]), predict=lambda features: np.where(features[:, 0] < 5, 0, 2)
    )
    scores = score(model, np.array([[0.0], [9.0]]), np.array([0, 1, 2]))
    assert scores.tolist() == [[1, -1, 0], [0, -1, 1]]


def test_a_single_class_is_learned_as_the_majority():
    model = learn("logistic_regression", np.zeros((3, 1)), np.array([1, 1, 1]), 0)
    assert model.predict(np.zeros((1, 1))).tolist() == [1]


def test_a_classifier_is_learned_under_its_name():
    assert isinstance(learn("naive_bayes", np.eye(2), np.array([0, 1]), 0), GaussianNB)


def test_models_are_asked_about_everyone_and_learn_from_their_own_view():
    table = pd.DataFrame({"level": range(4)})
    is_member = np.array([[True, False, True, False], [False, True, False, True]])
    views = [view_original(table, row) for row in is_member]
    asked = np.array([[0.0], [0.1], [1.0], [1.1]])
    features = [group_questions(asked[row], asked) for row in is_member]
    answers = ask_models(views, features, np.array([0, 0, 1, 1]), "decision_tree", 1, 0)
    assert answers.scores.shape == (2, 4, 2)
    # Those of the same value are asked the same, so all are known by one of their kind.
    assert (answers.confidences > 0).all()
    assert answers.is_learned.tolist() == is_member.tolist()


def test_people_of_the_same_record_share_a_question():
    asked = np.array([[2.0, 1.0], [0.0, 3.0], [2.0, 1.0]])
    grouped = group_questions(asked[:1], asked)
    assert grouped.distinct.tolist() == [[0, 3], [2, 1]]
    assert grouped.distinct[grouped.question].tolist() == asked.tolist()
    assert grouped.learned.tolist() == [[2, 1]]
