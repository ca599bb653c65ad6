"""Distribution of sensitive attributes (Section 6.2.2, Figures 7, 8 and 9).

Takes the typed table, the chosen anonymized table, all its samples and the hierarchies.
Makes tables/<distribution>.csv and a figure of that name for each distribution of the description.
"""


rule measure_distribution:
    """Summarize a sensitive attribute in the original, anonymized and all sampled tables."""
    input:
        original="<table>",
        anonymized="<chosen>",
        samples=RUN.list_samples(),
        hierarchies=RUN.hierarchies,
        library=library("measure_distribution"),
    output:
        table=[
            reported(f"<results>/tables/{name}.csv", "distribution_table", "distribution")
            for name in RUN.distributions
        ],
        metadata=expand(
            "<results>/tables/{distribution}.csv-metadata.json", distribution=RUN.distributions
        ),
    log:
        "<logs>/tables/distribution.log",
    benchmark:
        "<benchmarks>/tables/distribution.tsv"
    priority: NEXT
    conda:
        "../envs/anonify.yaml"
    resources:
        mem_mb=get_memory,
    params:
        distributions=RUN.distributions,
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
        narrow="<results>/figures/narrow/{distribution}.svg",
    log:
        "<logs>/figures/{distribution}.log",
    benchmark:
        "<benchmarks>/figures/{distribution}.tsv"
    wildcard_constraints:
        distribution=any_of(RUN.distributions),
    priority: NEXT
    conda:
        "../envs/anonify.yaml"
    params:
        distribution=RUN.get_distribution,
        deletion=config["shown_deletion"],
        readings=RUN.readings,
    message:
        "Drawing {wildcards.distribution}"
    script:
        "../scripts/plot_distribution.py"
