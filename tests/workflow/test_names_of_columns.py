"""Columns may be called as those of our own tables, and a run reads what another one released."""

import numpy as np
import pandas as pd
import pytest
from tests.profile import takes_long
from tests.workflow.conftest import TABLES

from anonify.settings.parts import SECTIONS

NAMES = ["size", "data", "dataset", "deletion", "records", "released_size", "value", "group"]


@pytest.fixture
def shop(experiment):
    """A table in which every name says something else elsewhere."""
    generator = np.random.default_rng(8)
    frame = pd.DataFrame(
        {
            **{name: generator.choice(["None", "NA", "b"], 300) for name in NAMES[:-2]},
            "value": generator.choice(["1,50", "2", "0,5"], 300),
            "group": pd.to_datetime(generator.integers(0, 400, 300), unit="D").strftime("%d.%m.%Y"),
            "share": generator.choice(["null", "nan", ""], 300),
            "k": generator.choice([0, 1], 300),
        }
    )
    frame.to_csv(experiment.folder / "data/shop.csv", index=False, sep=";")
    roles = dict.fromkeys(NAMES[:3], "{role: quasi-identifier, type: category, hierarchy: {}}")
    roles |= dict.fromkeys([*NAMES[3:-2], "share"], "{role: sensitive, type: category}")
    roles["value"] = "{role: quasi-identifier, type: decimal, hierarchy: {}}"
    roles["group"] = (
        "{role: quasi-identifier, type: date, format: '%d.%m.%Y', hierarchy: {dates: [year]}}"
    )
    roles["k"] = "{role: target, type: integer}"
    columns = "".join(f"  {name}: {roles[name]}\n" for name in frame)

    def describe(extra: str = "") -> None:
        experiment.write(
            "config/datasets/shop.yaml",
            "name: shop\ntitle: Shop\nfile: shop.csv\nseparator: ';'\ndecimal: ','\n"
            f"rows_are_people: true\nconfidential: false\ncolumns:\n{columns}{extra}",
        )

    describe()
    experiment.configure(dataset="shop", methods=["arx"], run="first")
    return experiment, frame, describe


@takes_long
def test_a_run_reads_what_another_one_released(shop):
    experiment, frame, describe = shop
    run = experiment.snakemake("results/first/anonymized/arx/k4.csv")
    assert run.returncode == 0, run.stdout + run.stderr
    released = experiment.folder / "results/first/anonymized/arx/k4.csv"
    (experiment.folder / "data/ours.csv").write_bytes(released.read_bytes())

    describe("releases: {ours: {4: {file: ours.csv}}}\n")
    methods = {"methods": ["arx"], "release": {"method": "ours", "k": 4}}
    evaluations = [name for name in SECTIONS if name != "membership"]
    experiment.configure(
        dataset="shop", run="second", k_values=[4], evaluations=evaluations, **methods
    )
    wanted = [path for path in TABLES if "membership" not in path]
    run = experiment.snakemake(*(f"results/second/{path}" for path in wanted))
    assert run.returncode == 0, run.stdout + run.stderr
    experiment.snakemake("results/second/anonymized/ours/k4.csv")
    again = experiment.folder / "results/second/anonymized/ours/k4.csv"
    assert again.read_bytes() == released.read_bytes()

    shown = pd.read_csv(again, dtype=str, keep_default_na=False)
    assert list(shown) == list(frame)
    assert {*shown["value"]} <= {"1.50", "2", "0.5", "*"}
    for name in ("deletion", "records", "share"):
        assert {*shown[name]} == {*frame[name]}
    classes = pd.read_csv(
        experiment.folder / "results/second/tables/equivalence_classes.csv", keep_default_na=False
    )
    kept = classes[(classes["data"] == "anonymized") & ~classes["is_suppressed"]]
    identifying = [name for name in frame if f"{name} (quasi-identifier)" in classes]
    assert identifying == ["size", "data", "dataset"]
    sizes = shown.groupby([*identifying, "value", "group"]).size()
    assert sorted(kept["size"]) == sorted(sizes)
    assert {*kept["size (quasi-identifier)"]} == {*shown["size"]}
