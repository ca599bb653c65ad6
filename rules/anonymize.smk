"""k-anonymization, by our methods or elsewhere. Every table is verified before it is written."""


rule anonymize:
    """Anonymize the dataset, verify the result and shuffle it."""
    input:
        table=TABLE,
        hierarchies=HIERARCHIES,
        library=get_method_library,
    output:
        release="<results>/anonymized/{method}/k{k}.parquet",
    log:
        "<results>/logs/anonymized/{method}/k{k}.log",
    benchmark:
        "<results>/benchmarks/anonymized/{method}/k{k}.tsv"
    wildcard_constraints:
        method="|".join(list_methods()),
    conda:
        "../envs/anonify.yaml"
    resources:
        # OKA at k = 50 on 100,000 records was seen at 300 MB.
        mem_mb=1000,
    params:
        method="{method}",
        k="{k}",
        options=get_wanted_options,
        requirements=config["requirements"],
        seed=config["seed"],
    message:
        "Anonymizing with {wildcards.method}, k = {wildcards.k}"
    script:
        "../scripts/anonymize.py"


rule download_release:
    """Find or download a table that was anonymized elsewhere."""
    input:
        library=library("download_file"),
    output:
        csv="<results>/dataset/releases/{method}_k{k}.csv",
    log:
        "<results>/logs/dataset/releases/{method}_k{k}.log",
    benchmark:
        "<results>/benchmarks/dataset/releases/{method}_k{k}.tsv"
    wildcard_constraints:
        method="|".join(RELEASES) or "(?!)",
    conda:
        "../envs/anonify.yaml"
    params:
        description=get_release,
        dataset=DATASET["name"],
        homepage=DATASET.get("homepage", "whoever has it"),
        search_path=config["search_path"],
    message:
        "Looking for the table of {wildcards.method}, k = {wildcards.k}"
    script:
        "../scripts/download_file.py"


rule import_release:
    """Verify a table that was anonymized elsewhere and take it in."""
    input:
        csv="<results>/dataset/releases/{method}_k{k}.csv",
        table=TABLE,
        hierarchies=HIERARCHIES,
        library=library("import_release"),
    output:
        release="<results>/anonymized/{method}/k{k}.parquet",
    log:
        "<results>/logs/anonymized/{method}/k{k}.log",
    benchmark:
        "<results>/benchmarks/anonymized/{method}/k{k}.tsv"
    wildcard_constraints:
        method="|".join(RELEASES) or "(?!)",
    conda:
        "../envs/anonify.yaml"
    params:
        method="{method}",
        k="{k}",
        decimal=DATASET["decimal"],
    message:
        "Taking in the table of {wildcards.method}, k = {wildcards.k}"
    script:
        "../scripts/import_release.py"


rule export_csv:
    """Write an anonymized or sampled table as the CSV to be handed out."""
    input:
        table="<results>/{room}/{path}.parquet",
        library=library("export_csv"),
    output:
        csv="<results>/{room}/{path}.csv",
    log:
        "<results>/logs/export/{room}/{path}.log",
    wildcard_constraints:
        room="anonymized|sampled",
    conda:
        "../envs/anonify.yaml"
    message:
        "Writing {output.csv}"
    script:
        "../scripts/export_csv.py"
