"""How fast the library is. Not part of `all`: times belong to a machine, not to the results.

Takes the typed table and the hierarchies; other libraries are measured on Adult and made-up tables.
Makes benchmarks/library.csv, adult.csv, scaling.csv, growth.csv and the figure scaling.
"""

# The interpreter that has the libraries ours is measured beside; `make bench` makes it.
PEERS_PYTHON = str(Path(".venv-peers/bin/python").absolute())

# The measured process and what it loads, which the scripts that start it do not import.
WORKER = [str(SCRIPTS / "benchmark_worker.py")]
MEASURED = ["releases.recode", *[f"methods.{name}" for name in list_methods()]]


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
