"""Configuration, and what several rules share."""

import json
import os
import re
import sys
from pathlib import Path

BASE = Path(workflow.current_basedir).parent
SCRIPTS = BASE / "scripts"
# An installed library must not win over the one beside the scripts: neither here nor in jobs, to
# whose path Snakemake adds the folder of the scripts as the last.
sys.path.insert(0, str(SCRIPTS))

from anonify.base.errors import UserError
from anonify.base.files import hash_file, is_parquet, name_file
from anonify.base.places import LIBRARY
from anonify.base.words import STAND_IN_BANNER
from anonify.settings.classifiers import CLASSIFIERS as CONFIGURED_CLASSIFIERS
from anonify.settings.description import read_description
from anonify.settings.parts import RUN_FOLDERS
from anonify.settings.schemas import check_configuration, fill_defaults, read_yaml
from anonify.settings.search import find_file, list_search_path
from anonify.settings.sources import list_sources

os.environ.update(
    PYTHONPATH=os.pathsep.join([str(SCRIPTS), *filter(None, [os.environ.get("PYTHONPATH")])]),
    # Results must not depend on the number of threads that a numerical library takes.
    OMP_NUM_THREADS="1",
    OPENBLAS_NUM_THREADS="1",
    MKL_NUM_THREADS="1",
)


def stop(message):
    """End the run before it begins, with one sentence."""
    sys.exit(f"error: {message}")


def read_configuration(config):
    """Check the configuration and fill in the defaults."""
    schema = read_yaml(BASE / "config/config.schema.yaml")
    config = fill_defaults(config, schema)
    check_configuration(config, schema, "configuration")
    known = list_methods()
    for method in [*config["methods"], *config["method_options"]]:
        if method not in known:
            key = "methods" if method in config["methods"] else "method_options"
            stop(
                f"configuration: `{key}` names {method!r}, which is no module of "
                f"scripts/anonify/methods/; choose from {', '.join(known)}"
            )
    for classifier in config["classifiers"]:
        if classifier not in (known := list_classifiers()):
            stop(
                f"configuration: `classifiers` names {classifier!r}, which is none of "
                f"scripts/anonify/settings/classifiers.py; choose from {', '.join(known)}"
            )
    if config["run"] in RUN_FOLDERS:
        stop(
            f"configuration: `run` is {config['run']!r}, which is a folder of the run without a "
            "name; choose another name"
        )
    if config["shown_deletion"] not in [0, *config["deletions"]]:
        stop(
            f"configuration: `shown_deletion` is {config['shown_deletion']}; it should be one "
            f"of the `deletions` {config['deletions']}, or 0"
        )
    if config["classifier_repeats"] > config["repeats"]:
        stop(
            f"configuration: `classifier_repeats` is {config['classifier_repeats']}; it should "
            f"be at most `repeats`, which is {config['repeats']}"
        )
    return config


def read_dataset_description(name):
    """Read config/datasets/<name>.yaml, the user's own before the one that comes with us."""
    own = Path("config/datasets") / f"{name}.yaml"
    path = own if own.exists() else BASE / own
    description = read_description(path, str(own))
    if description["name"] != name:
        stop(
            f"{own}: `name` is {description['name']!r}; it should be {name!r}, as the file is called"
        )
    return description


def check_release(release):
    """Make sure that the table to be evaluated is one that can be made."""
    external = DATASET.get("releases", {}).get(release["method"])
    if external is None and release["method"] not in list_methods():
        stop(
            f"configuration: `release.method` is {release['method']!r}; it should be a method "
            f"or one of the releases in config/datasets/{DATASET['name']}.yaml"
        )
    if external is not None and release["k"] not in external:
        stop(
            f"configuration: `release.k` is {release['k']}; {release['method']!r} has k "
            f"{', '.join(map(str, external))}"
        )


def check_methods():
    """Make sure that options and requirements fit the methods and the dataset."""
    for requirement in config["requirements"]:
        column = DATASET["columns"].get(requirement["attribute"])
        if column is None or column["role"] not in ("sensitive", "target"):
            stop(
                f"configuration: `requirements` names {requirement['attribute']!r}; it should be a "
                f"sensitive column or the target of config/datasets/{DATASET['name']}.yaml"
            )
    if not config["method_options"] and not config["requirements"]:
        return
    # Imported only here, for it takes longer than everything else that is read on start.
    from anonify.methods import check_options

    methods = {*config["methods"], *config["method_options"], config["release"]["method"]}
    for method in sorted(methods - set(RELEASES)):
        try:
            check_options(method, get_options(method), bool(config["requirements"]))
        except UserError as error:
            stop(f"configuration: {error}")


def get_options(method):
    """Return the options of a method."""
    return config["method_options"].get(method, {})


def get_wanted_options(wildcards):
    """Return the options of the wildcard's method."""
    return get_options(wildcards.method)


def list_modules(package, without=()):
    """List the modules of a package of the library."""
    files = sorted((LIBRARY / package).glob("*.py"))
    return [file.stem for file in files if file.stem not in without]


def list_methods():
    """List the methods of k-anonymization."""
    return list_modules("methods", without=["__init__"])


def list_classifiers():
    """List the classifiers."""
    return list(CONFIGURED_CLASSIFIERS)


def library(script, *modules):
    """List the files that a script uses, as inputs of its rule: see there."""
    return list_sources(SCRIPTS / f"{script}.py", *modules)


def get_names(role):
    """List the dataset's columns with a role."""
    return [name for name, column in DATASET["columns"].items() if column["role"] == role]


def get_hierarchy_files(wildcards):
    """List the hierarchies that the dataset's description names as files.

    One that is in no folder of the search path, but has sources, is downloaded.
    """
    found = []
    for name, hierarchy in HIERARCHY_FILES.items():
        path = find_file(hierarchy["file"], DATASET["name"], SEARCH_PATH)
        if path is None and not hierarchy.get("sources"):
            stop(
                f"config/datasets/{DATASET['name']}.yaml: the hierarchy {hierarchy['file']} is in "
                f"none of {', '.join(map(str, SEARCH_PATH))}; put it there or correct its name"
            )
        place = f"<results>/dataset/hierarchies/files/{DATASET['name']}_{name_file(name)}.csv"
        is_taken = path is not None and not hierarchy.get("sha256")
        found.append(str(path) if is_taken else place)
    return found


def get_hierarchy_file(wildcards):
    """Return what is known of a hierarchy's file."""
    by_file = {name_file(name): hierarchy for name, hierarchy in HIERARCHY_FILES.items()}
    return by_file[wildcards.name]


def get_encodings():
    """Return the encoding of each column that has one."""
    return {
        name: column["encoding"]
        for name, column in DATASET["columns"].items()
        if "encoding" in column
    }


def get_positive():
    """Return the class of the target that counts as the positive one, None for the last."""
    return next(
        (column["positive"] for column in DATASET["columns"].values() if "positive" in column), None
    )


def figure(name):
    """List the files of a figure."""
    return [f"<results>/figures/{name}.{kind}" for kind in ("pdf", "png", "svg")]


def reported(path, caption, section):
    """Mark a file for Snakemake's report, with its caption and the paper's section."""
    kind = "figure" if path.endswith(".svg") else "table"
    return report(
        path,
        caption=f"captions/{caption}.rst",
        category=SECTIONS[section],
        labels={"name": Path(path).stem, "kind": kind},
    )


def reported_figure(name, section):
    """List the files of a figure, the SVG marked for Snakemake's report."""
    *others, svg = figure(name)
    return [*others, reported(svg, section, section)]


def get_method_library(wildcards):
    """List the library files of the method's module."""
    return library("anonymize", f"methods.{wildcards.method}")


def get_release(wildcards):
    """Return the description of a table that was anonymized elsewhere."""
    releases = RELEASES[wildcards.method]
    if int(wildcards.k) not in releases:
        stop(
            f"{wildcards.method} has no table with k = {wildcards.k}, only with k = "
            f"{', '.join(map(str, releases))}"
        )
    return releases[int(wildcards.k)]


def get_measured_releases():
    """List method and k of each table whose information loss is measured."""
    grid = [(method, k) for method in config["methods"] for k in config["k_values"]]
    chosen = (config["release"]["method"], config["release"]["k"])
    return grid if chosen in grid else [*grid, chosen]


def get_distribution(wildcards):
    """Return what a figure of a distribution shows."""
    return DISTRIBUTIONS[wildcards.distribution]


def get_attacked_method_library(wildcards):
    """List the library files that attacks on a method's tables use."""
    return library("attack_membership", f"methods.{wildcards.method}")


def get_repeated_method_library(wildcards):
    """List the library files of a method that is repeated."""
    return library("repeat_anonymization", f"methods.{wildcards.method}")


def get_compared_table(wildcards):
    """Return the table that a classifier is repeated on."""
    published = "<results>/anonymized/{method}/k{k}.parquet".format(**PAPER["release"])
    ours = f"<results>/anonymized/{RELEASE}.parquet"
    return {"original": TABLE, "released": published, "anonymized": ours}[wildcards.data]


def get_via(wildcards):
    """Return by which file a number is compared."""
    return "published release" if wildcards.data == "released" else "raw file"


def get_varied(wildcards):
    """Return what differs between the repeats of a classifier."""
    is_ours = wildcards.data == "anonymized"
    return "split" if is_ours else PAPER["varied"][wildcards.classifier]


def get_runs(wildcards):
    """Return how often a classifier is repeated."""
    return PAPER["splits"] if wildcards.data == "anonymized" else PAPER["runs"]


def read_record():
    """Return what is known about the dataset's file, or None where there is none yet."""
    record = Path(f"{RESULTS}/dataset/{DATASET['name']}.json")
    source = SOURCE.format(dataset=DATASET["name"]).replace("<results>", RESULTS)
    is_there = record.exists() and Path(source).exists()
    return json.loads(record.read_text()) if is_there else None


def is_stand_in():
    """Tell whether the run works on the synthetic stand-in."""
    record = read_record()
    return bool(record and record["synthetic"])


def is_paper_run():
    """Tell whether the run is the paper's: its dataset, as far as it was found, and settings."""
    record = read_record()
    is_paper_dataset = bool(record) and record["sha256"] == PAPER["sha256"]
    return is_paper_dataset and not record["synthetic"] and CONFIGURATION == PAPER_CONFIGURATION


def get_reported_comparison(wildcards):
    """Return the comparison with the paper, where one was made and belongs to this run.

    Making it takes much longer than everything else, so the page does not ask for it.
    """
    path = Path(f"{RESULTS}/paper/comparison.csv")
    return [str(path)] if is_paper_run() and path.exists() else []


def get_reported_texts(wildcards):
    """Return what is known about the original evaluation, likewise."""
    paths = [Path(f"{RESULTS}/paper/{name}.md") for name in ("errata", "reading")]
    return [str(path) for path in paths if get_reported_comparison(wildcards) and path.exists()]


def is_cache(path):
    """Tell whether a file of the workflow was made by a tool that worked on it."""
    folders = path.relative_to(BASE).parts[:-1]
    return any(folder.startswith(".") or folder == "__pycache__" for folder in folders)


def get_chosen_table():
    """Return the table that the report describes: what may be handed out.

    One sample stands for all: what a class has in common differs little between them.
    """
    deletion = config["shown_deletion"]
    if not deletion:
        return f"<results>/anonymized/{RELEASE}.parquet"
    return f"<results>/sampled/{RELEASE}/deletion{deletion}/repeat1.parquet"


def get_benchmark_patterns(wildcards):
    """Return the regular expression of each rule's benchmarks."""
    return {rule.name: rule.benchmark.regex().pattern for rule in workflow.rules if rule.benchmark}


def get_lookup(wildcards):
    """Return where the dataset is looked for, and what happens if it is found nowhere.

    Once a verified file was found this stays what it was, so that neither a change of the
    search path nor `make run` after `make paper` reruns anything. A stand-in gives way as soon
    as the dataset turns up or is asked for.
    """
    record = read_record()
    if record and not record["synthetic"] and not is_edited(record):
        return record["lookup"]
    found = find_file(DATASET["file"], DATASET["name"], SEARCH_PATH)
    return {
        "found": str(found) if found else None,
        "search_path": config["search_path"],
        "sha256": hash_readable(found) if found else None,
        "when_unavailable": config["when_unavailable"],
    }


def is_edited(record):
    """Tell whether the file that was found is another by now; one of a known checksum can't be."""
    origin = Path(record["origin"])
    if "sha256" in DATASET or not origin.is_file():
        return False
    return hash_readable(origin) not in (None, record["sha256"])


def hash_readable(path):
    """Return the SHA-256 of a file; None where it may not be read, which the job tells."""
    try:
        return hash_file(path)
    except OSError:
        return None


def show_banner():
    """Say loudly that the data are synthetic, where they are."""
    if is_stand_in():
        print(STAND_IN_BANNER.format(file=DATASET["file"]), file=sys.stderr)


PAPER = read_yaml(BASE / "config/paper/paper.yaml")

try:
    config = read_configuration(config)
    DATASET = read_dataset_description(config["dataset"])
except UserError as error:
    stop(error)
# Where everything goes that is made: `<results>` in rules.
RESULTS = f"results/{config['run']}" if config["run"] else "results"
# The dataset's file as it was found.
SOURCE = "<results>/dataset/{dataset}.csv"
if is_parquet(DATASET["file"]):
    SOURCE = "<results>/dataset/{dataset}.source.parquet"
SEARCH_PATH = list_search_path(config["search_path"])
check_release(config["release"])

RELEASE = "{method}/k{k}".format(**config["release"])
RELEASES = DATASET.get("releases", {})
check_methods()
QUASI_IDENTIFIERS = get_names("quasi-identifier")
HIERARCHY_FILES = {
    name: DATASET["columns"][name]["hierarchy"]
    for name in QUASI_IDENTIFIERS
    if "file" in DATASET["columns"][name].get("hierarchy", {})
}
# How the paper read a number is of interest on its dataset alone.
IS_PAPER_DATASET = DATASET.get("sha256") == PAPER["sha256"]
READINGS = ["as published", "corrected"] if IS_PAPER_DATASET else ["corrected"]
HAS_TARGET = bool(get_names("target"))
DISTRIBUTIONS = DATASET.get("distributions", {})
REPEATS = range(1, config["repeats"] + 1)
CLASSIFIER_REPEATS = range(1, config["classifier_repeats"] + 1)

# What sections are called in reports; on the paper's dataset with its numbers.
SECTIONS = {
    "information_loss": "6.2.1 Information loss",
    "distribution": "6.2.2 Distribution of sensitive attributes",
    "classifiers": "6.2.3 Classifiers",
    "anonymity": "6.3 Anonymity",
    "trade_off": "Choosing k and deletion",
    "membership": "Membership inference",
    "attribute_inference": "Attribute inference",
}
if not IS_PAPER_DATASET:
    SECTIONS = {name: re.sub(r"^[\d.]+ ", "", title) for name, title in SECTIONS.items()}


wildcard_constraints:
    method="|".join([*list_methods(), *RELEASES]),
    k=r"\d+",
    deletion=r"\d+",
    repeat=r"\d+",
