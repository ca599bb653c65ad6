"""Information loss (Section 6.2.1, Figure 6)."""

INFORMATION_LOSS = [
    "<results>/tables/info_loss.csv",
    figure("info_loss"),
    figure("info_loss_by_quasi_identifier"),
]


rule measure_information_loss:
    """Measure the NCP of every anonymized table, in all and per quasi-identifier."""
    input:
        releases=[
            f"<results>/anonymized/{method}/k{k}.parquet" for method, k in get_measured_releases()
        ],
        hierarchies=HIERARCHIES,
        library=library("measure_information_loss"),
    output:
        table=reported(
            "<results>/tables/info_loss.csv", "information_loss_table", "information_loss"
        ),
        metadata="<results>/tables/info_loss.csv-metadata.json",
    log:
        "<results>/logs/tables/info_loss.log",
    benchmark:
        "<results>/benchmarks/tables/info_loss.tsv"
    conda:
        "../envs/anonify.yaml"
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
    log:
        "<results>/logs/figures/{figure}.log",
    benchmark:
        "<results>/benchmarks/figures/{figure}.tsv"
    wildcard_constraints:
        figure="info_loss|info_loss_by_quasi_identifier",
    conda:
        "../envs/anonify.yaml"
    params:
        name="{figure}",
    message:
        "Drawing {wildcards.figure}"
    script:
        "../scripts/plot_information_loss.py"
