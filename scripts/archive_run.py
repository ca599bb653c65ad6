"""Archive a run as one citable file."""

import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from anonify.base.folders import temporary_folder
from anonify.base.places import LIBRARY
from anonify.report.archive import Run, write_archive
from anonify.settings.schemas import read_yaml
from anonify.tables.provenance import is_confidential, read_provenance
from job import run_job, tell


def main(
    workflow: Sequence[str],
    description: str,
    tables: Sequence[str],
    figures: Sequence[str],
    pages: Sequence[str],
    comparison: Sequence[str],
    texts: Sequence[str],
    record: str,
    metadata: str,
    citation: str,
    archive: str,
    configuration: Mapping[str, Any],
    homepage: str | None,
    snakemake_version: str,
) -> None:
    """Write a ZIP with the workflow, its configuration, tables, figures and pages."""
    base = Path(citation).parent
    code = {_find_place(Path(path), base): Path(path) for path in workflow}
    # The description that was used, which may be the user's own.
    described = f"config/datasets/{Path(description).name}"
    code[described] = Path(description)
    results = {path: Path(path) for path in [*tables, *figures, *pages, *comparison, *texts]}
    run = Run(
        configuration=configuration,
        provenance=read_provenance(metadata),
        homepage=homepage,
        # The dataset is the first file that a run makes.
        started=Path(record).stat().st_mtime,
        ended=max(file.stat().st_mtime for file in results.values()),
        snakemake=snakemake_version,
    )
    with temporary_folder() as folder:
        if is_confidential(run.provenance):
            code[described] = leave_out_hash(description, folder)
        write_archive(archive, code, results, run, read_yaml(citation))
    # What is really in it, for whoever hands it out.
    with zipfile.ZipFile(archive) as file:
        names = sorted(file.namelist())
    size = Path(archive).stat().st_size / 1e6
    tell("\n".join([f"{archive}: {len(names)} files, {size:.1f} MB", *(f"  {n}" for n in names)]))


def leave_out_hash(description: str, folder: Path) -> Path:
    """Write a description without the hash of its table, which tells whether a guess is right."""
    content = {key: value for key, value in read_yaml(description).items() if key != "sha256"}
    path = folder / Path(description).name
    path.write_text(yaml.safe_dump(content, sort_keys=False, allow_unicode=True), encoding="utf-8")
    return path


def _find_place(path: Path, base: Path) -> str:
    """Return where a file of the workflow lies in the archive, as in a checkout."""
    is_workflow = path.is_relative_to(base)
    place = path.relative_to(base) if is_workflow else "scripts" / path.relative_to(LIBRARY.parent)
    return place.as_posix()


if __name__ == "__main__":
    run_job(main, snakemake)
