"""What leaves the house keeps its promises, whatever the table, the roles and the options.

Random tables go through the doors. The files are read back by pandas alone (`readback`), beside the
table that they were made from.
"""

import json
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import yaml
from tests.profile import draws
from tests.unit.command_line import run
from tests.unit.readback import RECORD, File, Original, check_file, check_order, read_meaning

import anonify
from anonify.methods import METHODS

KEEP_REQUIREMENTS = ["arx", "mondrian", "ncp_mondrian", "ola"]
TAKE_NO_RANGES = ["arx", "greedy", "ola", "optimal"]

ILLNESSES = {
    "hiv": ["HIV", "hiv", "HIV ", "Н\u200bIV"],
    "flu": ["flu", "Flu", " flu", "\uff46lu"],
    "cold, bad": ["cold, bad", "Cold,  bad", "соld, bad"],
    "=1+1": ["=1+1", " =1+1"],
}
SEXES = {"f": ["f", "F", "f "], "m": ["m", "M", "\u200bm"]}
TREE = {"North": ["Aln", "Brae"], "South": ["Carn", "Dun"]}
UNKNOWN = ["unknown", "N/A", "Unknown "]


def is_true(generator: np.random.Generator, probability: float = 0.5) -> bool:
    return bool(generator.random() < probability)


def spell(generator, meanings, records, spellings=None):
    """Draw texts for meanings, each in one of its spellings."""
    drawn = generator.choice(list(meanings), records)
    if spellings is None:
        return drawn
    return np.array([generator.choice(spellings[meaning]) for meaning in drawn])


def leave_gaps(generator, texts, codes):
    """Put blanks and texts for nothing in the place of some values."""
    texts = np.array(texts, dtype=object)
    gaps = generator.random(len(texts)) < generator.choice([0, 0.1, 0.4])
    texts[gaps] = generator.choice(["", *codes], gaps.sum())
    return texts


@dataclass
class Case:
    """A random table with its description, and what is asked for."""

    original: Original
    columns: dict[str, Any]
    top: dict[str, Any]
    k: int
    methods: list[str]
    suppressed: str
    requirements: list[dict[str, Any]]
    seed: int
    labels: str

    @property
    def people(self) -> int:
        return len(set(self.original.people.values()))

    def write(self) -> None:
        self.original.frame.to_csv("table.csv", index=False)
        content = {"name": "table", "title": "Table", "file": "table.csv", **self.top}
        text = yaml.safe_dump({**content, "columns": self.columns}, sort_keys=False)
        Path("table.yaml").write_text(text)


def draw_case(seed: int) -> Case:
    generator = np.random.default_rng(seed)
    people = int(generator.integers(8, 60))
    most = int(generator.choice([1, 1, 3, 5]))
    person = np.repeat(np.arange(people), generator.integers(1, most + 1, people))
    person = generator.permutation(person)
    records = len(person)
    columns: dict[str, Any] = {}
    frame: dict[str, Any] = {}
    missing: dict[str, list[str]] = {}

    def add(name, texts, role, kind="category", codes=(), **more):
        frame[name] = texts
        columns[name] = {"role": role, "type": kind, **more}
        if codes:
            columns[name]["missing"] = missing[name] = [*codes]

    # People, by one key or two, or each record for itself.
    keys: list[str] = []
    if most > 1 or is_true(generator):
        keys = ["patient"]
        if is_true(generator):
            keys = ["clinic", "patient"]
            add("clinic", (person % 2).astype(str), "person", "integer")
            add("patient", [f"P{n // 2} "[: 3 + n % 2] for n in person], "person")
        else:
            add("patient", [f"P{n}" for n in person], "person")
    if is_true(generator):
        add("name", [f"Person {n}" for n in range(records)], "identifier")

    # Quasi-identifiers, the same at every visit or not.
    spread = generator.integers(0, 2, records) if is_true(generator) else np.zeros(records, int)
    has_ranges = is_true(generator, 0.3)
    possible = ["age", "sex", "town", "code", "day", "weight"]
    chosen = generator.choice(possible, int(generator.integers(1, 4)), replace=False).tolist()
    if has_ranges and "weight" not in chosen:
        chosen.append("weight")
    for name in chosen:
        own = generator.integers(0, int(generator.choice([4, 30, 400])), people)[person] + spread
        if name == "age":
            levels = [{"start": 0, "width": 5}, {"start": 0, "width": 20}]
            texts = leave_gaps(generator, (own % 90).astype(str), [])
            add(name, texts, "quasi-identifier", "integer", hierarchy={"intervals": levels})
        elif name == "sex":
            texts = [generator.choice(SEXES["fm"[n % 2]]) for n in own]
            texts = leave_gaps(generator, texts, UNKNOWN)
            add(name, texts, "quasi-identifier", codes=["unknown", "n/a"], hierarchy={})
            columns[name]["normalize"] = is_true(generator)
        elif name == "town":
            towns = [town for part in TREE.values() for town in part]
            texts = [towns[n % 4] for n in own]
            add(name, texts, "quasi-identifier", hierarchy={"tree": TREE})
        elif name == "code":
            texts = [f"{1000 + 37 * n % 900}" for n in own]
            add(name, texts, "quasi-identifier", hierarchy={"prefixes": [2, 1]})
        elif name == "day":
            days = pd.Timestamp("2024-01-01") + pd.to_timedelta(own, unit="D")
            texts = days.strftime("%Y-%m-%d")
            add(name, texts, "quasi-identifier", "date", hierarchy={"dates": ["month", "year"]})
        else:
            texts = leave_gaps(generator, [f"{40 + n / 2:.1f}" for n in own], [])
            hierarchy = {} if has_ranges else {"hierarchy": {}}
            add(name, texts, "quasi-identifier", "decimal", **hierarchy)

    # What is released as it is.
    add(RECORD, [f"v{n:03}" for n in generator.permutation(records)], "sensitive")
    texts = leave_gaps(generator, spell(generator, ILLNESSES, records, ILLNESSES), UNKNOWN)
    add("illness", texts, "sensitive", codes=["unknown", "n/a"])
    texts = leave_gaps(generator, generator.integers(90, 95, records).astype(str), ["-9"])
    add("pressure", texts, "sensitive", "integer", codes=["-9"])
    if is_true(generator):
        texts = leave_gaps(generator, generator.choice(["0", "1"], records), [])
        add("dead", texts, "target", "integer")
    ends, widths = draw_ends(columns, has_ranges, np.random.default_rng([seed, 3]))
    levels = draw_levels(columns, np.random.default_rng([seed, 4]))
    top = {}
    if not keys:
        # Two illnesses with an equal age may look like a pseudonym.
        top["rows_are_people"] = True
    if is_true(generator, 0.3):
        # For all columns, in place of their own.
        top["missing"] = ["unknown", "n/a"]
        for name in ("illness", "sex"):
            columns.get(name, {}).pop("missing", None)

    original = Original(
        pd.DataFrame(frame),
        quasi_identifiers=chosen,
        keys=keys,
        numbers=[name for name in columns if columns[name]["type"] in ("integer", "decimal")],
        missing=missing,
        groups={"town": TREE},
        ends=ends,
        widths=widths,
        levels=levels,
    )
    is_able = [m for m in METHODS if not (has_ranges and m in TAKE_NO_RANGES)]
    methods = [str(each) for each in generator.choice(is_able, min(4, len(is_able)), replace=False)]
    models = [
        {"attribute": "illness", "model": "distinct_l_diversity", "l": 2},
        {"attribute": "illness", "model": "distinct_l_diversity", "l": 3},
        {"attribute": "illness", "model": "entropy_l_diversity", "l": 2},
        {"attribute": "pressure", "model": "recursive_l_diversity", "l": 2, "c": 2.5},
        {"attribute": "illness", "model": "t_closeness", "t": 0.4},
        {"attribute": "pressure", "model": "t_closeness", "t": 0.3},
    ]
    wanted = generator.choice(len(models), int(generator.integers(1, 3)), replace=False)
    return Case(
        original,
        columns,
        top,
        k=int(generator.integers(2, 7)),
        methods=methods,
        suppressed=str(generator.choice(["drop", "keep"])),
        requirements=[models[n] for n in wanted],
        seed=seed,
        labels=str(generator.choice(["nodes", "sets"])),
    )


def draw_ends(columns, has_ranges: bool, generator) -> tuple[dict[str, Any], dict[str, float]]:
    """Give some columns a top, a bottom or cut points; return them as the reader takes them."""
    possible = {"age": (20, 60), "weight": (45, 100), "pressure": (91, 93)}
    possible["day"] = ("2024-01-03", "2024-06-30")
    ends, widths = {}, {}
    for name, (bottom, top) in possible.items():
        if name in columns and is_true(generator, 0.3):
            columns[name] |= {"bottom": bottom, "top": top}
            ends[name] = (bottom, top)
    if has_ranges and is_true(generator):
        columns["weight"]["ranges"] = {"start": 0, "width": 12.5}
        widths["weight"] = 12.5
    return ends, widths


def draw_levels(columns, generator) -> dict[str, tuple[int, int]]:
    """Limit the levels of some columns; return the least and the last one."""
    levels = {}
    for name, height in {"age": 3, "town": 2, "code": 3, "day": 3}.items():
        if name in columns and is_true(generator, 0.4):
            least = int(generator.integers(0, height + 1))
            last = int(generator.integers(least, height + 1))
            columns[name] |= {"least_level": least, "importance": float(generator.integers(1, 9))}
            columns[name] |= {"most_level": last} if last < height else {}
            levels[name] = (least, last)
    return levels


def list_refusals(text: str) -> list[str]:
    """Return the sentences of what was refused for a reason that lies in the table."""
    reasons = "fewer than k = |choose a smaller k|ask for less|nothing to hand out|leaves no record"
    return [line for line in text.splitlines() if re.search(reasons, line)]


def attempt(function: Callable[..., Any], *arguments: Any, **named: Any) -> Any:
    """Return what a function does, or None where it refuses for such a reason."""
    try:
        return function(*arguments, **named)
    except ValueError as error:
        sentence = str(error)
    assert list_refusals(sentence), sentence
    return None


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize("seed", range(draws(60)))
def test_what_the_command_writes(here, seed):
    case = draw_case(seed)
    case.write()
    generator = np.random.default_rng([seed, 1])
    records = len(case.original.frame)
    batch = int(generator.choice([0, records - records // 4]))
    attributes = [] if is_true(generator, 0.7) else [case.original.quasi_identifiers[0], RECORD]
    content = {
        "dataset": "table.yaml",
        "algo_conf": {"k": [case.k], "algo": case.methods},
        "dataset_conf": {"batch_size": [batch], "attrs": [attributes]},
        "labels": case.labels,
        "suppressed": case.suppressed,
        "seed": seed,
        "output": "out",
    }
    result = run("anonymize", content)
    if result.exit_code:
        assert result.exit_code == 1, result.output
        assert list_refusals(result.stderr), result.output
        assert not Path("out").exists()
        return
    told = re.findall(r"^  ([\d,]+) records(?:; ([\d,]+) suppressed)?", result.stderr, re.M)
    for method, (kept, left_out) in zip(case.methods, told, strict=True):
        (path,) = Path("out").glob(f"table_{method}_k*.csv")
        file = File.read(path, case.original)
        check_file(file, case.k)
        assert len(file.frame) == int(kept)
        if case.suppressed == "drop":
            assert int(left_out or 0) == (batch or records) - int(kept)
            assert not file.is_blank.any()
        check_assessment(path, file)


def check_assessment(path: Path, file: File) -> None:
    """`anonify assess` tells of a file what it shows."""
    result = run("assess", None, str(path), "--config", "table.yaml", "--json", "found.json")
    assert result.exit_code == 0, result.output
    found = json.loads(Path("found.json").read_text())
    Path("found.json").unlink()
    shown = file.frame.groupby(file.names).size()
    assert found["risk"]["classes"] == len(shown)
    assert found["risk"]["suppressed_records"] == file.is_root.sum()
    assert found["risk"]["released_records"] >= found["risk"]["achieved_k"]
    names = {"quasi_identifiers": file.names, "sensitive": file.others}
    python = anonify.assess(file.frame, **names)
    assert (python.achieved_k, python.risk["classes"]) == (shown.min(), len(shown))
    assert python.risk["suppressed_records"] == file.is_root.sum()
    if file.original.keys:
        # It can't know who has which record, and says the fewest that may be.
        assert found["risk"]["achieved_k"] <= min(file.sizes)
    else:
        assert found["risk"]["achieved_k"] == shown.min()


@pytest.mark.parametrize("seed", range(draws(60)))
def test_what_python_hands_out(here, seed):
    case = draw_case(seed)
    case.write()
    generator = np.random.default_rng([seed, 2])
    methods = [method for method in case.methods if method in KEEP_REQUIREMENTS]
    has_requirements = bool(methods) and is_true(generator, 0.8)
    method = methods[0] if has_requirements else case.methods[0]
    rules = case.requirements if has_requirements else []
    release = attempt(
        anonify.anonymize,
        anonify.read_dataset("table.yaml"),
        case.k,
        method=method,
        requirements=rules,
        labels=case.labels,
        suppressed=case.suppressed,
    )
    if release is None:
        return
    release.table.to_csv("out.csv", index=False)
    file = File.read("out.csv", case.original)
    check_file(file, case.k, rules)
    check_told(release, file)
    check_assessment(Path("out.csv"), file)
    check_sample(release, file, generator)


@pytest.mark.parametrize("seed", range(draws(30)))
def test_what_python_makes_of_a_frame(here, seed):
    case = draw_case(seed)
    # A frame is taken as it is: what stands for no value is a value there.
    original = replace(case.original, missing={})
    frame = original.frame.copy()
    for name in original.numbers:
        frame[name] = pd.to_numeric(frame[name])
    named = {role: [] for role in ("quasi-identifier", "sensitive", "identifier", "person")}
    for name, column in case.columns.items():
        named["sensitive" if column["role"] == "target" else column["role"]].append(name)
    release = attempt(
        anonify.anonymize,
        frame,
        case.k,
        quasi_identifiers={
            name: {
                part: case.columns[name][part]
                for part in ("type", "hierarchy", "ranges")
                if part in case.columns[name]
            }
            for name in named["quasi-identifier"]
        },
        sensitive=named["sensitive"],
        identifiers=named["identifier"],
        person=named["person"],
        bottom={name: bottom for name, (bottom, _) in original.ends.items()},
        top={name: top for name, (_, top) in original.ends.items()},
        **{
            key: {name: column[key] for name, column in case.columns.items() if key in column}
            for key in ("least_level", "most_level", "importance")
        },
        rows_are_people=not original.keys,
        method=case.methods[-1],
        labels=case.labels,
        suppressed=case.suppressed,
    )
    if release is None:
        return
    release.table.to_csv("out.csv", index=False)
    file = File.read("out.csv", original)
    check_file(file, case.k)
    check_told(release, file)


@pytest.mark.parametrize("seed", [2, 122])
def test_requirements_are_kept_beside_suppressed_records_without_values(here, seed):
    # Rare values of `a` are suppressed, and are ill otherwise than others are: where they lose
    # their values, what each class is compared with is another.
    generator = np.random.default_rng(seed)
    shares = [0.3, 0.3, 0.2, 0.1, 0.04, 0.03, 0.02, 0.01]
    frame = pd.DataFrame({"a": generator.choice([*"abcdefgh"], 60, p=shares)})
    frame[RECORD] = [f"v{number:02}" for number in range(60)]
    rare, common = (generator.choice([*values], 60) for values in ("xxxy", "xy"))
    frame["ill"] = np.where(frame["a"].isin([*"cdefgh"]), rare, common)
    rule = {"attribute": "ill", "model": "t_closeness", "t": {2: 0.2, 122: 0.1}[seed]}

    def make(**more):
        sensitive = {"quasi_identifiers": ["a"], "sensitive": [RECORD, "ill"], "method": "arx"}
        return anonify.anonymize(frame, 6, suppressed="keep", **sensitive, **more)

    release = make()
    release.table.to_csv("out.csv", index=False)
    file = File.read("out.csv", Original(frame, ["a"], [], []))
    assert file.is_blank.any()
    with pytest.raises(AssertionError, match="t_closeness"):
        check_file(file, 6, [rule])
    with pytest.raises(ValueError, match="without the values of the suppressed records"):
        make(requirements=[rule])


def check_told(release: anonify.Release, file: File) -> None:
    """What Python tells of a release is what its table shows."""
    assert release.risk["released_records"] == len(file.frame)
    if not file.is_blank.any():
        assert release.risk["achieved_k"] == min(file.sizes)
        assert release.risk["classes"] == len(file.sizes)
    if file.left_out.empty:
        assert release.risk["suppressed_records"] <= file.is_root.sum()
    else:
        assert release.risk["suppressed_records"] == len(file.left_out)


def check_sample(release: anonify.Release, file: File, generator: np.random.Generator) -> None:
    """A sample has what is left of each class, and nothing else."""
    deletion = int(generator.choice([10, 30, 50]))
    sampled = attempt(anonify.sample, release, deletion)
    if sampled is None:
        return
    sampled.table.to_csv("sampled.csv", index=False)
    check_deletion(file, File.read("sampled.csv", file.original), deletion)
    # The command takes the file of any tool.
    content = {
        "id": "s",
        "input": "out.csv",
        "qids": file.names,
        "deletion_percentage": deletion / 100,
        "num_experiments": 2,
        "output": "samples",
    }
    result = run("sample", content)
    if result.exit_code:
        assert re.search("is not k-anonymous", result.stderr), result.output
        return
    for path in Path("samples").glob("*.csv"):
        check_deletion(file, File.read(path, file.original), deletion, is_sorted=False)
        lines = path.read_text().splitlines()
        assert lines[1:] == sorted(lines[1:])


def check_deletion(before: File, after: File, deletion: int, *, is_sorted: bool = True) -> None:
    # Suppressed ones that are too few for a class lose what they had.
    shown = [each.frame[~each.is_blank] for each in (before, after)]
    rows = [Counter(frame.itertuples(index=False, name=None)) for frame in shown]
    assert not rows[1] - rows[0]
    left = after.frame.groupby(after.names).size()
    for key, size in before.frame[~before.is_root].groupby(before.names).size().items():
        lost = -(-deletion * size // 100)
        assert left.get(key, 0) == size - lost, key
    if is_sorted:
        check_order(after)


def test_most_cases_write_something_and_each_kind_is_among_them():
    cases = [draw_case(seed) for seed in range(40)]
    assert {case.suppressed for case in cases} == {"drop", "keep"}
    assert {case.labels for case in cases} == {"nodes", "sets"}
    assert {len(case.original.keys) for case in cases} == {0, 1, 2}
    assert {method for case in cases for method in case.methods} == set(METHODS)
    spellings = [case.original.frame["illness"] for case in cases]
    assert all(texts.nunique() > texts.map(read_meaning).nunique() for texts in spellings)
    assert {name for case in cases for name in case.original.quasi_identifiers} >= {"age", "weight"}
    assert {name for case in cases for name in case.original.ends} == {
        *("age", "weight", "pressure", "day")
    }
    assert any(case.original.widths for case in cases)


# The reader itself

TABLE = Original(
    pd.DataFrame(
        {
            "patient": ["P1", "P1", "P2", "P3", "P4"],
            "age": ["31", "32", "33", "51", "52"],
            RECORD: ["v1", "v2", "v3", "v4", "v5"],
            "illness": ["flu", "HIV", "Flu", "flu", "gout"],
        }
    ),
    quasi_identifiers=["age"],
    keys=["patient"],
    numbers=["age"],
)
RELEASED = [
    ("30-40", "v1", "flu"), ("30-40", "v2", "HIV"), ("30-40", "v3", "Flu"), ("50-60", "v4", "flu"),
    ("50-60", "v5", "gout"),
]  # fmt: skip
TWO_VALUES = {"attribute": "illness", "model": "distinct_l_diversity", "l": 2}


def check_rows(rows, k=2):
    frame = pd.DataFrame(rows, columns=["age", RECORD, "illness"])
    check_file(File(frame, TABLE), k, [TWO_VALUES])


def test_the_reader_finds_nothing_wrong_with_a_file_that_is_right():
    check_rows(RELEASED)


@pytest.mark.parametrize(
    ("rows", "k"),
    [
        # A class of two people; one of three records of two; records of one person.
        (RELEASED, 3),
        (RELEASED[:3], 3),
        ([("30-32", *RELEASED[0][1:]), ("30-33", *RELEASED[1][1:]), *RELEASED[2:]], 2),
        # Two spellings of one illness.
        ([RELEASED[0], *RELEASED[2:]], 2),
        # Another order, another person's illness, a record that is there twice.
        (RELEASED[::-1], 2),
        ([("30-40", "v1", "HIV"), *RELEASED[1:]], 2),
        ([RELEASED[0], *RELEASED], 2),
        # No generalization of 31, and a range that ends at the 51 of somebody who is left out.
        ([("40-50", "v1", "flu"), *RELEASED[1:]], 2),
        ([("[31, 51]", *row[1:]) for row in RELEASED[:3]], 2),
    ],
)
def test_the_reader_finds_what_is_wrong(rows, k):
    with pytest.raises(AssertionError):
        check_rows(rows, k)


@pytest.mark.parametrize(
    ("labels", "ends", "is_right"),
    [
        (["[30, 40[", "[50, 60["], (20, 55), True),
        (["[30, 40[", "50"], (20, 55), False),
        (["[30, 33]", "[50, 60["], (20, 55), False),
        (["30-40", "[50, 60["], (20, 55), False),
        # 31 to 33 count as 40, or 51 and 52 as 45.
        (["[30, 40[", "[50, 60["], (40, 55), False),
        (["[30, 40[", "[50, 60["], (20, 45), False),
        (["[30, 40[", "[40, 50["], (20, 45), True),
        (["[30, 40[", "[40, 50["], (20, 50), False),
        (["[30, 40[", "[40, 50]"], (20, 50), True),
    ],
)
def test_the_reader_finds_what_lies_beyond_ends_or_between_cut_points(labels, ends, is_right):
    coded = replace(TABLE, ends={"age": ends}, widths={"age": 10})
    rows = [(labels[n > 2], *row[1:]) for n, row in enumerate(RELEASED)]
    file = File(pd.DataFrame(rows, columns=["age", RECORD, "illness"]), coded)
    if is_right:
        check_file(file, 2, [TWO_VALUES])
        return
    with pytest.raises(AssertionError):
        check_file(file, 2, [TWO_VALUES])
