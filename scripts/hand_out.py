"""Write the chosen table as it may be handed out, with its description."""

import shutil
from collections.abc import Sequence
from pathlib import Path

from anonify.base.files import write_json
from anonify.domains.files import read_domains
from anonify.releases.description import describe_handout
from anonify.releases.handout import Suppressed, find_promise, prepare_handout
from anonify.releases.writing import (
    ENDINGS,
    read_sorted_parts,
    write_release_csv,
    write_release_folder,
    write_release_parquet,
)
from anonify.tables.provenance import is_confidential
from anonify.tables.storage import describe_table, read_rows
from job import run_job, tell


def main(
    table: str,
    hierarchies: Sequence[str],
    beside: Sequence[str],
    release: str,
    description: str,
    suppressed: Suppressed,
    escapes_formulas: bool,
    records: int | None,
) -> None:
    """Write the records as CSV or Parquet, as the name says, and what their columns are.

    ``release`` is a file, or a folder of files with so many ``records`` each. If there is no chosen
    release that it is written ``beside``, it replaces what was written in another format.
    """
    released = describe_table(table)
    names = released.quasi_identifiers
    promise = find_promise(released.provenance)
    handout = prepare_handout(read_rows(table), released.frame, names, promise, suppressed)
    described = describe_handout(
        handout,
        release,
        released.provenance["dataset"]["title"],
        released.columns,
        read_domains(hierarchies, names),
        promise,
        is_confidential(released.provenance),
    )
    parts = read_sorted_parts(table)
    if records:
        sizes = write_release_folder(
            handout, release, records, escapes_formulas, released.columns, parts
        )
        described["url"] += "/"
        described["parts"] = [
            {"url": f"{described['url']}{name}", "records": size} for name, size in sizes.items()
        ]
    elif Path(release).suffix == ".parquet":
        write_release_parquet(handout, release, escapes_formulas, parts)
    else:
        write_release_csv(handout, release, escapes_formulas, released.columns, parts)
    write_json(described, description)
    if not beside:
        _remove_others(Path(release))
    tell(f"{release}: {handout}")


def _remove_others(release: Path) -> None:
    for ending in ENDINGS:
        other = release.with_suffix(ending)
        if other != release:
            shutil.rmtree(other) if other.is_dir() else other.unlink(missing_ok=True)
            Path(f"{other}-metadata.json").unlink(missing_ok=True)


if __name__ == "__main__":
    run_job(main, snakemake)
