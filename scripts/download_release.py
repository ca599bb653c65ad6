"""Find or download a table that was anonymized elsewhere."""

from collections.abc import Mapping, Sequence
from typing import Any

from anonify.download import DataFile, fetch
from anonify.search import list_search_path
from anonify_job import run_job, terminal


def main(
    csv: str, release: Mapping[str, Any], dataset: str, homepage: str, search_path: Sequence[str]
) -> None:
    """Write the table as it was released."""
    file = DataFile(
        name=release["file"],
        dataset=dataset,
        sha256=release.get("sha256"),
        sources=release.get("sources", ()),
        homepage=homepage,
    )
    fetch(file, list_search_path(search_path), csv, terminal())


if __name__ == "__main__":
    run_job(main, snakemake)
