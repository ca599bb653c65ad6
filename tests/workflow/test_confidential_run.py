"""A run on a confidential table: what is published is read back from the files themselves."""

import hashlib
import json
import re
import zipfile
from math import ceil, floor
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
from scipy.optimize import Bounds, LinearConstraint, milp
from tests.profile import takes_long
from tests.workflow.conftest import Experiment, make_experiment, make_table

pytestmark = takes_long

K = 4


@pytest.fixture(scope="module")
def confidential(tmp_path_factory) -> Experiment:
    """A run of a table with two people of whom there are no others, who are suppressed."""
    experiment = make_experiment(tmp_path_factory.mktemp("confidential"))
    table = make_table()
    table.loc[:1, "sex"] = "x"
    table.to_csv(experiment.folder / "data/tiny.csv", index=False)
    digest = hashlib.sha256((experiment.folder / "data/tiny.csv").read_bytes()).hexdigest()
    # The default is confidential.
    experiment.describe_dataset(sha256=digest)
    described = experiment.folder / "config/datasets/tiny.yaml"
    described.write_text(described.read_text().replace("confidential: false\n", ""))
    experiment.configure(
        seed=None,
        methods=["arx"],
        k_values=[K],
        deletions=[50],
        repeats=2,
        classifiers=["naive_bayes"],
        membership={"members": 40, "shadow_models": 2, "repeats": 1},
    )
    run = experiment.snakemake("all", "archive")
    assert run.returncode == 0, run.stdout + run.stderr
    return experiment


@pytest.fixture(scope="module")
def suppressed(confidential) -> int:
    release = pd.read_parquet(confidential.folder / f"results/anonymized/arx/k{K}.parquet")
    number = int(release["is_suppressed"].sum())
    assert 0 < number < K
    return number


def read(experiment: Experiment, name: str) -> pd.DataFrame:
    return pd.read_csv(experiment.folder / f"results/tables/{name}.csv")


def list_published(experiment: Experiment) -> dict[str, bytes]:
    """Return what is published: tables, figures and page, and what the archive has."""
    results = experiment.folder / "results"
    places = [*results.glob("tables/*"), *results.glob("figures/**/*.*"), results / "report.html"]
    found = {str(path): path.read_bytes() for path in places}
    with zipfile.ZipFile(results / "archive.zip") as archive:
        return found | {name: archive.read(name) for name in archive.namelist()}


def test_no_published_file_has_the_hash_of_the_table_or_the_secret(confidential):
    results = confidential.folder / "results"
    digest = hashlib.sha256((confidential.folder / "data/tiny.csv").read_bytes()).hexdigest()
    assert json.loads((results / "dataset/tiny.json").read_text())["sha256"] == digest
    secret = results / "dataset/tiny.key"
    assert secret.stat().st_mode & 0o777 == 0o600
    published = list_published(confidential)
    assert len(published) > 300
    for text in (digest, secret.read_text()):
        assert not [name for name, content in published.items() if text.encode() in content]
    assert not [name for name in published if name.endswith(".key")]


def test_no_release_has_the_hash_of_the_table(confidential):
    digest = hashlib.sha256((confidential.folder / "data/tiny.csv").read_bytes()).hexdigest()
    releases = list((confidential.folder / "results").rglob("*.parquet"))
    assert len(releases) > 3
    assert not [path for path in releases if digest.encode() in path.read_bytes()]


def test_how_many_are_suppressed_is_told_nowhere(confidential, suppressed):
    for name in ("info_loss", "trade_off"):
        table = read(confidential, name)
        assert table["suppressed_records"].isna().all(), name
    risks = read(confidential, "anonymity").set_index(["data", "measure"])["value"]
    assert risks[:, "suppressed_records"].isna().all()
    # The original has as many records as the release and those that are suppressed.
    assert risks["original"].isna().all()
    assert not read(confidential, "equivalence_classes")["is_suppressed"].any()
    told = re.compile(rf'"?suppressed.records"?(?::| =) {suppressed}\b')
    for name, content in list_published(confidential).items():
        if Path(name).suffix in (".json", ".html"):
            assert not told.search(content.decode()), name


def test_no_group_of_a_distribution_is_of_few(confidential):
    for name in ("level_by_age", "ill_by_sex"):
        table = read(confidential, name)
        assert (
            table.loc[table["is_masked"], ["value", "scaled_value", "records"]]
            .isna()
            .all(axis=None)
        )
        shown = table[~table["is_masked"]]
        assert ((shown["records"] == 0) | (shown["records"] >= K)).all()
    ill = read(confidential, "ill_by_sex").query("~is_masked")
    for number in (ill["value"], ill["records"] - ill["value"]):
        assert ((number == 0) | (number >= K)).all()


def test_the_original_less_the_release_is_not_that_of_the_suppressed(confidential, suppressed):
    for name in ("level_by_age", "ill_by_sex"):
        before = read(confidential, name).query("data == 'original'")
        # Without a masked group, the sum over all groups would be that of the whole table.
        assert before["is_masked"].sum() >= 2


def test_the_page_says_that_cells_are_masked(confidential):
    page = (confidential.folder / "results/report.html").read_text()
    assert "cells about fewer than k people are masked" in page
    assert "of fewer than k people" in page


def test_the_folder_of_the_release_has_what_may_leave_and_nothing_else(confidential, suppressed):
    folder = confidential.folder / "results/release"
    assert sorted(path.name for path in folder.iterdir()) == ["tiny.csv", "tiny.csv-metadata.json"]
    read = pd.read_csv(folder / "tiny.csv", keep_default_na=False, dtype=str)
    described = json.loads((folder / "tiny.csv-metadata.json").read_text())
    assert [column["name"] for column in described["tableSchema"]["columns"]] == list(read)
    by_role = {column["name"]: column["role"] for column in described["tableSchema"]["columns"]}
    names = [name for name, role in by_role.items() if role == "quasi-identifier"]
    sizes = read.groupby(names).size()
    privacy = described["privacy"]
    assert described["records"] == len(read)
    assert (privacy["classes"], privacy["smallest_class"]) == (len(sizes), sizes.min())
    assert privacy["suppressed_and_left_out"] == "fewer than k"
    # Sorted by what it shows.
    rows = [tuple(row) for row in read.itertuples(index=False)]
    assert rows == sorted(rows)
    secret = (confidential.folder / "results/dataset/tiny.key").read_text()
    for word in ("seed", "sha256", "hmac", secret):
        assert word not in (folder / "tiny.csv-metadata.json").read_text()


def test_the_seed_is_secret_and_no_file_but_its_own_has_it(confidential):
    path = confidential.folder / "results/dataset/tiny.key"
    with_secret = [
        file
        for file in confidential.folder.rglob("*")
        if file.is_file() and path.read_bytes() in file.read_bytes()
    ]
    assert with_secret == [path]
    release = pq.read_schema(confidential.folder / f"results/anonymized/arx/k{K}.parquet")
    steps = json.loads(release.metadata[b"anonify.provenance"])["steps"]
    assert [step["seed"] for step in steps] == ["results/dataset/tiny.key"]


# Programs that try to solve what is masked, from all that is published together


@pytest.fixture(scope="module")
def release(confidential, suppressed) -> pd.DataFrame:
    """The release itself, without the suppressed records, as whoever attacks has it."""
    frame = pd.read_parquet(confidential.folder / f"results/anonymized/arx/k{K}.parquet")
    return frame[~frame["is_suppressed"]].astype({"sex": str, "age": str})


def count_released(release: pd.DataFrame, name: str) -> pd.DataFrame:
    """Return by group how many released records are ill and how many are not."""
    if name == "ill_by_sex":
        groups = release["sex"].where(release["sex"].isin(["f", "m"]), "in no group")
        order = ["f", "m", "in no group"]
    else:
        # Ages are intervals of ten years, single years, or anything.
        ages = release["age"].str.extract(r"^(\d+)(?:-(\d+))?$").astype(float)
        last = ages[1].fillna(ages[0] + 1)
        groups = pd.Series("in no group", release.index)
        groups[last <= 30] = "[0, 30)"
        groups[(ages[0] >= 30) & (last <= 100)] = "[30, 100)"
        order = ["[0, 30)", "[30, 100)", "in no group"]
    ill = release["ill"].groupby(groups).agg(["sum", "size"]).reindex(order, fill_value=0)
    return pd.DataFrame({"ill": ill["sum"], "well": ill["size"] - ill["sum"]})


class Program:
    """All ways to fill in what is masked in the distributions of the original.

    Variables are, for each distribution and group, how many are ill and how many are not, and how
    many records are suppressed, who are fewer than k: the same in all distributions.
    """

    def __init__(self, confidential: Experiment, release: pd.DataFrame) -> None:
        self.places: list[tuple[str, str, str]] = []
        self.masked: list[int] = []
        lowest: list[int] = []
        shown: list[tuple[list[int], float]] = []
        whole: list[list[int]] = []
        for name in ("ill_by_sex", "level_by_age"):
            table = read(confidential, name).query("data == 'original'").set_index("group")
            known = count_released(release, name)
            whole.append([])
            for group in known.index:
                cells = [len(self.places), len(self.places) + 1]
                self.places += [(name, group, "ill"), (name, group, "well")]
                whole[-1] += cells
                # Records of no group may come from any.
                is_group = group != "in no group"
                lowest += known.loc[group].tolist() if is_group else [0, 0]
                row = table.loc[group]
                if row["is_masked"]:
                    self.masked += cells
                    continue
                shown.append((cells, row["records"]))
                if name == "ill_by_sex":
                    shown.append((cells[:1], row["value"]))
        self.people = len(release)
        most = self.people + K - 1
        self.size = len(self.places) + 1
        rows, values = [], []
        for cells, value in shown:
            rows.append(self.mark(cells))
            values.append(value)
        for cells in whole:
            # All records are the released and the suppressed ones.
            row = self.mark(cells)
            row[-1] = -1
            rows.append(row)
            values.append(self.people)
        # As many are ill by one distribution as by another.
        rows.append(self.mark(whole[0][::2]) - self.mark(whole[1][::2]))
        values.append(0)
        self.constraints = LinearConstraint(np.array(rows), values, values)
        self.bounds = Bounds([*lowest, 1], [most] * len(lowest) + [K - 1])

    def mark(self, cells: list[int]) -> np.ndarray:
        row = np.zeros(self.size)
        row[cells] = 1
        return row

    def solve(self, place: int) -> tuple[int, int]:
        """Return the least and the greatest that a variable may be; −1 is the suppressed ones."""
        found = []
        for sign in (1, -1):
            aim = np.zeros(self.size)
            aim[place] = sign
            solution = milp(
                aim,
                constraints=self.constraints,
                bounds=self.bounds,
                integrality=np.ones(self.size),
            )
            assert solution.success
            found.append(round(sign * solution.fun))
        return found[0], found[1]


def test_an_integer_program_solves_no_masked_cell_of_the_distributions(confidential, release):
    program = Program(confidential, release)
    assert program.masked
    for place in program.masked:
        low, high = program.solve(place)
        assert high - low >= K - 2 or program.places[place][1] == "in no group", program.places
        assert low < high
    # Nor how many are suppressed.
    assert program.solve(-1) == (1, K - 1)


def read_base(shares: pd.Series) -> float:
    """Return what shares in per cent are multiples of: the largest of 1, 2 and 5 by tens."""
    bases = sorted(digit * 10.0**power for digit in (1, 2, 5) for power in range(-4, 3))
    steps = {base: shares / base for base in bases}
    fits = [base for base, each in steps.items() if np.abs(each - each.round()).max() < 1e-4]
    assert fits, "the shares tell their denominator"
    return fits[-1]


def test_how_many_records_there_are_follows_from_no_share(confidential, release):
    """All numbers of people from one suppressed to k − 1 would have given the same shares."""
    classifiers = read(confidential, "classifiers")
    original = classifiers[classifiers["data"] == "original"]
    inferred = read(confidential, "attribute_inference")
    membership = read(confidential, "membership")
    identifying = read(confidential, "identification")
    assert identifying.loc[identifying["data"] == "original", "distinction"].isna().all()
    # By table: shares, and of how many of N people they are shares.
    quarter = [0.25, "accuracy", "precision", "recall", "f1"]
    for table, (part, *columns) in (
        (original, quarter),
        (classifiers[classifiers["data"] == "anonymized"], quarter),
        (inferred[inferred["deletion"] == 0], [1, "success", "success_without_own_record"]),
        (membership[membership["data"] == "original"], [1, "advantage", "highest_advantage"]),
        (identifying, [1, "unique"]),
        # One person of another value changes it by twice the share.
        (identifying, [0.5, "separation"]),
    ):
        shares = table[columns].stack().dropna()
        base = read_base(shares)
        for people in range(len(release) + 1, len(release) + K):
            number = ceil(part * people)
            # k of them at least are shown alike,
            assert base >= 100 * K / number, columns
            for share in shares:
                # and some number of people has each share.
                low, high = (share - base / 2) * number / 100, (share + base / 2) * number / 100
                assert ceil(low - 1e-9) <= floor(high + 1e-9), (columns, share, people)


def test_what_the_guesses_reach_does_not_tell_of_the_suppressed(confidential, release):
    inferred = read(confidential, "attribute_inference")
    assert inferred.loc[inferred["method"] == "original", "baseline"].isna().all()
    rows = inferred[(inferred["method"] == "arx") & (inferred["deletion"] == 0)]
    ill = rows[(rows["attribute"] == "ill") & (rows["members"] == "all")].iloc[0]
    # It is that of the released records alone.
    expected = 100 * max(release["ill"].mean(), 1 - release["ill"].mean())
    assert abs(ill["baseline"] - expected) <= 2.5


def test_all_other_tables_follow_from_the_release(confidential, release):
    """Whoever has the release knows what they say, so that nothing is solved by them."""
    classes = read(confidential, "equivalence_classes").query("data == 'anonymized'")
    sizes = release.groupby(["sex", "age"]).size()
    shown = classes.set_index(["sex", "age"])["size"]
    assert shown.sort_index().to_dict() == sizes.to_dict()
    for name in ("ill_by_sex", "level_by_age"):
        known = count_released(release, name)
        table = read(confidential, name).query("data == 'anonymized' and not is_masked")
        for row in table.itertuples():
            assert row.records == known.loc[row.group].sum()
    risks = read(confidential, "anonymity").query("data == 'anonymized' and reading == 'corrected'")
    risks = risks.set_index("measure")["value"]
    assert risks["released_records"] == len(release)
    assert risks["marketer_risk"] == pytest.approx(100 * len(sizes) / len(release))
    loss = read(confidential, "info_loss").iloc[0]
    assert (loss["classes"], loss["achieved_k"]) == (len(sizes), sizes.min())


def test_no_sample_tells_more_than_the_release(confidential, release):
    """Repeats add up to nothing that the release has not: none has a suppressed record."""
    for name in ("ill_by_sex", "level_by_age"):
        known = count_released(release, name)
        samples = read(confidential, name).query("data == 'sampled' and not is_masked")
        # The sum of a deletion's samples is that of records that are all in the release.
        for (group, _), rows in samples.groupby(["group", "repeat"]):
            assert (rows["records"] <= known.loc[group].sum()).all()
            left = known.loc[group].sum() - rows["records"]
            assert ((left == 0) | (left >= K)).all()
