"""Anonymity of the anonymized and sampled tables (Section 6.3, Figures 11 and 12).

Takes the typed table, the chosen anonymized table and one sample of each deletion.
Makes tables/anonymity.csv, tables/equivalence_classes.csv, and the figures journalist_risk,
certainty and risk_by_record.
"""


rule measure_anonymity:
    """Measure the risks, as published and corrected, and list all equivalence classes."""
    input:
        original="<table>",
        anonymized="<chosen>",
        # How many records each class loses is no matter of chance: one sample shows it.
        samples=RUN.list_samples(repeats=1),
        hierarchies=RUN.hierarchies,
        population=or_stop(RUN.get_population),
        library=library("measure_anonymity"),
    output:
        table=reported("<results>/tables/anonymity.csv", "anonymity_table", "anonymity"),
        metadata="<results>/tables/anonymity.csv-metadata.json",
        classes=reported(
            "<results>/tables/equivalence_classes.csv", "equivalence_classes", "anonymity"
        ),
        classes_metadata="<results>/tables/equivalence_classes.csv-metadata.json",
    log:
        "<logs>/tables/anonymity.log",
    benchmark:
        "<benchmarks>/tables/anonymity.tsv"
    priority: NEXT
    conda:
        "../envs/anonify.yaml"
    resources:
        mem_mb=get_memory,
    params:
        deletions=config["deletions"],
        k=config["release"]["k"],
        threshold=config["risk_threshold"],
        columns=RUN.description["columns"],
        stated=RUN.description.get("population", {}),
    message:
        "Measuring the anonymity"
    script:
        "../scripts/measure_anonymity.py"


rule plot_anonymity:
    """Draw journalist risk or certainty over the deletion, or the risk over the records."""
    input:
        table="<results>/tables/anonymity.csv",
        classes="<results>/tables/equivalence_classes.csv",
        metadata="<results>/tables/anonymity.csv-metadata.json",
        library=library("plot_anonymity"),
    output:
        figure=reported_figure("{figure}", "anonymity"),
        narrow="<results>/figures/narrow/{figure}.svg",
    log:
        "<logs>/figures/{figure}.log",
    benchmark:
        "<benchmarks>/figures/{figure}.tsv"
    wildcard_constraints:
        figure=any_of(list_figures("anonymity")),
    priority: NEXT
    conda:
        "../envs/anonify.yaml"
    params:
        name="{figure}",
        readings=RUN.readings,
    message:
        "Drawing {wildcards.figure}"
    script:
        "../scripts/plot_anonymity.py"
