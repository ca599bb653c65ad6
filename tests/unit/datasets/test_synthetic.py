from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from anonify.base.errors import UserError
from anonify.base.seeding import make_generator
from anonify.datasets.synthetic import synthesize
from anonify.domains.domain import encode_leaves
from anonify.domains.rules import build_hierarchy
from anonify.measures.classifiers import evaluate
from anonify.measures.encoding import encode
from anonify.methods import get_anonymizer
from anonify.settings.schemas import read_yaml
from anonify.tables.columns import describe_columns, names_with_role
from anonify.tables.text import read_text_columns
from anonify.tables.typed import convert_records

CONFIG = Path(__file__).resolve().parents[3] / "config"


def draw(records=100, seed=0, **columns):
    parameters = {"records": records, "columns": columns}
    return synthesize(parameters, np.random.default_rng(seed))


def counts(values):
    return dict(values.value_counts())


# Values and weights


def test_a_single_value_fills_the_column():
    assert draw(3, sex={"values": {"f": 1}}).to_dict("list") == {"sex": ["f", "f", "f"]}


def test_values_come_up_as_often_as_their_weights_say():
    # 100 records in the ratio 1 : 3.
    assert counts(draw(sex={"values": {"f": 1, "m": 3}})["sex"]) == {"f": 25, "m": 75}


def test_values_without_weights_are_equally_likely():
    assert counts(draw(sex={"values": ["f", "m"]})["sex"]) == {"f": 50, "m": 50}


@pytest.mark.parametrize("seed", range(5))
def test_a_rare_value_is_off_by_less_than_one_record(seed):
    # 1.5 of 100 records.
    table = draw(seed=seed, sex={"values": ["other", "f"], "weights": [1.5, 98.5]})
    assert counts(table["sex"])["other"] in (1, 2)


def test_a_value_of_weight_0_is_never_drawn():
    table = draw(level={"values": [1, 2, 3, 4], "weights": [0, 1, 0, 0]})
    assert set(table["level"]) == {2}


def test_the_order_of_records_is_random():
    level = draw(level={"values": [0, 1]})["level"]
    assert not level.is_monotonic_increasing


# Intervals


def test_an_interval_is_closed_below_and_open_above():
    assert set(draw(age={"values": ["2-5"], "step": 1})["age"]) == {2, 3, 4}


def test_an_interval_has_the_numbers_of_its_step_as_they_are_written():
    table = draw(1000, bmi={"values": ["10-10.2"], "step": 0.01})
    assert set(table["bmi"]) == {hundredths / 100 for hundredths in range(1000, 1020)}


def test_an_interval_may_have_a_step_of_its_own():
    table = draw(age={"values": ["0.5-1 by 0.25", "1-3"], "step": 1})
    assert set(table["age"]) == {0.5, 0.75, 1, 2}


def test_a_value_among_intervals_gets_its_share_and_the_intervals_the_rest():
    # 40 of 100 records are 27.32, which the interval does not hold.
    table = draw(bmi={"values": [27.32, "30-40"], "step": 0.5, "weights": [2, 3]})
    assert counts(table["bmi"])[27.32] == 40
    assert table["bmi"].drop_duplicates().between(30, 39.5).sum() > 1


def test_without_a_step_low_high_is_text():
    assert set(draw(age={"values": ["18-24", "25-30"]})["age"]) == {"18-24", "25-30"}


# Dependence


def test_each_value_of_a_column_drawn_before_has_its_row_of_weights():
    table = draw(
        sex={"values": ["f", "m"]},
        ill={"given": ["sex"], "values": [0, 1], "weights": {"f": [1, 0], "m": [0, 1]}},
    )
    assert set(zip(table["sex"], table["ill"], strict=True)) == {("f", 0), ("m", 1)}


def test_rows_may_be_for_intervals_of_numbers():
    table = draw(
        age={"values": [0, 19, 20, 80]},
        old={"given": ["age"], "values": [0, 1], "weights": {"0-20": [1, 0], "20-81": [0, 1]}},
    )
    assert set(zip(table["age"], table["old"], strict=True)) == {(0, 0), (19, 0), (20, 1), (80, 1)}


def test_rows_for_two_columns_are_nested():
    rows = {"f": {0: [1, 0, 0], 1: [0, 1, 0]}, "m": {"0-2": [0, 0, 1]}}
    table = draw(
        sex={"values": ["f", "m"]},
        ill={"values": [0, 1]},
        dose={"given": ["sex", "ill"], "values": [1, 2, 3], "weights": rows},
    )
    assert {tuple(row) for row in table.to_numpy().tolist()} == {
        ("f", 0, 1), ("f", 1, 2), ("m", 0, 3), ("m", 1, 3)
    }  # fmt: skip


# Form


def test_columns_stand_in_the_order_of_drawing():
    assert list(draw(b={"values": [1]}, a={"values": [2]})) == ["b", "a"]


def test_a_column_with_any_decimal_is_written_in_decimals():
    # As Python writes them, like the real table.
    table = draw(1, age={"values": {80: 1, 0.08: 0}}, level={"values": [6.0]}, ill={"values": [1]})
    assert table.to_csv(index=False) == "age,level,ill\n80.0,6.0,1\n"


def test_the_same_state_of_the_generator_gives_the_same_table():
    column = {"values": ["0-9", "9-100"], "step": 0.1}
    first, again, other = (draw(a=column, seed=seed).to_csv() for seed in (1, 1, 2))
    assert first == again
    assert first != other


# Mistakes


@pytest.mark.parametrize(
    ("column", "message"),
    [
        ({}, "no `values`"),
        ({"values": []}, "no `values`"),
        ({"values": "f"}, "`values` is 'f'"),
        ({"values": [1], "wieghts": [1]}, "no key 'wieghts'; known are"),
        ({"values": ["f", 1]}, "both text and numbers"),
        ({"values": [True, False]}, "True is neither text nor a number"),
        ({"values": ["5-2"], "step": 1}, "'5-2' does not fit its step 1"),
        ({"values": ["2-5"], "step": 0}, "'2-5' does not fit its step 0"),
        ({"values": ["2-5"], "step": "a"}, "'2-5' does not fit its step 'a'"),
        ({"values": [1, 2], "weights": [1]}, r"\[1\] do not fit the values; .* each of the 2"),
        ({"values": [1, 2], "weights": [1, -1]}, r"\[1, -1\] can't be scaled"),
        ({"values": [1, 2], "weights": [0, 0]}, r"\[0, 0\] can't be scaled"),
        ({"values": [1, 2], "weights": [1, float("nan")]}, "can't be scaled"),
        ({"values": [1, 2], "weights": ["many", 1]}, "no list of numbers"),
        ({"values": [1, 2], "weights": {"f": [1, 1]}}, "no list of numbers"),
        ({"values": {1: 1}, "weights": [1]}, "have weights already"),
        ({"values": [1], "given": "sex"}, "`given` is 'sex'"),
        ({"values": [1], "given": ["later"]}, "'later' of `given` is not drawn before"),
        ({"values": [1], "given": ["sex"], "weights": [1]}, "no rows for 'sex'"),
        ({"values": [1], "given": ["sex"], "weights": {"f": [1]}}, "no row .* for sex m;"),
        ({"values": [1], "given": ["age"], "weights": {"a": [1]}}, "'a' of `weights` is neither"),
        (
            {"values": [1], "given": ["age"], "weights": {"0-9": [1], 5: [1]}},
            "more than one row .* for age 5;",
        ),
    ],
)
def test_parameters_that_make_no_sense_are_told(column, message):
    before = {"sex": {"values": ["f", "m"]}, "age": {"values": [5, 6]}}
    with pytest.raises(UserError, match=f"^synthetic, column 'wrong': .*{message}") as error:
        draw(**before, wrong=column, later={"values": [1]})
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("records", [None, 0, "many"])
def test_there_has_to_be_a_number_of_records(records):
    with pytest.raises(UserError, match="`records`"):
        draw(records, a={"values": [1]})


def test_there_have_to_be_columns():
    with pytest.raises(UserError, match="`columns`"):
        draw()


# The stand-in for the Diabetes Prediction dataset, against what is known of the real one


@pytest.fixture(scope="module")
def diabetes(tmp_path_factory) -> SimpleNamespace:
    """The stand-in that the configured seed gives, written and read like the real file."""
    description = read_yaml(CONFIG / "datasets/diabetes.yaml")
    columns = describe_columns(description["columns"])
    seed = read_yaml(CONFIG / "config.yaml")["seed"]
    drawn = synthesize(description["synthetic"], make_generator(seed, "synthetic"))
    path = tmp_path_factory.mktemp("synthetic") / description["file"]
    drawn[list(description["columns"])].to_csv(path, index=False)
    table = convert_records(read_text_columns(path), columns, path)
    hierarchies = [
        build_hierarchy(
            name, list(table[name].cat.categories), description["columns"][name]["hierarchy"]
        )
        for name in names_with_role(columns, "quasi-identifier")
    ]
    encodings = {
        name: column["encoding"]
        for name, column in description["columns"].items()
        if "encoding" in column
    }
    (target,) = names_with_role(columns, "target")
    return SimpleNamespace(
        path=path,
        table=table,
        hierarchies=hierarchies,
        records=np.stack([encode_leaves(table[tree.attribute], tree) for tree in hierarchies], 1),
        features=encode(
            table, [column for column in columns if column.name != target], encodings, {}
        ),
        target=table[target],
    )


def test_the_stand_in_has_the_form_of_the_real_file(diabetes):
    with diabetes.path.open() as file:
        assert next(file) == (
            "gender,age,hypertension,heart_disease,smoking_history,bmi,HbA1c_level,"
            "blood_glucose_level,diabetes\n"
        )
    text = pd.read_csv(diabetes.path, dtype=str, keep_default_na=False)
    forms = {
        "gender": "Female|Male|Other",
        "age": r"[01]\.\d\d?|\d\d?\.0",
        "hypertension": "0|1",
        "heart_disease": "0|1",
        "smoking_history": "never|No Info|current|not current|ever|former",
        "bmi": r"\d\d\.\d|\d\d\.\d[1-9]",
        "HbA1c_level": r"\d\.\d",
        "blood_glucose_level": r"\d\d0|80|85|90|126|145|155|158|159",
        "diabetes": "0|1",
    }
    assert {name: text[name].str.fullmatch(form).all() for name, form in forms.items()} == (
        dict.fromkeys(forms, True)
    )


def test_the_stand_in_has_the_size_of_the_real_data(diabetes):
    assert len(diabetes.table) == 100_000


def test_the_stand_in_has_domains_as_large_as_the_real_ones(diabetes):
    gender, age, bmi = (tree.leaf_count for tree in diabetes.hierarchies)
    assert (gender, age) == (3, 102)
    assert bmi == pytest.approx(4247, rel=0.1)
    others = ["smoking_history", "HbA1c_level", "blood_glucose_level"]
    assert diabetes.table[others].nunique().tolist() == [6, 18, 18]


def test_the_stand_in_has_the_shares_of_the_real_data(diabetes):
    table = diabetes.table
    assert 100 * (table["bmi"] == "27.32").mean() == pytest.approx(25.495, abs=0.5)
    assert 100 * table["diabetes"].mean() == pytest.approx(8.5, abs=0.5)
    assert counts(table["gender"])["Other"] == pytest.approx(18, abs=2)


@pytest.mark.parametrize(
    ("method", "k", "real"),
    [
        ("arx", 50, 10.996),
        ("arx", 250, 12.261),
        ("arx", 500, 13.535),
        ("mondrian", 50, 26.377),
        ("mondrian", 250, 34.054),
        ("mondrian", 500, 46.703),
    ],
)
def test_the_stand_in_loses_as_much_by_anonymization_as_the_real_data(diabetes, method, k, real):
    trees, generator = diabetes.hierarchies, np.random.default_rng(0)
    nodes = get_anonymizer(method)(diabetes.records, trees, k, generator).nodes
    ncp = [tree.ncp[column].mean() for tree, column in zip(trees, nodes.T, strict=True)]
    assert 100 * np.mean(ncp) == pytest.approx(real, abs=3)


@pytest.mark.filterwarnings("ignore:lbfgs failed to converge")
@pytest.mark.parametrize(
    ("classifier", "real"),
    [
        ("naive_bayes", 89.93),
        ("decision_tree", 95.12),
        ("knn", 95.29),
        ("logistic_regression", 95.2),
    ],
)
def test_the_stand_in_is_as_hard_to_classify_as_the_real_data(diabetes, classifier, real):
    metrics = evaluate(
        diabetes.features, diabetes.target, classifier, test_share=25, split_seed=35, seed=0
    )
    assert metrics["accuracy"] == pytest.approx(real, abs=2)
