"""Our numbers beside the published ones. Not part of `all`, which runs on any data."""

PAPER_TABLES = [
    "info_loss",
    "glucose_by_age",
    "hypertension_by_gender",
    "diabetes_by_age",
    "anonymity",
    "classifiers",
]
PUBLISHED = ["info_loss", "distributions", "anonymity", "classifiers"]


rule compare_with_paper:
    """Set every published number beside ours."""
    input:
        tables=expand("results/tables/{table}.csv", table=PAPER_TABLES),
        metadata="results/tables/anonymity.csv-metadata.json",
        published=expand(f"{BASE}/config/paper/{{name}}.csv", name=PUBLISHED),
        paper=f"{BASE}/config/paper/paper.yaml",
        library=library("compare_with_paper"),
    output:
        comparison="results/paper/comparison.csv",
        comparison_metadata="results/paper/comparison.csv-metadata.json",
    log:
        "results/logs/paper/comparison.log",
    benchmark:
        "results/benchmarks/paper/comparison.tsv"
    conda:
        "../envs/anonify.yaml"
    params:
        names=PAPER_TABLES,
        published_names=PUBLISHED,
    message:
        "Comparing with the paper"
    script:
        "../scripts/compare_with_paper.py"
