"""Stratified sampling of an anonymized table."""


rule sample:
    """Draw all samples of one deletion: the same share of every equivalence class goes."""
    input:
        release="<results>/anonymized/{method}/k{k}.parquet",
        library=library("sample"),
    output:
        samples=expand(
            "<results>/sampled/{method}/k{k}/deletion{deletion}/repeat{repeat}.parquet",
            repeat=REPEATS,
            allow_missing=True,
        ),
    log:
        "<results>/logs/sampled/{method}/k{k}/deletion{deletion}.log",
    benchmark:
        "<results>/benchmarks/sampled/{method}/k{k}/deletion{deletion}.tsv"
    conda:
        "../envs/anonify.yaml"
    params:
        method="{method}",
        k="{k}",
        deletion="{deletion}",
        seed=config["seed"],
    message:
        "Sampling {wildcards.method}, k = {wildcards.k}, deleting {wildcards.deletion} %"
    script:
        "../scripts/sample.py"
