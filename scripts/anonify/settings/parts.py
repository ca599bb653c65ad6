"""What a run makes."""

# What a run makes in its folder: names that a run can't have, for its results would lie among
# those of the run without a name.
RUN_FOLDERS = (
    "anonymized",
    "benchmarks",
    "dataset",
    "figures",
    "logs",
    "measures",
    "paper",
    "sampled",
    "tables",
)


# Tables and figures that every run makes: names that a distribution can't have.
RESULTS = (
    *("info_loss", "info_loss_by_quasi_identifier", "classifiers", "anonymity"),
    *("accuracy", "precision", "recall", "f1", "balanced_accuracy"),
    *("positive_precision", "positive_recall", "equivalence_classes"),
    *("journalist_risk", "certainty", "risk_by_record", "trade_off"),
    *("membership", "membership_advantage", "membership_low_fpr", "attribute_inference"),
)
