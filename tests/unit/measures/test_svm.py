import numpy as np
import pytest
from sklearn.svm import SVC

from anonify.measures.svm import SupportVectorClassifier

# Repeated records and columns of very different size, as in an anonymized table.
RNG = np.random.default_rng(3)
X = RNG.integers(0, 9, (400, 4)) * np.array([1.0, 0.5, 30, 7])
Y = (X[:, 0] + X[:, 2] / 30 + RNG.normal(size=400) > 8).astype(int)
ASKED = RNG.integers(0, 9, (1000, 4)) * np.array([1.0, 0.5, 30, 7])


def fit_both(x, y):
    return SupportVectorClassifier().fit(x, y), SVC().fit(x, y)


def test_classes_and_decision_values_are_those_of_scikit_learn():
    ours, theirs = fit_both(X, Y)
    np.testing.assert_array_equal(ours.predict(ASKED), theirs.predict(ASKED))
    assert_as_near_as_libsvm_stops(ours.decision_function(ASKED), theirs.decision_function(ASKED))
    np.testing.assert_allclose(
        ours.decision_function(ASKED), SVC.decision_function(ours, ASKED), atol=1e-9
    )


def assert_as_near_as_libsvm_stops(ours, theirs):
    np.testing.assert_allclose(ours, theirs, atol=5 * SVC().tol)


def test_equal_records_weigh_as_much_as_they_are_many():
    x, y = np.array([[0.0], [1], [1], [1], [2]]), np.array([0, 0, 1, 1, 1])
    copies = np.array([40, 3, 5, 1, 40])
    ours, theirs = fit_both(x.repeat(copies, axis=0), y.repeat(copies))
    asked = np.linspace(-1, 3, 41)[:, np.newaxis]
    assert_as_near_as_libsvm_stops(ours.decision_function(asked), theirs.decision_function(asked))
    assert len(ours.support_) <= 4
    assert ours.gamma == "scale"


def test_the_order_of_the_records_does_not_matter():
    order = np.random.default_rng(1).permutation(len(X))
    first, second = (
        SupportVectorClassifier().fit(X[rows], Y[rows]) for rows in (order, order[::-1])
    )
    np.testing.assert_allclose(
        first.decision_function(ASKED), second.decision_function(ASKED), atol=1e-9
    )


def test_records_that_are_all_alike_are_learned_from():
    ours, theirs = fit_both(np.ones((5, 2)), np.array([0, 0, 0, 1, 1]))
    assert ours.predict(ASKED[:, :2]).tolist() == theirs.predict(ASKED[:, :2]).tolist()


def test_each_record_is_answered_alike_alone_and_among_others():
    ours, _ = fit_both(X, Y)
    alone = np.concatenate([ours.decision_function(ASKED[[place]]) for place in range(100)])
    np.testing.assert_allclose(ours.decision_function(ASKED)[:100], alone, atol=1e-12)
    assert ours.decision_function(ASKED[:0]).shape == ours.predict(ASKED[:0]).shape == (0,)


def test_names_of_classes_are_kept():
    names = np.where(Y == 1, "yes", "no")
    ours, theirs = fit_both(X, names)
    assert ours.predict(ASKED).tolist() == theirs.predict(ASKED).tolist()


def test_several_classes_are_told_apart_as_scikit_learn_does():
    y = Y + (X[:, 1] > 2)
    ours, theirs = fit_both(X, y)
    np.testing.assert_array_equal(ours.predict(ASKED), theirs.predict(ASKED))
    assert_as_near_as_libsvm_stops(ours.decision_function(ASKED), theirs.decision_function(ASKED))


@pytest.mark.parametrize("moved", [0.0, 1e-12, -1e-12])
def test_on_the_border_between_the_classes_scikit_learn_decides(moved):
    # Two records of each class around 0, where the decision is a matter of rounding alone.
    x, y = np.array([[-2.0], [-1], [1], [2]]), np.array([0, 0, 1, 1])
    ours, theirs = fit_both(x, y)
    asked = np.array([[moved]])
    assert abs(ours.decision_function(asked)[0]) < 1e-9
    assert ours.predict(asked).tolist() == theirs.predict(asked).tolist()
