"""Write an anonymized or sampled table as CSV."""

from anonify.releases.handout import Suppressed, find_promise, prepare_handout
from anonify.releases.writing import read_sorted_parts, write_release_csv
from anonify.tables.storage import describe_table, read_rows
from job import run_job, tell


def main(table: str, csv: str, suppressed: Suppressed, escapes_formulas: bool) -> None:
    """Write the records as they are released, without the marks of suppressed ones and people."""
    released = describe_table(table)
    names, promise = released.quasi_identifiers, find_promise(released.provenance)
    handout = prepare_handout(read_rows(table), released.frame, names, promise, suppressed)
    write_release_csv(handout, csv, escapes_formulas, released.columns, read_sorted_parts(table))
    tell(f"{csv}: {handout}")


if __name__ == "__main__":
    run_job(main, snakemake)
