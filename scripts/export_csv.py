"""Write an anonymized or sampled table as CSV."""

from anonify.releases.handout import Suppressed, find_promise, prepare_handout, write_release_csv
from anonify.tables.counts import select_rows
from anonify.tables.storage import read_table
from job import run_job, tell


def main(table: str, csv: str, suppressed: Suppressed, escapes_formulas: bool) -> None:
    """Write the records as they are released, without the marks of suppressed ones and people."""
    released = read_table(table)
    promise = find_promise(released.provenance)
    rows, names = select_rows(released.frame), released.quasi_identifiers
    handout = prepare_handout(rows, released.frame, names, promise, suppressed)
    write_release_csv(handout, csv, escapes_formulas, released.columns)
    tell(f"{csv}: {handout}")


if __name__ == "__main__":
    run_job(main, snakemake)
