"""What attackers infer of classifiers: who was in the data (not in the paper).

Takes the typed table and the hierarchies; members are anonymized and sampled by the attack itself.
Makes measures/membership/, tables/membership.csv, and the figures membership_advantage and
membership_low_fpr.
"""

ATTACKS = dict(
    requirements=config["requirements"],
    labels=config["labels"],
    classifiers=config["classifiers"],
    encodings=RUN.encodings,
    members=config["membership"]["members"],
    shadow_models=config["membership"]["shadow_models"],
    repeats=config["membership"]["repeats"],
    evaluation_records=config["evaluation_records"],
    seed=RUN.seed,
)


rule attack_original:
    """Attack classifiers that learn from the original records of their members."""
    input:
        table="<table>",
        hierarchies=RUN.hierarchies,
        library=library("attack_membership"),
    output:
        measures="<results>/measures/membership/original.parquet",
    log:
        "<logs>/membership/original.log",
    benchmark:
        "<benchmarks>/membership/original.tsv"
    conda:
        "../envs/anonify.yaml"
    resources:
        mem_mb=get_memory_of_drawn,
    params:
        **ATTACKS,
        method=None,
        k=0,
        deletion=0,
        options={},
        job="original",
    message:
        "Attacking the membership in the original data"
    script:
        "../scripts/attack_membership.py"


use rule attack_original as attack_release with:
    """Attack classifiers that learn from anonymized and sampled records of their members."""
    input:
        table="<table>",
        hierarchies=RUN.hierarchies,
        library=get_library("attack_membership"),
    output:
        measures="<results>/measures/membership/{method}/k{k}/deletion{deletion}.parquet",
    log:
        "<logs>/membership/{method}/k{k}/deletion{deletion}.log",
    benchmark:
        "<benchmarks>/membership/{method}/k{k}/deletion{deletion}.tsv"
    wildcard_constraints:
        method=any_of(list_methods()),
    params:
        method="{method}",
        k="{k}",
        deletion="{deletion}",
        options=RUN.get_options,
        job="{method}/k{k}/deletion{deletion}",
    message:
        "Attacking the membership in {wildcards.method}, k = {wildcards.k}, "
        "{wildcards.deletion} % deleted"


rule tabulate_membership:
    """Gather what the attacks on membership reached."""
    input:
        measures=[
            "<results>/measures/membership/original.parquet",
            *expand(
                "<results>/measures/membership/{method}/k{k}/deletion0.parquet",
                method=config["release"]["method"],
                k=RUN.attacked,
            ),
            *expand(
                f"<results>/measures/membership/{RUN.chosen}/deletion{{deletion}}.parquet",
                deletion=config["deletions"],
            ),
        ],
        library=library("tabulate_membership"),
    output:
        table=reported("<results>/tables/membership.csv", "membership_table", "membership"),
        metadata="<results>/tables/membership.csv-metadata.json",
    log:
        "<logs>/tables/membership.log",
    benchmark:
        "<benchmarks>/tables/membership.tsv"
    conda:
        "../envs/anonify.yaml"
    message:
        "Gathering what the attacks on membership reached"
    script:
        "../scripts/tabulate_membership.py"


rule plot_membership:
    """Draw one measure of the attacks on membership."""
    input:
        table="<results>/tables/membership.csv",
        metadata="<results>/tables/membership.csv-metadata.json",
        library=library("plot_membership"),
    output:
        figure=reported_figure("{figure}", "membership"),
        narrow="<results>/figures/narrow/{figure}.svg",
    log:
        "<logs>/figures/{figure}.log",
    benchmark:
        "<benchmarks>/figures/{figure}.tsv"
    wildcard_constraints:
        figure=any_of(list_figures("membership")),
    conda:
        "../envs/anonify.yaml"
    params:
        name="{figure}",
    message:
        "Drawing {wildcards.figure}"
    script:
        "../scripts/plot_membership.py"
