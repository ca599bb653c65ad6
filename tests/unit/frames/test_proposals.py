"""What there is to decide about a DataFrame, as `init` asks for a file."""

import pandas as pd
import pytest

import anonify

FRAME = pd.DataFrame(
    {
        "patient_id": range(100, 140),
        "birth_date": pd.date_range("1950-01-31", periods=40, freq="455D"),
        "zip": [1067, 1069, 80331, 80333] * 10,
        "age": [20 + place for place in range(40)],
        "glucose": [5.5, 6.25] * 20,
        "died": [False] * 36 + [True] * 4,
    },
    index=range(40, 0, -1),
)


def test_roles_and_hierarchies_are_proposed():
    before = FRAME.copy(deep=True)
    proposed = anonify.propose(FRAME)
    pd.testing.assert_frame_equal(FRAME, before)
    assert proposed.identifiers == ["patient_id"]
    assert proposed.sensitive == ["glucose"]
    assert proposed.target == "died"
    assert list(proposed.quasi_identifiers) == ["birth_date", "zip", "age"]
    assert proposed.quasi_identifiers["birth_date"]["hierarchy"] == {
        "dates": ["month", "year", "decade"]
    }
    assert proposed.columns.loc["zip", ["type", "distinct", "missing"]].tolist() == [
        "category",
        4,
        0,
    ]


def test_a_file_of_the_frame_is_described_in_the_same_way(folder):
    from tests.unit.command_line import run

    from anonify.settings.schemas import read_yaml

    FRAME.to_parquet("people.parquet")
    assert run("init", None, "people.parquet").exit_code == 0
    columns = read_yaml("config/datasets/people.yaml")["columns"]
    proposed = anonify.propose(FRAME)
    assert proposed.columns["role"].to_dict() == {
        name: column["role"] for name, column in columns.items()
    }
    assert proposed.quasi_identifiers == {
        name: column for name, column in columns.items() if column["role"] == "quasi-identifier"
    }


def test_what_is_proposed_can_be_anonymized():
    proposed = anonify.propose(FRAME)
    release = anonify.anonymize(
        FRAME,
        k=5,
        method="arx",
        quasi_identifiers=proposed.quasi_identifiers,
        sensitive=proposed.sensitive,
        identifiers=proposed.identifiers,
        target=proposed.target,
    )
    assert release.risk["achieved_k"] >= 5


def test_what_is_to_decide_is_told_in_plain_words():
    decisions = anonify.propose(FRAME).decisions
    assert any(text.startswith("RELEASED AS THEY ARE: 'glucose', 'died'.") for text in decisions)
    assert not any("\N{NO-BREAK SPACE}" in text for text in decisions)


def test_columns_and_the_number_of_decisions_are_shown():
    proposed = anonify.propose(FRAME)
    lines = repr(proposed).splitlines()
    assert lines[1].split() == ["patient_id", "integer", "40", "0", "identifier"]
    assert lines[-1] == f"{len(proposed.decisions)} things to decide: see .decisions"


@pytest.mark.parametrize(
    ("frame", "message"),
    [
        (FRAME.head(1), "^`frame` has one record, which nothing can hide; add records"),
        (pd.DataFrame({"age": ["*", "30"]}), "^`frame`: 'age' has the value '\\*', which stands"),
    ],
)
def test_mistakes_are_told_in_a_sentence(frame, message):
    with pytest.raises(ValueError, match=message):
        anonify.propose(frame)
