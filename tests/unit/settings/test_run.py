"""A run: mistakes in its configuration, and what the workflow asks of it."""

import hashlib
import json
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from types import SimpleNamespace

import pytest
import yaml

from anonify.base.errors import UserError
from anonify.base.places import SCRIPTS
from anonify.methods import check_options
from anonify.settings.classifiers import CLASSIFIERS
from anonify.settings.configuration import list_methods
from anonify.settings.parts import SECTIONS
from anonify.settings.run import Run, load_run
from anonify.settings.schemas import read_yaml

PROJECT = Path(__file__).parents[3]
PAPER = read_yaml(PROJECT / "config/config.yaml")

DESCRIPTION = {
    "name": "tiny",
    "title": "Tiny",
    "file": "tiny.csv",
    "columns": {
        "sex": {
            "role": "quasi-identifier",
            "type": "category",
            "hierarchy": {"file": "sex.csv"},
            "encoding": ["m", "f"],
        },
        "age/years": {"role": "quasi-identifier", "type": "integer"},
        "level": {"role": "sensitive", "type": "decimal"},
        "ill": {"role": "target", "type": "integer", "positive": 1},
    },
    "releases": {"elsewhere": {4: {"file": "elsewhere.csv"}, 8: {"file": "other.csv"}}},
}


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """A working directory with a described dataset of the user's."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("ANONIFY_DATA", raising=False)
    describe()
    (tmp_path / "data").mkdir()
    return tmp_path


def describe(**changes: object) -> None:
    path = Path("config/datasets/tiny.yaml")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(yaml.safe_dump({**DESCRIPTION, **changes}, sort_keys=False))


def load(**config: object) -> Run:
    return load_run({"dataset": "tiny", **config}, PROJECT)


def ask(**values: object) -> SimpleNamespace:
    return SimpleNamespace(**values)


# Mistakes


@pytest.mark.parametrize(
    ("config", "sentence"),
    [
        ({"k_valus": [5]}, "configuration: there is no key `k_valus`; did you mean `k_values`?"),
        (
            {"methods": ["arx", "datafly"]},
            "configuration: `methods` names 'datafly', which is no module of "
            f"scripts/anonify/methods/; choose from {', '.join(list_methods())}",
        ),
        (
            {"method_options": {"datafly": {}}},
            "configuration: `method_options` names 'datafly', which is no module of "
            f"scripts/anonify/methods/; choose from {', '.join(list_methods())}",
        ),
        (
            {"classifiers": ["bayes"]},
            "configuration: `classifiers` names 'bayes', which is none of "
            f"scripts/anonify/settings/classifiers.py; choose from {', '.join(CLASSIFIERS)}",
        ),
        (
            {"run": "tables"},
            "configuration: `run` is 'tables', which is a folder of the run without a name; choose "
            "another name",
        ),
        (
            {"shown_deletion": 20, "deletions": [10, 30]},
            "configuration: `shown_deletion` is 20; it should be one of the `deletions` [10, 30], "
            "or 0",
        ),
        (
            {"repeats": 2, "classifier_repeats": 3, "evaluations": ["classifiers"]},
            "configuration: `classifier_repeats` is 3; it should be at most `repeats`, which is 2",
        ),
        (
            {"release": {"method": "arx"}},
            "configuration: `release` lacks the key `k`; add it, or a `risk_limit` from which it "
            "follows",
        ),
        (
            {"risk_limit": 9, "release": {"method": "arx", "k": 11}},
            "configuration: `release.k` is 11, which leaves a risk of up to 9.09 %, but the "
            "`risk_limit` is 9 %; leave k out, or take one from 12",
        ),
        (
            {"risk_limit": 9, "release": {"method": "elsewhere", "k": 8}},
            "configuration: `release.k` is 8, which leaves a risk of up to 12.5 %, but the "
            "`risk_limit` is 9 %; leave k out, or take one from 12",
        ),
        (
            {"risk_limit": 9, "shown_deletion": 30},
            "configuration: `shown_deletion` is 30, which leaves 8 of a class of 12 people and so "
            "a risk of up to 12.5 %, but the `risk_limit` is 9 %; delete nothing (0), or take a "
            "`release.k` from 18",
        ),
        (
            {"release": {"method": "datafly", "k": 4}},
            "configuration: `release.method` is 'datafly'; it should be a method or one of the "
            "releases in config/datasets/tiny.yaml",
        ),
        (
            {"release": {"method": "elsewhere", "k": 5}},
            "configuration: `release.k` is 5; 'elsewhere' has k 4, 8",
        ),
        (
            {"requirements": [{"attribute": "sex", "model": "t_closeness", "t": 0.1}]},
            "configuration: `requirements` names 'sex'; it should be a sensitive column or the "
            "target of config/datasets/tiny.yaml",
        ),
        (
            {"requirements": [{"attribute": "pulse", "model": "t_closeness", "t": 0.1}]},
            "configuration: `requirements` names 'pulse'; it should be a sensitive column or the "
            "target of config/datasets/tiny.yaml",
        ),
    ],
)
def test_a_mistake_in_the_configuration_is_told_in_one_sentence(config, sentence):
    with pytest.raises(UserError) as caught:
        load(**config)
    assert str(caught.value) == sentence


def test_a_dataset_that_nobody_described_is_told():
    with pytest.raises(UserError, match=r"config/datasets/nowhere\.yaml: there is no such file"):
        load(dataset="nowhere")


def test_a_description_is_called_as_its_file():
    describe(name="small")
    with pytest.raises(UserError) as caught:
        load()
    assert str(caught.value) == (
        "config/datasets/tiny.yaml: `name` is 'small'; it should be 'tiny', as the file is called"
    )


@pytest.mark.parametrize(
    ("config", "sentence"),
    [
        (
            {"methods": ["ola"], "method_options": {"ola": {"limit": 2}}},
            "configuration: `method_options.ola` has no option 'limit'; choose from ",
        ),
        (
            {
                "methods": ["arx", "oka"],
                "requirements": [{"attribute": "ill", "model": "t_closeness", "t": 0.1}],
            },
            "configuration: `requirements`: oka keeps none but k; choose from arx, mondrian, "
            "ncp_mondrian, ola",
        ),
    ],
)
def test_an_option_or_requirement_that_a_method_does_not_have_is_told(config, sentence):
    run = load(**config)
    assert run.has_options
    with pytest.raises(UserError) as caught:
        run.check_options(check_options)
    assert str(caught.value).startswith(sentence)


def test_methods_are_asked_for_their_options_and_tables_of_others_are_not():
    asked = []
    requirements = [{"attribute": "ill", "model": "t_closeness", "t": 0.1}]
    run = load(
        methods=["mondrian", "arx"],
        method_options={"ola": {"suppression_limit": 2}},
        release={"method": "elsewhere", "k": 4},
        requirements=requirements,
    )
    run.check_options(lambda *question: asked.append(question))
    assert asked == [
        ("arx", {}, True),
        ("mondrian", {}, True),
        ("ola", {"suppression_limit": 2}, True),
    ]


def test_without_options_and_requirements_no_method_has_to_be_asked():
    assert not load().has_options


def test_a_run_is_read_without_what_only_jobs_need():
    # Snakemake reads it at every start, on a cluster in every job.
    code = "import sys, anonify.settings.run; print(*sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], cwd=SCRIPTS, capture_output=True, text=True)
    assert "anonify.settings.run" in run.stdout.split()
    assert not {"numpy", "pandas", "scipy", "anonify.methods"} & {*run.stdout.split()}


# What a run makes, and where


def test_missing_keys_have_the_defaults():
    assert load(seed=7).config == {
        **read_yaml(PROJECT / "config/config.yaml"),
        "dataset": "tiny",
        "evaluations": [
            *("information_loss", "distribution", "anonymity", "identification", "trade_off")
        ],
        "suppressed": "drop",
        "seed": 7,
    }


FOLLOWED = {
    "release": {"method": "ola", "k": 12},
    "k_values": [3, 6, 12, 24, 48],
    "shown_deletion": 0,
    "risk_threshold": 9,
}


def read_followed(config: Mapping[str, object]) -> dict[str, object]:
    return {key: config[key] for key in FOLLOWED}


@pytest.mark.parametrize(
    ("written", "found"),
    [
        ({}, {}),
        ({"release": {"method": "mondrian"}}, {"release": {"method": "mondrian", "k": 12}}),
        ({"release": {"method": "ola", "k": 20}}, {"release": {"method": "ola", "k": 20}}),
        ({"k_values": [12]}, {"k_values": [12]}),
        ({"risk_threshold": 5}, {"risk_threshold": 5}),
        (
            {"shown_deletion": 30, "release": {"method": "ola", "k": 18}},
            {"shown_deletion": 30, "release": {"method": "ola", "k": 18}},
        ),
        (
            {"risk_limit": 33.4},
            {
                "release": {"method": "ola", "k": 3},
                "k_values": [2, 3, 6, 12],
                "risk_threshold": 33.4,
            },
        ),
    ],
)
def test_what_is_not_written_follows_from_the_limit(written, found):
    user = {"dataset": "tiny", "risk_limit": 9, "methods": ["ola", "oka"], **written}
    expected = {**FOLLOWED, **found}
    assert read_followed(load_run(user, PROJECT).config) == expected
    # Snakemake lays it over the configuration of the paper, also within keys.
    release = {**PAPER["release"], **user.get("release", {})}
    laid = {**PAPER, **user, "release": release}
    assert read_followed(load_run(laid, PROJECT, user).config) == expected
    assert load_run(laid, PROJECT, user).measured


def test_without_a_limit_nothing_follows():
    user = {"dataset": "tiny", "risk_limit": None}
    assert read_followed(load_run({**PAPER, **user}, PROJECT, user).config) == read_followed(PAPER)


def test_tables_and_figures_are_those_of_the_parts():
    run = load(evaluations=list(SECTIONS))
    assert run.tables[0] == "info_loss"
    # The list of classes comes behind the tables that sum up.
    assert run.tables[-1] == "equivalence_classes"
    assert set(run.figures) > {"accuracy", "certainty", "membership_advantage"}


def test_without_a_word_there_are_no_classifiers_and_attacks():
    run = load()
    made = ["information_loss", "anonymity", "identification", "trade_off"]
    assert [part.section for part in run.parts] == made
    assert run.tables == [
        *("info_loss", "anonymity", "identification", "trade_off", "equivalence_classes")
    ]


def test_nothing_is_made_that_is_not_evaluated():
    run = load(evaluations=["attribute_inference"])
    assert run.figures == ["attribute_inference"]
    assert run.tables == ["attribute_inference"]
    assert load(evaluations=[]).tables == []


def test_what_the_paper_evaluates_is_evaluated_on_its_dataset_alone():
    assert load_run(PAPER, PROJECT, {}).config["evaluations"] == list(SECTIONS)
    other = load_run({**PAPER, "dataset": "tiny"}, PROJECT, {"dataset": "tiny"})
    assert other.config["evaluations"] == load().config["evaluations"]
    # A release of others has no members: nothing is said where nobody asked for them.
    foreign = {"release": {"method": "arx_published", "k": 250}}
    tables = load_run({**PAPER, **foreign}, PROJECT, foreign).tables
    assert "classifiers" in tables
    assert "membership" not in tables


TARGETLESS = {"columns": {"sex": {"role": "quasi-identifier", "type": "category", "hierarchy": {}}}}


@pytest.mark.parametrize(
    ("evaluation", "changes", "release", "reason"),
    [
        ("classifiers", TARGETLESS, "arx", "no column of the dataset has the role `target`"),
        ("membership", TARGETLESS, "arx", "no column of the dataset has the role `target`"),
        (
            "attribute_inference",
            TARGETLESS,
            "arx",
            "no column of the dataset has the role `sensitive` or `target`",
        ),
        (
            "membership",
            {},
            "elsewhere",
            "a release that was anonymized elsewhere has no members to be told from others",
        ),
    ],
)
def test_what_is_named_and_cannot_be_evaluated_is_told(evaluation, changes, release, reason):
    describe(**changes)
    config = {"release": {"method": release, "k": 4}, "evaluations": ["trade_off", evaluation]}
    with pytest.raises(UserError) as caught:
        load(**config)
    assert str(caught.value) == (
        f"configuration: `evaluations` names {evaluation!r}, but {reason}; leave it out"
    )


@pytest.mark.parametrize(
    ("setting", "evaluation"),
    [
        ({"classifiers": ["knn"]}, "classifiers"),
        ({"classifier_repeats": 2}, "classifiers"),
        ({"test_share": 30}, "classifiers"),
        ({"split_seed": 7}, "classifiers"),
        ({"membership": {"members": 40, "shadow_models": 2, "repeats": 2}}, "membership"),
    ],
)
def test_a_setting_asks_for_what_it_is_for(setting, evaluation):
    user = {"dataset": "tiny", **setting}
    found = load_run({**PAPER, **user}, PROJECT, user).config["evaluations"]
    assert {*found} - {*load().config["evaluations"]} == {evaluation}
    assert found == [name for name in SECTIONS if name in found]
    # Who has said what is evaluated may keep settings for another time.
    named = {**user, "evaluations": ["trade_off"]}
    assert load_run({**PAPER, **named}, PROJECT, named).figures == ["trade_off"]


def test_who_wants_no_classifiers_need_not_say_how_often_they_are_trained():
    assert load(repeats=2).config["classifier_repeats"] == 2


def test_a_run_with_a_name_has_a_folder_of_its_own():
    assert load().results == "results"
    assert load(run="mine").results == "results/mine"


def test_paths_are_those_of_the_dataset_and_the_chosen_table():
    run = load(
        release={"method": "arx", "k": 5},
        deletions=[10, 30],
        repeats=2,
        shown_deletion=30,
    )
    assert run.table == "<results>/dataset/tiny.parquet"
    assert run.record == "<results>/dataset/tiny.json"
    assert run.source == "<results>/dataset/{dataset}.csv"
    assert run.hierarchies == [
        "<results>/dataset/hierarchies/tiny_sex.csv",
        "<results>/dataset/hierarchies/tiny_age%2Fyears.csv",
    ]
    assert run.chosen == "arx/k5"
    assert run.shown == "<results>/sampled/arx/k5/deletion30/repeat1.parquet"
    assert run.list_samples() == [
        "<results>/sampled/arx/k5/deletion10/repeat1.parquet",
        "<results>/sampled/arx/k5/deletion10/repeat2.parquet",
        "<results>/sampled/arx/k5/deletion30/repeat1.parquet",
        "<results>/sampled/arx/k5/deletion30/repeat2.parquet",
    ]
    assert len(run.list_samples(repeats=1)) == 2


def test_without_a_deletion_the_anonymized_table_is_shown():
    run = load(shown_deletion=0, release={"method": "arx", "k": 5})
    assert run.shown == "<results>/anonymized/arx/k5.parquet"


def test_a_parquet_file_keeps_a_name_beside_the_typed_table():
    describe(file="tiny.parquet")
    assert load().source == "<results>/dataset/{dataset}.source.parquet"


def test_all_methods_and_k_are_measured_and_the_chosen_table_once():
    grid = {"methods": ["arx", "oka"], "k_values": [4, 8]}
    names = ["arx/k4", "arx/k8", "oka/k4", "oka/k8"]
    inside = load(**grid, release={"method": "oka", "k": 4})
    assert inside.measured == [f"<results>/anonymized/{name}.parquet" for name in names]
    outside = load(**grid, release={"method": "elsewhere", "k": 4})
    assert outside.measured == [*inside.measured, "<results>/anonymized/elsewhere/k4.parquet"]


def test_the_smallest_the_largest_and_the_chosen_k_are_attacked():
    assert load(k_values=[8, 4, 6, 2], release={"method": "arx", "k": 6}).attacked == [2, 6, 8]
    assert load(k_values=[8, 4], release={"method": "arx", "k": 4}).attacked == [4, 8]


# What the dataset is like


def test_columns_are_listed_by_their_roles():
    run = load()
    assert run.list_columns("quasi-identifier") == ["sex", "age/years"]
    assert run.list_columns("sensitive", "target") == ["level", "ill"]
    assert run.positive == 1
    assert run.encodings == {"sex": ["m", "f"]}


def test_columns_are_left_out_for_classifiers_where_some_are_left():
    assert load().features == ["all", "without_quasi_identifiers", "quasi_identifiers_only"]
    columns = {name: column for name, column in DESCRIPTION["columns"].items() if name != "level"}
    describe(columns=columns)
    assert load().features == ["all"]


def test_options_are_those_of_the_method():
    run = load(method_options={"ola": {"suppression_limit": 2}})
    assert run.get_options(ask(method="ola")) == {"suppression_limit": 2}
    assert run.get_options(ask(method="arx")) == {}


def test_a_table_of_others_is_found_by_its_k():
    assert load().get_release(ask(method="elsewhere", k="8")) == {"file": "other.csv"}


def test_a_table_of_others_that_is_not_there_is_told_with_those_that_are():
    with pytest.raises(UserError) as caught:
        load().get_release(ask(method="elsewhere", k="5"))
    assert str(caught.value) == "elsewhere has no table with k = 5, only with k = 4, 8"


# Files of hierarchies


def test_a_hierarchy_in_the_search_path_is_taken_from_there():
    Path("data/sex.csv").write_text("f;*\n")
    assert load().get_hierarchy_files(ask()) == ["data/sex.csv"]


def test_a_hierarchy_that_is_nowhere_is_told():
    with pytest.raises(UserError) as caught:
        load(search_path=["data", "more"]).get_hierarchy_files(ask())
    assert str(caught.value) == (
        "config/datasets/tiny.yaml: the hierarchy sex.csv is in none of data, more; put it there "
        "or correct its name"
    )


def test_a_hierarchy_with_a_source_or_a_checksum_goes_through_a_job():
    hierarchy = {"file": "sex.csv", "sources": [{"url": "https://example.org/sex.csv"}]}
    column = {"role": "quasi-identifier", "type": "category", "hierarchy": hierarchy}
    describe(columns={**DESCRIPTION["columns"], "sex": column})
    run = load()
    assert run.get_hierarchy_files(ask()) == ["<results>/dataset/hierarchies/files/tiny_sex.csv"]
    assert run.get_hierarchy_file(ask(name="sex")) == hierarchy


# What is known about the dataset's file


def find(synthetic: bool = False, **record: object) -> dict[str, object]:
    """Leave what a job leaves that found the dataset."""
    Path("data/tiny.csv").write_text("sex,age/years,level,ill\n")
    known = {
        "synthetic": synthetic,
        "sha256": hashlib.sha256(Path("data/tiny.csv").read_bytes()).hexdigest(),
        "origin": "data/tiny.csv",
        "lookup": {"found": "data/tiny.csv", "when_unavailable": "synthesize"},
        **record,
    }
    Path("results/dataset").mkdir(parents=True)
    Path("results/dataset/tiny.json").write_text(json.dumps(known))
    shutil.copy("data/tiny.csv", "results/dataset/tiny.csv")
    return known


def test_before_the_first_run_the_dataset_is_looked_for():
    run = load(when_unavailable="fail")
    assert run.get_lookup(ask()) == {
        "found": None,
        "search_path": ["data"],
        "sha256": None,
        "when_unavailable": "fail",
    }
    Path("data/tiny.csv").write_text("x")
    assert run.get_lookup(ask())["found"] == "data/tiny.csv"
    assert run.get_lookup(ask())["sha256"] == hashlib.sha256(b"x").hexdigest()
    assert not run.is_stand_in()


def test_a_dataset_that_was_found_is_not_looked_for_again():
    known = find()
    assert load(when_unavailable="fail").get_lookup(ask()) == known["lookup"]


def test_a_dataset_that_was_edited_is_looked_for_again():
    find()
    Path("data/tiny.csv").write_text("edited")
    assert load().get_lookup(ask())["sha256"] == hashlib.sha256(b"edited").hexdigest()


def test_a_stand_in_gives_way_to_the_dataset():
    find(synthetic=True)
    run = load()
    assert run.is_stand_in()
    assert run.get_lookup(ask())["sha256"] is not None


def test_a_record_without_its_file_says_nothing():
    find(synthetic=True)
    Path("results/dataset/tiny.csv").unlink()
    assert load().read_record() is None


# The paper


def test_what_the_paper_decides_protects_nobody_else():
    run = load_run({**PAPER, "dataset": "tiny"}, PROJECT, {"dataset": "tiny"})
    assert run.config["suppressed"] == "drop"
    assert run.seed == "results/dataset/tiny.key"
    own = {"dataset": "tiny", "seed": 2024, "suppressed": "keep"}
    decided = load_run({**PAPER, **own}, PROJECT, own)
    assert (decided.seed, decided.config["suppressed"]) == (2024, "keep")
    paper = load_run(PAPER, PROJECT, {"run": "mine"})
    assert (paper.seed, paper.config["suppressed"]) == (2024, "keep")


def test_numbers_are_read_as_published_on_the_papers_dataset_alone():
    assert load().readings == ["corrected"]
    assert load().sections["classifiers"] == "Classifiers"
    paper = load_run(PAPER, PROJECT)
    assert paper.is_paper_dataset
    assert paper.readings == ["as published", "corrected"]
    assert paper.sections["classifiers"] == "6.2.3 Classifiers"


def test_where_files_are_makes_no_other_configuration():
    moved = {"run": "mine", "search_path": ["there"], "when_unavailable": "fail"}
    moved |= {"evaluations": ["trade_off"]}
    assert load_run({**PAPER, **moved}, PROJECT).is_paper_configuration
    assert not load_run({**PAPER, "seed": 1}, PROJECT).is_paper_configuration


def test_the_comparison_is_reported_where_it_is_of_this_run():
    run = load_run(PAPER, PROJECT)
    folder = Path("results/paper")
    folder.mkdir(parents=True)
    for name in ("comparison.csv", "errata.md"):
        (folder / name).touch()
    assert run.get_reported_comparison(ask()) == []
    Path("results/dataset").mkdir()
    Path("results/dataset/diabetes.csv").touch()
    record = {"synthetic": False, "sha256": run.paper["sha256"]}
    Path("results/dataset/diabetes.json").write_text(json.dumps(record))
    assert run.is_paper_run()
    assert run.get_reported_comparison(ask()) == ["results/paper/comparison.csv"]
    assert run.get_reported_texts(ask()) == ["results/paper/errata.md"]
    assert not load_run({**PAPER, "seed": 1}, PROJECT).is_paper_run()


def test_classifiers_are_compared_on_three_tables():
    run = load_run(PAPER, PROJECT)
    tables = {
        "original": "<results>/dataset/diabetes.parquet",
        "released": "<results>/anonymized/arx_published/k250.parquet",
        "anonymized": "<results>/anonymized/arx/k250.parquet",
    }
    for data, table in tables.items():
        assert run.get_compared_table(ask(data=data)) == table
    assert run.get_via(ask(data="released")) == "published release"
    assert run.get_via(ask(data="original")) == run.get_via(ask(data="anonymized")) == "raw file"


def test_what_varies_between_repeats_depends_on_the_table():
    run = load_run(PAPER, PROJECT)
    assert run.get_varied(ask(data="anonymized", classifier="knn")) == "split"
    assert run.get_varied(ask(data="released", classifier="knn")) == "order"
    assert run.get_runs(ask(data="anonymized")) == 10
    assert run.get_runs(ask(data="original")) == 20
