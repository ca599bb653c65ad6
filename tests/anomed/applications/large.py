"""A model that works a while on all of a message, with large limits for what is worked with."""

import os
import time

import numpy as np

import anonify.anomed as anon
from anonify.anomed import memory

# On a busy machine the last of eight messages waits longer than a client would be let wait.
memory.PATIENCE = 120

MEBIBYTE = 2**20
challenge = f"http://{os.environ['CHALLENGE_HOST']}"


class Patient:
    """Predicts that everybody is ill, and takes half a second for it."""

    def fit(self, X, y):
        pass

    def predict(self, X):
        time.sleep(0.5)
        return np.ones(len(X), dtype=np.int8)


application = anon.supervised_learning_anonymizer_server_factory(
    anonymizer_identifier="anonify",
    anonymizer_obj=anon.WrappedAnonymizer(Patient(), anon.pickle_anonymizer),
    model_filepath=f"{os.environ['STATE_FOLDER']}/model.pickle",
    default_batch_size=10**6,
    training_data_url=f"{challenge}/data/anonymizer/training",
    tuning_data_url=f"{challenge}/data/anonymizer/tuning",
    validation_data_url=f"{challenge}/data/anonymizer/validation",
    utility_evaluation_url=f"{challenge}/utility/anonymizer",
    model_loader=anon.unpickle_anonymizer,
    limits=anon.Limits(upload=MEBIBYTE, expanded=64 * MEBIBYTE),
)
