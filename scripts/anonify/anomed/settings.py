"""The settings of a server, and the server that they describe."""

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import falcon

from anonify.anomed.anonymization import check_parameters
from anonify.anomed.arrays import MEBIBYTE, Limits
from anonify.anomed.estimator import AnonymizedClassifier
from anonify.anomed.features import Descriptions, check_people, list_encodings, select_features
from anonify.anomed.models import WrappedAnonymizer
from anonify.anomed.state import FITS
from anonify.anomed.supervised import supervised_learning_anonymizer_server_factory
from anonify.anomed.tables import GeneralizingAnonymizer, SynthesizingAnonymizer
from anonify.anomed.tabular import tabular_data_anonymizer_server_factory
from anonify.base.errors import UserError
from anonify.datasets.described import describe_dataset
from anonify.methods import METHODS
from anonify.settings.classifiers import CLASSIFIERS
from anonify.settings.schemas import check_configuration, fill_defaults, read_yaml

CHALLENGE = "CHALLENGE_HOST"
# A name or an address, and a port; no scheme and no path.
_HOST = re.compile(r"([\w.-]+|\[[0-9a-fA-F:.]+\])(:[0-9]{1,5})?")

_TEXT = {"type": "string", "minLength": 1}
_COUNT = {"type": "integer", "minimum": 1, "description": "a whole number from 1"}

SCHEMA: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["offer", "identifier", "dataset", "k"],
    "properties": {
        "offer": {
            "enum": ["classifier", "table", "synthesis"],
            "description": "`classifier`, `table` or `synthesis`",
        },
        "identifier": {**_TEXT, "description": "a name"},
        "dataset": {**_TEXT, "description": "a name in config/datasets/ or a path"},
        "method": {
            "enum": list(METHODS),
            "default": "mondrian",
            "description": f"one of {', '.join(METHODS)}",
        },
        "k": {"type": "integer", "minimum": 2, "description": "a whole number from 2"},
        "deletion": {
            "type": "integer",
            "minimum": 0,
            "maximum": 99,
            "default": 0,
            "description": "a whole number of per cent from 0 to 99",
        },
        "classifier": {
            "enum": list(CLASSIFIERS),
            "default": "random_forest",
            "description": f"one of {', '.join(CLASSIFIERS)}",
        },
        "seed": {
            "type": ["integer", "null"],
            "minimum": 0,
            "default": None,
            "description": "a whole number from 0, or null",
        },
        "folder": {**_TEXT, "default": "results/anomed", "description": "a path"},
        "batch_size": {**_COUNT, "default": 10_000},
        "timeout": {**_COUNT, "default": 60},
        "upload_limit": {**_COUNT, "default": 32},
        "expanded_limit": {**_COUNT, "default": 256},
        "records_limit": {**_COUNT, "default": 1_000_000},
        "fits_per_minute": {**_COUNT, "default": FITS},
        "workers": {**_COUNT, "default": 2},
        "threads": {**_COUNT, "default": 8},
    },
}


@dataclass(frozen=True)
class Settings:
    """What a server offers, and how; ``config/anomed.yaml`` explains each.

    Parameters
    ----------
    columns : of the dataset, files of hierarchies as absolute paths.
    timeout : seconds that the challenge may take.
    upload_limit, expanded_limit : MiB.
    records_limit : of one message.
    fits_per_minute : of all workers together.
    """

    offer: Literal["classifier", "table", "synthesis"]
    identifier: str
    columns: Descriptions
    method: str
    k: int
    deletion: int
    classifier: str
    seed: int | None
    folder: str
    batch_size: int
    timeout: int
    upload_limit: int
    expanded_limit: int
    records_limit: int
    fits_per_minute: int
    workers: int
    threads: int


def read_settings(path: str) -> Settings:
    """Read the settings of a server.

    Raises
    ------
    UserError : there is no such file, it has a mistake, or the dataset's description has one.
    """
    content = read_yaml(path)
    check_configuration(content, SCHEMA, path)
    content = fill_defaults(content, SCHEMA)
    dataset = describe_dataset(content.pop("dataset"))
    columns = dict(dataset.columns)
    for name, column in dataset.columns.items():
        if file := dataset.find_hierarchy(name):
            columns[name] = {**column, "hierarchy": {"file": str(file.absolute())}}
    features = select_features(columns)
    names = [name for name, each in features.items() if each["role"] == "quasi-identifier"]
    check_parameters(names, content["k"], content["deletion"])
    if content["offer"] == "classifier":
        check_people(columns)
        list_encodings(features)
    return Settings(columns=columns, **content)


def build_application(settings: Settings) -> falcon.App[Any, Any]:
    """Return the server; the environment variable ``CHALLENGE_HOST`` names the challenge.

    Raises
    ------
    UserError : it does not.
    """
    host = os.environ.get(CHALLENGE, "")
    if not _HOST.fullmatch(host):
        raise UserError(
            f"the environment variable {CHALLENGE} is {repr(host) if host else 'not set'}; name "
            "the challenge's host in it, with its port where that is not 80, such as 127.0.0.1:8080"
        )
    limits = Limits(
        settings.upload_limit * MEBIBYTE,
        settings.expanded_limit * MEBIBYTE,
        settings.records_limit,
    )
    if settings.offer == "classifier":
        return supervised_learning_anonymizer_server_factory(
            settings.identifier,
            WrappedAnonymizer(
                AnonymizedClassifier(
                    settings.method,
                    settings.k,
                    settings.deletion,
                    settings.classifier,
                    settings.columns,
                    settings.seed,
                )
            ),
            Path(settings.folder) / "model.skops",
            settings.batch_size,
            training_data_url=f"http://{host}/data/anonymizer/training",
            tuning_data_url=f"http://{host}/data/anonymizer/tuning",
            validation_data_url=f"http://{host}/data/anonymizer/validation",
            utility_evaluation_url=f"http://{host}/utility/anonymizer",
            download_timeout=settings.timeout,
            upload_timeout=settings.timeout,
            limits=limits,
            fits_per_minute=settings.fits_per_minute,
        )
    make = GeneralizingAnonymizer if settings.offer == "table" else SynthesizingAnonymizer
    return tabular_data_anonymizer_server_factory(
        settings.identifier,
        make(settings.columns, settings.method, settings.k, settings.deletion, settings.seed),
        settings.folder,
        leaky_data_url=f"http://{host}/data/anonymizer/leaky",
        utility_evaluation_url=f"http://{host}/utility/anonymizer",
        download_timeout=settings.timeout,
        upload_timeout=settings.timeout,
        limits=limits,
        fits_per_minute=settings.fits_per_minute,
    )
