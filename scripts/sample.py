"""Draw all samples of one deletion."""

from collections.abc import Sequence

from anonify.base.seeding import Seed, make_key
from anonify.base.values import PERSON
from anonify.engines.choice import Wanted
from anonify.releases.sampled_files import sample_file
from anonify.releases.sampling import check_small_classes, sample, sample_people
from anonify.tables.classes import count_classes
from anonify.tables.columns import MARKS
from anonify.tables.provenance import add_step
from anonify.tables.storage import Table, count_table, describe_table, read_table, write_table
from job import note, run_job, tell, tell_engine


def main(
    release: str,
    samples: Sequence[str],
    method: str,
    k: int | str,
    deletion: int | str,
    unit: str,
    least: int,
    seed: Seed,
    engine: Wanted,
) -> None:
    """Write one sample for each path, its records in the order of the table.

    ``least``: people that a class needs to stay in a sample.
    """
    about = describe_table(release)
    names, deletion = about.quasi_identifiers, int(deletion)
    is_out_of_core = engine.is_out_of_core(release)
    if is_out_of_core:
        tell_engine(engine, release)
    else:
        table = read_table(release)
        members = count_classes(table.frame, names).members
    for repeat, path in enumerate(samples, start=1):
        key = make_key(seed, "sample", method, k, deletion, repeat)
        step = add_step(about.provenance, "sample", deletion=deletion, repeat=repeat, seed=seed)
        if is_out_of_core:
            sample_file(release, path, deletion, unit, key, engine.limits, step)
        else:
            if unit == "person" and PERSON in table.frame:
                stays = sample_people(members, table.frame[PERSON].to_numpy(), deletion, key)
            else:
                stays = sample(members, deletion, key)
            kept = table.frame.iloc[stays].reset_index(drop=True)
            write_table(Table(kept, table.columns, step), path)
        classes = count_classes(count_table(path, [*names, *MARKS]).frame, names)
        told = check_small_classes(classes.sizes[~classes.is_suppressed], least, path)
        if told:
            # One sample stands for all.
            (tell if repeat == 1 else note)(told)
    note(f"{len(samples)} samples of {classes.records.sum()} records, {deletion} % deleted")


if __name__ == "__main__":
    run_job(main, snakemake)
