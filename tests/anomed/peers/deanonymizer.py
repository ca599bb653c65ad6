"""A real deanonymizer server of the AnoMed packages; runs in their environment.

python deanonymizer.py CHALLENGE ANONYMIZER FOLDER FEATURES CLASSES PORT, the first two as
host:port.
"""

import sys

import anomed_deanonymizer
from art.attacks.inference.membership_inference import MembershipInferenceBlackBox
from serving import serve


def accept(feature_array):
    if feature_array.ndim != 2:
        raise ValueError


if __name__ == "__main__":
    challenge, anonymizer, folder, features, classes, port = sys.argv[1:]
    target = anomed_deanonymizer.WebClassifier(
        url=f"http://{anonymizer}/predict", input_shape=(int(features),), nb_classes=int(classes)
    )
    attack = anomed_deanonymizer.ARTWrapper(
        art_mia=MembershipInferenceBlackBox(estimator=target, attack_model_type="rf"),
        input_validator=accept,
    )
    data = f"http://{challenge}/data"
    application = anomed_deanonymizer.supervised_learning_MIA_server_factory(
        anonymizer_identifier="anonify",
        deanonymizer_identifier="attack",
        deanonymizer_obj=attack,
        model_filepath=f"{folder}/attack.pkl",
        default_batch_size=64,
        member_url=f"{data}/deanonymizer/members",
        nonmember_url=f"{data}/deanonymizer/non-members",
        evaluation_data_url=f"{data}/attack-success-evaluation",
        utility_evaluation_url=f"http://{challenge}/utility/deanonymizer",
        model_loader=anomed_deanonymizer.unpickle_deanonymizer,
    )
    serve(application, int(port))
