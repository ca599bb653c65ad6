"""Top, bottom and cut points: what is written, read back by pandas alone, shows no extreme."""

import json
import re
from io import StringIO
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml
from tests.unit.command_line import run

LAST = 2.0  # Of the intervals of 0.5 by which `dose` is generalized, up to its top.
EDGES = [0, 1500, 10_000, 250_000]
TOP, BOTTOM = {"age": 90, "income": 250_000, "dose": LAST, "seen": "2023-06-30"}, {"age": 20}
RANGES = {"age": {"start": 5, "width": 10}, "income": {"edges": EDGES}, "dose": None}
METHODS = ["mondrian", "oka", "k_member", "knn_clustering", "top_down_greedy"]

RANGE = re.compile(r"\[([^,\[\]]+), ([^,\[\]]+)([\[\]])")


def make_patients(seed: int, n: int = 90) -> pd.DataFrame:
    """Return patients some of whom are very old, rich or highly dosed, or lack a value."""
    generator = np.random.default_rng(seed)
    frame = pd.DataFrame(
        {
            "age": generator.integers(3, 111, n),
            # Cents of a rich person are as good as a name.
            "income": np.round(np.exp(generator.normal(8, 3, n)), 2),
            "dose": generator.choice([0.5, 0.75, 1, 1.25, 8.125], n, p=[0.3, 0.2, 0.2, 0.2, 0.1]),
            "sex": generator.choice(["f", "m"], n),
            "income after": np.round(np.exp(generator.normal(8, 3, n)), 2),
            "seen": pd.Timestamp("2023-01-01")
            + pd.to_timedelta(generator.integers(0, 364, n), "D"),
        }
    )
    return frame.mask(generator.random(frame.shape) < 0.04)


def describe(**changes) -> None:
    columns = {
        "age": {"role": "quasi-identifier", "type": "integer", "ranges": RANGES["age"]},
        "income": {"role": "quasi-identifier", "type": "decimal", "ranges": RANGES["income"]},
        "dose": {
            "role": "quasi-identifier",
            "type": "decimal",
            "hierarchy": {"intervals": [{"start": 0, "width": 0.5}]},
        },
        "sex": {"role": "quasi-identifier", "type": "category"},
        "income after": {"role": "sensitive", "type": "decimal", "top": 40_000, "bottom": 100},
        "seen": {"role": "sensitive", "type": "date", "format": "%d.%m.%Y"},
    }
    columns = {
        name: column
        | ({"top": TOP[name]} if name in TOP else {})
        | ({"bottom": BOTTOM[name]} if name in BOTTOM else {})
        | changes.get(name, {})
        for name, column in columns.items()
    }
    content = {"name": "ward", "title": "Ward", "file": "ward.csv", "columns": columns}
    Path("ward.yaml").write_text(yaml.safe_dump(content, sort_keys=False))


def write(frame: pd.DataFrame) -> None:
    written = frame.assign(
        age=frame["age"].astype("Int64"), seen=frame["seen"].dt.strftime("%d.%m.%Y")
    )
    written.to_csv("ward.csv", index=False)


def anonymize(methods, k: int) -> tuple[dict[str, pd.DataFrame], pd.DataFrame]:
    """Run the command; return its CSV of each method, every cell as text, and what it prints."""
    content = {
        "dataset": "ward.yaml",
        "algo_conf": {"k": [k], "algo": list(methods)},
        "dataset_conf": {"batch_size": [0], "attrs": [[]]},
        "output": "out",
    }
    Path("conf.json").write_text(json.dumps(content))
    result = run("anonymize", None, "conf.json")
    assert result.exit_code == 0, result.output
    releases = {
        path.name.rsplit("_k", 1)[0].removeprefix("ward_"): pd.read_csv(
            path, dtype=str, keep_default_na=False
        )
        for path in Path("out").glob("*_k*.csv")
    }
    return releases, pd.read_csv(StringIO(result.stdout))


def measure_ncp(labels: "pd.Series[str]", low: float, high: float) -> float:
    """Mean width of the labels over that of the whole span; 1 for `*`, 0 for an empty cell."""

    def measure(label: str) -> float:
        if label in ("*", ""):
            return float(label == "*")
        match = RANGE.fullmatch(label)
        return (float(match[2]) - float(match[1])) / (high - low)

    return float(labels.map(measure).mean())


def check_labels(labels: "pd.Series[str]", edges: list[float]) -> None:
    """Every label is a range from edge to edge, which the last edge alone closes."""
    for label in set(labels) - {"*", ""}:
        match = RANGE.fullmatch(label)
        assert match, label
        low, high = float(match[1]), float(match[2])
        assert low in edges
        assert high in edges
        assert low < high
        assert (match[3] == "]") == (high == edges[-1])


@pytest.mark.parametrize("seed", range(4))
def test_no_file_shows_what_lies_beyond_the_ends_or_a_value_instead_of_a_range(folder, seed):
    patients = make_patients(seed)
    write(patients)
    describe()
    releases, _ = anonymize(METHODS, 3)
    assert {*releases} == {*METHODS}
    # The grid from 5 on that holds ages from 20 to 90, as far as there are such.
    grid = [float(edge) for edge in range(15, 96, 10)]
    coded = patients["age"].clip(20, 90)
    last = 5 + 10 * np.ceil((coded.max() - 5) / 10)
    grid = [edge for edge in grid if edge <= last]
    for method, release in releases.items():
        assert release.groupby(["age", "income", "dose", "sex"]).size().min() >= 3, method
        check_labels(release["age"], grid)
        check_labels(release["income"], EDGES)
        assert {*release["dose"]} <= {"", "*", "0.5", "0.75", "1.0", "1.25", "2.0"} | {
            f"{low:g}-{low + 0.5:g}" for low in np.arange(0, 2.5, 0.5)
        }
        after = pd.to_numeric(release["income after"])
        assert after.dropna().between(100, 40_000).all()
        # Nothing else is changed: the same values, as often, but for the ends.
        expected = patients["income after"].clip(100, 40_000)
        assert sorted(after.dropna()) == sorted(expected.dropna())
        seen = release["seen"][release["seen"] != ""]
        assert seen.max() == "2023-06-30"
        expected = patients["seen"].dropna().clip(upper=pd.Timestamp("2023-06-30"))
        assert sorted(seen) == sorted(expected.dt.strftime("%Y-%m-%d"))


def test_labels_hold_their_values(folder):
    # One quasi-identifier, so that sorted values and labels show who is where.
    patients = make_patients(5)[["income"]].dropna().assign(sex="f")
    write_alone(patients)
    incomes = patients["income"].clip(upper=250_000).sort_values()
    release = anonymize(["mondrian"], 4)[0]["mondrian"]
    shown = []
    for label in release["income"]:
        if label == "*":
            shown.append((0, 250_000))
            continue
        low, high, bracket = RANGE.fullmatch(label).groups()
        shown.append((float(low), float(high)))
        inside = (incomes >= float(low)) & (
            incomes <= float(high) if bracket == "]" else incomes < float(high)
        )
        assert inside.sum() >= (release["income"] == label).sum()
    # As many records show a range as the table has values from its low end on or below it.
    for edge in EDGES[1:-1]:
        below = sum(high <= edge for _, high in shown)
        above = sum(low >= edge for low, _ in shown)
        assert below <= (incomes < edge).sum()
        assert above <= (incomes >= edge).sum()


def write_alone(patients: pd.DataFrame) -> None:
    patients.to_csv("ward.csv", index=False)
    content = {
        "name": "ward",
        "title": "Ward",
        "file": "ward.csv",
        "columns": {
            "income": {
                "role": "quasi-identifier",
                "type": "decimal",
                "ranges": {"edges": EDGES},
                "top": 250_000,
            },
            "sex": {"role": "sensitive", "type": "category"},
        },
    }
    Path("ward.yaml").write_text(yaml.safe_dump(content, sort_keys=False))


@pytest.mark.parametrize("method", METHODS)
def test_the_ncp_is_the_width_of_the_labels_over_that_of_the_edges(folder, method):
    write_alone(make_patients(6)[["income"]].dropna().assign(sex="f"))
    releases, printed = anonymize([method], 5)
    expected = measure_ncp(releases[method]["income"], EDGES[0], EDGES[-1])
    assert printed["ncp"].tolist() == [pytest.approx(100 * expected, rel=1e-3)]
    assert 0 < expected < 1


def test_check_tells_how_many_records_are_coded_and_where_ranges_end(folder):
    patients = make_patients(7)
    write(patients)
    describe()
    text = run("check", None, "ward.yaml").output
    old, young = int((patients["age"] > 90).sum()), int((patients["age"] < 20).sum())
    late = int((patients["seen"] > "2023-06-30").sum())
    assert f"'age': {young} records below its bottom 20 and {old} records above its top 90" in text
    assert f"'seen': {late} records above its top 2023-06-30, coded as that\n" in text
    assert "ranges that end at 0, 1500, 10000, 250000, and missing values\n" in text
    assert "1234567" not in text


MISTAKES = [
    ("age", {"top": 10}, "`columns.age` has the `bottom` 20, which is above its `top` 10; swap"),
    ("sex", {"top": 10}, "`columns.sex` has a `top` but is text, which has no order"),
    ("age", {"top": 90.5}, "`columns.age` has a `top` that is no whole number of 64 bits"),
    ("age", {"top": "90"}, "`columns.age` has the `top` '90', but is a number"),
    ("seen", {"top": 2023}, "`columns.seen` has the `top` 2023, which is no date; write one in"),
    ("seen", {"top": "30.06.2023"}, "has the `top` '30.06.2023', which is no date"),
    ("seen", {"role": "identifier"}, "has a `top` but is left out of every release"),
    ("income", {"top": 300_000}, "lies above the edges 0 to 250000; add an edge above it, or"),
    ("income", {"ranges": {"edges": [10, 5]}}, "ranges of 'income': the edges [10, 5] do not rise"),
    ("age", {"ranges": {"start": 0}}, "it should be either `start` and `width`, or `edges`"),
    ("age", {"ranges": {"start": 0, "width": 2.5}}, "`ranges` with a number that is no whole"),
    ("dose", {"ranges": {"start": 0, "width": 1}}, "no numeric quasi-identifier without a"),
    ("income after", {"ranges": {"start": 0, "width": 1}}, "no numeric quasi-identifier"),
    ("income", {"ranges": {"start": 0, "width": 1e-12}}, "cannot tell"),
    (
        "age",
        {"ranges": None, "hierarchy": {"tree": {"young": [*range(20, 60)], "old": [60, 90]}}},
        "hierarchy of 'age': it has no value '95', which is the `top` of the column; add it",
    ),
]


@pytest.mark.parametrize(("column", "changes", "sentence"), MISTAKES)
def test_what_does_not_fit_is_told_in_one_sentence(folder, column, changes, sentence):
    write(make_patients(8))
    if "hierarchy" in changes:
        changes = {**changes, "top": 95}
    describe(**{column: changes})
    if changes.get("ranges", 0) is None:
        described = yaml.safe_load(Path("ward.yaml").read_text())
        del described["columns"][column]["ranges"]
        Path("ward.yaml").write_text(yaml.safe_dump(described))
    result = run("check", None, "ward.yaml")
    assert result.exit_code == 1
    (told,) = result.stderr.splitlines()
    assert sentence in told
