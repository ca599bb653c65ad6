"""A real challenge server of the AnoMed packages; runs in their environment.

python challenge.py KIND FILE PORT, with KIND `classes` (FILE an .npz with X, y), or `table` or
`table-of-small-parts` (FILE a Parquet file).
"""

import sys

import anomed_challenge
import falcon
import numpy as np
import pandas as pd
from serving import serve


def make_classes_challenge(path):
    with np.load(path) as arrays:
        X, y = arrays["X"], arrays["y"]
    order = np.random.default_rng(7).permutation(len(X))
    parts = [
        anomed_challenge.InMemoryNumpyArrays(X[part], y[part])
        for part in np.split(order, [int(0.6 * len(X)), int(0.8 * len(X))])
    ]
    challenge = anomed_challenge.SupervisedLearningMIAChallenge(
        *parts,
        anonymizer_evaluator=anomed_challenge.strict_binary_accuracy,
        MIA_evaluator=anomed_challenge.evaluate_MIA,
        MIA_evaluation_dataset_length=5 if len(X) < 1000 else 500,
        seed=42,
    )
    return anomed_challenge.supervised_learning_MIA_challenge_server_factory(challenge)


def make_table_challenge(path):
    challenge = anomed_challenge.TabularDataReconstructionChallenge(
        leaky_data=pd.read_parquet(path),
        background_knowledge=pd.DataFrame(),
        utility_evaluator=describe_table,
        privacy_evaluator=lambda reconstructed, leaky: {},
    )
    return anomed_challenge.tabular_data_reconstruction_challenge_server_factory(challenge)


def make_patient_challenge(path):
    """Make one that does not refuse a table of more than 1 MiB."""
    application = make_table_challenge(path)
    handler = application.req_options.media_handlers[falcon.MEDIA_MULTIPART]
    handler.parse_options.max_body_part_buffer_size = 2**26
    return application


def describe_table(table, scheme, leaky):
    return {
        "records": len(table),
        "columns": list(table.columns),
        "scheme": scheme,
        "same_types": list(table.dtypes) == list(leaky.dtypes),
    }


if __name__ == "__main__":
    kind, path, port = sys.argv[1:]
    make = {
        "classes": make_classes_challenge,
        "table": make_patient_challenge,
        "table-of-small-parts": make_table_challenge,
    }
    serve(make[kind](path), int(port))
