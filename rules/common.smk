"""The run, and what several rules share."""

import os
import re
import sys
from pathlib import Path

from snakemake.utils import update_config

BASE = Path(workflow.current_basedir).parent
SCRIPTS = BASE / "scripts"
# An installed library must not win over the one beside the scripts: neither here nor in jobs, to
# whose path Snakemake adds the folder of the scripts as the last.
sys.path.insert(0, str(SCRIPTS))
os.environ.update(
    PYTHONPATH=os.pathsep.join([str(SCRIPTS), *filter(None, [os.environ.get("PYTHONPATH")])]),
    # Results must not depend on the number of threads that a numerical library takes.
    OMP_NUM_THREADS="1",
    OPENBLAS_NUM_THREADS="1",
    MKL_NUM_THREADS="1",
)

from anonify.base.errors import UserError
from anonify.base.files import name_file
from anonify.base.words import STAND_IN_BANNER
from anonify.settings.configuration import list_methods
from anonify.settings.parts import FIGURE_KINDS, list_captions, list_figures
from anonify.settings.run import load_run
from anonify.settings.schemas import read_yaml
from anonify.settings.sources import list_sources, list_workflow


def stop(message):
    """End the run before it begins, with one sentence."""
    sys.exit(f"error: {message}")


try:
    # For a module that is handed a configuration, Snakemake has read no other.
    whole = read_yaml(BASE / "config/config.yaml")
    update_config(whole, config)
    RUN = load_run(whole, BASE, GIVEN)
    if RUN.has_options:
        # Imported only here, for it takes longer than everything else that is read on start.
        from anonify.methods import check_options

        RUN.check_options(check_options)
except UserError as error:
    stop(error)
# With all keys, where the user gave some.
config = RUN.config


def or_stop(get):
    """Make an input function of one that may find a mistake of the user's."""

    def get_or_stop(wildcards):
        try:
            return get(wildcards)
        except UserError as error:
            stop(error)

    return get_or_stop


def library(script, *modules):
    """List the files that a script uses, as inputs of its rule: see there."""
    return list_sources(SCRIPTS / f"{script}.py", *modules)


def get_library(script):
    """Return an input function: the files that a script and the method of the wildcard use."""
    return lambda wildcards: library(script, f"methods.{wildcards.method}")


def get_workflow(wildcards):
    """List what the run is made with: files that rules are read from, and what their scripts use.

    An input function: only when all rules are read is it known.
    """
    rules = [Path(file.get_path_or_uri(secret_free=True)) for file in workflow.included]
    scripts = [SCRIPTS / Path(rule.script).name for rule in workflow.rules if rule.script]
    methods = {*config["methods"], *config["method_options"], config["release"]["method"]}
    modules = [f"methods.{method}" for method in sorted(methods - {*RUN.foreign})]
    return list_workflow(BASE, rules, scripts, *modules)


def any_of(names):
    """Return a constraint of a wildcard: one of some names, of which there may be none."""
    return "|".join(map(re.escape, names)) or "(?!)"


def reported(path, caption, section):
    """Mark a file for Snakemake's report, with its caption and its section."""
    kind = "figure" if path.endswith(".svg") else "table"
    return report(
        path,
        caption=f"captions/{caption}.rst",
        category=RUN.sections[section],
        labels={"name": Path(path).stem, "kind": kind},
    )


def reported_figure(name, section):
    """List the files of a figure, the SVG marked for Snakemake's report."""
    *others, svg = [f"<results>/figures/{name}.{kind}" for kind in FIGURE_KINDS]
    return [*others, reported(svg, section, section)]


def each_sample(path):
    """List a path for each sample of one deletion that classifiers are trained on."""
    repeats = range(1, config["classifier_repeats"] + 1)
    return expand(path, repeat=repeats, allow_missing=True)


def get_benchmark_patterns(wildcards):
    """Return the regular expression of each rule's benchmarks."""
    return {rule.name: rule.benchmark.regex().pattern for rule in workflow.rules if rule.benchmark}


# Priorities: who waits for the release has it first, then what it costs, and last what takes long;
# attacks, which have none, come after the classifiers.
FIRST, NEXT, LATER = 3, 2, 1


def list_scales(wildcards):
    """List the tables of all sizes that were measured."""
    found = sorted(Path(RUN.results, "benchmarks/scale").glob("*.csv"))
    return [str(path) for path in found] or stop(
        "no size was measured; do it by `make bench-scale`"
    )


def get_priority(wildcards):
    """Return when a table is anonymized or sampled: first where it leads to what is handed out."""
    is_chosen = f"{wildcards.method}/k{wildcards.k}" == RUN.chosen
    shown = str(config["shown_deletion"])
    return FIRST if is_chosen and wildcards.get("deletion", shown) == shown else NEXT


def show_banner():
    """Say loudly that the data are synthetic, where they are."""
    if RUN.is_stand_in():
        print(STAND_IN_BANNER.format(file=RUN.description["file"]), file=sys.stderr)


wildcard_constraints:
    method=any_of([*list_methods(), *RUN.foreign]),
    k=r"\d+",
    deletion=r"\d+",
    repeat=r"\d+",
