"""How much memory jobs ask for: by the size of the tables that they read.

Of tables that are not made yet Snakemake asks again when the job's turn has come; until then it
tells <TBD>.
"""

from pathlib import Path

# MB that any job asks for, and MB that it takes beside its tables.
LEAST, BESIDE = 1000, 500
# Bytes that a cell of a table takes at the peak of a job.
PER_CELL = 20
# DuckDB and Spark take somewhat more than their limit.
ABOVE_LIMIT = 1.25


def ask_for_tables(files):
    """Return about how many MB a job takes that has two of its tables in memory at once."""
    # Imported only here, for it takes longer than everything else that is read on start.
    from anonify.engines.choice import estimate_memory

    taken = sorted(estimate_memory(file) for file in files if Path(file).suffix != ".py")
    return max(LEAST, BESIDE + round(sum(taken[-2:]) / 10**6))


def get_memory(wildcards, input, attempt):
    """Return how many MB a job asks for, more after each attempt that failed."""
    return attempt * ask_for_tables(input)


def get_memory_of_drawn(wildcards, input, attempt):
    """Return how many MB a job asks for that reads at most so many records of each table."""
    asked, most = get_memory(wildcards, input, attempt), config["evaluation_records"]
    if most is None:
        return asked
    cells = most * len(RUN.description["columns"])
    return min(asked, attempt * max(LEAST, BESIDE + round(2 * PER_CELL * cells / 10**6)))


def get_memory_of_engine(wildcards, input, attempt):
    """Return how many MB a job asks for that an engine does, where the configuration says so."""
    if config["engine"] not in ("duckdb", "spark"):
        return get_memory(wildcards, input, attempt)
    from anonify.engines.choice import read_size

    limit = read_size(config["engine_memory"]) / 10**6
    return attempt * max(LEAST, BESIDE + round(ABOVE_LIMIT * limit))
