"""One page that says what was run and what came out, and the front page of Snakemake's report.

Takes all tables and figures, what is known about the dataset, the verdict on the table that may be
handed out, and the comparison with the paper where there is one.
Makes report.html.
"""


report: "captions/stand_in.rst" if RUN.is_stand_in() else "captions/workflow.rst"


rule report:
    """Write the page: summary, figures, tables, what to read from them, provenance."""
    input:
        tables=expand("<results>/tables/{table}.csv", table=RUN.tables),
        metadata=expand("<results>/tables/{table}.csv-metadata.json", table=RUN.tables),
        figures=expand("<results>/figures/{figure}.svg", figure=RUN.figures),
        narrow=expand("<results>/figures/narrow/{figure}.svg", figure=RUN.figures),
        record=RUN.record,
        verdict=RUN.verdict,
        comparison=RUN.get_reported_comparison,
        texts=RUN.get_reported_texts,
        captions=expand(f"{BASE}/rules/captions/{{caption}}.rst", caption=list_captions()),
        library=library("write_report"),
    output:
        page="<results>/report.html",
    log:
        "<logs>/report.log",
    benchmark:
        "<benchmarks>/report.tsv"
    conda:
        "../envs/anonify.yaml"
    params:
        parts=[
            {"section": part.section, "table": part.table, "figures": list(part.figures)}
            for part in RUN.parts
        ],
        sections=RUN.sections,
        configuration=RUN.settings,
        distributions=RUN.distributions,
        paper={key: RUN.paper[key] for key in ("title", "doi", "sha256")},
        readings=RUN.readings,
        is_paper_configuration=RUN.is_paper_configuration,
        # Folder and not files: times of another run are no reason to write the page again.
        benchmarks=f"{RUN.results}/benchmarks",
        benchmark_patterns=get_benchmark_patterns,
    message:
        "Writing the report"
    script:
        "../scripts/write_report.py"
