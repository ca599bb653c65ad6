"""Write the report: one page with summary, figures, tables, readings and provenance."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from anonify.base.files import replacing
from anonify.base.words import count
from anonify.disclosure.hashes import describe_dataset
from anonify.report.origin import read_times
from anonify.report.page import Outline, Results, write_page
from anonify.report.tables import sum_times
from anonify.tables.provenance import Provenance, is_confidential, read_provenance
from anonify.tables.storage import read_csv
from job import run_job, tell


def main(
    tables: Sequence[str],
    metadata: Sequence[str],
    figures: Sequence[str],
    narrow: Sequence[str],
    record: str,
    verdict: str,
    captions: Sequence[str],
    comparison: Sequence[str],
    texts: Sequence[str],
    page: str,
    parts: Sequence[Mapping[str, Any]],
    sections: Mapping[str, str],
    configuration: Mapping[str, Any],
    distributions: Mapping[str, Mapping[str, Any]],
    paper: Mapping[str, str],
    readings: Sequence[str],
    is_paper_configuration: bool,
    benchmarks: str,
    benchmark_patterns: Mapping[str, str],
) -> None:
    """Write the page; all of it but commit and run times follows from inputs and params."""
    provenances = {
        Path(path).stem: read_provenance(notes)
        for path, notes in zip(tables, metadata, strict=True)
    }
    judged = json.loads(Path(verdict).read_text())
    results = Results(
        dataset=describe_origin(record, judged["provenance"]),
        tables={Path(path).stem: read_csv(path) for path in tables},
        provenances=provenances,
        figures=read_figures(figures),
        narrow=read_figures(narrow),
        captions=read_texts(captions),
        verdict=judged,
        comparison=next((pd.read_csv(c, dtype={"published": "str"}) for c in comparison), None),
        texts=read_texts(texts),
        times=sum_times(read_times(benchmarks), benchmark_patterns),
    )
    outline = Outline(
        parts,
        sections,
        configuration,
        distributions,
        paper,
        readings,
        is_paper_configuration,
    )
    text = write_page(results, outline)
    with replacing(page) as temporary:
        temporary.write_text(text, encoding="utf-8")
    tell(f"{page}: {count(len(figures), 'figure')}, {len(text) / 1e6:.1f} MB")


def describe_origin(record: str, provenance: Provenance) -> dict[str, Any]:
    """Return what the page may say of the dataset, and where its file was found."""
    about = json.loads(Path(record).read_text())
    described = describe_dataset(about, record, is_confidential(provenance))
    return {**described, "origin": about["origin"]}


def read_figures(paths: Sequence[str]) -> dict[str, bytes]:
    """Read figures by the names of their files."""
    return {Path(path).stem: Path(path).read_bytes() for path in paths}


def read_texts(paths: Sequence[str]) -> dict[str, str]:
    """Read texts as they are written, by the names of their files."""
    return {Path(path).stem: Path(path).read_text(encoding="utf-8") for path in paths}


if __name__ == "__main__":
    run_job(main, snakemake)
