"""Set every published number beside ours and judge it."""

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from anonify.base.files import replacing
from anonify.paper.comparison import (
    check_comparable,
    count_judgements,
    gather_runs,
    judge_numbers,
    read_numbers,
)
from anonify.paper.documents import describe_comparison
from anonify.settings.schemas import read_yaml
from anonify.tables.provenance import add_step, read_provenance
from anonify.tables.storage import read_csv, read_table, write_csv
from job import run_job, tell


def main(
    tables: Sequence[str],
    metadata: str,
    anonymizations: Sequence[str],
    samples: str,
    classifiers: Sequence[str],
    published: Sequence[str],
    paper: str,
    comparison: str,
    comparison_metadata: str,
    text: str,
) -> None:
    """Write one row for each published number, and the same for people; not for other data."""
    provenance = read_provenance(metadata)
    about = read_yaml(paper)
    check_comparable(provenance, about["sha256"])
    repeated = {
        "info_loss": _read_all(anonymizations),
        "distributions": _read_all([samples]),
        "classifiers": _read_all(classifiers),
    }
    runs = gather_runs({Path(path).stem: read_csv(path) for path in tables}, repeated)
    numbers = {Path(path).stem: read_numbers(path) for path in published}
    rows = judge_numbers(numbers, runs, about["reasons"], about["errata"])
    write_csv(rows, comparison, comparison_metadata, add_step(provenance, "compare with the paper"))
    with replacing(text) as temporary:
        temporary.write_text(describe_comparison(rows, about), encoding="utf-8")
    tell(count_judgements(rows).to_string(index=False))


def _read_all(paths: Sequence[str]) -> pd.DataFrame:
    return pd.concat([read_table(path).frame for path in paths], ignore_index=True)


if __name__ == "__main__":
    run_job(main, snakemake)
