"""Information loss (Section 6.2.1, Figure 6).

Takes every anonymized table and the hierarchies.
Makes tables/info_loss.csv and the figures info_loss and info_loss_by_quasi_identifier.
"""


rule measure_information_loss:
    """Measure the NCP of every anonymized table, in all and per quasi-identifier."""
    input:
        releases=RUN.measured,
        hierarchies=RUN.hierarchies,
        library=library("measure_information_loss"),
    output:
        table=reported(
            "<results>/tables/info_loss.csv", "information_loss_table", "information_loss"
        ),
        metadata="<results>/tables/info_loss.csv-metadata.json",
    log:
        "<logs>/tables/info_loss.log",
    benchmark:
        "<benchmarks>/tables/info_loss.tsv"
    priority: NEXT
    conda:
        "../envs/anonify.yaml"
    resources:
        mem_mb=get_memory,
    message:
        "Measuring the information loss"
    script:
        "../scripts/measure_information_loss.py"


rule plot_information_loss:
    """Draw the NCP over k: the mean (Figure 6), or each quasi-identifier apart."""
    input:
        table="<results>/tables/info_loss.csv",
        metadata="<results>/tables/info_loss.csv-metadata.json",
        library=library("plot_information_loss"),
    output:
        figure=reported_figure("{figure}", "information_loss"),
        narrow="<results>/figures/narrow/{figure}.svg",
    log:
        "<logs>/figures/{figure}.log",
    benchmark:
        "<benchmarks>/figures/{figure}.tsv"
    wildcard_constraints:
        figure=any_of(list_figures("information_loss")),
    priority: NEXT
    conda:
        "../envs/anonify.yaml"
    params:
        name="{figure}",
    message:
        "Drawing {wildcards.figure}"
    script:
        "../scripts/plot_information_loss.py"
