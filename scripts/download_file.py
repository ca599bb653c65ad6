"""Find or download a file beside the dataset: a hierarchy, or a table anonymized elsewhere."""

from collections.abc import Mapping, Sequence
from typing import Any

from anonify.datasets.download import DataFile, fetch
from anonify.settings.search import list_search_path
from job import run_job, terminal


def main(
    csv: str,
    description: Mapping[str, Any],
    dataset: str,
    homepage: str,
    search_path: Sequence[str],
) -> None:
    """Write the file as it was found."""
    file = DataFile(
        name=description["file"],
        dataset=dataset,
        sha256=description.get("sha256"),
        sources=description.get("sources", ()),
        homepage=homepage,
    )
    fetch(file, list_search_path(search_path), csv, terminal())


if __name__ == "__main__":
    run_job(main, snakemake)
