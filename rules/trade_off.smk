"""Choosing method, k and deletion: what they cost and which risk they leave (not in the paper).

Takes every anonymized table and the hierarchies.
Makes tables/trade_off.csv and the figure trade_off.
"""


rule measure_trade_off:
    """Measure loss and risk of every anonymized table at every deletion, and their Pareto fronts."""
    input:
        # How many records each class loses is no matter of chance: no sample is needed.
        releases=RUN.measured,
        hierarchies=RUN.hierarchies,
        library=library("measure_trade_off"),
    output:
        table=reported("<results>/tables/trade_off.csv", "trade_off_table", "trade_off"),
        metadata="<results>/tables/trade_off.csv-metadata.json",
    log:
        "<logs>/tables/trade_off.log",
    benchmark:
        "<benchmarks>/tables/trade_off.tsv"
    priority: NEXT
    conda:
        "../envs/anonify.yaml"
    resources:
        mem_mb=get_memory,
    params:
        deletions=config["deletions"],
        chosen={**config["release"], "deletion": config["shown_deletion"]},
    message:
        "Measuring the trade-off between loss and risk"
    script:
        "../scripts/measure_trade_off.py"


rule plot_trade_off:
    """Draw risk over loss, a panel for each risk."""
    input:
        table="<results>/tables/trade_off.csv",
        metadata="<results>/tables/trade_off.csv-metadata.json",
        library=library("plot_trade_off"),
    output:
        figure=reported_figure("trade_off", "trade_off"),
        narrow="<results>/figures/narrow/trade_off.svg",
    log:
        "<logs>/figures/trade_off.log",
    benchmark:
        "<benchmarks>/figures/trade_off.tsv"
    priority: NEXT
    conda:
        "../envs/anonify.yaml"
    message:
        "Drawing trade_off"
    script:
        "../scripts/plot_trade_off.py"
