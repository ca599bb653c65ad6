"""What benchmarks need: methods and other libraries, each in a process, and tables of any size."""

import json
import re
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pandas as pd

from anonify.base.places import SCRIPTS
from anonify.domains.files import write_domain
from anonify.domains.hierarchy import Hierarchy, hierarchy_from_rows
from anonify.methods import METHODS
from anonify.recoding.tightening import LabelKind

SENSITIVE = "sensitive"
LEAVES, FAN_OUT = 64, 4
SUPPRESSION_LIMIT = 5.0

PEERS = ("anjana", "anonypy")


@dataclass(frozen=True)
class Candidate:
    """A method of a library that is measured, and the interpreter that has the library.

    Parameters
    ----------
    options : of a method of ours, by name.
    labels : what the classes of a method of ours show.
    """

    library: str
    method: str
    python: str
    options: Mapping[str, Any] = field(default_factory=dict)
    labels: LabelKind = "nodes"

    @property
    def name(self) -> str:
        """The method, with what is special about it, or the library; of its second method both.

        >>> Candidate("anonify", "ncp_mondrian", "python", {"polish": True}).name
        'ncp_mondrian, polish'
        >>> Candidate("anonypyx", "Mondrian", "python").name
        'anonypyx'
        >>> Candidate("anonypyx", "MDAV-generic", "python").name
        'anonypyx, MDAV'
        """
        if self.library != "anonify":
            return f"{self.library}, MDAV" if self.method == "MDAV-generic" else self.library
        return ", ".join([self.method, *self.options, *(["sets"] * (self.labels == "sets"))])


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
) -> tuple[dict[str, Any], pd.DataFrame | None]:
    """Anonymize a table in a process of its own.

    Parameters
    ----------
    limit : seconds after which the process is given up.
    cpu_limit, memory_limit : CPU seconds and bytes of data beyond which it stops by itself; its
        ``note`` says so, and it has measured nothing. None for no limit.

    Returns
    -------
    What the process measured, only a ``note`` where it stopped, failed or was given up; and the
    release, None then, too.
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
            "options": dict(candidate.options),
            "labels": candidate.labels,
            "suppression_limit": SUPPRESSION_LIMIT,
            "release": str(release) if keep_release else None,
            "cpu_limit": cpu_limit,
            "memory_limit": memory_limit,
        }
        (place / "task.json").write_text(json.dumps(task))
        command = [candidate.python, str(worker), str(place / "task.json"), str(place / "result")]
        try:
            subprocess.run(command, check=True, timeout=limit, capture_output=True)
        except subprocess.TimeoutExpired:
            return {"note": f"given up after {limit:g} s"}, None
        except subprocess.CalledProcessError as error:
            return {"note": f"failed: {_read_last_line(error.stderr)}"}, None
        measured: dict[str, Any] = json.loads((place / "result").read_text())
        if not keep_release or not release.exists():
            return measured, None
        return measured, pd.read_csv(release, dtype="str", keep_default_na=False)


def _read_last_line(errors: bytes) -> str:
    """Return what a process said in the end, without the module of the mistake's class.

    >>> _read_last_line(b"Traceback\\n  somewhere\\nanonify.base.errors.UserError: too large\\n")
    'UserError: too large'
    """
    last = errors.decode(errors="replace").strip().rpartition("\n")[2]
    return re.sub(r"^(\w+\.)+(?=\w+:)", "", last)
