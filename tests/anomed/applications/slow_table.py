"""Ours, with the anonymizer for tables of ``peers/anonymizer.py``."""

import os
import time

import anonify.anomed as anon

challenge = f"http://{os.environ['CHALLENGE_HOST']}"


class InOrder:
    def anonymize(self, leaky_data):
        time.sleep(1)
        return leaky_data[["dose"]].set_index(leaky_data["dose"].index + 100), "same"


application = anon.tabular_data_anonymizer_server_factory(
    anonymizer_identifier="anonify",
    anonymizer_obj=InOrder(),
    output_dir=os.environ["STATE_FOLDER"],
    leaky_data_url=f"{challenge}/data/anonymizer/leaky",
    utility_evaluation_url=f"{challenge}/utility/anonymizer",
)
