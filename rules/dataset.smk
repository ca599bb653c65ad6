"""The dataset: found or downloaded, verified, typed."""

# What a download depends on: an edit of anything else in the description is no reason for one.
DOWNLOADED = {
    key: DATASET[key]
    for key in ("name", "title", "file", "separator", "sha256", "sources", "homepage", "synthetic")
    if key in DATASET
}
DOWNLOADED["columns"] = list(DATASET["columns"])


rule download_dataset:
    """Find or download the dataset and verify its checksum."""
    input:
        library=library("download_dataset"),
    output:
        source=SOURCE,
        record="<results>/dataset/{dataset}.json",
    log:
        "<results>/logs/dataset/download_{dataset}.log",
    benchmark:
        "<results>/benchmarks/dataset/download_{dataset}.tsv"
    wildcard_constraints:
        dataset=DATASET["name"],
    conda:
        "../envs/anonify.yaml"
    params:
        description=DOWNLOADED,
        lookup=get_lookup,
        seed=config["seed"],
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
        "<results>/logs/dataset/hierarchies/{dataset}_{name}.log",
    benchmark:
        "<results>/benchmarks/dataset/hierarchies/{dataset}_{name}.tsv"
    wildcard_constraints:
        dataset=DATASET["name"],
        name="|".join(re.escape(name_file(name)) for name in HIERARCHY_FILES) or "(?!)",
    conda:
        "../envs/anonify.yaml"
    params:
        description=get_hierarchy_file,
        dataset=DATASET["name"],
        homepage=DATASET.get("homepage", "whoever has it"),
        search_path=config["search_path"],
    message:
        "Looking for the hierarchy of {wildcards.name}"
    script:
        "../scripts/download_file.py"


rule prepare_dataset:
    """Type the dataset's columns and build the hierarchies of its quasi-identifiers."""
    input:
        source=SOURCE,
        record="<results>/dataset/{dataset}.json",
        hierarchy_files=get_hierarchy_files,
        library=library("prepare_dataset"),
    output:
        table="<results>/dataset/{dataset}.parquet",
        hierarchies=expand(
            "<results>/dataset/hierarchies/{{dataset}}_{name}.csv",
            name=map(name_file, QUASI_IDENTIFIERS),
        ),
    log:
        "<results>/logs/dataset/prepare_{dataset}.log",
    benchmark:
        "<results>/benchmarks/dataset/prepare_{dataset}.tsv"
    wildcard_constraints:
        dataset=DATASET["name"],
    conda:
        "../envs/anonify.yaml"
    params:
        columns=DATASET["columns"],
        separator=DATASET["separator"],
        decimal=DATASET["decimal"],
    message:
        "Preparing the dataset {wildcards.dataset}"
    script:
        "../scripts/prepare_dataset.py"


# What the rules that follow read: the typed table and the hierarchies in the order of the
# quasi-identifiers.
TABLE = f"<results>/dataset/{DATASET['name']}.parquet"
HIERARCHIES = expand(
    "<results>/dataset/hierarchies/{dataset}_{name}.csv",
    dataset=DATASET["name"],
    name=map(name_file, QUASI_IDENTIFIERS),
)
