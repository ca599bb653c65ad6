"""What may be handed out: the chosen table and its description, and nothing else in their folder.

Takes the chosen anonymized table or its first sample, as `shown_deletion` says, and the hierarchies.
Makes release/<dataset>.csv and release/<dataset>.csv-metadata.json; where asked for, the same as
.parquet.
"""


rule hand_out:
    """Write the table that may be handed out, and its description."""
    input:
        table=RUN.shown,
        hierarchies=RUN.hierarchies,
        library=library("hand_out"),
    output:
        release="<results>/release/{dataset}.{ending}",
        description="<results>/release/{dataset}.{ending}-metadata.json",
    log:
        "<logs>/release/{dataset}.{ending}.log",
    benchmark:
        "<benchmarks>/release/{dataset}.{ending}.tsv"
    wildcard_constraints:
        dataset=RUN.dataset,
        ending="csv|parquet",
    priority: FIRST
    conda:
        "../envs/anonify.yaml"
    params:
        suppressed=config["suppressed"],
        escapes_formulas=config["escape_formulas"],
    message:
        "Writing what may be handed out, {output.release}"
    script:
        "../scripts/hand_out.py"
