"""Find, download or read the dataset; make the synthetic stand-in where there is none."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from anonify.base.files import hash_file, is_parquet, replacing, write_json
from anonify.base.seeding import Seed, make_generator
from anonify.base.words import STAND_IN_BANNER
from anonify.datasets.download import DataFile, Unavailable, fetch
from anonify.datasets.synthetic import synthesize
from anonify.engines.postgresql import Source, copy_source
from anonify.settings.search import list_search_path
from job import run_job, tell, terminal


def main(
    source: str,
    record: str,
    description: Mapping[str, Any],
    lookup: Mapping[str, Any],
    seed: Seed,
) -> None:
    """Write the dataset's file, and beside it a record of what it is and where it came from."""
    is_synthetic = False
    if "database" in description:
        asked = Source.of(description["database"])
        copy_source(asked, source, terminal())
        origin = asked.name
    else:
        origin, is_synthetic = find(source, description, lookup, seed)
    content = {
        "name": description["name"],
        "title": description["title"],
        "sha256": hash_file(origin if Path(origin).is_dir() else source),
        "synthetic": is_synthetic,
        "origin": origin,
        "lookup": lookup,
    }
    write_json(content, record)


def find(
    source: str, description: Mapping[str, Any], lookup: Mapping[str, Any], seed: Seed
) -> tuple[str, bool]:
    """Write the dataset's file; return where it came from, and whether it is the stand-in."""
    file = DataFile(
        name=description["file"],
        dataset=description["name"],
        sha256=description.get("sha256"),
        sources=description.get("sources", ()),
        homepage=description.get("homepage", "whoever has it"),
    )
    try:
        return fetch(file, list_search_path(lookup["search_path"]), source, terminal()), False
    except Unavailable as error:
        if lookup["when_unavailable"] == "fail" or "synthetic" not in description:
            raise
        tell(f"{error}\n{STAND_IN_BANNER.format(file=file.name)}")
        table = synthesize(description["synthetic"], make_generator(seed, "synthetic"))
        table = table[description["columns"]]
        with replacing(source) as temporary:
            if is_parquet(source):
                table.to_parquet(temporary, index=False)
            else:
                table.to_csv(temporary, index=False, sep=description["separator"])
        return "synthetic stand-in", True


if __name__ == "__main__":
    run_job(main, snakemake)
