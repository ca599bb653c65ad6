"""The real dataset and the authors' published outputs, found like the workflow finds them."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml

from anonify.base.files import hash_file
from anonify.domains.domain import encode_leaves
from anonify.domains.rules import build_hierarchy
from anonify.paper import comparison as paper
from anonify.settings.search import find_file, list_search_path
from anonify.tables.columns import describe_columns, names_with_role
from anonify.tables.text import read_text_columns
from anonify.tables.typed import convert_records

PROJECT = Path(__file__).resolve().parents[2]
DESCRIPTION = yaml.safe_load((PROJECT / "config/datasets/diabetes.yaml").read_text())
COLUMNS = describe_columns(DESCRIPTION["columns"])
QUASI_IDENTIFIERS = names_with_role(COLUMNS, "quasi-identifier")


def find(name: str) -> Path:
    path = find_file(name, "diabetes", list_search_path([str(PROJECT / "data")]))
    if path is None:
        pytest.skip(f"{name} is in no folder of ANONIFY_DATA or data/")
    return path


@pytest.fixture(scope="session")
def find_published() -> Callable[[str], Path]:
    """Find a file of the authors' published outputs and check its checksum, or skip."""
    lines = (PROJECT / "config/paper/published.sha256").read_text().splitlines()
    checksums = {name: checksum for checksum, name in (line.split(maxsplit=1) for line in lines)}

    def find_checked(name: str) -> Path:
        path = find(f"published/{name}")
        assert hash_file(path) == checksums[name], f"{path} is not the published file"
        return path

    return find_checked


@pytest.fixture(scope="session")
def original() -> pd.DataFrame:
    path = find(DESCRIPTION["file"])
    return convert_records(read_text_columns(path), COLUMNS, path)


@pytest.fixture(scope="session")
def adult() -> pd.DataFrame:
    path = find_file("adult.csv", "adult", list_search_path([str(PROJECT / "data")]))
    if path is None:
        pytest.skip("adult.csv is in no folder of ANONIFY_DATA or data/")
    return pd.read_csv(path, sep=";")


@pytest.fixture(scope="session")
def hierarchies(original):
    return [
        build_hierarchy(
            name,
            original[name].cat.categories.tolist(),
            DESCRIPTION["columns"][name]["hierarchy"],
        )
        for name in QUASI_IDENTIFIERS
    ]


@pytest.fixture(scope="session")
def domains(hierarchies):
    return dict(zip(QUASI_IDENTIFIERS, hierarchies, strict=True))


@pytest.fixture(scope="session")
def records(original, hierarchies) -> np.ndarray:
    leaves = [encode_leaves(original[tree.attribute], tree) for tree in hierarchies]
    return np.stack(leaves, axis=1)


def read_numbers(name: str) -> pd.DataFrame:
    """Read published numbers; values stay as they are printed."""
    return paper.read_numbers(PROJECT / f"config/paper/{name}.csv")
