import numpy as np
import pytest
from sklearn.base import clone
from sklearn.datasets import load_iris
from sklearn.model_selection import cross_val_score
from sklearn.utils.estimator_checks import parametrize_with_checks

from anonify.anomed import estimator
from anonify.anomed.estimator import AnonymizedClassifier
from anonify.base.errors import UserError

COLUMNS = {
    "sex": {
        "role": "quasi-identifier",
        "type": "category",
        "hierarchy": {},
        "encoding": ["f", "m", "*"],
    },
    "age": {
        "role": "quasi-identifier",
        "type": "integer",
        "hierarchy": {"intervals": [{"start": 0, "width": 20}]},
    },
    "dose": {"role": "sensitive", "type": "decimal"},
    "ill": {"role": "target", "type": "integer"},
}
X = np.array([[0, 10, 1.5], [0, 15, 1.5], [1, 30, 2.5], [1, 35, 2.5], [0, 12, 1.0], [1, 31, 3.0]])
Y = np.array([0, 0, 1, 1, 0, 1])


def expect(estimator):
    return {"check_fit2d_1sample": "one record is fewer than k"}


@parametrize_with_checks(
    [AnonymizedClassifier(k=2, classifier="decision_tree", seed=1)],
    expected_failed_checks=expect,
)
def test_it_is_a_scikit_learn_estimator(estimator, check):
    check(estimator)


def make(**changes):
    parameters = {"k": 2, "classifier": "decision_tree", "columns": COLUMNS, "seed": 1}
    return AnonymizedClassifier(**(parameters | changes))


def test_the_classifier_sees_generalized_quasi_identifiers_and_other_columns_as_they_are():
    model = make(k=3).fit(X, Y)
    # f, 0-20 and m, 20-40; an interval becomes its middle.
    assert model.generalize(X).tolist() == [
        [0, 10, 1.5],
        [0, 10, 1.5],
        [1, 30, 2.5],
        [1, 30, 2.5],
        [0, 10, 1.0],
        [1, 30, 3.0],
    ]


def test_records_are_trained_on_as_they_are_predicted(monkeypatch):
    seen = {}

    class Spy:
        def fit(self, features, y):
            seen["features"] = features

    monkeypatch.setattr(estimator, "make_classifier", lambda name, seed: Spy())
    model = make().fit(X, Y)
    assert sorted(seen["features"].tolist()) == sorted(model.generalize(X).tolist())


def test_of_each_class_a_part_is_deleted():
    # 2 classes of 3: each keeps 3 − ⌈1.5⌉ = 1.
    model = make(k=3, deletion=50, classifier="knn").fit(X, Y)
    assert model.classifier_.n_samples_fit_ == 2


@pytest.mark.parametrize("dtype", ["int64", "int8", "bool", "float64", "<U2"])
def test_predictions_have_the_type_of_the_classes(dtype):
    y = Y.astype(dtype)
    prediction = make().fit(X, y).predict(X)
    assert prediction.dtype == y.dtype
    assert prediction.tolist() == y.tolist()


def test_the_same_seed_gives_the_same_model():
    iris = load_iris(return_X_y=True)
    first, second = (
        AnonymizedClassifier(k=10, deletion=50, seed=3).fit(*iris).predict(iris[0]) for _ in "ab"
    )
    assert first.tolist() == second.tolist()


def test_it_learns_iris():
    model = AnonymizedClassifier(k=5, classifier="decision_tree", seed=1)
    assert cross_val_score(clone(model), *load_iris(return_X_y=True)).mean() > 0.85


@pytest.mark.parametrize("method", ["arx", "ola", "oka", "k_member"])
def test_any_method_will_do(method):
    assert make(method=method).fit(X, Y).predict(X[:1]).shape == (1,)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"classifier": "oracle"}, "`classifier` is 'oracle'; choose from naive_bayes"),
        ({"method": "magic"}, "there is no method 'magic'"),
        ({"k": 1}, "`k` is 1; it should be a whole number from 2"),
        ({"k": 7}, "6 records, fewer than k = 7"),
        ({"deletion": 100}, "`deletion` is 100"),
        ({"columns": {"a": {"role": "sensitive", "type": "decimal"}}}, "the 1 columns a"),
    ],
)
def test_mistakes_are_named(changes, message):
    with pytest.raises(UserError) as raised:
        make(**changes).fit(X, Y)
    assert message in str(raised.value)


def test_no_training_record_is_left_in_the_model():
    secret = X.copy()
    secret[0, 2] = 1234.5678
    model = make(k=3, classifier="naive_bayes").fit(secret, Y)
    assert "1234.5" not in repr(vars(model))
