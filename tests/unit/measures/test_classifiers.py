import numpy as np
import pandas as pd
import pytest

from anonify.base.errors import UserError
from anonify.base.words import METRICS
from anonify.measures import classifiers
from anonify.measures.classifiers import evaluate, measure, round_metrics

FAST = ["naive_bayes", "decision_tree", "knn", "svm", "logistic_regression", "majority"]


# Measured


def test_metrics_are_those_of_the_table_of_confusion():
    # 4 positive records, 3 of them found; 6 negative ones, 4 of them found.
    truth = np.array([1, 1, 1, 1, 0, 0, 0, 0, 0, 0])
    prediction = np.array([1, 1, 1, 0, 1, 1, 0, 0, 0, 0])
    # Positive: precision 3/5, recall 3/4. Negative: precision 4/5, recall 4/6.
    f1_positive = 2 * (3 / 5) * (3 / 4) / (3 / 5 + 3 / 4)
    f1_negative = 2 * (4 / 5) * (4 / 6) / (4 / 5 + 4 / 6)
    assert measure(truth, prediction, 1) == pytest.approx(
        {
            "accuracy": 70,
            "precision": 100 * (0.4 * 3 / 5 + 0.6 * 4 / 5),
            "recall": 100 * (0.4 * 3 / 4 + 0.6 * 4 / 6),
            "f1": 100 * (0.4 * f1_positive + 0.6 * f1_negative),
            "balanced_accuracy": 100 * (3 / 4 + 4 / 6) / 2,
            "positive_precision": 60,
            "positive_recall": 75,
        }
    )


def test_all_metrics_have_a_label():
    assert set(measure(np.array([0, 1]), np.array([0, 1]), 1)) == set(METRICS)


@pytest.mark.filterwarnings("error")
def test_a_class_that_is_never_predicted_has_a_precision_of_0():
    found = measure(np.array([1, 0, 0, 0]), np.array([0, 0, 0, 0]), 1)
    assert (found["positive_precision"], found["positive_recall"]) == (0, 0)
    assert found["precision"] == pytest.approx(100 * 0.75 * 0.75)


# Trained


@pytest.fixture
def table():
    """80 records; the target follows the first feature with some noise."""
    generator = np.random.default_rng(1)
    features = pd.DataFrame(generator.normal(size=(80, 3)), columns=["a", "b", "c"])
    target = (features["a"] + generator.normal(size=80) > 0).astype(int)
    return features, target.rename("target")


def train(table, classifier, *, split_seed=35, seed=0, test_share=25):
    return evaluate(*table, classifier, test_share=test_share, split_seed=split_seed, seed=seed)


@pytest.mark.parametrize("classifier", FAST)
def test_the_same_seeds_give_the_same_metrics(table, classifier):
    assert train(table, classifier) == train(table, classifier)


def test_a_classifier_that_draws_is_seeded():
    # Two features that are equally good on the training records: the seed decides which is taken.
    generator = np.random.default_rng(2)
    features = pd.DataFrame(generator.integers(0, 2, (60, 6)))
    target = pd.Series(generator.integers(0, 2, 60), name="target")
    found = {train((features, target), "decision_tree", seed=seed)["accuracy"] for seed in range(9)}
    assert len(found) > 1


@pytest.mark.parametrize("classifier", FAST[:-1])
def test_what_can_be_learned_is_learned(classifier):
    features = pd.DataFrame({"a": np.linspace(-9, 9, 80)})
    target = pd.Series(features["a"] > 0, name="target").astype(int)
    assert train((features, target), classifier)["accuracy"] >= 95


def test_the_majority_class_is_predicted_by_the_baseline(table):
    features = table[0]
    target = pd.Series(np.arange(80) % 4 == 0, name="target").astype(int)
    found = train((features, target), "majority")
    assert found["balanced_accuracy"] == 50
    assert found["positive_recall"] == 0


def test_a_part_is_kept_for_the_test_and_the_split_seed_decides_which(table, monkeypatch):
    seen = []

    class Recorder:
        def fit(self, features, target):
            seen.append((features, target))
            return self

        def predict(self, features):
            seen.append((features, None))
            return np.zeros(len(features))

    monkeypatch.setattr(classifiers, "make_classifier", lambda name, seed: Recorder())
    features, target = table
    train(table, "recorder", split_seed=1)
    train(table, "recorder", split_seed=2)
    (trained, learned), (tested, _), (other, _), _ = seen
    assert (len(trained), len(tested)) == (60, 20)
    assert sorted([*trained[:, 0], *tested[:, 0]]) == sorted(features["a"])
    assert learned.tolist() == [target[features["a"] == value].item() for value in trained[:, 0]]
    assert trained.tolist() != other.tolist()


@pytest.mark.filterwarnings("ignore:A single label")
def test_the_positive_class_is_that_of_the_table_although_the_test_has_none_of_it(table):
    # A single positive record that is learned from: nobody in the test is positive.
    features, _ = table
    for place in range(len(features)):
        target = pd.Series(np.arange(80) == place, name="target").astype(int)
        try:
            found = train((features, target), "majority")
        except UserError:
            continue  # The record is in the test, so nothing positive can be learned.
        if found["accuracy"] == 100:
            assert found["positive_recall"] == 0
            return
    pytest.fail("every record was in the test")


@pytest.mark.filterwarnings("ignore:A single label")
def test_a_single_class_to_learn_from_is_told(table):
    features, _ = table
    targets = [pd.Series(np.arange(80) == place, name="ill").astype(int) for place in range(80)]
    messages = []
    for target in targets:
        try:
            train((features, target), "naive_bayes")
        except UserError as error:
            messages.append(str(error))
    # The single positive record is in the test with 25 % of the records: 20 times of 80.
    assert len(messages) == 20
    assert "'ill': all records to learn from are of one class" in messages[0]


def test_the_positive_class_may_be_named_and_the_target_have_several():
    features = pd.DataFrame({"a": np.repeat([0.0, 1.0, 2.0], 40)})
    target = pd.Series(pd.Categorical(np.repeat(["a", "b", "c"], 40)), name="stage")
    found = evaluate(
        features, target, "decision_tree", test_share=25, split_seed=1, seed=0, positive="a"
    )
    assert set(found.values()) == {100}
    with pytest.raises(UserError, match="no record is of the class 'd'; mend `positive`"):
        evaluate(
            features, target, "decision_tree", test_share=25, split_seed=1, seed=0, positive="d"
        )


def test_a_measurement_is_no_target(table):
    features, _ = table
    target = pd.Series(np.linspace(0, 1, 80), name="level")
    with pytest.raises(UserError, match="'level': its values have decimals"):
        train((features, target), "naive_bayes")


def test_an_unknown_classifier_is_told_with_the_known_ones(table):
    with pytest.raises(UserError, match=r"no 'forest'; choose from naive_bayes, .*random_forest"):
        train(table, "forest")


def test_a_target_of_one_class_is_told(table):
    target = pd.Series(np.ones(80, dtype=int), name="ill")
    with pytest.raises(UserError, match="target 'ill': all records are of one class"):
        train((table[0], target), "naive_bayes")


def test_metrics_of_a_confidential_table_are_rounded_to_k_records():
    # 100 records are classified, 20 of them of the smaller class: to multiples of 5 % and 25 %.
    target = pd.Series([0] * 320 + [1] * 80)
    metrics = pd.DataFrame({name: [61.0] for name in METRICS})
    rounded = round_metrics(metrics, target, test_share=25, k=5).iloc[0]
    of_class = {"balanced_accuracy", "positive_precision", "positive_recall"}
    assert rounded.to_dict() == {name: 50.0 if name in of_class else 60.0 for name in METRICS}
