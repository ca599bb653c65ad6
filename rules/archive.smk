"""A run as one file to archive and cite. Not part of `all`: it holds what `all` makes.

Takes the files of the workflow that the run is made with, the description of the dataset, all tables
and figures, and the pages: each by its name, so that nothing else in their folders comes along.
Makes archive.zip, and says what is in it.
"""

from snakemake.common import __version__ as snakemake_version


rule archive:
    """Archive workflow, configuration and results as a Workflow Run RO-Crate."""
    input:
        workflow=get_workflow,
        description=str(RUN.place),
        tables=expand("<results>/tables/{table}.csv", table=RUN.tables)
        + expand("<results>/tables/{table}.csv-metadata.json", table=RUN.tables),
        figures=expand("<results>/figures/{figure}.{kind}", figure=RUN.figures, kind=FIGURE_KINDS),
        pages=["<results>/verdict.html", "<results>/report.html"],
        comparison=RUN.get_reported_comparison,
        texts=RUN.get_reported_texts,
        record=RUN.record,
        metadata="<results>/tables/anonymity.csv-metadata.json",
        citation=f"{BASE}/CITATION.cff",
        library=library("archive_run"),
    output:
        archive="<results>/archive.zip",
    log:
        "<logs>/archive.log",
    benchmark:
        "<benchmarks>/archive.tsv"
    conda:
        "../envs/anonify.yaml"
    params:
        configuration=config,
        homepage=RUN.description.get("homepage"),
        snakemake_version=snakemake_version,
    message:
        "Archiving the run"
    script:
        "../scripts/archive_run.py"
