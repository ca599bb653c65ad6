"""Write what is known about the original evaluation, with the evidence."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from anonify.base.files import replacing
from anonify.domains.files import read_domains
from anonify.paper.comparison import read_numbers
from anonify.paper.documents import Evidence, gather_facts, render_document
from anonify.settings.schemas import read_yaml
from anonify.tables.storage import read_csv, read_table
from job import run_job


def main(
    table: str,
    hierarchies: Sequence[str],
    anonymized: str,
    samples: Sequence[str],
    tables: Sequence[str],
    classes: str,
    comparison: str,
    published: str,
    paper: str,
    errata: str,
    reading: str,
    encodings: Mapping[str, Sequence[str]],
    deletions: Sequence[int],
    repeats: int,
    k: int,
    test_share: float,
    split_seed: int,
) -> None:
    """Write the errors of the original evaluation, and how to read its numbers."""
    original = read_table(table)
    evidence = Evidence(
        original=original,
        domains=read_domains(hierarchies, original.quasi_identifiers),
        anonymized=read_table(anonymized).frame,
        samples=[read_table(path).frame for path in samples],
        tables={Path(path).stem: read_csv(path) for path in tables},
        classes=read_csv(classes),
        comparison=read_csv(comparison),
        published=read_numbers(published),
    )
    facts = gather_facts(
        evidence,
        encodings,
        read_yaml(paper)["two_threshold_rule"],
        deletions=deletions,
        repeats=repeats,
        k=k,
        test_share=test_share,
        split_seed=split_seed,
    )
    for name, path in (("errata", errata), ("reading", reading)):
        with replacing(path) as temporary:
            temporary.write_text(render_document(name, facts), encoding="utf-8")


if __name__ == "__main__":
    run_job(main, snakemake)
