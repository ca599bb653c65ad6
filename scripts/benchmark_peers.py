"""Which methods and libraries there are to be measured."""

import subprocess
from pathlib import Path

from anonify.benchmarks.candidates import PEERS, Candidate, list_candidates
from job import tell


def list_installed(peers_python: str) -> list[Candidate]:
    """List our methods and the peers that are installed, and report which are not."""
    missing = [peer for peer in PEERS if not is_installed(peer, peers_python)]
    for peer in missing:
        tell(
            f"{peer} is left out: {peers_python} does not have it; `make bench` installs it, "
            "anjana only with PEERS_PYTHON older than Python 3.13"
        )
    return [each for each in list_candidates(peers_python) if each.library not in missing]


def is_installed(library: str, python: str) -> bool:
    """Tell whether an interpreter is there and can import a library."""
    if not Path(python).exists():
        return False
    run = subprocess.run([python, "-c", f"import {library}"], capture_output=True)
    return run.returncode == 0
