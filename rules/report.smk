"""One page that says what was run and what came out, and the front page of Snakemake's report."""


report: "captions/stand_in.rst" if is_stand_in() else "captions/workflow.rst"


# What the page shows: the tables, each with its section and figures.
PARTS = [
    {
        "section": "information_loss",
        "table": "info_loss",
        "figures": ["info_loss", "info_loss_by_quasi_identifier"],
    },
    *[{"section": "distribution", "table": name, "figures": [name]} for name in DISTRIBUTIONS],
    *[
        {"section": "classifiers", "table": name, "figures": METRICS}
        for name in (["classifiers"] if HAS_TARGET else [])
    ],
    {
        "section": "anonymity",
        "table": "anonymity",
        "figures": ["journalist_risk", "certainty", "risk_by_record"],
    },
    {"section": "trade_off", "table": "trade_off", "figures": ["trade_off"]},
    *[
        {"section": "membership", "table": name, "figures": MEMBERSHIP_FIGURES}
        for name in (["membership"] if IS_ATTACKED else [])
    ],
    *[
        {"section": name, "table": name, "figures": [name]}
        for name in (["attribute_inference"] if HAS_SENSITIVE else [])
    ],
]
REPORTED_TABLES = [*[part["table"] for part in PARTS], "equivalence_classes"]
REPORTED_FIGURES = [name for part in PARTS for name in part["figures"]]

CAPTIONS = [f"{section}{kind}" for section in SECTIONS for kind in ("", "_table")]

# What may differ from the paper's configuration without changing a number.
WHERE_FILES_ARE = ["run", "search_path", "when_unavailable"]
CONFIGURATION = {key: value for key, value in config.items() if key not in WHERE_FILES_ARE}
PAPER_CONFIGURATION = {
    key: value
    for key, value in read_yaml(BASE / "config/config.yaml").items()
    if key not in WHERE_FILES_ARE
}


rule report:
    """Write the page: summary, figures, tables, what to read from them, provenance."""
    input:
        tables=expand("<results>/tables/{table}.csv", table=REPORTED_TABLES),
        metadata=expand("<results>/tables/{table}.csv-metadata.json", table=REPORTED_TABLES),
        figures=expand("<results>/figures/{figure}.svg", figure=REPORTED_FIGURES),
        record=f"<results>/dataset/{DATASET['name']}.json",
        released=get_chosen_table(),
        comparison=get_reported_comparison,
        texts=get_reported_texts,
        captions=expand(f"{BASE}/rules/captions/{{caption}}.rst", caption=CAPTIONS),
        library=library("write_report"),
    output:
        page="<results>/report.html",
    log:
        "<results>/logs/report.log",
    benchmark:
        "<results>/benchmarks/report.tsv"
    conda:
        "../envs/anonify.yaml"
    params:
        parts=PARTS,
        sections=SECTIONS,
        configuration=CONFIGURATION,
        distributions=DISTRIBUTIONS,
        paper={key: PAPER[key] for key in ("title", "doi", "sha256")},
        readings=READINGS,
        is_paper_configuration=CONFIGURATION == PAPER_CONFIGURATION,
        # Folder and not files: times of another run are no reason to write the page again.
        benchmarks=f"{RESULTS}/benchmarks",
        benchmark_patterns=get_benchmark_patterns,
    message:
        "Writing the report"
    script:
        "../scripts/write_report.py"
