"""A run as one file to archive and cite: workflow, configuration, results and how they came about.

Source: RO-Crate Metadata Specification 1.1; Workflow Run Crate 0.5
(https://w3id.org/ro/wfrun/workflow/0.5).
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path, PurePosixPath
from typing import Any

import yaml
from rocrate.model.contextentity import ContextEntity
from rocrate.rocrate import ROCrate

from anonify.base.files import replacing
from anonify.tables.provenance import Provenance, is_confidential, is_synthetic

PROFILES = {
    "https://w3id.org/ro/wfrun/process/0.5": "Process Run Crate",
    "https://w3id.org/ro/wfrun/workflow/0.5": "Workflow Run Crate",
    "https://w3id.org/workflowhub/workflow-ro-crate/1.0": "Workflow RO-Crate",
}
FORMATS = {
    ".cff": "application/yaml",
    ".css": "text/css",
    ".csv": "text/csv",
    ".html": "text/html",
    ".ipynb": "application/x-ipynb+json",
    ".json": "application/json",
    ".md": "text/markdown",
    ".pdf": "application/pdf",
    ".png": "image/png",
    ".py": "text/x-python",
    ".svg": "image/svg+xml",
    ".toml": "application/toml",
    ".yaml": "application/yaml",
}
CONFIGURATION = "configuration.yaml"

# Says where data lie on one machine.
LOCAL_KEYS = ("search_path",)


@dataclass(frozen=True)
class Run:
    """What is known about a run besides its files.

    Parameters
    ----------
    configuration : all keys and values, as in config/config.yaml.
    provenance : of one of the tables: the dataset, and the versions that were used.
    homepage : where a person finds the dataset, if it is known.
    started, ended : seconds since 1970.
    snakemake : its version.
    """

    configuration: Mapping[str, Any]
    provenance: Provenance
    homepage: str | None
    started: float
    ended: float
    snakemake: str


def write_archive(
    path: str | Path,
    workflow: Mapping[str, Path],
    results: Mapping[str, Path],
    run: Run,
    citation: Mapping[str, Any],
) -> None:
    """Write a ZIP that is a Workflow Run Crate; the dataset is described and not part of it.

    Unzipped, it is a folder in which the same run can be started.

    Parameters
    ----------
    workflow, results : files by their place in the archive; the workflow has a ``Snakefile``.
    citation : content of the CITATION.cff.
    """
    crate = ROCrate(version="1.1")
    crate.metadata.extra_terms["sha256"] = "http://schema.org/sha256"
    authors = _add_authors(crate, citation)
    licence = _add_licence(crate, citation)
    main = _add_workflow(crate, workflow["Snakefile"], run, citation)
    main["author"], main["license"] = authors, licence
    for place, file in workflow.items():
        if place != "Snakefile":
            _add_file(crate, place, file)
    action = _add_action(crate, main, results, run)
    _describe_root(crate, action, run, citation)
    crate.root_dataset["author"], crate.root_dataset["license"] = authors, licence
    with replacing(path) as temporary:
        crate.write_zip(temporary)


def _describe_root(crate: Any, action: Any, run: Run, citation: Mapping[str, Any]) -> None:
    root = crate.root_dataset
    title = _name_dataset(run.provenance)
    root["name"] = f"{citation['title']}: {title}"
    root["description"] = (
        f"Tables and figures of the dataset {title}, the workflow that made them and its "
        f"configuration. The dataset itself is not included{_say_hash(run.provenance)}. To run it "
        f"again, unzip and call: snakemake all --configfile {CONFIGURATION}"
    )
    if is_synthetic(run.provenance):
        root["description"] += (
            ". Made from the synthetic stand-in: none of the numbers means anything"
        )
    root["datePublished"] = _format_time(run.ended)
    if "keywords" in citation:
        root["keywords"] = ", ".join(citation["keywords"])
    root["mentions"] = action
    root["conformsTo"] = [
        _add(crate, identifier, "CreativeWork", name=name, version=identifier.rpartition("/")[2])
        for identifier, name in PROFILES.items()
    ]
    root["citation"] = _unwrap(
        _add(
            crate,
            f"https://doi.org/{work['doi']}",
            "ScholarlyArticle",
            name=work["title"],
            datePublished=str(work["year"]),
        )
        for work in citation.get("references", [])
        if "doi" in work
    )


def _add_authors(crate: Any, citation: Mapping[str, Any]) -> Any:
    """Add the authors of the software, people and groups."""
    added = []
    for number, author in enumerate(citation["authors"], start=1):
        person = " ".join(author[key] for key in ("given-names", "family-names") if key in author)
        identifier = author.get("orcid", f"#author{number}")
        kind = "Person" if person else "Organization"
        entity = _add(crate, identifier, kind, name=person or author["name"])
        if "website" in author:
            entity["url"] = author["website"]
        added.append(entity)
    return _unwrap(added)


def _add_licence(crate: Any, citation: Mapping[str, Any]) -> Any:
    name = citation["license"]
    return _add(
        crate,
        f"https://spdx.org/licenses/{name}",
        "CreativeWork",
        name=name,
        description=f"SPDX licence {name}; it covers the software, not the dataset",
    )


def _add_workflow(crate: Any, file: Path, run: Run, citation: Mapping[str, Any]) -> Any:
    versions = run.provenance["versions"]
    main = crate.add_workflow(
        file, "Snakefile", main=True, lang="snakemake", lang_version=run.snakemake
    )
    profile = "https://bioschemas.org/profiles/ComputationalWorkflow/1.0-RELEASE"
    main["conformsTo"] = _add(crate, profile, "CreativeWork", name="ComputationalWorkflow profile")
    main["name"] = citation["title"]
    main["version"] = versions["anonify"]
    main["encodingFormat"] = "text/plain"
    main["sha256"] = _hash(file.read_bytes())
    if "repository-code" in citation:
        main["url"] = citation["repository-code"]
    packages = {**versions, "snakemake": run.snakemake}
    main["softwareRequirements"] = [
        _add(crate, _name_package(name, version), "SoftwareApplication", name=name, version=version)
        for name, version in packages.items()
        if name != "anonify"
    ]
    return main


def _name_package(package: str, version: str) -> str:
    """Return the package URL (purl, ECMA-427) of a release."""
    kind = "generic" if package == "python" else "pypi"
    return f"pkg:{kind}/{package}@{version}"


def _add_action(crate: Any, main: Any, results: Mapping[str, Path], run: Run) -> Any:
    """Add the run: what was run, on what, with which results, and when."""
    # What is on the homepage is not the stand-in.
    homepage = None if is_synthetic(run.provenance) else run.homepage
    dataset = _add(
        crate,
        homepage or "#dataset",
        "CreativeWork",
        name=_name_dataset(run.provenance),
        description="The raw dataset, which is not part of this archive",
    )
    if not is_confidential(run.provenance):
        dataset["sha256"] = run.provenance["dataset"]["sha256"]
    if homepage:
        dataset["url"] = homepage
    kept = {key: value for key, value in run.configuration.items() if key not in LOCAL_KEYS}
    text = yaml.safe_dump(kept, sort_keys=False, allow_unicode=True)
    configuration = crate.add_file(
        StringIO(text),
        CONFIGURATION,
        properties=_describe_file(CONFIGURATION, text.encode(), "Configuration of the run"),
    )
    return crate.add_action(
        main,
        "#run",
        object=[dataset, configuration],
        result=[_add_file(crate, place, file) for place, file in results.items()],
        properties={
            "name": f"Run on {_name_dataset(run.provenance)}",
            "description": "All jobs from the raw dataset to the last table or figure",
            "startTime": _format_time(run.started),
            "endTime": _format_time(run.ended),
            "actionStatus": "http://schema.org/CompletedActionStatus",
        },
    )


def _add_file(crate: Any, place: str, file: Path) -> Any:
    properties = _describe_file(place, file.read_bytes(), place)
    if place == "README.md":
        properties["about"] = {"@id": "./"}
    return crate.add_file(file, place, properties=properties)


def _describe_file(place: str, content: bytes, name: str) -> dict[str, Any]:
    return {
        "name": name,
        "encodingFormat": FORMATS.get(PurePosixPath(place).suffix, "text/plain"),
        "contentSize": str(len(content)),
        "sha256": _hash(content),
    }


def _add(crate: Any, identifier: str, kind: str, **properties: Any) -> Any:
    return crate.add(ContextEntity(crate, identifier, {"@type": kind, **properties}))


def _unwrap(entities: Iterable[Any]) -> Any:
    """Return a single entity as it is, several as a list: so RO-Crate wants it."""
    entities = list(entities)
    return entities[0] if len(entities) == 1 else entities


def _name_dataset(provenance: Provenance) -> str:
    title = str(provenance["dataset"]["title"])
    return f"{title} (synthetic stand-in)" if is_synthetic(provenance) else title


def _say_hash(provenance: Provenance) -> str:
    # The hash of a confidential table would tell who guesses the table that it is right.
    return "" if is_confidential(provenance) else "; it is known by its SHA-256"


def _format_time(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds")


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
