"""Measure the speed of the library, next to plain versions of the same computation.

Times are CPU seconds of one process. Where there is a plain version, both are measured in this
run, one after the other, so that their ratio does not depend on the machine.
"""

import time
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pandas as pd

from anonify.base.files import replacing
from anonify.base.seeding import Seed, make_generator, make_key
from anonify.domains.domain import Domains, encode_records
from anonify.domains.files import read_domains
from anonify.measures.information_loss import mean_ncp, measure_ncp
from anonify.methods import get_anonymizer
from anonify.releases.recode import release_records
from anonify.releases.sampling import sample
from anonify.tables.classes import count_classes
from anonify.tables.storage import read_table
from anonify.verification.sets import Sets
from job import run_job, tell

DELETION = 50


def main(
    table: str,
    hierarchies: Sequence[str],
    out: str,
    methods: Sequence[str],
    k_values: Sequence[int],
    seed: Seed,
) -> None:
    """Write one row for each task: CPU seconds of ours, of the plain version, and their ratio."""
    data = read_table(table)
    names = data.quasi_identifiers
    domains = read_domains(hierarchies, names)
    records = encode_records(data.frame, domains)
    rows, releases = [], []
    for method in methods:
        for k in k_values:
            # Not by `anonymize_table`: the CPU seconds are those of the method alone.
            generator = make_generator(seed, "benchmark", method, k)
            recoding, seconds = _measure(
                get_anonymizer(method), records, list(domains.values()), k, generator
            )
            rows.append({"task": f"anonymize {method}", "k": k, "seconds": seconds})
            releases.append(release_records(data.frame, domains, recoding))
            tell(f"{method}, k = {k}: {seconds:.2f} s")

    members = count_classes(releases[0], names).members
    generator = make_generator(seed, "benchmark", "sample")
    key = make_key(seed, "benchmark", "sample")
    _, ours = _measure(lambda: releases[0].iloc[sample(members, DELETION, key)])
    _, plain = _measure(_sample_plainly, releases[0], names, generator)
    rows.append({"task": "one sample", "seconds": ours, "plain_seconds": plain})

    loss, ours = _measure(lambda: [mean_ncp(measure_ncp(release, domains)) for release in releases])
    again, plain = _measure(
        lambda: [_measure_ncp_plainly(release, domains) for release in releases]
    )
    if not np.allclose(loss, again):
        raise ValueError("the plain version of the NCP gives other values")
    rows.append({"task": f"NCP of {len(releases)} tables", "seconds": ours, "plain_seconds": plain})
    result = pd.DataFrame(rows)
    result["ratio"] = result["plain_seconds"] / result["seconds"]
    with replacing(out) as temporary:
        result.to_csv(temporary, index=False, float_format="%.4g")


def _measure(function: Callable[..., Any], *arguments: Any) -> tuple[Any, float]:
    start = time.process_time()
    result = function(*arguments)
    return result, time.process_time() - start


def _sample_plainly(
    release: pd.DataFrame, names: list[str], generator: np.random.Generator
) -> pd.DataFrame:
    dropped: list[int] = []
    for _, group in release.groupby(names, observed=True):
        count = int(np.ceil(DELETION / 100 * len(group)))
        dropped.extend(generator.choice(group.index.to_numpy(), count, replace=False))
    return release.drop(dropped)


def _measure_ncp_plainly(release: pd.DataFrame, domains: Domains) -> float:
    total = 0.0
    for name, domain in domains.items():
        penalty = dict(zip(domain.labels, domain.ncp.tolist(), strict=True))
        rows = {row[0]: row for row in domain.rows.tolist()}
        sets = Sets(rows)
        for label in release[name]:
            if label not in penalty:
                members = sets.read(label)
                covered = sum(not members.isdisjoint(row) for row in rows.values())
                penalty[label] = covered / len(rows)
            total += penalty[label]
    return 100 * total / len(release) / len(domains)


if __name__ == "__main__":
    run_job(main, snakemake)
