"""Classifiers trained on original, anonymized and sampled data (Section 6.2.3, Figures 10, 13-15)."""

METRICS = [
    "accuracy",
    "precision",
    "recall",
    "f1",
    "balanced_accuracy",
    "positive_precision",
    "positive_recall",
]
FEATURES = ["all"]
if get_names("sensitive"):
    FEATURES += ["without_quasi_identifiers", "quasi_identifiers_only"]

# Where nothing is to be predicted there is nothing to be learned.
CLASSIFIERS = ["<results>/tables/classifiers.csv", *map(figure, METRICS)] if HAS_TARGET else []

TRAINING = dict(
    encodings=get_encodings(),
    positive=get_positive(),
    test_share=config["test_share"],
    split_seed=config["split_seed"],
    seed=config["seed"],
)


rule train_on_original:
    """Train and test all classifiers on the original data, with some or all columns."""
    input:
        table=TABLE,
        hierarchies=HIERARCHIES,
        library=library("train_classifiers"),
    output:
        measures="<results>/measures/classifiers/original/{features}.parquet",
    log:
        "<results>/logs/classifiers/original/{features}.log",
    benchmark:
        "<results>/benchmarks/classifiers/original/{features}.tsv"
    wildcard_constraints:
        features="|".join(FEATURES),
    conda:
        "../envs/anonify.yaml"
    resources:
        mem_mb=1000,
    params:
        **TRAINING,
        classifiers=config["classifiers"],
        job="original/{features}",
        features="{features}",
    message:
        "Training classifiers on the original data ({wildcards.features})"
    script:
        "../scripts/train_classifiers.py"


rule train_on_anonymized:
    """Train and test all classifiers on an anonymized table."""
    input:
        table="<results>/anonymized/{method}/k{k}.parquet",
        hierarchies=HIERARCHIES,
        library=library("train_classifiers"),
    output:
        measures="<results>/measures/classifiers/{method}/k{k}/anonymized.parquet",
    log:
        "<results>/logs/classifiers/{method}/k{k}/anonymized.log",
    benchmark:
        "<results>/benchmarks/classifiers/{method}/k{k}/anonymized.tsv"
    conda:
        "../envs/anonify.yaml"
    resources:
        mem_mb=1000,
    params:
        **TRAINING,
        classifiers=config["classifiers"],
        job="{method}/k{k}/anonymized",
        features="all",
    message:
        "Training classifiers on {wildcards.method}, k = {wildcards.k}"
    script:
        "../scripts/train_classifiers.py"


rule train_on_sampled:
    """Train and test all classifiers on a sample."""
    input:
        table="<results>/sampled/{method}/k{k}/deletion{deletion}/repeat{repeat}.parquet",
        hierarchies=HIERARCHIES,
        library=library("train_classifiers"),
    output:
        measures="<results>/measures/classifiers/{method}/k{k}/deletion{deletion}/repeat{repeat}.parquet",
    log:
        "<results>/logs/classifiers/{method}/k{k}/deletion{deletion}/repeat{repeat}.log",
    benchmark:
        "<results>/benchmarks/classifiers/{method}/k{k}/deletion{deletion}/repeat{repeat}.tsv"
    conda:
        "../envs/anonify.yaml"
    resources:
        mem_mb=1000,
    params:
        **TRAINING,
        classifiers=config["classifiers"],
        job="{method}/k{k}/deletion{deletion}/repeat{repeat}",
        features="all",
    message:
        "Training classifiers on {wildcards.method}, k = {wildcards.k}, "
        "{wildcards.deletion} % deleted, repeat {wildcards.repeat}"
    script:
        "../scripts/train_classifiers.py"


rule tabulate_classifiers:
    """Gather what the classifiers reached on all data."""
    input:
        original=expand(
            "<results>/measures/classifiers/original/{features}.parquet", features=FEATURES
        ),
        anonymized=f"<results>/measures/classifiers/{RELEASE}/anonymized.parquet",
        samples=expand(
            f"<results>/measures/classifiers/{RELEASE}/deletion{{deletion}}/repeat{{repeat}}.parquet",
            deletion=config["deletions"],
            repeat=CLASSIFIER_REPEATS,
        ),
        library=library("tabulate_classifiers"),
    output:
        table=reported("<results>/tables/classifiers.csv", "classifiers_table", "classifiers"),
        metadata="<results>/tables/classifiers.csv-metadata.json",
    log:
        "<results>/logs/tables/classifiers.log",
    benchmark:
        "<results>/benchmarks/tables/classifiers.tsv"
    conda:
        "../envs/anonify.yaml"
    params:
        features=FEATURES,
        deletions=config["deletions"],
        repeats=config["classifier_repeats"],
    message:
        "Gathering what the classifiers reached"
    script:
        "../scripts/tabulate_classifiers.py"


rule plot_classifiers:
    """Draw one metric of all classifiers on all data, with the baselines."""
    input:
        table="<results>/tables/classifiers.csv",
        metadata="<results>/tables/classifiers.csv-metadata.json",
        library=library("plot_classifiers"),
    output:
        figure=reported_figure("{metric}", "classifiers"),
    log:
        "<results>/logs/figures/{metric}.log",
    benchmark:
        "<results>/benchmarks/figures/{metric}.tsv"
    wildcard_constraints:
        metric="|".join(METRICS),
    conda:
        "../envs/anonify.yaml"
    params:
        metric="{metric}",
        readings=READINGS,
    message:
        "Drawing {wildcards.metric}"
    script:
        "../scripts/plot_classifiers.py"
