"""Set every published number beside ours."""

from collections.abc import Sequence

import pandas as pd

from anonify.configuration import read_yaml
from anonify.paper import check_comparable, compare, gather_ours, read_numbers
from anonify.storage import add_step, read_provenance, write_csv
from anonify_job import report, run_job


def main(
    tables: Sequence[str],
    metadata: str,
    published: Sequence[str],
    paper: str,
    comparison: str,
    comparison_metadata: str,
    names: Sequence[str],
    published_names: Sequence[str],
) -> None:
    """Write one row for each published number, unless the data are not the paper's."""
    provenance = read_provenance(metadata)
    check_comparable(provenance, read_yaml(paper)["sha256"])
    numbers = {
        name: read_numbers(path) for name, path in zip(published_names, published, strict=True)
    }
    ours = gather_ours({name: pd.read_csv(path) for name, path in zip(names, tables, strict=True)})
    rows = compare(numbers, ours)
    step = add_step(provenance, "compare with the paper")
    write_csv(rows, comparison, comparison_metadata, step)
    report(f"{int(rows['equal'].sum())} of {len(rows)} published numbers are equal as printed")


if __name__ == "__main__":
    run_job(main, snakemake)
