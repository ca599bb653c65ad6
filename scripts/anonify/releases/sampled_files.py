"""Anonymized tables that do not fit in memory: sampled from file to file."""

from pathlib import Path

import numpy as np
import pandas as pd

from anonify.base.values import PERSON, SUPPRESSED
from anonify.engines.choice import Limits
from anonify.engines.database import open_database
from anonify.engines.recoding import DELETED, select_people, select_sample
from anonify.releases.sampling import count_deletions
from anonify.tables.classes import count_classes
from anonify.tables.counts import count_records
from anonify.tables.metadata import write_metadata
from anonify.tables.provenance import Provenance
from anonify.tables.storage import count_table, describe_table, read_labels


def sample_file(
    release: str | Path,
    sample: str | Path,
    deletion: int,
    unit: str,
    key: str,
    limits: Limits,
    provenance: Provenance,
) -> None:
    """Draw a stratified sample of an anonymized table that stays in its file.

    Parameters
    ----------
    deletion : per cent of each class that is deleted.
    unit : ``person`` deletes people with all their records, where some have several.
    key : of the draw, as :func:`anonify.releases.sampling.sample`.
    provenance : of the sample.
    """
    about = describe_table(release)
    names = about.quasi_identifiers
    counted = count_table(release, [*names, SUPPRESSED, PERSON]).frame
    columns = [column.name for column in about.columns]
    columns += [name for name in (PERSON, SUPPRESSED) if name in counted]
    classes = count_classes(counted, names)
    by_people = unit == "person" and PERSON in counted
    with open_database(limits) as database:
        database.name_file("release", release)
        if by_people:
            homes = pd.Series(classes.members).groupby(counted[PERSON].to_numpy()).min()
            deleted = count_deletions(np.bincount(homes), deletion)
            people = pd.DataFrame({PERSON: homes.index, "home": homes, "deleted": deleted[homes]})
            database.name_frame("homes", people.assign(number=np.arange(len(people))))
            statement = select_people(columns, "release", key)
        else:
            deleted = count_deletions(classes.records, deletion)
            found = classes.tuples.assign(**{SUPPRESSED: classes.is_suppressed, DELETED: deleted})
            database.name_frame("deletions", found)
            statement = select_sample(columns, names, "release", key)
        metadata = write_metadata(about.columns, provenance, read_labels(release))
        database.write_parquet(statement, sample, metadata, count_records(counted))
