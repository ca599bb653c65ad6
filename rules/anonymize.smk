"""k-anonymization, by our methods or elsewhere. Every table is verified before it is written.

Takes the typed table and the hierarchies, or dataset/releases/<method>_k<k>.csv, which is found or
downloaded.
Makes anonymized/<method>/k<k>.parquet and, where asked for, the CSV of such a table or a sample.
"""


rule anonymize:
    """Anonymize the dataset, verify the result and sort it by what it shows."""
    input:
        table="<table>",
        hierarchies=RUN.hierarchies,
        library=get_library("anonymize"),
    output:
        release="<results>/anonymized/{method}/k{k}.parquet",
    log:
        "<logs>/anonymized/{method}/k{k}.log",
    benchmark:
        "<benchmarks>/anonymized/{method}/k{k}.tsv"
    wildcard_constraints:
        method=any_of(list_methods()),
    priority: get_priority
    conda:
        "../envs/anonify.yaml"
    resources:
        mem_mb=get_memory_of_engine,
    params:
        method="{method}",
        k="{k}",
        options=RUN.get_options,
        requirements=config["requirements"],
        labels=config["labels"],
        seed=RUN.seed,
    message:
        "Anonymizing with {wildcards.method}, k = {wildcards.k}"
    script:
        "../scripts/anonymize.py"


use rule download_hierarchy as download_release with:
    """Find or download a table that was anonymized elsewhere."""
    output:
        csv="<results>/dataset/releases/{method}_k{k}.csv",
    log:
        "<logs>/dataset/releases/{method}_k{k}.log",
    benchmark:
        "<benchmarks>/dataset/releases/{method}_k{k}.tsv"
    wildcard_constraints:
        method=any_of(RUN.foreign),
    params:
        description=or_stop(RUN.get_release),
    message:
        "Looking for the table of {wildcards.method}, k = {wildcards.k}"


rule import_release:
    """Verify a table that was anonymized elsewhere and take it in."""
    input:
        csv="<results>/dataset/releases/{method}_k{k}.csv",
        table="<table>",
        hierarchies=RUN.hierarchies,
        library=library("import_release"),
    output:
        release="<results>/anonymized/{method}/k{k}.parquet",
    log:
        "<logs>/anonymized/{method}/k{k}.log",
    benchmark:
        "<benchmarks>/anonymized/{method}/k{k}.tsv"
    wildcard_constraints:
        method=any_of(RUN.foreign),
    priority: get_priority
    conda:
        "../envs/anonify.yaml"
    resources:
        mem_mb=get_memory,
    params:
        method="{method}",
        k="{k}",
        decimal=RUN.description["decimal"],
    message:
        "Taking in the table of {wildcards.method}, k = {wildcards.k}"
    script:
        "../scripts/import_release.py"


rule export_csv:
    """Write an anonymized or sampled table as the CSV to be handed out."""
    input:
        table="<results>/{stage}/{path}.parquet",
        library=library("export_csv"),
    output:
        csv="<results>/{stage}/{path}.csv",
    log:
        "<logs>/export/{stage}/{path}.log",
    wildcard_constraints:
        stage="anonymized|sampled",
    conda:
        "../envs/anonify.yaml"
    resources:
        mem_mb=get_memory,
    params:
        suppressed=config["suppressed"],
        escapes_formulas=config["escape_formulas"],
    message:
        "Writing {output.csv}"
    script:
        "../scripts/export_csv.py"
