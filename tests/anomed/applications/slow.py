"""Ours, as slow as ``peers/anonymizer.py``: a model that is written slowly."""

import os
import time
from pathlib import Path

from sklearn.naive_bayes import GaussianNB

import anonify.anomed as anon

data = f"http://{os.environ['CHALLENGE_HOST']}/data/anonymizer"


def save_slowly(anonymizer, filepath):
    anon.save_model(anonymizer, filepath)
    content = Path(filepath).read_bytes()
    with Path(filepath).open("wb") as file:
        file.write(content[:100])
        file.flush()
        time.sleep(1)
        file.write(content[100:])


application = anon.supervised_learning_anonymizer_server_factory(
    anonymizer_identifier="anonify",
    anonymizer_obj=anon.WrappedAnonymizer(GaussianNB(), save_slowly),
    model_filepath=f"{os.environ['STATE_FOLDER']}/model.skops",
    default_batch_size=64,
    training_data_url=f"{data}/training",
    tuning_data_url=f"{data}/tuning",
    validation_data_url=f"{data}/validation",
    utility_evaluation_url=f"http://{os.environ['CHALLENGE_HOST']}/utility/anonymizer",
)
