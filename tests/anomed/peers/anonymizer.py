"""The reference anonymizers of the AnoMed packages; runs in their environment.

python anonymizer.py KIND CHALLENGE FOLDER PORT, with KIND `classes`, `classes-one-by-one` (no two
requests at a time, as under one synchronous worker) or `table`.
"""

import pickle
import sys
import time
from pathlib import Path
from wsgiref.simple_server import WSGIServer

import anomed_anonymizer
from serving import ThreadingServer, serve
from sklearn.naive_bayes import GaussianNB


def accept(feature_array):
    if feature_array.shape[1] != 4:
        raise ValueError("four columns, please")


def save_slowly(anonymizer, filepath):
    """Write as slowly as a large model is written."""
    content = pickle.dumps(anonymizer)
    with Path(filepath).open("wb") as file:
        file.write(content[:100])
        file.flush()
        time.sleep(1)
        file.write(content[100:])


class InOrder(anomed_anonymizer.TabularDataAnonymizer):
    """Gives the sensitive column away as it is, after a second of work."""

    def anonymize(self, leaky_data):
        time.sleep(1)
        return leaky_data[["dose"]].set_index(leaky_data["dose"].index + 100), "same"


def make_classes_anonymizer(data, utility, folder):
    return anomed_anonymizer.supervised_learning_anonymizer_server_factory(
        anonymizer_identifier="reference",
        anonymizer_obj=anomed_anonymizer.WrappedAnonymizer(GaussianNB(), save_slowly, accept),
        model_filepath=f"{folder}/model.pkl",
        default_batch_size=64,
        training_data_url=f"{data}/training",
        tuning_data_url=f"{data}/tuning",
        validation_data_url=f"{data}/validation",
        utility_evaluation_url=utility,
        model_loader=anomed_anonymizer.unpickle_anonymizer,
    )


def make_table_anonymizer(data, utility, folder):
    return anomed_anonymizer.tabular_data_anonymizer_server_factory(
        anonymizer_identifier="reference",
        anonymizer_obj=InOrder(),
        output_dir=folder,
        leaky_data_url=f"{data}/leaky",
        utility_evaluation_url=utility,
    )


if __name__ == "__main__":
    kind, challenge, folder, port = sys.argv[1:]
    make = make_table_anonymizer if kind == "table" else make_classes_anonymizer
    data, utility = f"http://{challenge}/data/anonymizer", f"http://{challenge}/utility/anonymizer"
    server = WSGIServer if kind == "classes-one-by-one" else ThreadingServer
    serve(make(data, utility, folder), int(port), server)
