"""Our numbers beside the published ones. Not part of `all`, which runs on any data.

Takes the published numbers of config/paper/, the tables of a run, its typed, anonymized and sampled
tables, and the hierarchies.
Makes paper/comparison.csv and .md, paper/errata.md, paper/reading.md, and paper/runs/ for them.
"""

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
        table="<table>",
        hierarchies=RUN.hierarchies,
        library=get_library("repeat_anonymization"),
    output:
        repeated="<results>/paper/runs/anonymized/{method}/k{k}.parquet",
    log:
        "<logs>/paper/anonymized/{method}/k{k}.log",
    benchmark:
        "<benchmarks>/paper/anonymized/{method}/k{k}.tsv"
    priority: NEXT
    conda:
        "../envs/anonify.yaml"
    resources:
        mem_mb=get_memory,
    params:
        method="{method}",
        k="{k}",
        runs=RUN.paper["runs"],
        labels=config["labels"],
        seed=RUN.seed,
    message:
        "Repeating {wildcards.method}, k = {wildcards.k}"
    script:
        "../scripts/repeat_anonymization.py"


rule repeat_sampling:
    """Draw more samples, to know the spread of the distributions."""
    input:
        release="<chosen>",
        hierarchies=RUN.hierarchies,
        library=library("repeat_sampling"),
    output:
        repeated="<results>/paper/runs/distributions.parquet",
    log:
        "<logs>/paper/distributions.log",
    benchmark:
        "<benchmarks>/paper/distributions.tsv"
    conda:
        "../envs/anonify.yaml"
    resources:
        mem_mb=get_memory,
    params:
        distributions=RUN.distributions,
        deletion=config["shown_deletion"],
        runs=RUN.paper["runs"],
        seed=RUN.seed,
    message:
        "Drawing more samples"
    script:
        "../scripts/repeat_sampling.py"


rule repeat_classifier:
    """Train and test a classifier repeatedly, to know its spread."""
    input:
        table=RUN.get_compared_table,
        library=library("repeat_classifier"),
    output:
        repeated="<results>/paper/runs/classifiers/{data}/{classifier}.parquet",
    log:
        "<logs>/paper/classifiers/{data}/{classifier}.log",
    benchmark:
        "<benchmarks>/paper/classifiers/{data}/{classifier}.tsv"
    wildcard_constraints:
        data="original|released|anonymized",
    priority: NEXT
    conda:
        "../envs/anonify.yaml"
    resources:
        mem_mb=get_memory,
    params:
        **TRAINING,
        data="{data}",
        via=RUN.get_via,
        classifier="{classifier}",
        varied=RUN.get_varied,
        runs=RUN.get_runs,
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
            classifier=RUN.paper["varied"],
        ),
        published=expand(f"{BASE}/config/paper/{{name}}.csv", name=PUBLISHED),
        paper=f"{BASE}/config/paper/paper.yaml",
        library=library("compare_with_paper"),
    output:
        comparison="<results>/paper/comparison.csv",
        comparison_metadata="<results>/paper/comparison.csv-metadata.json",
        text="<results>/paper/comparison.md",
    log:
        "<logs>/paper/comparison.log",
    benchmark:
        "<benchmarks>/paper/comparison.tsv"
    conda:
        "../envs/anonify.yaml"
    message:
        "Comparing with the paper"
    script:
        "../scripts/compare_with_paper.py"


rule document_paper:
    """Write what is known about the original evaluation, with the evidence."""
    input:
        table="<table>",
        hierarchies=RUN.hierarchies,
        anonymized="<chosen>",
        samples=RUN.list_samples(),
        tables=expand("<results>/tables/{table}.csv", table=PAPER_TABLES),
        classes="<results>/tables/equivalence_classes.csv",
        comparison="<results>/paper/comparison.csv",
        published=f"{BASE}/config/paper/classifiers.csv",
        paper=f"{BASE}/config/paper/paper.yaml",
        library=library("document_paper", "methods.mondrian"),
    output:
        errata="<results>/paper/errata.md",
        reading="<results>/paper/reading.md",
    log:
        "<logs>/paper/documents.log",
    benchmark:
        "<benchmarks>/paper/documents.tsv"
    conda:
        "../envs/anonify.yaml"
    params:
        encodings=RUN.encodings,
        deletions=config["deletions"],
        repeats=config["repeats"],
        k=config["release"]["k"],
        test_share=config["test_share"],
        split_seed=config["split_seed"],
    message:
        "Writing what is known about the original evaluation"
    script:
        "../scripts/document_paper.py"
