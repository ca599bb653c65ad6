"""Distribution of sensitive attributes (Section 6.2.2, Figures 7, 8 and 9)."""

DISTRIBUTION = [
    *expand("<results>/tables/{distribution}.csv", distribution=DISTRIBUTIONS),
    *map(figure, DISTRIBUTIONS),
]


rule measure_distribution:
    """Summarize a sensitive attribute in the original, anonymized and all sampled tables."""
    input:
        original=TABLE,
        anonymized=f"<results>/anonymized/{RELEASE}.parquet",
        samples=expand(
            f"<results>/sampled/{RELEASE}/deletion{{deletion}}/repeat{{repeat}}.parquet",
            deletion=config["deletions"],
            repeat=REPEATS,
        ),
        hierarchies=HIERARCHIES,
        library=library("measure_distribution"),
    output:
        table=[
            reported(f"<results>/tables/{name}.csv", "distribution_table", "distribution")
            for name in DISTRIBUTIONS
        ],
        metadata=expand(
            "<results>/tables/{distribution}.csv-metadata.json", distribution=DISTRIBUTIONS
        ),
    log:
        "<results>/logs/tables/distribution.log",
    benchmark:
        "<results>/benchmarks/tables/distribution.tsv"
    conda:
        "../envs/anonify.yaml"
    params:
        distributions=DISTRIBUTIONS,
        deletions=config["deletions"],
        repeats=config["repeats"],
        k=config["release"]["k"],
    message:
        "Measuring distributions"
    script:
        "../scripts/measure_distribution.py"


rule plot_distribution:
    """Draw a sensitive attribute by group."""
    input:
        table="<results>/tables/{distribution}.csv",
        metadata="<results>/tables/{distribution}.csv-metadata.json",
        library=library("plot_distribution"),
    output:
        figure=reported_figure("{distribution}", "distribution"),
    log:
        "<results>/logs/figures/{distribution}.log",
    benchmark:
        "<results>/benchmarks/figures/{distribution}.tsv"
    wildcard_constraints:
        distribution="|".join(DISTRIBUTIONS) or "(?!)",
    conda:
        "../envs/anonify.yaml"
    params:
        distribution=get_distribution,
        deletion=config["shown_deletion"],
        readings=READINGS,
    message:
        "Drawing {wildcards.distribution}"
    script:
        "../scripts/plot_distribution.py"
