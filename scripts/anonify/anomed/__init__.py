"""Anonymizers for the AnoMed platform: models, tables, and the servers that offer them.

The names of the platform's documentation have the same meaning here.
"""

from anonify.base.extras import require

require("server", "anonify.anomed")

# ruff: noqa: E402
from anonify.anomed.arrays import Limits
from anonify.anomed.attack import measure_attack
from anonify.anomed.estimator import AnonymizedClassifier
from anonify.anomed.models import (
    SupervisedLearningAnonymizer,
    WrappedAnonymizer,
    batch_views,
    load_model,
    pickle_anonymizer,
    save_model,
    unpickle_anonymizer,
)
from anonify.anomed.supervised import supervised_learning_anonymizer_server_factory
from anonify.anomed.tables import GeneralizingAnonymizer, SynthesizingAnonymizer
from anonify.anomed.tabular import (
    PersistingTabularDataAnonymizer,
    TabularDataAnonymizer,
    tabular_data_anonymizer_server_factory,
)

__all__ = [
    "AnonymizedClassifier",
    "GeneralizingAnonymizer",
    "Limits",
    "PersistingTabularDataAnonymizer",
    "SupervisedLearningAnonymizer",
    "SynthesizingAnonymizer",
    "TabularDataAnonymizer",
    "WrappedAnonymizer",
    "batch_views",
    "load_model",
    "measure_attack",
    "pickle_anonymizer",
    "save_model",
    "supervised_learning_anonymizer_server_factory",
    "tabular_data_anonymizer_server_factory",
    "unpickle_anonymizer",
]
