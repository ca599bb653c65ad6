"""What may be handed out: the chosen table and its description, and the verdict on it.

Takes the chosen anonymized table or its first sample, as `shown_deletion` says, and the hierarchies.
Makes release/<dataset>.csv and release/<dataset>.csv-metadata.json, or .parquet as `handout_format`
says, and nothing else in that folder but the other one where asked for; and verdict.html, which says
whether the first may leave. With `handout_records` it is a folder of files.
"""

RELEASE = "<results>/release/{dataset}.{ending}"


rule hand_out:
    """Write the table that may be handed out, and its description."""
    input:
        table=RUN.shown,
        hierarchies=RUN.hierarchies,
        # One format replaces the other, so that no release of an earlier configuration stays.
        beside=RUN.get_chosen_release,
        library=library("hand_out"),
    output:
        release=directory(RELEASE) if config["handout_records"] else RELEASE,
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
    resources:
        mem_mb=get_memory,
    params:
        suppressed=config["suppressed"],
        escapes_formulas=config["escape_formulas"],
        records=config["handout_records"],
    message:
        "Writing what may be handed out, {output.release}"
    script:
        "../scripts/hand_out.py"


rule judge:
    """Judge the table that may be handed out by the limits that were stated."""
    input:
        release=RUN.handed_out,
        description=f"{RUN.handed_out}-metadata.json",
        table=RUN.shown,
        anonymized="<chosen>",
        hierarchies=RUN.hierarchies,
        library=library("judge_release"),
    output:
        verdict=RUN.verdict,
    log:
        "<logs>/verdict.log",
    benchmark:
        "<benchmarks>/verdict.tsv"
    priority: FIRST
    conda:
        "../envs/anonify.yaml"
    resources:
        mem_mb=get_memory,
    params:
        suppressed=config["suppressed"],
        risk_limit=config["risk_limit"],
        least_after_deletion=config["least_after_deletion"],
        left_out=RUN.left_out,
    message:
        "Judging what may be handed out"
    script:
        "../scripts/judge_release.py"


rule write_verdict:
    """Write the page that says first whether the table may be handed out."""
    input:
        verdict=RUN.verdict,
        library=library("write_verdict"),
    output:
        page="<results>/verdict.html",
    log:
        "<logs>/verdict_page.log",
    benchmark:
        "<benchmarks>/verdict_page.tsv"
    priority: FIRST
    conda:
        "../envs/anonify.yaml"
    message:
        "Writing the verdict, {output.page}"
    script:
        "../scripts/write_verdict.py"
