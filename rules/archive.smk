"""A run as one file to archive and cite. Not part of `all`: it holds what `all` makes."""

from snakemake.common import __version__ as snakemake_version

# What a run is made with, but for the dataset.
WORKFLOW = [
    path
    for pattern in [
        "Snakefile",
        "rules/**/*.*",
        "scripts/**/*.*",
        "config/**/*.*",
        "envs/*.*",
        "profiles/**/*.*",
        "notebooks/*.*",
        "*.md",
        "*.toml",
        "setup.py",
        "requirements.*",
        "CITATION.cff",
        "LICENSE",
        "Makefile",
    ]
    for path in sorted(BASE.glob(pattern))
    if path.is_file() and not is_cache(path)
]
# What the Makefile calls.
WORKFLOW += sorted(BASE.glob(".ci/*.py"))
# An installed library lies around the workflow; in a checkout it is one of its files.
if not LIBRARY.is_relative_to(BASE):
    WORKFLOW += [
        path
        for path in sorted(LIBRARY.rglob("*.*"))
        if not path.is_relative_to(BASE) and path.parent.name != "__pycache__"
    ]

# The dataset's description, the user's own before the one that comes with us.
DESCRIPTION = Path("config/datasets") / f"{config['dataset']}.yaml"
if not DESCRIPTION.exists():
    DESCRIPTION = BASE / DESCRIPTION

# A table is one file, a figure a list of three.
MADE = [
    *[*INFORMATION_LOSS, *DISTRIBUTION, *CLASSIFIERS, *ANONYMITY, *TRADE_OFF],
    *[*MEMBERSHIP, *ATTRIBUTE_INFERENCE],
]
TABLES = [result for result in MADE if isinstance(result, str)]
FIGURES = [result for result in MADE if not isinstance(result, str)]


rule archive:
    """Archive workflow, configuration and results as a Workflow Run RO-Crate."""
    input:
        workflow=map(str, WORKFLOW),
        description=str(DESCRIPTION),
        tables=[*TABLES, *(f"{table}-metadata.json" for table in TABLES)],
        figures=FIGURES,
        page="<results>/report.html",
        comparison=get_reported_comparison,
        texts=get_reported_texts,
        record=f"<results>/dataset/{DATASET['name']}.json",
        metadata="<results>/tables/anonymity.csv-metadata.json",
        citation=f"{BASE}/CITATION.cff",
        library=library("archive_run"),
    output:
        archive="<results>/archive.zip",
    log:
        "<results>/logs/archive.log",
    benchmark:
        "<results>/benchmarks/archive.tsv"
    conda:
        "../envs/anonify.yaml"
    params:
        configuration=config,
        homepage=DATASET.get("homepage"),
        snakemake_version=snakemake_version,
    message:
        "Archiving the run"
    script:
        "../scripts/archive_run.py"
