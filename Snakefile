"""Section 6 of "Anonify: Decentralized Dual-level Anonymity for Medical Data Donation".

dataset -> anonymized (method x k) -> sampled (deletion x repeat) -> measured -> figures, tables
"""

from copy import deepcopy
from pathlib import Path

from snakemake.utils import min_version

min_version("9.27")


include: "rules/terminal.smk"
include: "rules/scheduling.smk"


# What the user gave; the configuration of the paper lies below it, also within keys.
GIVEN = deepcopy(config)


configfile: Path(workflow.current_basedir) / "config/config.yaml"


include: "rules/common.smk"
include: "rules/memory.smk"


# None has wildcards: what a rule says of a wildcard would not reach into them.
pathvars:
    results=RUN.results,
    logs="<results>/logs",
    benchmarks="<results>/benchmarks",
    table=RUN.table,
    chosen=f"<results>/anonymized/{RUN.chosen}.parquet",


include: "rules/dataset.smk"
include: "rules/anonymize.smk"
include: "rules/sample.smk"
include: "rules/release.smk"


for section in RUN.sections:

    include: f"rules/{section}.smk"


include: "rules/paper.smk"
include: "rules/archive.smk"
include: "rules/benchmark.smk"
include: "rules/report.smk"


rule release:
    """Make the table to hand out and the verdict on it, and nothing that they do not need."""
    input:
        RUN.handed_out,
        "<results>/verdict.html",


rule all:
    """Make every figure and table of Section 6, and the report on them."""
    default_target: True
    input:
        expand("<results>/tables/{table}.csv", table=RUN.tables),
        expand("<results>/figures/{figure}.{kind}", figure=RUN.figures, kind=FIGURE_KINDS),
        rules.release.input,
        "<results>/report.html",


onstart:
    show_banner()
    look_as_jobs_end()
    hear_of_the_end()


onsuccess:
    show_banner()
