"""The dataset: found or downloaded, verified, typed.

Takes the description of the dataset, and what the search path or its sources have of it.
Makes dataset/<name>.csv as it was found (.source.parquet and the like where it is no CSV), .json (what is
known about it), .parquet (the typed table: <table>), and dataset/hierarchies/<name>_<column>.csv.
"""

# What a download depends on: an edit of anything else in the description is no reason for one.
DOWNLOADED = {
    key: RUN.description[key]
    for key in (
        *("name", "title", "file", "database", "separator", "sha256", "sources", "homepage"),
        "synthetic",
    )
    if key in RUN.description
}
DOWNLOADED["columns"] = list(RUN.description["columns"])


rule download_dataset:
    """Find or download the dataset and verify its checksum, or read it from a database."""
    input:
        library=library("download_dataset"),
    output:
        source=RUN.source,
        record="<results>/dataset/{dataset}.json",
    log:
        "<logs>/dataset/download_{dataset}.log",
    benchmark:
        "<benchmarks>/dataset/download_{dataset}.tsv"
    wildcard_constraints:
        dataset=RUN.dataset,
    priority: FIRST
    conda:
        "../envs/anonify.yaml"
    params:
        description=DOWNLOADED,
        lookup=RUN.get_lookup,
        seed=RUN.seed,
    message:
        "Looking for the dataset {wildcards.dataset}"
    script:
        "../scripts/download_dataset.py"


rule download_hierarchy:
    """Find or download a hierarchy that the dataset's description names as a file."""
    input:
        library=library("download_file"),
    output:
        csv="<results>/dataset/hierarchies/files/{dataset}_{name}.csv",
    log:
        "<logs>/dataset/hierarchies/{dataset}_{name}.log",
    benchmark:
        "<benchmarks>/dataset/hierarchies/{dataset}_{name}.tsv"
    wildcard_constraints:
        dataset=RUN.dataset,
        name=any_of(RUN.hierarchy_files),
    priority: FIRST
    conda:
        "../envs/anonify.yaml"
    params:
        description=RUN.get_hierarchy_file,
        dataset=RUN.dataset,
        homepage=RUN.description.get("homepage", "whoever has it"),
        search_path=config["search_path"],
    message:
        "Looking for the hierarchy of {wildcards.name}"
    script:
        "../scripts/download_file.py"


rule prepare_dataset:
    """Type the dataset's columns and build the hierarchies of its quasi-identifiers."""
    input:
        source=RUN.source,
        record="<results>/dataset/{dataset}.json",
        hierarchy_files=or_stop(RUN.get_hierarchy_files),
        library=library("prepare_dataset"),
    output:
        table="<results>/dataset/{dataset}.parquet",
        hierarchies=expand(
            "<results>/dataset/hierarchies/{{dataset}}_{name}.csv",
            name=map(name_file, RUN.list_columns("quasi-identifier")),
        ),
    log:
        "<logs>/dataset/prepare_{dataset}.log",
    benchmark:
        "<benchmarks>/dataset/prepare_{dataset}.tsv"
    wildcard_constraints:
        dataset=RUN.dataset,
    priority: FIRST
    conda:
        "../envs/anonify.yaml"
    resources:
        mem_mb=get_memory_of_engine,
    params:
        columns=RUN.description["columns"],
        dialect=RUN.dialect,
        rows_are_people=RUN.description.get("rows_are_people", False),
        confidential=RUN.description["confidential"],
    message:
        "Preparing the dataset {wildcards.dataset}"
    script:
        "../scripts/prepare_dataset.py"
