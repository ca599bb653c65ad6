"""Write an anonymized or sampled table as the CSV to be handed out."""

from anonify.releases.handout import Suppressed, prepare_handout, write_release_csv
from anonify.tables.storage import read_table
from job import run_job, tell


def main(table: str, csv: str, suppressed: Suppressed, escapes_formulas: bool) -> None:
    """Write the records as they are released, without the marks of suppressed ones and people."""
    released = read_table(table)
    *_, made = (step for step in released.provenance["steps"] if "k" in step)
    is_sample = released.provenance["steps"][-1]["step"] == "sample"
    handout = prepare_handout(
        released.frame,
        released.quasi_identifiers,
        made["k"],
        # The classes of a sample are another matter: it is deletion that protects there.
        () if is_sample else made.get("requirements", ()),
        suppressed,
    )
    write_release_csv(handout, csv, escapes_formulas)
    tell(f"{csv}: {handout}")


if __name__ == "__main__":
    run_job(main, snakemake)
