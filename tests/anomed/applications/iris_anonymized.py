"""Iris, learned by our own estimator, with small limits."""

import os

import anonify.anomed as anon

hostname = os.environ["CHALLENGE_HOST"]
MEBIBYTE = 2**20

application = anon.supervised_learning_anonymizer_server_factory(
    anonymizer_identifier="anonify",
    anonymizer_obj=anon.WrappedAnonymizer(
        anon.AnonymizedClassifier(k=5, classifier="decision_tree", seed=1)
    ),
    model_filepath=f"{os.environ['STATE_FOLDER']}/model.skops",
    default_batch_size=64,
    training_data_url=f"http://{hostname}/data/anonymizer/training",
    tuning_data_url=f"http://{hostname}/data/anonymizer/tuning",
    validation_data_url=f"http://{hostname}/data/anonymizer/validation",
    utility_evaluation_url=f"http://{hostname}/utility/anonymizer",
    limits=anon.Limits(upload=2 * MEBIBYTE, expanded=16 * MEBIBYTE),
)
