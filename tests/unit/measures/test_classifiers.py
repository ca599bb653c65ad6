import numpy as np
import pandas as pd
import pytest

from anonify.base.errors import UserError
from anonify.base.words import METRICS
from anonify.domains.rules import build_hierarchy
from anonify.measures import classifiers
from anonify.measures.classifiers import evaluate, measure
from anonify.measures.encoding import encode
from anonify.tables.columns import Column

GENDER = Column("gender", "quasi-identifier", "category")
AGE = Column("age", "quasi-identifier", "decimal")
GLUCOSE = Column("glucose", "sensitive", "integer")

FAST = ["naive_bayes", "decision_tree", "knn", "svm", "logistic_regression", "majority"]


# Encoded


def test_categories_become_their_place_in_the_encoding():
    frame = pd.DataFrame({"gender": pd.Categorical(["Male", "*", "Female"])})
    encoded = encode(frame, [GENDER], {"gender": ["Female", "Male", "*", "Other"]}, {})
    assert encoded["gender"].tolist() == [1, 2, 0]


def test_categories_without_an_encoding_become_their_place_in_the_alphabet():
    frame = pd.DataFrame({"gender": pd.Categorical(["b", "a", "c"], ["c", "b", "a"])})
    assert encode(frame, [GENDER], {}, {})["gender"].tolist() == [1, 0, 2]


def test_generalized_numbers_become_numbers():
    # A number stays, an interval becomes its middle, * becomes 0 as in the original evaluation.
    frame = pd.DataFrame({"age": pd.Categorical(["27.5", "20-30", "-5-0", "*"])})
    assert encode(frame, [AGE], {}, {})["age"].tolist() == [27.5, 25, -2.5, 0]


def test_other_columns_stay_as_they_are_and_unlisted_ones_are_left_out():
    frame = pd.DataFrame({"glucose": [140, 80], "age": pd.Categorical(["1.0", "2.0"])})
    encoded = encode(frame, [GLUCOSE], {}, {})
    assert encoded.to_dict("list") == {"glucose": [140, 80]}


def test_a_label_without_numbers_becomes_the_middle_of_the_values_below_it():
    rule = {"intervals": [{"edges": [0, 18, 120], "labels": ["child", "adult"]}]}
    domain = build_hierarchy("age", ["2.0", "10.0", "20.0", "50.0"], rule)
    frame = pd.DataFrame({"age": pd.Categorical(["child", "adult", "50.0", "*"])})
    # Children are 2 to 10 here, adults 20 to 50.
    assert encode(frame, [AGE], {}, {"age": domain})["age"].tolist() == [6, 35, 50, 0]


def test_dates_become_days_and_their_generalizations_the_middle():
    domain = build_hierarchy("born", ["1970-01-02", "1970-01-04"], {"dates": ["year"]})
    born = Column("born", "quasi-identifier", "date")
    frame = pd.DataFrame({"born": pd.Categorical(["1970-01-02", "1970", "*"])})
    assert encode(frame, [born], {}, {"born": domain})["born"].tolist() == [1, 2, 2]


def test_dates_that_are_no_quasi_identifier_become_days():
    seen = Column("seen", "sensitive", "date")
    frame = pd.DataFrame({"seen": pd.Categorical(["1970-01-02", "1969-12-31"])})
    assert encode(frame, [seen], {}, {})["seen"].tolist() == [1, -1]


def test_a_category_that_the_encoding_lacks_is_told():
    frame = pd.DataFrame({"gender": pd.Categorical(["Male", "Other"])})
    with pytest.raises(UserError, match="column 'gender': 'Other' is not in its encoding"):
        encode(frame, [GENDER], {"gender": ["Female", "Male"]}, {})


def test_a_label_that_stands_for_no_number_is_told():
    frame = pd.DataFrame({"age": pd.Categorical(["20-30", "old"])})
    with pytest.raises(UserError, match="column 'age': 'old' is neither a number nor an interval"):
        encode(frame, [AGE], {}, {})


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
