from pathlib import Path

import pytest

from anonify.base.errors import UserError
from anonify.settings import schemas as configuration
from anonify.settings.description import check_dataset_description, read_description
from anonify.settings.parts import SECTIONS
from anonify.settings.run import PAPERS_OWN
from anonify.settings.schemas import check_configuration, fill_defaults, read_yaml

CONFIG = Path(__file__).parents[3] / "config"


@pytest.fixture(scope="module")
def schema():
    return read_yaml(CONFIG / "config.schema.yaml")


@pytest.fixture(scope="module")
def dataset_schema():
    return read_yaml(Path(configuration.__file__).with_name("dataset.schema.yaml"))


@pytest.fixture
def dataset():
    return read_yaml(CONFIG / "datasets/diabetes.yaml")


def refuse(config, schema):
    """Check a configuration that must be refused, and return the message."""
    with pytest.raises(UserError) as caught:
        check_configuration(config, schema, "configuration")
    message = str(caught.value)
    assert message.startswith("configuration: ")
    assert "\n" not in message
    return message.removeprefix("configuration: ")


# What comes with the pipeline


def test_the_configuration_says_what_the_schema_takes_by_default(schema):
    config = read_yaml(CONFIG / "config.yaml")
    defaults = {key: rule["default"] for key, rule in schema["properties"].items()}
    # The paper decides otherwise; nobody else does without being asked.
    own = {"seed": 2024, "suppressed": "keep", "evaluations": list(SECTIONS)}
    assert {key: config[key] for key in PAPERS_OWN} == own
    protecting = {"seed": None, "suppressed": "drop"}
    quick = ["information_loss", "distribution", "anonymity", "identification", "trade_off"]
    assert {**config, **protecting, "evaluations": quick} == defaults
    check_configuration(config, schema, "config.yaml")


def test_the_description_of_the_diabetes_dataset_passes(dataset_schema, dataset):
    check_configuration(dataset, dataset_schema, "diabetes.yaml")


def test_every_section_may_be_evaluated(schema):
    assert schema["properties"]["evaluations"]["items"]["enum"] == list(SECTIONS)


def test_every_key_of_the_configuration_says_what_it_should_be(schema):
    assert [key for key, rule in schema["properties"].items() if "description" not in rule] == []


# Defaults


def test_missing_keys_take_the_defaults_and_given_ones_stay(schema):
    filled = fill_defaults({"seed": 7}, schema)
    assert filled["seed"] == 7
    assert filled["deletions"] == [10, 30, 50, 70]
    assert set(filled) == set(schema["properties"])


# Mistakes


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ({"k_value": [50]}, "there is no key `k_value`; did you mean `k_values`?"),
        (
            {"release": {"method": "arx", "k": 50, "metod": "oka"}},
            "there is no key `metod` in `release`; did you mean `method`?",
        ),
        ({"k_values": [50, 1]}, "`k_values[1]` is 1; it should be a whole number from 2"),
        (
            {"deletions": [120]},
            "`deletions[0]` is 120; it should be a whole number of per cent from 1 to 99",
        ),
        (
            {"k_values": [50, 50]},
            "`k_values` is [50, 50]; it should be a list of different whole numbers from 2",
        ),
        ({"methods": []}, "`methods` is []; it should be a list of different methods"),
        ({"seed": "7"}, "`seed` is '7'; it should be a whole number from 0, or null"),
        ({"seed": True}, "`seed` is True; it should be a whole number from 0, or null"),
        (
            {"when_unavailable": "stop"},
            "`when_unavailable` is 'stop'; it should be `synthesize` or `fail`",
        ),
        ({"test_share": 100}, "`test_share` is 100; it should be per cent between 0 and 100"),
        ({"release": {"k": 5}}, "`release` lacks the key `method`; add it"),
        (
            {"risk_limit": 0},
            "`risk_limit` is 0; it should be per cent above 0 and up to 100, or null",
        ),
    ],
)
def test_a_mistake_is_told_in_one_sentence_that_names_the_key(schema, config, message):
    assert refuse(config, schema) == message


def test_an_unknown_key_that_is_like_none_is_told_with_the_known_ones(schema):
    message = refuse({"colour": "red"}, schema)
    assert message.startswith("there is no key `colour`; known are dataset, run, search_path, ")


def test_a_list_that_was_given_as_text_is_told_with_the_way_to_give_it(schema):
    message = refuse({"k_values": "[50,100]"}, schema)
    assert message.startswith("`k_values` is '[50,100]'; it should be a list")
    assert "use --configfile" in message


def test_a_whole_number_with_a_decimal_point_is_told(schema):
    # It would become part of file names such as k50.0.parquet.
    assert refuse({"k_values": [50.0]}, schema).startswith("`k_values[0]` is 50.0")


def test_a_long_value_is_cut_in_the_message(schema):
    assert len(refuse({"methods": "arx, " * 1000}, schema)) < 300


# Mistakes in the description of a dataset


def test_a_missing_key_is_told(dataset_schema, dataset):
    del dataset["columns"]
    assert refuse(dataset, dataset_schema) == "the file lacks the key `columns`; add it"


def test_a_missing_key_of_a_column_is_told(dataset_schema, dataset):
    del dataset["columns"]["age"]["type"]
    assert refuse(dataset, dataset_schema) == "`columns.age` lacks the key `type`; add it"


def test_a_wrong_role_is_told_with_the_right_ones(dataset_schema, dataset):
    dataset["columns"]["age"]["role"] = "identifying"
    assert refuse(dataset, dataset_schema) == (
        "`columns.age.role` is 'identifying'; it should be `person`, "
        "`identifier`, `quasi-identifier`, `sensitive`, `target` or `weight`"
    )


def test_a_level_that_is_neither_width_nor_edges_is_told(dataset_schema, dataset):
    dataset["columns"]["age"]["hierarchy"]["intervals"][1] = {"width": 10}
    assert refuse(dataset, dataset_schema) == (
        "`columns.age.hierarchy.intervals[1]` is {'width': 10}; it should be either `start` and "
        "`width`, or `edges`"
    )


def test_an_empty_description_is_told_as_such(dataset_schema):
    message = refuse(None, dataset_schema)
    assert "``" not in message
    assert "empty" in message


def test_a_name_that_may_not_be_used_is_told_in_words(dataset_schema, dataset):
    dataset["releases"]["my-release"] = {}
    assert refuse(dataset, dataset_schema) == (
        "`releases` has the key 'my-release'; a key should be letters, digits and `_`"
    )


# What fits together


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"attribute": "pulse"}, "has the `attribute` 'pulse'; name a sensitive column"),
        ({"by": "pulse"}, "has `by: pulse`; name a quasi-identifier"),
        ({"by": "hypertension"}, "name a quasi-identifier"),
        ({"attribute": "smoking_history"}, "'smoking_history' is text, which has no mean"),
        ({"statistic": "count"}, "lacks the key `value`"),
        ({"statistic": "count", "value": "high"}, "counts the value 'high', but"),
        ({"edges": [0, 20, 10]}, "do not rise"),
        ({"label": "Mean *level*"}, "in which captions would read marks"),
    ],
)
def test_a_distribution_that_does_not_fit_is_told(dataset, changes, message):
    dataset["distributions"]["glucose_by_age"].update(changes)
    with pytest.raises(UserError, match=r"`distributions\.glucose_by_age`") as caught:
        check_dataset_description(dataset, "d.yaml")
    assert message in str(caught.value)


def test_a_dataset_has_one_target_or_none(dataset):
    dataset["columns"]["diabetes"]["role"] = "sensitive"
    check_dataset_description(dataset, "d.yaml")
    dataset["columns"]["diabetes"]["role"] = "target"
    dataset["columns"]["hypertension"]["role"] = "target"
    with pytest.raises(UserError, match="has 2 columns of the role `target`; give it to one"):
        check_dataset_description(dataset, "d.yaml")


@pytest.mark.parametrize(
    ("column", "changes", "message"),
    [
        ("age", {"format": "%d.%m.%Y"}, "`columns.age` has a `format` but is no date"),
        ("age", {"type": "date", "format": "%d.%m.%y"}, "a year of four digits, such as %d.%m.%Y"),
        ("age", {"type": "date", "format": "%m/%Y"}, "should have a day, a month and a year"),
        ("hypertension", {"hierarchy": {}}, "has a `hierarchy` but is no quasi-identifier"),
        ("hypertension", {"positive": 1}, "has a `positive` value but is not the target"),
        ("diabetes", {"positive": "yes"}, "has the `positive` value 'yes', but is a number"),
    ],
)
def test_a_key_that_does_not_fit_its_column_is_told(dataset, column, changes, message):
    dataset["columns"][column].update(changes)
    with pytest.raises(UserError, match=message):
        check_dataset_description(dataset, "d.yaml")


def test_a_distribution_may_not_be_called_like_another_figure(dataset):
    dataset["distributions"]["accuracy"] = dataset["distributions"]["glucose_by_age"]
    with pytest.raises(UserError, match=r"`distributions\.accuracy` has the name of another"):
        check_dataset_description(dataset, "d.yaml")


def test_a_distribution_of_an_identifier_is_told(dataset):
    dataset["columns"]["blood_glucose_level"]["role"] = "identifier"
    with pytest.raises(UserError, match="name a sensitive column or the target, or remove the"):
        check_dataset_description(dataset, "d.yaml")


def test_a_name_of_a_column_that_yaml_takes_for_a_number_is_told(tmp_path):
    path = tmp_path / "d.yaml"
    path.write_text("name: d\ncolumns:\n  2020: {role: sensitive, type: integer}\n")
    with pytest.raises(UserError, match=r"`columns` has the key 2020, .* in quotes"):
        read_description(path, "d.yaml")


# YAML


def test_a_missing_file_is_told(tmp_path):
    with pytest.raises(UserError, match=r"mine\.yaml: there is no such file"):
        read_yaml(tmp_path / "mine.yaml")


@pytest.mark.parametrize("content", [b"k_values: [50\nseed: 1", "title: Köln".encode("latin-1")])
def test_a_file_that_is_no_yaml_is_told_in_one_line(tmp_path, content):
    path = tmp_path / "mine.yaml"
    path.write_bytes(content)
    with pytest.raises(UserError, match=r"^.*mine\.yaml.*: the file is no.*; ") as caught:
        read_yaml(path)
    assert "\n" not in str(caught.value)
