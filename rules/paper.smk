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


rule repeat_anonymization:
    """Repeat a random method over seeds, to know the spread of its NCP."""
    input:
        table=TABLE,
        hierarchies=HIERARCHIES,
        library=get_repeated_method_library,
    output:
        repeated="<results>/paper/runs/anonymized/{method}/k{k}.parquet",
    log:
        "<results>/logs/paper/anonymized/{method}/k{k}.log",
    benchmark:
        "<results>/benchmarks/paper/anonymized/{method}/k{k}.tsv"
    conda:
        "../envs/anonify.yaml"
    resources:
        mem_mb=1000,
    params:
        method="{method}",
        k="{k}",
        runs=PAPER["runs"],
        seed=config["seed"],
    message:
        "Repeating {wildcards.method}, k = {wildcards.k}"
    script:
        "../scripts/repeat_anonymization.py"


rule repeat_sampling:
    """Draw more samples, to know the spread of the distributions."""
    input:
        release=f"<results>/anonymized/{RELEASE}.parquet",
        hierarchies=HIERARCHIES,
        library=library("repeat_sampling"),
    output:
        repeated="<results>/paper/runs/distributions.parquet",
    log:
        "<results>/logs/paper/distributions.log",
    benchmark:
        "<results>/benchmarks/paper/distributions.tsv"
    conda:
        "../envs/anonify.yaml"
    params:
        distributions=DISTRIBUTIONS,
        deletion=config["shown_deletion"],
        runs=PAPER["runs"],
        seed=config["seed"],
    message:
        "Drawing more samples"
    script:
        "../scripts/repeat_sampling.py"


rule repeat_classifier:
    """Train and test a classifier repeatedly, to know its spread."""
    input:
        table=get_compared_table,
        library=library("repeat_classifier"),
    output:
        repeated="<results>/paper/runs/classifiers/{data}/{classifier}.parquet",
    log:
        "<results>/logs/paper/classifiers/{data}/{classifier}.log",
    benchmark:
        "<results>/benchmarks/paper/classifiers/{data}/{classifier}.tsv"
    wildcard_constraints:
        data="original|released|anonymized",
    conda:
        "../envs/anonify.yaml"
    resources:
        mem_mb=1000,
    params:
        **TRAINING,
        data="{data}",
        via=get_via,
        classifier="{classifier}",
        varied=get_varied,
        runs=get_runs,
    message:
        "Repeating {wildcards.classifier} on {wildcards.data} data"
    script:
        "../scripts/repeat_classifier.py"


rule compare_with_paper:
    """Set every published number beside ours and judge it."""
    input:
        tables=expand("<results>/tables/{table}.csv", table=PAPER_TABLES),
        metadata="<results>/tables/anonymity.csv-metadata.json",
        anonymizations=expand(
            "<results>/paper/runs/anonymized/oka/k{k}.parquet", k=config["k_values"]
        ),
        samples="<results>/paper/runs/distributions.parquet",
        classifiers=expand(
            "<results>/paper/runs/classifiers/{data}/{classifier}.parquet",
            data=["original", "released", "anonymized"],
            classifier=PAPER["varied"],
        ),
        published=expand(f"{BASE}/config/paper/{{name}}.csv", name=PUBLISHED),
        paper=f"{BASE}/config/paper/paper.yaml",
        library=library("compare_with_paper"),
    output:
        comparison="<results>/paper/comparison.csv",
        comparison_metadata="<results>/paper/comparison.csv-metadata.json",
        text="<results>/paper/comparison.md",
    log:
        "<results>/logs/paper/comparison.log",
    benchmark:
        "<results>/benchmarks/paper/comparison.tsv"
    conda:
        "../envs/anonify.yaml"
    message:
        "Comparing with the paper"
    script:
        "../scripts/compare_with_paper.py"


rule document_paper:
    """Write what is known about the original evaluation, with the evidence."""
    input:
        table=TABLE,
        hierarchies=HIERARCHIES,
        anonymized=f"<results>/anonymized/{RELEASE}.parquet",
        samples=expand(
            f"<results>/sampled/{RELEASE}/deletion{{deletion}}/repeat{{repeat}}.parquet",
            deletion=config["deletions"],
            repeat=REPEATS,
        ),
        tables=expand("<results>/tables/{table}.csv", table=PAPER_TABLES),
        classes="<results>/tables/equivalence_classes.csv",
        comparison="<results>/paper/comparison.csv",
        published=f"{BASE}/config/paper/classifiers.csv",
        paper=f"{BASE}/config/paper/paper.yaml",
        templates=expand(f"{SCRIPTS}/templates/{{name}}.md.j2", name=["errata", "reading"]),
        library=library("document_paper", "methods/mondrian"),
    output:
        errata="<results>/paper/errata.md",
        reading="<results>/paper/reading.md",
    log:
        "<results>/logs/paper/documents.log",
    benchmark:
        "<results>/benchmarks/paper/documents.tsv"
    conda:
        "../envs/anonify.yaml"
    params:
        encodings=get_encodings(),
        deletions=config["deletions"],
        repeats=config["repeats"],
        k=config["release"]["k"],
        test_share=config["test_share"],
        split_seed=config["split_seed"],
    message:
        "Writing what is known about the original evaluation"
    script:
        "../scripts/document_paper.py"
