import pickle

import numpy as np
import pytest
import skops.io
from sklearn.datasets import load_iris
from sklearn.naive_bayes import GaussianNB

from anonify.anomed.estimator import AnonymizedClassifier
from anonify.anomed.models import (
    WrappedAnonymizer,
    batch_views,
    check_array,
    load_model,
    pickle_anonymizer,
    predict_in_batches,
    save_model,
    unpickle_anonymizer,
)
from anonify.base.errors import UserError
from anonify.settings.classifiers import CLASSIFIERS

X, Y = load_iris(return_X_y=True)


class Planted:
    """Runs code where it is unpickled."""

    def __reduce__(self):
        return exec, ("raise SystemExit('code was run')",)


@pytest.mark.parametrize("classifier", CLASSIFIERS)
def test_every_classifier_is_the_same_after_it_was_saved(classifier, tmp_path):
    model = AnonymizedClassifier(k=5, deletion=10, classifier=classifier, seed=1).fit(X, Y)
    save_model(model, tmp_path / "model.skops")
    loaded = load_model(tmp_path / "model.skops")
    assert loaded.predict(X).tolist() == model.predict(X).tolist()


def test_a_planted_pickle_runs_no_code(tmp_path):
    path = tmp_path / "model.skops"
    path.write_bytes(pickle.dumps(Planted()))
    with pytest.raises(UserError, match=r"model\.skops: the file is no model that can be trusted"):
        load_model(path)


def test_a_planted_type_is_not_trusted(tmp_path):
    path = tmp_path / "model.skops"
    skops.io.dump(Planted(), path)
    with pytest.raises(UserError, match="Planted"):
        load_model(path)


def test_a_file_that_was_cut_off_is_refused(tmp_path):
    path = tmp_path / "model.skops"
    save_model(GaussianNB().fit(X, Y), path)
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(UserError, match="fit anew"):
        load_model(path)


def test_an_anonymizer_needs_fit_and_predict():
    with pytest.raises(UserError, match="object has no method 'fit'"):
        WrappedAnonymizer(object())

    with pytest.raises(NotImplementedError, match="object has no method 'fit'"):
        WrappedAnonymizer(object())


def test_the_serializer_writes_the_wrapper(tmp_path):
    written = []
    wrapped = WrappedAnonymizer(GaussianNB(), lambda *arguments: written.append(arguments))
    wrapped.save(tmp_path)
    assert written == [(wrapped, tmp_path)]


def test_without_a_serializer_the_model_itself_is_saved(tmp_path):
    wrapped = WrappedAnonymizer(GaussianNB())
    wrapped.fit(X, Y)
    wrapped.save(tmp_path / "model.skops")
    assert isinstance(load_model(tmp_path / "model.skops"), GaussianNB)


def test_the_methods_of_a_model_come_before_those_of_the_wrapper(tmp_path):
    called = []

    class Model:
        def fit(self, X, y):
            called.append("fit")

        def predict(self, X):
            return np.zeros(len(X))

        def save(self, filepath):
            called.append("save")

        def validate_input(self, feature_array):
            called.append("validate")

    wrapped = WrappedAnonymizer(Model(), called.append, called.append)
    wrapped.fit(X, Y)
    wrapped.validate_input(X)
    wrapped.save(tmp_path)
    assert called == ["fit", "validate", "save"]


def test_a_wrapped_model_fits_and_predicts():
    wrapped = WrappedAnonymizer(GaussianNB())
    copied = wrapped.copy()
    copied.fit(X, Y)
    expected = GaussianNB().fit(X, Y).predict(X).tolist()
    assert copied.predict(X).tolist() == copied.predict(X, 7).tolist() == expected
    assert not hasattr(wrapped.anonymizer, "classes_")


@pytest.mark.parametrize(
    ("size", "lengths"), [(None, [5]), (5, [5]), (9, [5]), (2, [2, 2, 1]), (0, []), (-1, [])]
)
def test_batches_are_views(size, lengths):
    array = np.arange(5)
    batches = batch_views(array, size)
    assert [len(batch) for batch in batches] == lengths
    assert all(np.shares_memory(batch, array) for batch in batches)


def test_a_pickle_is_read_if_nobody_else_can_have_written_it(tmp_path):
    path = tmp_path / "model.pkl"
    pickle_anonymizer(GaussianNB().fit(X, Y), path)
    assert unpickle_anonymizer(path).predict(X[:1]).tolist() == [0]
    assert path.stat().st_mode & 0o777 == 0o600
    path.chmod(0o620)
    with pytest.raises(UserError, match=r"model\.pkl: others can write the file"):
        unpickle_anonymizer(path)


def test_what_a_validator_raises_is_a_sentence():
    def validate(array):
        if array.shape[1] != 4:
            raise ValueError("four columns, please")

    wrapped = WrappedAnonymizer(GaussianNB(), feature_array_validator=validate)
    wrapped.validate_input(np.ones((1, 4)))
    with pytest.raises(UserError, match="X does not fit the anonymizer: four columns, please"):
        wrapped.validate_input(np.ones((1, 3)))


@pytest.mark.parametrize(
    ("array", "message"),
    [
        (np.ones(4), "X has 1 dimensions"),
        (np.array(1.0), "X has 0 dimensions"),
        (np.ones((0, 4)), "nothing to predict"),
        (np.ones((4, 0)), "nothing to predict"),
        (np.array([[1, 2], [3, np.nan]]), "X holds 1 numbers that are not finite, in column 2"),
        (np.array([[np.inf, 2]]), "X holds 1 numbers that are not finite, in column 1"),
    ],
)
def test_arrays_that_are_no_features_are_refused(array, message):
    with pytest.raises(UserError, match=message):
        check_array(array)


def test_records_are_predicted_in_batches():
    model = GaussianNB().fit(X, Y)
    for size in (1, 7, 150, 1000):
        assert predict_in_batches(model, X, size).tolist() == model.predict(X).tolist()


def test_a_model_that_takes_a_batch_size_gets_it():
    class Model:
        def predict(self, X, batch_size):
            return [batch_size] * len(X)

    assert predict_in_batches(Model(), X[:2], 7).tolist() == [7, 7]
