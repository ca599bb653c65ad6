import numpy as np

from anonify.measures.samme import RealAdaBoostClassifier

# Positive between two thresholds, which no single stump can say.
X = np.arange(12, dtype=float).reshape(-1, 1)
BETWEEN = ((X[:, 0] > 3) & (X[:, 0] < 8)).astype(int)


def test_a_single_stump_splits_once():
    model = RealAdaBoostClassifier(n_estimators=1).fit(X, BETWEEN)
    assert (np.diff(model.predict(X)) != 0).sum() <= 1


def test_stumps_together_find_two_thresholds():
    model = RealAdaBoostClassifier(n_estimators=50).fit(X, BETWEEN)
    assert model.predict(X).tolist() == BETWEEN.tolist()


def test_records_that_the_first_stump_gets_wrong_count_more_for_the_second():
    # By hand: four records with x = 0 0 1 1 and classes 0 0 1 0. The stump says P(1) = 0 on the
    # left and ½ on the right. Weights change by exp(−½ Σ y·log p) with y = ±1: on the right by
    # exp(0) = 1; on the left by exp(½ log ε), which is next to nothing. So the second stump
    # learns from the right half alone, cannot split it, and says ½ everywhere.
    x, y = np.array([[0.0], [0], [1], [1]]), np.array([0, 0, 1, 0])
    model = RealAdaBoostClassifier(n_estimators=2).fit(x, y)
    np.testing.assert_allclose(model.estimators_[0].predict_proba([[0.0], [1.0]])[:, 1], [0, 0.5])
    second = model.estimators_[1].predict_proba([[1.0]])[0]
    np.testing.assert_allclose(second, [0.5, 0.5], atol=1e-6)


def test_three_classes_are_told_apart_by_their_names():
    y = np.array(["low"] * 4 + ["middle"] * 4 + ["high"] * 4)
    model = RealAdaBoostClassifier().fit(X, y)
    assert model.predict(X).tolist() == y.tolist()


def test_the_same_seed_gives_the_same_model():
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(60, 3)), rng.integers(0, 2, 60)
    first, again = (RealAdaBoostClassifier(random_state=5).fit(x, y) for _ in range(2))
    assert first.predict(x).tolist() == again.predict(x).tolist()
