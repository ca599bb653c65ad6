"""Write an anonymized or sampled table as the CSV to be handed out."""

from anonify.base.values import SUPPRESSED
from anonify.releases.handout import write_release_csv
from anonify.tables.storage import read_table
from job import run_job


def main(table: str, csv: str) -> None:
    """Write the records as they are released, without the mark of the suppressed ones."""
    write_release_csv(read_table(table).frame.drop(columns=SUPPRESSED), csv)


if __name__ == "__main__":
    run_job(main, snakemake)
