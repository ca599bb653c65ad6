"""Hashes of confidential tables, which are published with a key.

The SHA-256 of a table that can be guessed tells whether a guess is right: who tries all likely
values of a person's record finds the table with that hash. Keyed with a secret (HMAC-SHA-256), it
tells that to the owner of the secret alone, and still whether two results are of the same table.

Source: Krawczyk, Bellare and Canetti, HMAC: Keyed-Hashing for Message Authentication, RFC 2104.
"""

import hmac
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from anonify.base.seeding import read_secret


def describe_dataset(
    about: Mapping[str, Any], record: str | Path, confidential: bool
) -> dict[str, Any]:
    """Return what provenance says of a dataset.

    Parameters
    ----------
    about : ``name``, ``title``, ``sha256`` of the file and ``synthetic``.
    record : where that is kept. The secret is beside it, in a file that only its owner may read;
        it is made where there is none, and belongs into no archive.
    confidential : as the description of the dataset has it.

    Returns
    -------
    That, and for a confidential dataset ``confidential`` (true), and ``hmac_sha256`` in place of
    ``sha256``.
    """
    described = {key: about[key] for key in ("name", "title", "synthetic")}
    if not confidential:
        return {**described, "sha256": about["sha256"]}
    secret = read_secret(Path(record).with_suffix(".key"))
    keyed = hmac.digest(secret, about["sha256"].encode(), "sha256").hex()
    return {**described, "confidential": True, "hmac_sha256": keyed}
