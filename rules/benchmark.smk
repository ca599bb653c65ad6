"""How fast the library is. Not part of `all`: times belong to a machine, not to the results."""


rule benchmark:
    """Measure the methods, one sample and the information loss, next to plain versions."""
    input:
        table=TABLE,
        hierarchies=HIERARCHIES,
        library=library("benchmark", "anonymizers/arx", "anonymizers/mondrian", "anonymizers/oka"),
    output:
        out="results/benchmarks/library.csv",
    log:
        "results/logs/benchmarks/library.log",
    conda:
        "../envs/anonify.yaml"
    params:
        methods=config["methods"],
        k_values=config["k_values"],
        seed=config["seed"],
    message:
        "Measuring the speed of the library"
    script:
        "../scripts/benchmark.py"
