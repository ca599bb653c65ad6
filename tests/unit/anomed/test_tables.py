import datetime

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anonify.anomed.tables import GeneralizingAnonymizer, SynthesizingAnonymizer, forget_order
from anonify.base.errors import UserError

COLUMNS = {
    "name": {"role": "identifier", "type": "category"},
    "sex": {"role": "quasi-identifier", "type": "category"},
    "age": {
        "role": "quasi-identifier",
        "type": "integer",
        "hierarchy": {"intervals": [{"start": 0, "width": 20}]},
    },
    "weight": {"role": "quasi-identifier", "type": "decimal"},
    "dose": {"role": "sensitive", "type": "decimal"},
}


def make_table(records=60, seed=1):
    draw = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "name": [f"person {number}" for number in range(records)],
            "sex": draw.choice(["f", "m"], records),
            "age": draw.integers(20, 80, records),
            "weight": draw.integers(500, 999, records) / 10,
            "dose": draw.random(records),
        }
    )


def test_a_generalization_has_columns_for_what_it_covers():
    table = pd.DataFrame(
        {
            "name": list("abcd"),
            "sex": ["f", "f", "m", "m"],
            "age": [20, 30, 45, 50],
            "weight": [50.0, 52.5, 60.0, 60.0],
            "dose": [1.0, 2.0, 3.0, 4.0],
        }
    )
    release, scheme = GeneralizingAnonymizer(COLUMNS, k=2, seed=1).anonymize(table)
    assert scheme == "generalization"
    assert list(release) == [
        *("sex_f", "sex_m", "age_min", "age_max", "weight_min", "weight_max", "dose"),
    ]
    # Two classes: f 20-40 [50.0, 52.5] and m 40-60 60.0.
    release = release.sort_values("dose")
    assert release["sex_f"].tolist() == [1, 1, 0, 0]
    assert release["sex_m"].tolist() == [0, 0, 1, 1]
    assert release["age_min"].tolist() == [20, 20, 40, 40]
    assert release["age_max"].tolist() == [40, 40, 60, 60]
    assert release["weight_min"].tolist() == [50, 50, 60, 60]
    assert release["weight_max"].tolist() == [52.5, 52.5, 60, 60]


def test_a_generalization_covers_every_record():
    table = make_table()
    release, _ = GeneralizingAnonymizer(COLUMNS, k=5, seed=1).anonymize(table)
    both = release.merge(table, on="dose")
    assert len(both) == len(table)
    assert ((both["age_min"] <= both["age"]) & (both["age"] <= both["age_max"])).all()
    assert ((both["weight_min"] <= both["weight"]) & (both["weight"] <= both["weight_max"])).all()
    assert np.where(both["sex"] == "f", both["sex_f"], both["sex_m"]).all()
    sizes = release.groupby([name for name in release if name != "dose"]).size()
    assert sizes.min() >= 5


@pytest.mark.parametrize("method", ["mondrian", "ncp_mondrian", "k_member"])
def test_synthesis_keeps_columns_and_types(method):
    table = make_table()
    release, scheme = SynthesizingAnonymizer(COLUMNS, method, k=5, seed=1).anonymize(table)
    assert scheme == "same"
    assert list(release) == ["sex", "age", "weight", "dose"]
    assert release.dtypes.tolist() == table.drop(columns="name").dtypes.tolist()
    assert len(release) == len(table)
    assert set(release["dose"]) <= set(table["dose"])
    assert release["weight"].round(1).tolist() == release["weight"].tolist()


def test_synthesis_draws_within_the_class():
    # Women are young and men are old, in classes that keep that.
    table = make_table(40)
    table["sex"] = ["f", "m"] * 20
    table["age"] = np.where(table["sex"] == "f", 21, 79)
    release, _ = SynthesizingAnonymizer(COLUMNS, k=5, seed=1).anonymize(table)
    assert set(release.loc[release["sex"] == "f", "age"]) == {21}
    assert set(release.loc[release["sex"] == "m", "age"]) == {79}


def test_the_ends_of_an_interval_do_not_tell_who_is_suppressed():
    # ARX suppresses the only one in 80-100; 99 is the age of nobody else.
    table = make_table(41).assign(sex="f", weight=50.0, age=[99, *[21] * 20, *[79] * 20])
    columns = {**COLUMNS, "weight": {"role": "sensitive", "type": "decimal"}}
    release, _ = GeneralizingAnonymizer(columns, "arx", k=5, seed=1).anonymize(table)
    assert 99 not in release[["age_min", "age_max"]].to_numpy()
    drawn, _ = SynthesizingAnonymizer(columns, "arx", k=5, seed=1).anonymize(table)
    assert drawn["age"].between(20, 99).all()


@pytest.mark.parametrize("make", [GeneralizingAnonymizer, SynthesizingAnonymizer])
def test_suppressed_records_are_left_out(make):
    # ARX suppresses the only one in 80-100, whose dose says who that is.
    table = make_table(41).assign(sex="f", age=[99, *[21] * 20, *[79] * 20], dose=np.arange(41.0))
    columns = {**COLUMNS, "weight": {"role": "sensitive", "type": "decimal"}}
    release, _ = make(columns, "arx", k=5, seed=1).anonymize(table)
    assert len(release) == 40
    assert 0.0 not in set(release["dose"])


def test_synthesis_stays_below_the_open_end_of_an_interval():
    table = make_table(400).assign(sex="f", weight=50.0, age=[20, 21] * 200)
    columns = {
        **COLUMNS,
        "age": {**COLUMNS["age"], "hierarchy": {"intervals": [{"edges": [20, 23]}]}},
    }
    release, _ = SynthesizingAnonymizer(columns, k=300, seed=1).anonymize(table)
    assert set(release["age"]) == {20, 21, 22}


@pytest.mark.parametrize("method", ["mondrian", "ncp_mondrian", "k_member"])
def test_missing_values_of_quasi_identifiers_stay_missing(method):
    table = make_table(60).astype({"age": "Int64"})
    table.loc[:9, ["sex", "age", "weight"]] = None
    release, _ = GeneralizingAnonymizer(COLUMNS, method, k=10, seed=1).anonymize(table)
    nothing = release[release["age_min"].isna()]
    assert len(nothing) == 10
    assert nothing[["age_max", "weight_min", "weight_max"]].isna().all(axis=None)
    assert nothing[["sex_f", "sex_m", "sex_"]].to_numpy().tolist() == [[0, 0, 1]] * 10
    drawn, _ = SynthesizingAnonymizer(COLUMNS, method, k=10, seed=1).anonymize(table)
    assert drawn.dtypes.tolist() == table.drop(columns="name").dtypes.tolist()
    is_missing = drawn["age"].isna()
    assert is_missing.any()
    assert drawn.loc[is_missing, ["sex", "weight"]].isna().all(axis=None)


@pytest.mark.parametrize("values", [[True, False], [0, 1], ["x", "y"]])
def test_categories_are_written_as_they_came(values):
    table = pd.DataFrame({"kind": values * 10})
    columns = {"kind": {"role": "quasi-identifier", "type": "category"}}
    release, _ = SynthesizingAnonymizer(columns, k=2, seed=1).anonymize(table)
    assert release["kind"].dtype == table["kind"].dtype
    assert set(release["kind"]) == set(values)


def test_synthesis_draws_values_that_nobody_has():
    table = make_table(200)
    release, _ = SynthesizingAnonymizer(COLUMNS, k=20, seed=1).anonymize(table)
    assert set(release["weight"]) - set(table["weight"])


@pytest.mark.parametrize("kind", ["date", "datetime", "text"])
def test_dates_are_written_as_they_came(kind):
    days = [datetime.date(1970, 1, day) for day in (1, 3, 5, 9)]
    born = {
        "date": pd.Series(days),
        "datetime": pd.to_datetime(pd.Series(days)),
        "text": pd.Series([day.strftime("%d.%m.%Y") for day in days]),
    }[kind]
    column = {"role": "quasi-identifier", "type": "date"}
    column |= {"format": "%d.%m.%Y"} if kind == "text" else {}
    table = pd.DataFrame({"born": born})
    release, _ = SynthesizingAnonymizer({"born": column}, k=2, seed=1).anonymize(table)
    assert release["born"].dtype == table["born"].dtype
    assert isinstance(release["born"].iloc[0], type(table["born"].iloc[0]))


@given(st.integers(0, 2**32 - 1))
def test_the_order_of_the_records_is_forgotten(seed):
    # Whoever knows the seed and the order of the input learns nothing from that of the result.
    table = make_table()
    other = table.sample(frac=1, random_state=seed).reset_index(drop=True)
    columns = list(table)[1:]
    assert forget_order(table[columns]).equals(forget_order(other[columns]))


@pytest.mark.parametrize("make", [GeneralizingAnonymizer, SynthesizingAnonymizer])
def test_no_release_is_in_the_order_of_its_input(make):
    table = make_table(200).assign(dose=np.arange(200.0))
    release, _ = make(COLUMNS, k=20, seed=1).anonymize(table)
    assert abs(np.corrcoef(release["dose"], np.arange(200))[0, 1]) < 0.3
    assert release.index.tolist() == list(range(200))


@pytest.mark.parametrize("make", [GeneralizingAnonymizer, SynthesizingAnonymizer])
def test_of_each_class_a_part_is_deleted(make):
    release, _ = make(COLUMNS, k=60, deletion=50, seed=1).anonymize(make_table())
    assert len(release) == 30


def test_without_a_seed_every_release_is_another_one():
    table = make_table()
    first, second = (SynthesizingAnonymizer(COLUMNS).anonymize(table)[0] for _ in range(2))
    assert not first.equals(second)


def test_a_table_that_is_not_as_described_is_refused():
    with pytest.raises(UserError, match="the challenge's table: the column 'dose' is missing"):
        GeneralizingAnonymizer(COLUMNS).anonymize(make_table().drop(columns="dose"))


@pytest.mark.parametrize("anonymizer", [GeneralizingAnonymizer, SynthesizingAnonymizer])
def test_survey_weights_stay_and_are_above_0(anonymizer):
    columns = {**COLUMNS, "dose": {"role": "weight", "type": "decimal"}}
    table = make_table().assign(dose=np.arange(60) + 0.25)
    release, _ = anonymizer(columns, k=4, seed=1).anonymize(table)
    assert set(release["dose"]) <= set(table["dose"])
    with pytest.raises(UserError, match="table: 1 values of 'dose' are no weights"):
        anonymizer(columns, k=4).anonymize(table.assign(dose=np.arange(60)))


@pytest.mark.parametrize("anonymizer", [GeneralizingAnonymizer, SynthesizingAnonymizer])
@pytest.mark.parametrize("method", ["mondrian", "ncp_mondrian", "k_member"])
@pytest.mark.parametrize("seed", [1, 2])
def test_nothing_beyond_the_ends_of_a_column_is_given_away(anonymizer, method, seed):
    columns = {
        **COLUMNS,
        "age": {
            **{key: value for key, value in COLUMNS["age"].items() if key != "hierarchy"},
            "ranges": {"start": 0, "width": 10},
            "bottom": 30,
            "top": 70,
        },
        "weight": {**COLUMNS["weight"], "ranges": {"edges": [50, 62.5, 75, 90]}, "top": 90},
        "dose": {**COLUMNS["dose"], "bottom": 0.25, "top": 0.75},
    }
    table = make_table(seed=seed).sample(frac=1, random_state=seed)
    release, scheme = anonymizer(columns, method, k=4, seed=seed).anonymize(table)
    assert release["dose"].between(0.25, 0.75).all()
    assert {*release["dose"]} <= {*table["dose"].clip(0.25, 0.75)}
    if scheme == "same":
        assert release["age"].between(30, 70).all()
        assert release["weight"].between(50, 90).all()
    else:
        assert {*release["age_min"], *release["age_max"]} <= {*range(30, 71, 10)}
        assert {*release["weight_min"], *release["weight_max"]} <= {50, 62.5, 75, 90}
        assert (release["age_min"] < release["age_max"]).all()
        assert sorted(release["dose"]) == sorted(table["dose"].clip(0.25, 0.75))
