"""A DataFrame goes in, a verified release comes out; samples of it."""

import json
import re
from fractions import Fraction

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

import anonify
from anonify.base.seeding import make_generator
from anonify.methods import METHODS, takes_tuples
from anonify.releases.anonymization import anonymize_table

WIDTHS = [5, 10, 20]
ROLES = {
    "quasi_identifiers": {"age": WIDTHS, "sex": None, "zip": "prefix", "seen": "date"},
    "sensitive": ["diagnosis", "weight"],
    "identifiers": ["name"],
}


@pytest.fixture(scope="module")
def frame():
    generator = np.random.default_rng(1)
    n = 120
    days = pd.Timestamp("2023-01-01") + pd.to_timedelta(generator.integers(0, 500, n), unit="D")
    frame = pd.DataFrame(
        {
            "name": [f"P{place}" for place in range(n)],
            "age": generator.integers(18, 90, n).astype(float),
            "sex": pd.Categorical(generator.choice(["f", "m"], n), categories=["m", "f", "x"]),
            "zip": generator.choice(["01067", "01069", "80331", "80333"], n),
            "seen": days.normalize(),
            "diagnosis": pd.Categorical(
                generator.choice(["flu", "cold"], n), categories=["cold", "flu", "plague"]
            ),
            "weight": generator.normal(70, 10, n).round(1),
        },
        index=generator.permutation(n) + 1000,
    )
    frame.loc[frame.index[:5], "age"] = np.nan
    return frame


@pytest.mark.parametrize("method", METHODS)
def test_every_class_that_is_read_back_has_k_records(frame, method):
    small = frame.drop(columns=["zip", "seen"]) if method == "optimal" else frame
    names = [name for name in ROLES["quasi_identifiers"] if name in small]
    roles = {**ROLES, "quasi_identifiers": {n: ROLES["quasi_identifiers"][n] for n in names}}
    release = anonify.anonymize(small, k=4, method=method, seed=3, **roles)
    assert list(release.table.columns) == [*small.columns[1:]]
    assert release.table.groupby(names, observed=True).size().min() >= 4
    # Suppressed records are left out only where they would be a class of fewer.
    lacking = len(small) - len(release.table)
    assert lacking in {0, release.risk["suppressed_records"]}
    assert lacking < 4
    assert release.risk["released_records"] + release.risk["suppressed_records"] == len(small)
    assert release.risk["achieved_k"] >= 4


@pytest.mark.parametrize(
    ("k", "suppressed", "shown", "ill"),
    [
        (2, "drop", ["a"] * 3, [0, 0, 1]),
        (3, "drop", ["a"] * 3, [0, 0, 1]),
        (2, "keep", ["*"] * 2 + ["a"] * 3, [1, 1, 0, 0, 1]),
        # Two are no class of three, so they show nothing.
        (3, "keep", ["*"] * 2 + ["a"] * 3, [None, None, 0, 0, 1]),
    ],
)
def test_suppressed_records_are_left_out_unless_they_are_to_be_kept(k, suppressed, shown, ill):
    # With room for two in five to be suppressed, the a stay as they are.
    frame = pd.DataFrame({"x": ["a", "b", "a", "c", "a"], "ill": [0, 1, 0, 1, 1]})
    release = anonify.anonymize(
        frame,
        k=k,
        method="ola",
        method_options={"suppression_limit": 40},
        quasi_identifiers=["x"],
        sensitive="ill",
        suppressed=suppressed,
    )
    assert release.table["x"].tolist() == shown
    found = release.table["ill"].astype(object)
    assert found.where(found.notna(), None).tolist() == ill
    assert release.risk["suppressed_records"] == 2
    # Two of five records have lost all, whether they are shown or not.
    assert release.loss["ncp"] == 40
    sampled = anonify.sample(release, deletion=50)
    assert sampled.table["x"].tolist() == [*["*"] * (shown.count("*") // 2), "a"]


@pytest.mark.parametrize(
    ("labels", "ages", "ncp"),
    [
        # Of the domain's three values two lie below the one node, and one below the other.
        ("nodes", ["20-30", "20-30", "30-40", "30-40"], 100 * (2 / 3 + 1 / 3) / 2),
        ("sets", ["38", "38", "[21, 23]", "[21, 23]"], 100 * 2 / 3 / 2),
    ],
)
def test_a_class_shows_nodes_or_what_is_in_it(labels, ages, ncp):
    frame = pd.DataFrame({"age": [23, 21, 38, 38], "ill": [0, 1, 0, 1]})
    release = anonify.anonymize(
        frame, k=2, method="ola", quasi_identifiers={"age": [10]}, sensitive="ill", labels=labels
    )
    assert release.table["age"].tolist() == ages
    assert release.loss["ncp"] == pytest.approx(ncp)
    assert release.provenance["steps"][-1]["labels"] == labels


def test_the_frame_stays_as_it_is(frame):
    before = frame.copy(deep=True)
    anonify.anonymize(frame, k=4, **ROLES)
    pd.testing.assert_frame_equal(frame, before)


def test_other_columns_are_released_as_they_were(frame):
    released = anonify.anonymize(frame, k=4, **ROLES).table
    assert released["weight"].dtype == frame["weight"].dtype
    assert sorted(released["weight"]) == sorted(frame["weight"])
    # Not one that no record has: it would tell of other tables.
    assert released["diagnosis"].cat.categories.tolist() == ["cold", "flu"]
    assert (
        released["diagnosis"].value_counts().to_dict()
        == frame["diagnosis"].value_counts()[["cold", "flu"]].to_dict()
    )


@pytest.mark.parametrize(
    "dtype", ["category", pd.ArrowDtype(pa.dictionary(pa.int32(), pa.string()))]
)
def test_a_table_has_no_categories_of_records_that_were_left_out(dtype):
    # The two m are suppressed, fewer than k, and left out; half of the f are deleted.
    frame = pd.DataFrame({"sex": ["f"] * 5 + ["m"] * 2, "ill": ["flu"] * 5 + ["plague", "cold"]})
    frame["ill"] = frame["ill"].astype(dtype)
    release = anonify.anonymize(
        frame,
        k=5,
        method="ola",
        method_options={"suppression_limit": 40},
        quasi_identifiers=["sex"],
        sensitive="ill",
    )
    for table in (release.table, anonify.sample(release, deletion=50).table):
        assert table["ill"].dtype.name == frame["ill"].dtype.name
        arrow = pa.array(table["ill"])
        arrow = arrow.combine_chunks() if isinstance(arrow, pa.ChunkedArray) else arrow
        assert arrow.dictionary.to_pylist() == ["flu"]
        assert table["sex"].cat.categories.tolist() == ["f"]


def test_sensitive_values_stay_with_their_records():
    # Whoever is f is ill: k = 2 classes by sex, for it alone is generalized.
    frame = pd.DataFrame({"sex": ["f", "m", "m", "f"], "ill": [True, False, False, True]})
    released = anonify.anonymize(frame, k=2, quasi_identifiers=["sex"], sensitive=["ill"]).table
    assert released["sex"].tolist() == ["f", "f", "m", "m"]
    assert released["ill"].tolist() == [True, True, False, False]
    assert released["ill"].dtype == bool
    assert released.index.tolist() == [0, 1, 2, 3]


@pytest.mark.parametrize(
    "method", [name for name in METHODS if takes_tuples(name) and name != "optimal"]
)
def test_the_release_does_not_tell_the_order_of_the_records(frame, method):
    shuffled = frame.sample(frac=1, random_state=1)
    first = anonify.anonymize(frame, k=4, method=method, seed=3, **ROLES)
    second = anonify.anonymize(shuffled, k=4, method=method, seed=3, **ROLES)
    pd.testing.assert_frame_equal(first.table, second.table)


@pytest.mark.parametrize("method", ["arx", "oka"])
def test_a_dataset_is_released_as_a_run_with_that_seed_releases_it(folder, method):
    # The method arx takes no ranges.
    description = (folder / "clinic.yaml").read_text()
    (folder / "clinic.yaml").write_text(
        description.replace("weight: {role: quasi-identifier", "weight: {role: sensitive")
    )
    dataset = anonify.read_dataset("clinic.yaml")
    theirs = anonymize_table(
        dataset.frame, dataset.domains, method, 3, make_generator(9, "anonymize", method, 3)
    )
    ours = anonify.anonymize(dataset, k=3, method=method, seed=9)
    names = [*dataset.frame.columns]
    assert ours.table.astype("str").value_counts().to_dict() == (
        theirs.frame[names].astype("str").value_counts().to_dict()
    )
    assert ours.provenance["steps"][0]["achieved_k"] == theirs.found.achieved_k


def test_a_frame_is_released_as_its_description_is(folder):
    described = anonify.read_dataset("clinic.yaml")
    frame = pd.read_csv("clinic.csv")
    ours = anonify.anonymize(
        frame,
        k=2,
        quasi_identifiers={"sex": None, "age": "age.csv", "weight": None},
        sensitive=["illness"],
        identifiers="name",
        target="dead",
        seed=1,
    )
    theirs = anonify.anonymize(described, k=2, seed=1)
    # The description calls the weight a decimal, so that it is written 50.0 there.
    shown = theirs.table.astype("str").replace(r"\.0\b", "", regex=True)
    pd.testing.assert_frame_equal(ours.table.astype("str"), shown)
    assert ours.loss == theirs.loss


def test_loss_and_risk_are_those_of_the_classes():
    frame = pd.DataFrame({"town": ["Aln", "Aln", "Brae", "Brae", "Coll", "Coll"]})
    tree = {"tree": {"North": ["Aln", "Brae"], "South": ["Coll"]}}
    release = anonify.anonymize(frame, k=4, method="mondrian", quasi_identifiers={"town": tree})
    # Two records are too few for a class, so all are generalized to the root.
    assert release.table["town"].tolist() == ["*"] * 6
    assert (release.loss["ncp"], release.loss["ncp_town"]) == (100, 100)
    assert release.risk["achieved_k"] == 6
    assert release.risk["prosecutor_risk_highest"] == pytest.approx(100 / 6)
    assert release.classes.to_dict("records") == [
        {"town": "*", "is_suppressed": False, "size": 6, "released_size": 6}
    ]
    release = anonify.anonymize(frame, k=2, method="mondrian", quasi_identifiers={"town": tree})
    assert (release.loss["ncp"], release.risk["classes"]) == (0, 3)


def test_requirements_are_kept_beside_k():
    # Of both sexes one half is ill, of either age all or none.
    frame = pd.DataFrame(
        {"sex": list("fmfm"), "old": list("yynn"), "ill": [True, True, False, False]}
    )
    rule = {"attribute": "ill", "model": "distinct_l_diversity", "l": 2}
    arguments = {"quasi_identifiers": ["sex", "old"], "sensitive": "ill", "method": "arx"}
    release = anonify.anonymize(frame, k=2, requirements=[rule], **arguments)
    assert release.table.groupby(["sex", "old"], observed=True)["ill"].nunique().min() == 2


def test_requirements_that_can_be_read_once_are_kept_as_well():
    # Two classes by sex; only together do they have both diagnoses.
    frame = pd.DataFrame({"sex": ["f", "f", "m", "m"], "ill": ["flu", "flu", "cold", "cold"]})
    rules = iter([{"attribute": "ill", "model": "distinct_l_diversity", "l": 2}])
    release = anonify.anonymize(
        frame, k=2, quasi_identifiers=["sex"], sensitive="ill", requirements=rules
    )
    assert release.table["sex"].tolist() == ["*"] * 4


def test_provenance_says_what_was_done_and_keeps_no_seed_that_was_drawn():
    frame = pd.DataFrame({"sex": ["f", "m"] * 4})
    secret = anonify.anonymize(frame, k=2, quasi_identifiers=["sex"], method="oka")
    (step,) = secret.provenance["steps"]
    assert (step["step"], step["method"], step["k"]) == ("anonymize", "oka", 2)
    assert "seed" not in step
    assert secret.provenance["versions"]["anonify"] == anonify.__version__
    sampled = anonify.sample(secret, deletion=50, seed=7)
    assert [step.get("seed") for step in sampled.provenance["steps"]] == [None, 7]
    assert sampled.provenance["steps"][1]["deletion"] == 50


def test_a_seed_that_is_drawn_is_another_each_time():
    frame = pd.DataFrame({"sex": ["f"] * 100, "number": range(100)})
    release = anonify.anonymize(frame, k=2, quasi_identifiers=["sex"], sensitive="number")
    samples = [anonify.sample(release, deletion=50).table["number"].tolist() for _ in range(3)]
    assert samples[0] != samples[1] or samples[1] != samples[2]


def test_a_seed_that_is_given_gives_the_same_again(frame):
    first, again = (anonify.anonymize(frame, k=4, method="oka", seed=5, **ROLES) for _ in range(2))
    pd.testing.assert_frame_equal(first.table, again.table)
    one, same = (anonify.sample(first, deletion=30, seed=5).table for _ in range(2))
    pd.testing.assert_frame_equal(one, same)


# Samples


def test_a_sample_lacks_the_same_share_of_every_class():
    frame = pd.DataFrame({"sex": ["f"] * 10 + ["m"] * 3, "ill": [True] * 13})
    release = anonify.anonymize(frame, k=3, quasi_identifiers=["sex"], sensitive=["ill"])
    sampled = anonify.sample(release, deletion=30)
    # 30 % of 10 are 3, of 3 are 0.9, so one record.
    assert sampled.classes["released_size"].tolist() == [7, 2]
    assert sampled.classes["size"].tolist() == [10, 3]
    assert sampled.table["sex"].tolist() == ["f"] * 7 + ["m"] * 2
    assert sampled.risk["prosecutor_risk_highest"] == 50
    assert sampled.risk["journalist_risk_highest"] == pytest.approx(100 / 3)
    assert sampled.risk["classes_below_k"] == 1
    assert sampled.loss["ncp"] == 0
    assert "non_uniform_entropy" not in sampled.loss
    assert len(release.table) == 13


@pytest.mark.parametrize("deletion", [0.1, np.float64(0.1), Fraction(1, 10)])
def test_a_deletion_is_exact(deletion):
    # 0.1 % of 1000 is one record; the nearest float is a little more.
    frame = pd.DataFrame({"sex": ["f"] * 1000})
    release = anonify.anonymize(frame, k=3, quasi_identifiers=["sex"])
    assert len(anonify.sample(release, deletion=deletion).table) == 999


def test_a_sample_of_a_sample_is_still_judged_by_the_anonymized_classes():
    release = anonify.anonymize(pd.DataFrame({"sex": ["f"] * 20}), k=3, quasi_identifiers=["sex"])
    twice = anonify.sample(anonify.sample(release, deletion=50), deletion=50)
    assert twice.classes[["size", "released_size"]].to_numpy().tolist() == [[20, 5]]
    assert twice.risk["journalist_risk_highest"] == 5


# What a person reads


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_what_is_written_is_the_table_and_what_describes_it(frame, tmp_path, ending):
    release = anonify.sample(anonify.anonymize(frame, k=4, method="arx", **ROLES), 30)
    path = tmp_path / f"ward.{ending}"
    release.write(path)
    assert sorted(file.name for file in tmp_path.iterdir()) == [
        path.name,
        f"{path.name}-metadata.json",
    ]
    read = pd.read_csv(path) if ending == "csv" else pd.read_parquet(path)
    names = list(ROLES["quasi_identifiers"])
    sizes = read.groupby(names, dropna=False).size()
    assert list(read) == list(release.table)
    assert read["weight"].sum() == pytest.approx(release.table["weight"].sum())
    described = json.loads(path.with_name(f"{path.name}-metadata.json").read_text())
    privacy = described["privacy"]
    assert (privacy["classes"], privacy["smallest_class"]) == (len(sizes), sizes.min())
    assert (privacy["k"], privacy["deleted_from_each_class"]) == (4, 30)
    assert "seed" not in json.dumps(described)


def test_a_release_says_in_a_line_what_it_is():
    release = anonify.anonymize(pd.DataFrame({"sex": ["f", "m"] * 4}), k=3, quasi_identifiers="sex")
    assert repr(release) == "<Release: 8 records, 2 classes, k = 3 by Mondrian, NCP 0 %>"


BASE = {"frame": pd.DataFrame({"age": [30, 31, 40], "ill": ["y", "n", None]}), "k": 2}
RULE = {"attribute": "ill", "model": "distinct_l_diversity", "l": 2}
FILLED = BASE["frame"].fillna("n")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({}, "`quasi_identifiers` names no column, so there is nothing to anonymize; name those"),
        (
            {"quasi_identifiers": ["age"]},
            "`frame`: nothing is said of ill; name each column in `quasi_identifiers`",
        ),
        (
            {"quasi_identifiers": ["Age"], "sensitive": ["ill"]},
            "`quasi_identifiers` names 'Age', which is no column of `frame`; choose from age, ill",
        ),
        (
            {"quasi_identifiers": ["age"], "sensitive": ["age"]},
            "`sensitive` names 'age', which `quasi_identifiers` has already; a column has one role",
        ),
        ({"k": 1}, "`k` is 1; it should be a whole number from 2"),
        ({"k": 2.0}, "`k` is 2.0; it should be a whole number from 2"),
        ({"method": "mondrain"}, "`method` is 'mondrain'; choose from arx, "),
        ({"labels": "set"}, "`labels` is 'set'; choose from nodes, sets"),
        ({"method_options": ["limit"]}, "`method_options` is ['limit']; it should be a mapping"),
        (
            {"frame": pd.DataFrame([[1, "a"]]), "quasi_identifiers": 0},
            "`frame`: column 1 has the name 0, which is no text; rename it",
        ),
        ({"quasi_identifiers": ["age", "ill"], "seed": -1}, "`seed` is -1; it should be a whole"),
        (
            {"quasi_identifiers": ["age", "ill"], "k": 4},
            "the table has 3 records, fewer than k = 4; choose a smaller k",
        ),
        (
            {"quasi_identifiers": ["age", "ill"], "method": "arx"},
            "'age' has no hierarchy, and the method takes no ranges; give it one, such as "
            "`{intervals: …}`, or choose a method that does, such as mondrian",
        ),
        (
            {"quasi_identifiers": ["age", "ill"], "method_options": {"x": 1}},
            "`method_options.mondrian` has no option 'x'; it has none",
        ),
        (
            {"quasi_identifiers": ["ill"], "identifiers": "age", "requirements": [RULE]},
            "`requirements[0]` has the `attribute` 'ill'; name a sensitive column or the target "
            "(there are none)",
        ),
        ({"quasi_identifiers": ["age"], "requirements": None}, "`requirements` is None; it should"),
        ({"quasi_identifiers": ["age"], "requirements": RULE}, "`requirements` is {'attribute'"),
        (
            {
                "frame": FILLED,
                "quasi_identifiers": ["age"],
                "target": "ill",
                "requirements": [{**RULE, "model": ["t_closeness"]}],
            },
            "`requirements[0]` has the `model` ['t_closeness']; choose from",
        ),
        (
            {"frame": FILLED, "quasi_identifiers": ["age"], "target": "ill", "requirements": [1]},
            "`requirements[0]` is 1; it should be a mapping with `attribute`, `model` and its",
        ),
        (
            {
                "frame": FILLED,
                "quasi_identifiers": ["age"],
                "target": "ill",
                "requirements": [{**RULE, "model": "l_diversity"}],
            },
            "`requirements[0]` has the `model` 'l_diversity'; choose from distinct_l_diversity, ",
        ),
        (
            {
                "frame": FILLED,
                "quasi_identifiers": ["age"],
                "target": "ill",
                "requirements": [{**RULE, "t": 0.5}],
            },
            "`requirements[0]` has the keys attribute, l, model, t; distinct_l_diversity takes "
            "attribute, model and l",
        ),
        (
            {
                "frame": FILLED,
                "quasi_identifiers": ["age"],
                "target": "ill",
                "requirements": [{**RULE, "l": 0}],
            },
            "`requirements[0]` has the `l` 0; it should be a whole number from 1",
        ),
        (
            {
                "frame": FILLED,
                "quasi_identifiers": ["age"],
                "target": "ill",
                "requirements": [{**RULE, "l": 3}],
            },
            "requirements: the whole table does not meet distinct_l_diversity of 'ill' (l = 3)",
        ),
        (
            {
                "frame": FILLED.rename(columns={"ill": "is_suppressed"}),
                "quasi_identifiers": ["age"],
                "sensitive": ["is_suppressed"],
            },
            "`frame`: 'is_suppressed' is a name that our tables use themselves; rename the column",
        ),
    ],
)
def test_mistakes_are_told_in_a_sentence(arguments, message):
    with pytest.raises(ValueError, match=f"^{re.escape(message)}"):
        anonify.anonymize(**{**BASE, **arguments})


def test_roles_of_a_dataset_are_not_given_twice(folder):
    with pytest.raises(ValueError, match="`sensitive` is given, but the dataset has its roles"):
        anonify.anonymize(anonify.read_dataset("clinic.yaml"), k=2, sensitive=["illness"])


@pytest.mark.parametrize("deletion", [-1, 100, float("nan"), "30", True])
def test_a_deletion_that_is_none_is_told(deletion):
    release = anonify.anonymize(pd.DataFrame({"sex": ["f"] * 3}), k=3, quasi_identifiers=["sex"])
    with pytest.raises(ValueError, match="it should be a number of per cent from 0 to below 100"):
        anonify.sample(release, deletion=deletion)


def test_a_table_is_no_release_to_sample():
    table = pd.DataFrame({"sex": ["f"] * 4})
    message = "`release` is of the type DataFrame; give what `anonify.anonymize` returned"
    with pytest.raises(ValueError, match=re.escape(message)):
        anonify.sample(table, deletion=50)


def test_a_sample_without_a_record_is_none():
    release = anonify.anonymize(pd.DataFrame({"sex": ["f"] * 3}), k=3, quasi_identifiers=["sex"])
    message = "`deletion` is 70, which leaves no record; delete less"
    with pytest.raises(ValueError, match=re.escape(message)):
        anonify.sample(release, deletion=70)


# Top, bottom and cut points

ENDS = {"top": {"age": 80, "weight": 85.5}, "bottom": {"seen": "2023-03-01", "weight": 60}}


def test_no_value_beyond_the_ends_is_in_a_release(frame):
    coded = ROLES | {"quasi_identifiers": {"age": WIDTHS, "sex": None}}
    coded["sensitive"] = ["diagnosis", "weight", "seen", "zip"]
    release = anonify.anonymize(frame, k=4, method="k_member", **coded, **ENDS)
    table = release.table
    assert table["weight"].dtype == frame["weight"].dtype
    assert sorted(table["weight"]) == sorted(frame["weight"].clip(60, 85.5))
    assert table["seen"].dtype == frame["seen"].dtype
    assert sorted(table["seen"]) == sorted(frame["seen"].clip(lower=pd.Timestamp("2023-03-01")))
    # 80 and more are all 80, in the interval that begins there.
    assert (frame["age"] >= 85).any()
    lows = table["age"].astype("str").str.extract("^(\\d+)")[0].dropna().astype(int)
    assert lows.max() == 80
    step = release.provenance["steps"][0]
    assert step["top"] == ENDS["top"]
    assert step["bottom"] == ENDS["bottom"]


@pytest.mark.parametrize("method", ["mondrian", "oka", "k_member"])
def test_ranges_end_at_cut_points_and_the_loss_is_their_width(frame, method):
    edges = [0, 30, 50, 75, 90]
    release = anonify.anonymize(
        frame,
        k=5,
        method=method,
        quasi_identifiers={"age": {"ranges": {"edges": edges}}},
        sensitive=[name for name in frame if name != "age"],
        rows_are_people=True,
    )
    widths = []
    for label in release.table["age"].astype("str"):
        match = re.fullmatch(r"\[(\d+), (\d+)([\[\]])", label)
        if match:
            low, high = int(match[1]), int(match[2])
            assert {low, high} <= {*edges}
            assert (match[3] == "]") == (high == 90)
            widths.append((high - low) / 90)
        else:
            assert label in ("", "*")
            widths.append(float(label == "*"))
    assert release.loss["ncp_age"] == pytest.approx(100 * np.mean(widths))
    # Missing ages are a class of their own, or lie under the root.
    assert len(widths) == len(frame)


def test_without_ends_a_release_is_as_it_was(frame):
    plain = anonify.anonymize(frame, k=4, seed=1, **ROLES)
    far = anonify.anonymize(frame, k=4, seed=1, **ROLES, top={"age": 500}, bottom={"weight": -1e9})
    pd.testing.assert_frame_equal(plain.table, far.table)
    assert not {"top", "bottom"} & {*plain.provenance["steps"][0]}


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"top": {"sex": 3}}, "`frame`: 'sex' has a `top` but is text, which has no order"),
        ({"top": {"weight": "x"}}, "`frame`: 'weight' has the `top` 'x', but is a number"),
        ({"top": {"weight": float("nan")}}, "'weight' has a `top` that is not finite or too large"),
        ({"top": {"weight": 10**5000}}, "'weight' has a `top` that is not finite or too large"),
        ({"top": {"age": 10**30}}, "'age' has a `top` that is no whole number of 64 bits"),
        ({"top": {"seen": "2020-13-01"}}, "'seen' has the `top` '2020-13-01', which is no date"),
        ({"top": {"height": 3}}, "`top` names 'height', which is no column that is released"),
        ({"bottom": {"name": 3}}, "`bottom` names 'name', which is no column that is released"),
        ({"bottom": {"age": True}}, "`bottom`: 'age' has one of the type bool"),
        ({"bottom": 3}, "`bottom` should name columns with a number or date each"),
        ({"top": {"age": 3}, "bottom": {"age": 4}}, "the `bottom` 4, which is above its `top` 3"),
    ],
)
def test_ends_that_do_not_fit_are_told(frame, given, message):
    with pytest.raises(ValueError, match=re.escape(message)) as raised:
        anonify.anonymize(frame, k=4, **ROLES, **given)
    assert "\n" not in str(raised.value)
