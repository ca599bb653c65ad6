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
        csv="results/dataset/{dataset}.csv",
        record="results/dataset/{dataset}.json",
    log:
        "results/logs/dataset/download_{dataset}.log",
    benchmark:
        "results/benchmarks/dataset/download_{dataset}.tsv"
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


rule prepare_dataset:
    """Type the dataset's columns and build the hierarchies of its quasi-identifiers."""
    input:
        csv="results/dataset/{dataset}.csv",
        record="results/dataset/{dataset}.json",
        hierarchy_files=get_hierarchy_files,
        library=library("prepare_dataset"),
    output:
        table="results/dataset/{dataset}.parquet",
        hierarchies=expand(
            "results/dataset/hierarchies/{{dataset}}_{name}.csv", name=QUASI_IDENTIFIERS
        ),
    log:
        "results/logs/dataset/prepare_{dataset}.log",
    benchmark:
        "results/benchmarks/dataset/prepare_{dataset}.tsv"
    wildcard_constraints:
        dataset=DATASET["name"],
    conda:
        "../envs/anonify.yaml"
    params:
        columns=DATASET["columns"],
        separator=DATASET["separator"],
    message:
        "Preparing the dataset {wildcards.dataset}"
    script:
        "../scripts/prepare_dataset.py"


# What the rules that follow read: the typed table and the hierarchies in the order of the
# quasi-identifiers.
TABLE = f"results/dataset/{DATASET['name']}.parquet"
HIERARCHIES = expand(
    "results/dataset/hierarchies/{dataset}_{name}.csv",
    dataset=DATASET["name"],
    name=QUASI_IDENTIFIERS,
)
