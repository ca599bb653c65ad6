from collections.abc import Iterator, Sequence
from itertools import count, pairwise
from random import Random
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from hypothesis import strategies as st
from tests.unit.command_line import DESCRIPTION, HIERARCHY, RELEASED, TABLE

from anonify.base.values import MISSING, ROOT
from anonify.domains.domain import Domain
from anonify.domains.hierarchy import Hierarchy, hierarchy_from_rows
from anonify.domains.ranges import Ranges
from anonify.measures.trade_off import RISKS


@pytest.fixture(scope="session")
def hierarchies() -> st.SearchStrategy[Hierarchy]:
    """Random hierarchies of up to 8 leaves.

    Nodes may have a single child or stay the same over several levels, and leaves may lie at
    different depths.
    """
    return st.integers(0, 2**32).map(lambda seed: make_hierarchy(Random(seed), "a"))


@pytest.fixture(scope="session")
def tables() -> st.SearchStrategy[SimpleNamespace]:
    """Random tables: ``records``, ``hierarchies``, and a ``k`` that the table has records for.

    ``by_name`` has the hierarchies as a table's domains travel.
    """
    return st.integers(0, 2**32).map(lambda seed: make_table(Random(seed)))


@pytest.fixture(scope="session")
def mixed_tables() -> st.SearchStrategy[SimpleNamespace]:
    """Random tables with ``domains`` of which at least the first one is ranges; see `tables`."""
    return st.integers(0, 2**32).map(lambda seed: make_mixed_table(Random(seed)))


@pytest.fixture
def trade_off() -> pd.DataFrame:
    """A trade-off of three combinations, of which the first two are on the front."""
    rows = [
        ("arx", 5, 0, 10.0, 10.0, 100, 0, 5, 20.0, 15.0, 20.0, 15.0, True, False),
        ("mondrian", 10, 0, 20.0, 20.0, 96, 4, 10, 10.0, 8.0, 10.0, 8.0, True, False),
        ("mondrian", 10, 50, 20.0, 60.0, 48, 2, 5, 20.0, 12.0, 10.0, 4.0, False, True),
    ]
    columns = ["method", "k", "deletion", "ncp", "loss", "released_records", "suppressed_records"]
    columns += ["smallest_class", "prosecutor_risk_highest", "prosecutor_risk_average"]
    columns += ["journalist_risk_highest", "identified_people"]
    columns += ["is_on_front_prosecutor_highest", "is_chosen"]
    return pd.DataFrame(rows, columns=columns).assign(
        **{risk: 0.0 for risk in RISKS if risk not in columns}
    )


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ANONIFY_DATA", str(tmp_path))
    (tmp_path / "clinic.yaml").write_text(DESCRIPTION)
    (tmp_path / "clinic.csv").write_text(TABLE)
    (tmp_path / "age.csv").write_text(HIERARCHY)
    (tmp_path / "released.csv").write_bytes(RELEASED.encode())
    return tmp_path


def make_hierarchy(random: Random, attribute: str) -> Hierarchy:
    leaves = [f"leaf {number}" for number in range(random.randint(1, 8))]
    names = (f"node {number}" for number in count())
    paths = list_paths(random, leaves, random.randint(1, 4), names)
    return hierarchy_from_rows(attribute, [[*paths[leaf], ROOT] for leaf in leaves])


def make_table(random: Random) -> SimpleNamespace:
    hierarchies = [make_hierarchy(random, name) for name in "abc"[: random.randint(1, 3)]]
    k = random.randint(2, 4)
    records = draw_records(random, hierarchies, k)
    by_name = {tree.attribute: tree for tree in hierarchies}
    return SimpleNamespace(records=records, hierarchies=hierarchies, by_name=by_name, k=k)


def make_mixed_table(random: Random) -> SimpleNamespace:
    domains: list[Domain] = [make_ranges(random, "a")]
    for name in "bc"[: random.randint(0, 2)]:
        domains.append(random.choice([make_ranges, make_hierarchy])(random, name))
    k = random.randint(2, 4)
    records = draw_records(random, domains, k)
    by_name = {domain.attribute: domain for domain in domains}
    return SimpleNamespace(records=records, domains=domains, by_name=by_name, k=k)


def make_ranges(random: Random, attribute: str) -> Ranges:
    numbers = sorted(random.sample(range(-20, 20), random.randint(1, 6)))
    missing = [MISSING] if random.random() < 0.3 else []
    edges: set[int] = set()
    if random.random() < 0.3:
        edges = {numbers[0] - random.randint(0, 3), numbers[-1] + random.randint(1, 3)}
        edges |= {random.randint(min(edges), max(edges)) for _ in range(random.randint(0, 4))}
    return Ranges(attribute, (*map(str, numbers), *missing), (*map(str, sorted(edges)),))


def draw_records(random: Random, domains: Sequence[Domain], k: int) -> np.ndarray:
    # The smaller of two numbers: some values are frequent, others rare.
    records = [
        [
            min(random.randrange(domain.leaf_count), random.randrange(domain.leaf_count))
            for domain in domains
        ]
        for _ in range(random.randint(k, 30))
    ]
    return np.array(records)


def list_paths(
    random: Random, leaves: Sequence[str], levels: int, names: Iterator[str]
) -> dict[str, list[str]]:
    """List for each leaf its label and those of the nodes above it, one for each level."""
    if levels == 1:
        return {leaf: [leaf] for leaf in leaves}
    paths = {}
    cuts = [place for place in range(1, len(leaves)) if random.random() < 0.4]
    for low, high in pairwise([0, *cuts, len(leaves)]):
        part = leaves[low:high]
        if len(part) == 1 and random.random() < 0.5:
            paths[part[0]] = [part[0]] * levels
            continue
        node, repeats = next(names), random.choice([1, 1, levels - 1])
        below = list_paths(random, part, levels - repeats, names)
        paths |= {leaf: [*path, *[node] * repeats] for leaf, path in below.items()}
    return paths
