"""What attackers infer: who was in the data, and sensitive attributes (not in the paper)."""

# Models that learn from anonymized members need a method of ours; a table that was anonymized
# elsewhere has no members of its own.
IS_ATTACKED = HAS_TARGET and config["release"]["method"] in list_methods()
MEMBERSHIP_FIGURES = ["membership_advantage", "membership_low_fpr"]
MEMBERSHIP = (
    ["<results>/tables/membership.csv", *map(figure, MEMBERSHIP_FIGURES)] if IS_ATTACKED else []
)
HAS_SENSITIVE = bool(get_names("sensitive") + get_names("target"))
ATTRIBUTE_INFERENCE = (
    ["<results>/tables/attribute_inference.csv", figure("attribute_inference")]
    if HAS_SENSITIVE
    else []
)

# The smallest k, the largest, and that of the release, which alone is sampled as well.
ATTACKED_K = sorted({min(config["k_values"]), config["release"]["k"], max(config["k_values"])})

ATTACKS = dict(
    requirements=config["requirements"],
    classifiers=config["classifiers"],
    encodings=get_encodings(),
    members=config["membership"]["members"],
    shadow_models=config["membership"]["shadow_models"],
    repeats=config["membership"]["repeats"],
    seed=config["seed"],
)


rule attack_original:
    """Attack classifiers that learn from the original records of their members."""
    input:
        table=TABLE,
        hierarchies=HIERARCHIES,
        library=library("attack_membership"),
    output:
        measures="<results>/measures/membership/original.parquet",
    log:
        "<results>/logs/membership/original.log",
    benchmark:
        "<results>/benchmarks/membership/original.tsv"
    conda:
        "../envs/anonify.yaml"
    resources:
        mem_mb=1000,
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


rule attack_release:
    """Attack classifiers that learn from anonymized and sampled records of their members."""
    input:
        table=TABLE,
        hierarchies=HIERARCHIES,
        library=get_attacked_method_library,
    output:
        measures="<results>/measures/membership/{method}/k{k}/deletion{deletion}.parquet",
    log:
        "<results>/logs/membership/{method}/k{k}/deletion{deletion}.log",
    benchmark:
        "<results>/benchmarks/membership/{method}/k{k}/deletion{deletion}.tsv"
    wildcard_constraints:
        method="|".join(list_methods()),
    conda:
        "../envs/anonify.yaml"
    resources:
        mem_mb=1000,
    params:
        **ATTACKS,
        method="{method}",
        k="{k}",
        deletion="{deletion}",
        options=get_wanted_options,
        job="{method}/k{k}/deletion{deletion}",
    message:
        "Attacking the membership in {wildcards.method}, k = {wildcards.k}, "
        "{wildcards.deletion} % deleted"
    script:
        "../scripts/attack_membership.py"


rule tabulate_membership:
    """Gather what the attacks on membership reached."""
    input:
        measures=[
            "<results>/measures/membership/original.parquet",
            *expand(
                "<results>/measures/membership/{method}/k{k}/deletion0.parquet",
                method=config["release"]["method"],
                k=ATTACKED_K,
            ),
            *expand(
                f"<results>/measures/membership/{RELEASE}/deletion{{deletion}}.parquet",
                deletion=config["deletions"],
            ),
        ],
        library=library("tabulate_membership"),
    output:
        table=reported("<results>/tables/membership.csv", "membership_table", "membership"),
        metadata="<results>/tables/membership.csv-metadata.json",
    log:
        "<results>/logs/tables/membership.log",
    benchmark:
        "<results>/benchmarks/tables/membership.tsv"
    conda:
        "../envs/anonify.yaml"
    message:
        "Gathering what the attacks on membership reached"
    script:
        "../scripts/tabulate_membership.py"


rule measure_attribute_inference:
    """Measure what each anonymized table, and its samples, tell about sensitive attributes."""
    input:
        original=TABLE,
        releases=[
            f"<results>/anonymized/{method}/k{k}.parquet" for method, k in get_measured_releases()
        ],
        library=library("measure_attribute_inference"),
    output:
        table=reported(
            "<results>/tables/attribute_inference.csv",
            "attribute_inference_table",
            "attribute_inference",
        ),
        metadata="<results>/tables/attribute_inference.csv-metadata.json",
    log:
        "<results>/logs/tables/attribute_inference.log",
    benchmark:
        "<results>/benchmarks/tables/attribute_inference.tsv"
    conda:
        "../envs/anonify.yaml"
    params:
        deletions=config["deletions"],
        repeats=config["repeats"],
        seed=config["seed"],
    message:
        "Measuring what the tables tell about sensitive attributes"
    script:
        "../scripts/measure_attribute_inference.py"


rule plot_membership:
    """Draw one measure of the attacks on membership."""
    input:
        table="<results>/tables/membership.csv",
        metadata="<results>/tables/membership.csv-metadata.json",
        library=library("plot_membership"),
    output:
        figure=reported_figure("{figure}", "membership"),
    log:
        "<results>/logs/figures/{figure}.log",
    benchmark:
        "<results>/benchmarks/figures/{figure}.tsv"
    wildcard_constraints:
        figure="|".join(MEMBERSHIP_FIGURES),
    conda:
        "../envs/anonify.yaml"
    params:
        name="{figure}",
    message:
        "Drawing {wildcards.figure}"
    script:
        "../scripts/plot_membership.py"


rule plot_attribute_inference:
    """Draw how often guesses of each sensitive attribute are right."""
    input:
        table="<results>/tables/attribute_inference.csv",
        metadata="<results>/tables/attribute_inference.csv-metadata.json",
        library=library("plot_attribute_inference"),
    output:
        figure=reported_figure("attribute_inference", "attribute_inference"),
    log:
        "<results>/logs/figures/attribute_inference.log",
    benchmark:
        "<results>/benchmarks/figures/attribute_inference.tsv"
    conda:
        "../envs/anonify.yaml"
    params:
        deletion=max(config["deletions"]),
    message:
        "Drawing attribute_inference"
    script:
        "../scripts/plot_attribute_inference.py"
