"""What benchmarks need: tables of any size, growth exponents, and the NCP of foreign tables."""

import json
import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pandas as pd

from anonify.base.places import SCRIPTS
from anonify.domains.domain import find_shown
from anonify.domains.files import write_domain
from anonify.domains.hierarchy import Hierarchy, hierarchy_from_rows
from anonify.methods import METHODS

SENSITIVE = "sensitive"
LEAVES, FAN_OUT = 64, 4
SUPPRESSION_LIMIT = 5.0

PEERS = ("anjana", "anonypy")


@dataclass(frozen=True)
class Candidate:
    """A method of a library that is measured, and the interpreter that has the library."""

    library: str
    method: str
    python: str

    @property
    def name(self) -> str:
        return self.method if self.library == "anonify" else self.library


def list_candidates(peers_python: str) -> list[Candidate]:
    """List our methods, and those of the peers where their environment is there."""
    ours = [Candidate("anonify", method, sys.executable) for method in METHODS]
    if not Path(peers_python).exists():
        return ours
    return [*ours, *(Candidate(peer, "k_anonymity", peers_python) for peer in PEERS)]


def make_table(records: int, attributes: int, generator: np.random.Generator) -> pd.DataFrame:
    """Draw a table of text: quasi-identifiers ``q1`` … and a sensitive attribute.

    Each quasi-identifier has 64 values, low ones more frequent: the square of a uniform number.
    """
    drawn = (LEAVES * generator.random((records, attributes)) ** 2).astype(int)
    names = [f"q{number}" for number in range(1, attributes + 1)]
    labels = np.array([f"v{value:02}" for value in range(LEAVES)], dtype=object)
    table = pd.DataFrame(labels[drawn], columns=names)
    return table.assign(**{SENSITIVE: generator.choice(["a", "b", "c"], records)})


def make_hierarchy(attribute: str) -> Hierarchy:
    """Build the hierarchy of an attribute of :func:`make_table`: 64, 16, 4 and 1 nodes."""
    rows = []
    for value in range(LEAVES):
        levels = [f"v{value:02}", f"w{value // FAN_OUT:02}", f"x{value // FAN_OUT**2}", "*"]
        rows.append(levels)
    return hierarchy_from_rows(attribute, rows)


def run_candidate(
    candidate: Candidate,
    table: pd.DataFrame,
    hierarchies: Mapping[str, Hierarchy],
    k: int,
    limit: float,
    *,
    keep_release: bool,
    cpu_limit: int | None = None,
    memory_limit: int | None = None,
) -> tuple[dict[str, Any] | None, pd.DataFrame | None]:
    """Anonymize a table in a process of its own.

    Parameters
    ----------
    limit : seconds after which the process is given up.
    cpu_limit, memory_limit : CPU seconds and bytes of data beyond which it stops by itself; its
        ``note`` says so, and it has measured nothing. None for no limit.

    Returns
    -------
    What the process measured, None where it was given up or failed; and the release.
    """
    worker = SCRIPTS / "benchmark_worker.py"
    with TemporaryDirectory() as folder:
        place = Path(folder)
        table.to_csv(place / "table.csv", index=False)
        for number, hierarchy in enumerate(hierarchies.values()):
            write_domain(hierarchy, place / f"{number}.csv")
        release = place / "release.csv"
        task = {
            "library": candidate.library,
            "method": candidate.method,
            "k": k,
            "table": str(place / "table.csv"),
            "hierarchies": {
                name: str(place / f"{number}.csv") for number, name in enumerate(hierarchies)
            },
            "suppression_limit": SUPPRESSION_LIMIT,
            "release": str(release) if keep_release else None,
            "cpu_limit": cpu_limit,
            "memory_limit": memory_limit,
        }
        (place / "task.json").write_text(json.dumps(task))
        command = [candidate.python, str(worker), str(place / "task.json"), str(place / "result")]
        try:
            subprocess.run(command, check=True, timeout=limit, capture_output=True)
        except (subprocess.TimeoutExpired, subprocess.CalledProcessError):
            return None, None
        measured: dict[str, Any] = json.loads((place / "result").read_text())
        if not keep_release:
            return measured, None
        return measured, pd.read_csv(release, dtype="str", keep_default_na=False)


def measure_foreign_release(
    release: pd.DataFrame, hierarchies: Mapping[str, Hierarchy], records: int
) -> dict[str, float]:
    """Measure a release of any library by our definitions.

    Parameters
    ----------
    release : frame of text without suppressed records; ``count`` where a row is several records.
    records : of the original table.

    Returns
    -------
    ``achieved_k`` and ``suppressed_records``; ``ncp`` in per cent: 0 for a single value, else the
    values of the hierarchy that the released one covers divided by all; 1 where suppressed. A
    released value may be a node of the hierarchy or a set (:mod:`anonify.domains.sets`), values
    parted by commas, or a range ``low-high``.
    """
    names = list(hierarchies)
    counts = release.get("count", pd.Series(1, index=release.index)).astype(int).to_numpy()
    kept = int(counts.sum())
    sizes = pd.Series(counts).groupby([release[name].to_numpy() for name in names]).sum()
    lost = [
        float(
            release[name].map(_measure_values(release[name].unique().tolist(), tree)).to_numpy()
            @ counts
        )
        for name, tree in hierarchies.items()
    ]
    suppressed = records - kept
    return {
        "achieved_k": int(sizes.min()),
        "suppressed_records": suppressed,
        "ncp": 100 * float(np.mean(lost) + suppressed) / records,
    }


def _measure_values(values: Sequence[str], hierarchy: Hierarchy) -> dict[str, float]:
    leaves = hierarchy.labels[: hierarchy.leaf_count]
    ncp = {}
    for value in values:
        span = re.fullmatch(r"(\d+(?:\.\d+)?)-(\d+(?:\.\d+)?)", value)
        shown = find_shown([value], hierarchy)
        node = shown.find_nodes([value])
        if node[0] >= 0:
            ncp[value] = float(shown.ncp_of(node)[0])
            continue
        if span and not hierarchy.is_over_text:
            covered = sum(float(span[1]) <= float(leaf) <= float(span[2]) for leaf in leaves)
        else:
            covered = len(value.split(","))
        ncp[value] = covered / len(leaves) if covered > 1 else 0.0
    return ncp
