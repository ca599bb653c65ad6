"""Stratified sampling of an anonymized table.

Takes anonymized/<method>/k<k>.parquet.
Makes sampled/<method>/k<k>/deletion<deletion>/repeat<repeat>.parquet.
"""


rule sample:
    """Draw all samples of one deletion: the same share of every equivalence class goes."""
    input:
        release="<results>/anonymized/{method}/k{k}.parquet",
        library=library("sample"),
    output:
        samples=expand(
            "<results>/sampled/{method}/k{k}/deletion{deletion}/repeat{repeat}.parquet",
            repeat=range(1, config["repeats"] + 1),
            allow_missing=True,
        ),
    log:
        "<logs>/sampled/{method}/k{k}/deletion{deletion}.log",
    benchmark:
        "<benchmarks>/sampled/{method}/k{k}/deletion{deletion}.tsv"
    priority: get_priority
    conda:
        "../envs/anonify.yaml"
    resources:
        mem_mb=get_memory_of_engine,
    params:
        method="{method}",
        k="{k}",
        deletion="{deletion}",
        unit=config["sampling_unit"],
        least=config["least_after_deletion"],
        seed=RUN.seed,
    message:
        "Sampling {wildcards.method}, k = {wildcards.k}, deleting {wildcards.deletion} %"
    script:
        "../scripts/sample.py"
