"""Draw all samples of one deletion."""

from collections.abc import Sequence

from anonify.base.seeding import Seed, make_key
from anonify.base.values import PERSON
from anonify.releases.sampling import check_small_classes, sample, sample_people
from anonify.tables.classes import count_classes
from anonify.tables.provenance import add_step
from anonify.tables.storage import Table, read_table, write_table
from job import note, run_job, tell


def main(
    release: str,
    samples: Sequence[str],
    method: str,
    k: int | str,
    deletion: int | str,
    unit: str,
    least: int,
    seed: Seed,
) -> None:
    """Write one sample for each path, its records in the order of the table.

    ``least``: people that a class needs to stay in a sample.
    """
    table = read_table(release)
    members = count_classes(table.frame, table.quasi_identifiers).members
    for repeat, path in enumerate(samples, start=1):
        key = make_key(seed, "sample", method, k, deletion, repeat)
        if unit == "person" and PERSON in table.frame:
            people = table.frame[PERSON].to_numpy()
            stays = sample_people(members, people, int(deletion), key)
        else:
            stays = sample(members, int(deletion), key)
        kept = table.frame.iloc[stays].reset_index(drop=True)
        classes = count_classes(kept, table.quasi_identifiers)
        told = check_small_classes(classes.sizes[~classes.is_suppressed], least, path)
        if told:
            # One sample stands for all.
            (tell if repeat == 1 else note)(told)
        step = add_step(
            table.provenance, "sample", deletion=int(deletion), repeat=repeat, seed=seed
        )
        write_table(Table(kept, table.columns, step), path)
    note(f"{len(samples)} samples of {len(kept)} records, {deletion} % deleted")


if __name__ == "__main__":
    run_job(main, snakemake)
