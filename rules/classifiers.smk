"""Classifiers trained on original, anonymized and sampled data (Section 6.2.3, Figures 10, 13-15).

Takes the typed table, the chosen anonymized table, its samples and the hierarchies.
Makes measures/classifiers/, tables/classifiers.csv and a figure for each metric.
"""

TRAINING = dict(
    encodings=RUN.encodings,
    positive=RUN.positive,
    test_share=config["test_share"],
    split_seed=config["split_seed"],
    seed=RUN.seed,
)


rule train_on_anonymized:
    """Train and test all classifiers on an anonymized table."""
    input:
        tables=["<results>/anonymized/{method}/k{k}.parquet"],
        hierarchies=RUN.hierarchies,
        library=library("train_classifiers"),
    output:
        measures=["<results>/measures/classifiers/{method}/k{k}/anonymized.parquet"],
    log:
        "<logs>/classifiers/{method}/k{k}/anonymized.log",
    benchmark:
        "<benchmarks>/classifiers/{method}/k{k}/anonymized.tsv"
    priority: LATER
    conda:
        "../envs/anonify.yaml"
    resources:
        mem_mb=get_memory_of_drawn,
    params:
        **TRAINING,
        evaluation_records=config["evaluation_records"],
        classifiers=config["classifiers"],
        k=config["release"]["k"],
        jobs=["{method}/k{k}/anonymized"],
        features="all",
    message:
        "Training classifiers on {wildcards.method}, k = {wildcards.k}"
    script:
        "../scripts/train_classifiers.py"


use rule train_on_anonymized as train_on_original with:
    """Train and test all classifiers on the original data, with some or all columns."""
    input:
        tables=["<table>"],
        hierarchies=RUN.hierarchies,
        library=library("train_classifiers"),
    output:
        measures=["<results>/measures/classifiers/original/{features}.parquet"],
    log:
        "<logs>/classifiers/original/{features}.log",
    benchmark:
        "<benchmarks>/classifiers/original/{features}.tsv"
    wildcard_constraints:
        features=any_of(RUN.features),
    params:
        jobs=["original/{features}"],
        features="{features}",
    message:
        "Training classifiers on the original data ({wildcards.features})"


use rule train_on_anonymized as train_on_sampled with:
    """Train and test all classifiers on each sample of one deletion."""
    input:
        tables=each_sample(
            "<results>/sampled/{method}/k{k}/deletion{deletion}/repeat{repeat}.parquet"
        ),
        hierarchies=RUN.hierarchies,
        library=library("train_classifiers"),
    output:
        measures=each_sample(
            "<results>/measures/classifiers/{method}/k{k}/deletion{deletion}/repeat{repeat}.parquet"
        ),
    log:
        "<logs>/classifiers/{method}/k{k}/deletion{deletion}.log",
    benchmark:
        "<benchmarks>/classifiers/{method}/k{k}/deletion{deletion}.tsv"
    params:
        jobs=each_sample("{method}/k{k}/deletion{deletion}/repeat{repeat}"),
    message:
        "Training classifiers on {wildcards.method}, k = {wildcards.k}, "
        "{wildcards.deletion} % deleted"


rule tabulate_classifiers:
    """Gather what the classifiers reached on all data."""
    input:
        original=expand(
            "<results>/measures/classifiers/original/{features}.parquet", features=RUN.features
        ),
        anonymized=f"<results>/measures/classifiers/{RUN.chosen}/anonymized.parquet",
        samples=expand(
            f"<results>/measures/classifiers/{RUN.chosen}/deletion{{deletion}}/repeat{{repeat}}.parquet",
            deletion=config["deletions"],
            repeat=range(1, config["classifier_repeats"] + 1),
        ),
        library=library("tabulate_classifiers"),
    output:
        table=reported("<results>/tables/classifiers.csv", "classifiers_table", "classifiers"),
        metadata="<results>/tables/classifiers.csv-metadata.json",
    log:
        "<logs>/tables/classifiers.log",
    benchmark:
        "<benchmarks>/tables/classifiers.tsv"
    priority: LATER
    conda:
        "../envs/anonify.yaml"
    params:
        features=RUN.features,
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
        narrow="<results>/figures/narrow/{metric}.svg",
    log:
        "<logs>/figures/{metric}.log",
    benchmark:
        "<benchmarks>/figures/{metric}.tsv"
    wildcard_constraints:
        metric=any_of(list_figures("classifiers")),
    priority: LATER
    conda:
        "../envs/anonify.yaml"
    params:
        metric="{metric}",
        readings=RUN.readings,
    message:
        "Drawing {wildcards.metric}"
    script:
        "../scripts/plot_classifiers.py"
