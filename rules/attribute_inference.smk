"""What attackers infer of released tables: sensitive attributes (not in the paper).

Takes the typed table and every anonymized table.
Makes tables/attribute_inference.csv and the figure attribute_inference.
"""


rule measure_attribute_inference:
    """Measure what each anonymized table, and its samples, tell about sensitive attributes."""
    input:
        original="<table>",
        releases=RUN.measured,
        library=library("measure_attribute_inference"),
    output:
        table=reported(
            "<results>/tables/attribute_inference.csv",
            "attribute_inference_table",
            "attribute_inference",
        ),
        metadata="<results>/tables/attribute_inference.csv-metadata.json",
    log:
        "<logs>/tables/attribute_inference.log",
    benchmark:
        "<benchmarks>/tables/attribute_inference.tsv"
    conda:
        "../envs/anonify.yaml"
    resources:
        mem_mb=get_memory,
    params:
        deletions=config["deletions"],
        repeats=config["repeats"],
        seed=RUN.seed,
    message:
        "Measuring what the tables tell about sensitive attributes"
    script:
        "../scripts/measure_attribute_inference.py"


rule plot_attribute_inference:
    """Draw how often guesses of each sensitive attribute are right."""
    input:
        table="<results>/tables/attribute_inference.csv",
        metadata="<results>/tables/attribute_inference.csv-metadata.json",
        library=library("plot_attribute_inference"),
    output:
        figure=reported_figure("attribute_inference", "attribute_inference"),
        narrow="<results>/figures/narrow/attribute_inference.svg",
    log:
        "<logs>/figures/attribute_inference.log",
    benchmark:
        "<benchmarks>/figures/attribute_inference.tsv"
    conda:
        "../envs/anonify.yaml"
    params:
        deletion=max(config["deletions"]),
    message:
        "Drawing attribute_inference"
    script:
        "../scripts/plot_attribute_inference.py"
