"""The classifiers that a configuration may name; nothing here imports any of them."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Classifier:
    """A classifier.

    Parameters
    ----------
    title : in figures and tables.
    path : of the class, which is made with its defaults.
    is_random : whether it takes a seed as ``random_state``.
    """

    title: str
    path: str
    is_random: bool = False


CLASSIFIERS = {
    "naive_bayes": Classifier("Naive Bayes", "sklearn.naive_bayes.GaussianNB"),
    "decision_tree": Classifier("Decision Tree", "sklearn.tree.DecisionTreeClassifier", True),
    "knn": Classifier("KNN", "sklearn.neighbors.KNeighborsClassifier"),
    "svm": Classifier("SVM", "anonify.measures.svm.SupportVectorClassifier"),
    "random_forest": Classifier("Random Forest", "sklearn.ensemble.RandomForestClassifier", True),
    "logistic_regression": Classifier(
        "Logistic Regression", "sklearn.linear_model.LogisticRegression"
    ),
    "adaboost": Classifier("AdaBoost", "sklearn.ensemble.AdaBoostClassifier", True),
    "adaboost_samme_r": Classifier(
        "AdaBoost (SAMME.R)", "anonify.measures.samme.RealAdaBoostClassifier", True
    ),
    "bagging": Classifier("Bagging", "sklearn.ensemble.BaggingClassifier", True),
}

MAJORITY = Classifier("Majority class", "sklearn.dummy.DummyClassifier")
"""The baseline, which every run has and no configuration names."""


def name_classifier(name: str) -> str:
    """Return a classifier's name as figures and tables show it."""
    if name == "majority":
        return MAJORITY.title
    return CLASSIFIERS[name].title if name in CLASSIFIERS else name
