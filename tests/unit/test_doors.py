"""Every door to a release leads the one way: nothing comes out that was not verified."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from tests.unit.command_line import anonymization, run

import anonify
import anonymize
import attack_membership
import repeat_anonymization
from anonify.anomed.estimator import AnonymizedClassifier
from anonify.anomed.tables import GeneralizingAnonymizer, SynthesizingAnonymizer
from anonify.datasets.described import read_dataset
from anonify.domains.files import write_domain
from anonify.engines.choice import Limits, Wanted
from anonify.measures.membership_experiment import Treatment, view_people
from anonify.releases import anonymization as way
from anonify.releases import files as way_by_file
from anonify.tables.provenance import start_provenance
from anonify.tables.storage import Table, write_table
from anonify.verification.releases import VerificationError

METHOD = {"method": "mondrian", "k": 2, "seed": 1}
ASKED = {"options": {}, "requirements": [], "labels": "nodes"}
IN_MEMORY = {"engine": Wanted("memory", Limits(10**9, Path()))}
IN_FILE = {"engine": Wanted("duckdb", Limits(10**9, Path()))}


@pytest.fixture
def files(folder):
    """A dataset as the rule `prepare_dataset` writes it."""
    dataset = read_dataset("clinic.yaml")
    about = {"name": "clinic", "title": "Clinic", "sha256": "", "synthetic": False}
    write_table(Table(dataset.frame, dataset.columns, start_provenance(about)), "table.parquet")
    hierarchies = [f"{name}.hierarchy.csv" for name in dataset.domains]
    for domain, path in zip(dataset.domains.values(), hierarchies, strict=True):
        write_domain(domain, path)
    return {"table": "table.parquet", "hierarchies": hierarchies}


def open_rule(files):
    anonymize.main(**files, **METHOD, **ASKED, **IN_MEMORY, release="release.parquet")


def open_repetition(files):
    repeat_anonymization.main(
        **files, **METHOD, repeated="repeated.parquet", runs=1, labels="nodes"
    )


def open_attack(files):
    attack_membership.main(
        **files,
        **METHOD,
        **ASKED,
        measures="measures.parquet",
        deletion=0,
        classifiers=["naive_bayes"],
        encodings={},
        members=3,
        shadow_models=2,
        repeats=1,
        evaluation_records=None,
        job="attack",
    )


def open_rule_by_file(files):
    anonymize.main(**files, **METHOD, **ASKED, **IN_FILE, release="release.parquet")


def open_command(files, **changes):
    result = run("anonymize", anonymization(**changes))
    if result.exception:
        raise result.exception


def open_estimator(files):
    X = np.array([[30.0], [31.0], [40.0], [41.0]])
    AnonymizedClassifier(k=2, classifier="naive_bayes", seed=1).fit(X, [0, 1, 0, 1])


def open_table(anonymizer):
    columns = {"sex": {"role": "quasi-identifier", "type": "category"}}
    table = pd.DataFrame({"sex": ["f", "f", "m", "m"]})
    anonymizer(columns, k=2, seed=1).anonymize(table)


def open_front_door():
    frame = pd.DataFrame({"sex": ["f", "f", "m", "m"]})
    anonify.anonymize(frame, k=2, quasi_identifiers=["sex"])


DOORS = {
    "rule": open_rule,
    "rule by file": open_rule_by_file,
    "command by file": lambda files: open_command(files, engine="duckdb"),
    "front door for files": lambda files: anonify.anonymize_file(
        "clinic.yaml", "out.csv", 2, engine="duckdb"
    ),
    "repetition": open_repetition,
    "attack": open_attack,
    "command": open_command,
    "estimator": open_estimator,
    "front door": lambda files: open_front_door(),
    "generalization": lambda files: open_table(GeneralizingAnonymizer),
    "synthesis": lambda files: open_table(SynthesizingAnonymizer),
}


@pytest.mark.parametrize("door", DOORS)
def test_what_is_found_on_the_way_stops_at_every_door(door, files, monkeypatch):
    def refuse(original, release, hierarchy_files):
        assert set(hierarchy_files) <= set(original.columns)
        raise VerificationError("age: '30-39' does not generalize '40'")

    for module in (way, way_by_file):
        monkeypatch.setattr(module, "verify_recoding", refuse)
    with pytest.raises(VerificationError, match="does not generalize '40'"):
        DOORS[door](files)


@pytest.mark.parametrize("door", [door for door in DOORS if door != "attack"])
def test_a_door_opens_where_nothing_is_found(door, files):
    DOORS[door](files)


def test_the_rule_names_its_key_where_there_are_fewer_records_than_k(files):
    with pytest.raises(
        way.UnreachableError,
        match=r"^k_values: k = 7 is more than the 6 records of the table; choose a smaller k, or",
    ):
        anonymize.main(
            **files, **ASKED, **IN_MEMORY, method="mondrian", k="7", seed=1, release="r.parquet"
        )


def test_members_of_whom_no_table_can_be_released_are_all_suppressed(files):
    dataset = read_dataset("clinic.yaml")
    rule = {"attribute": "dead", "model": "distinct_l_diversity", "l": 2}
    for k, requirements in ((4, []), (2, [rule])):
        treatment = Treatment("mondrian", k, 0, {}, requirements, "nodes")
        people = dataset.frame.assign(dead=0)
        view = view_people(people, dataset.domains, treatment, 1, 0)
        assert view.records["is_suppressed"].tolist() == [True] * 3
        assert view.asked["is_suppressed"].all()
