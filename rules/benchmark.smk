"""How fast the library is. Not part of `all`: times belong to a machine, not to the results.

Takes the typed table and the hierarchies; other libraries are measured on Adult, Census-Income, a
health survey and made-up tables.
Makes benchmarks/library.csv, adult.csv, scaling.csv, growth.csv and the figure scaling; peers.csv
and the figure peers;
scale/<records>.csv of tables of one size, and scale.csv and the figure scale of all sizes there are.
"""

# The interpreter that has the libraries ours is measured beside; `make bench` makes it.
PEERS_PYTHON = str(Path(".venv-peers/bin/python").absolute())

# The measured process and what it loads, which the scripts that start it do not import.
WORKER = [str(SCRIPTS / "benchmark_worker.py")]
MEASURED = [
    "releases.recode",
    "recoding.tightening",
    *[f"methods.{name}" for name in list_methods()],
]

# The jobs of a run that are measured on tables of any size.
STEPS = ("prepare_dataset", "anonymize", "sample", "export_csv")


rule benchmark:
    """Measure the methods, one sample and the information loss, next to plain versions."""
    input:
        table="<table>",
        hierarchies=RUN.hierarchies,
        library=library("benchmark", *[f"methods.{name}" for name in config["methods"]]),
    output:
        out="<benchmarks>/library.csv",
    log:
        "<logs>/benchmarks/library.log",
    conda:
        "../envs/anonify.yaml"
    params:
        methods=config["methods"],
        k_values=config["k_values"],
        seed=RUN.seed,
    message:
        "Measuring the speed of the library"
    script:
        "../scripts/benchmark.py"


rule benchmark_adult:
    """Measure our methods and other libraries on Adult."""
    input:
        library=WORKER + library("benchmark_adult", *MEASURED),
    output:
        out="<benchmarks>/adult.csv",
    log:
        "<logs>/benchmarks/adult.log",
    conda:
        "../envs/anonify.yaml"
    params:
        peers_python=PEERS_PYTHON,
    message:
        "Measuring methods and other libraries on Adult"
    script:
        "../scripts/benchmark_adult.py"


rule compare_peers:
    """Measure what our methods and other libraries make of real tables and a made-up one."""
    input:
        library=WORKER + library("compare_peers", *MEASURED),
    output:
        out="<benchmarks>/peers.csv",
    log:
        "<logs>/benchmarks/peers.log",
    conda:
        "../envs/anonify.yaml"
    params:
        peers_python=PEERS_PYTHON,
        seed=RUN.seed,
    message:
        "Comparing methods and other libraries on real tables"
    script:
        "../scripts/compare_peers.py"


rule plot_peers:
    """Draw the loss and the time of our methods and other libraries."""
    input:
        peers="<benchmarks>/peers.csv",
        library=library("plot_peers"),
    output:
        figure=[f"<benchmarks>/peers.{kind}" for kind in ("pdf", "png")],
    log:
        "<logs>/benchmarks/plot_peers.log",
    conda:
        "../envs/anonify.yaml"
    message:
        "Drawing the loss and the time of methods and other libraries"
    script:
        "../scripts/plot_peers.py"


rule benchmark_scaling:
    """Measure how time and memory grow with records and quasi-identifiers."""
    input:
        library=WORKER + library("benchmark_scaling", *MEASURED),
    output:
        scaling="<benchmarks>/scaling.csv",
        growth="<benchmarks>/growth.csv",
    log:
        "<logs>/benchmarks/scaling.log",
    conda:
        "../envs/anonify.yaml"
    params:
        peers_python=PEERS_PYTHON,
        seed=RUN.seed,
    message:
        "Measuring how time and memory grow"
    script:
        "../scripts/benchmark_scaling.py"


rule plot_benchmark:
    """Draw how time and memory grow."""
    input:
        scaling="<benchmarks>/scaling.csv",
        library=library("plot_benchmark"),
    output:
        figure=[f"<benchmarks>/scaling.{kind}" for kind in ("pdf", "png")],
    log:
        "<logs>/benchmarks/plot.log",
    conda:
        "../envs/anonify.yaml"
    message:
        "Drawing how time and memory grow"
    script:
        "../scripts/plot_benchmark.py"


rule benchmark_scale:
    """Measure what a table of one size takes, by each engine and by other libraries."""
    input:
        source=expand(RUN.source, dataset=RUN.dataset, allow_missing=True)[0],
        record=RUN.record,
        hierarchy_files=or_stop(RUN.get_hierarchy_files),
        library=[
            *WORKER,
            str(SCRIPTS / "benchmark_step.py"),
            *library("benchmark_scale", "methods.arx"),
            *[path for step in STEPS for path in library(step)],
        ],
    output:
        out="<benchmarks>/scale/{records}.csv",
    log:
        "<logs>/benchmarks/scale_{records}.log",
    wildcard_constraints:
        records=r"[1-9]\d*",
    conda:
        "../envs/anonify.yaml"
    params:
        records="{records}",
        columns=RUN.description["columns"],
        names=RUN.list_columns("quasi-identifier"),
        dialect=RUN.dialect,
        rows_are_people=RUN.description.get("rows_are_people", False),
        confidential=RUN.description["confidential"],
        peers_python=PEERS_PYTHON,
        seed=RUN.seed,
    message:
        "Measuring what {wildcards.records} records take"
    script:
        "../scripts/benchmark_scale.py"


rule plot_scale:
    """Put together what was measured of each size, extrapolate, and draw it."""
    input:
        measured=list_scales,
        record=RUN.record,
        library=library("plot_scale"),
    output:
        out="<benchmarks>/scale.csv",
        figure=[f"<benchmarks>/scale.{kind}" for kind in ("pdf", "png", "svg")],
    log:
        "<logs>/benchmarks/plot_scale.log",
    conda:
        "../envs/anonify.yaml"
    message:
        "Drawing what tables of any size take"
    script:
        "../scripts/plot_scale.py"
