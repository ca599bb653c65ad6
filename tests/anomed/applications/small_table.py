"""Ours for tables, with small limits."""

import os

import anonify.anomed as anon

challenge = f"http://{os.environ['CHALLENGE_HOST']}"
MEBIBYTE = 2**20

application = anon.tabular_data_anonymizer_server_factory(
    anonymizer_identifier="anonify",
    anonymizer_obj=anon.GeneralizingAnonymizer(
        {
            "age": {"role": "quasi-identifier", "type": "integer"},
            "note": {"role": "sensitive", "type": "category"},
        },
        k=5,
    ),
    output_dir=os.environ["STATE_FOLDER"],
    leaky_data_url=f"{challenge}/data/anonymizer/leaky",
    utility_evaluation_url=f"{challenge}/utility/anonymizer",
    limits=anon.Limits(upload=4 * MEBIBYTE, expanded=16 * MEBIBYTE),
)
