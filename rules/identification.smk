"""Which columns identify, before and after anonymization (not in the paper).

Takes the typed table and the chosen anonymized table or its first sample, as `shown_deletion` says.
Makes tables/identification.csv and the figure identification.
"""


rule measure_identification:
    """Measure how far each quasi-identifier, and combinations of them, tell people apart."""
    input:
        original="<table>",
        released=RUN.shown,
        library=library("measure_identification"),
    output:
        table=reported(
            "<results>/tables/identification.csv", "identification_table", "identification"
        ),
        metadata="<results>/tables/identification.csv-metadata.json",
    log:
        "<logs>/tables/identification.log",
    benchmark:
        "<benchmarks>/tables/identification.tsv"
    priority: NEXT
    conda:
        "../envs/anonify.yaml"
    resources:
        mem_mb=get_memory,
    params:
        deletion=config["shown_deletion"],
        k=config["release"]["k"],
    message:
        "Measuring which columns identify"
    script:
        "../scripts/measure_identification.py"


rule plot_identification:
    """Draw who is unique, and which pairs differ, by each column and by combinations that grow."""
    input:
        table="<results>/tables/identification.csv",
        metadata="<results>/tables/identification.csv-metadata.json",
        library=library("plot_identification"),
    output:
        figure=reported_figure("identification", "identification"),
        narrow="<results>/figures/narrow/identification.svg",
    log:
        "<logs>/figures/identification.log",
    benchmark:
        "<benchmarks>/figures/identification.tsv"
    priority: NEXT
    conda:
        "../envs/anonify.yaml"
    message:
        "Drawing identification"
    script:
        "../scripts/plot_identification.py"
