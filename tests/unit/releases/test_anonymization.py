import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anonify.base.errors import UserError
from anonify.domains.files import write_domain
from anonify.domains.ranges import Ranges
from anonify.domains.rules import build_hierarchy
from anonify.recoding.recoding import Recoding
from anonify.recoding.requirements import UnreachableError
from anonify.releases import anonymization
from anonify.releases.anonymization import anonymize_table, check_k, suppress_table
from anonify.verification.releases import VerificationError

SEX = build_hierarchy("sex", ["F", "M"], {})
AGE = Ranges("age", ("20", "30", "40"))
DOMAINS = {"sex": SEX, "age": AGE}


@pytest.fixture
def frame():
    # Another index than that of a new frame, as what was chosen from a larger one has.
    return pd.DataFrame(
        {
            "ill": [1, 0, 1, 0],
            "sex": pd.Categorical(["F", "F", "M", "M"]),
            "age": pd.Categorical(["20", "30", "30", "40"], ordered=True),
        },
        index=[7, 3, 5, 1],
    )


def anonymize(frame, k=2, method="mondrian", **further):
    return anonymize_table(frame, DOMAINS, method, k, np.random.default_rng(1), **further)


def replace_method(monkeypatch, rows, is_suppressed=(False,) * 4):
    """Let a method return these labels."""
    nodes = np.stack(
        [
            domain.find_nodes(column)
            for domain, column in zip(DOMAINS.values(), zip(*rows, strict=True), strict=True)
        ],
        axis=1,
    )
    recoding = Recoding(nodes, np.array(is_suppressed), {"bound": 0.5})
    monkeypatch.setattr(anonymization, "get_anonymizer", lambda *_: lambda *arguments: recoding)


def test_records_stay_in_order_and_are_alike_in_each_class(frame):
    made = anonymize(frame)
    # Split by sex, the wider one: 2 of 2 values against 20 of 20 years.
    assert made.frame["sex"].tolist() == ["F", "F", "M", "M"]
    assert made.frame["age"].tolist() == ["[20, 30]", "[20, 30]", "[30, 40]", "[30, 40]"]
    assert made.frame["ill"].tolist() == [1, 0, 1, 0]
    assert made.frame.index.tolist() == [7, 3, 5, 1]
    assert frame["age"].tolist() == ["20", "30", "30", "40"]


def test_the_facts_are_what_verification_found_and_what_the_method_reports(frame, monkeypatch):
    replace_method(
        monkeypatch, [("F", "[20, 30]")] * 2 + [("*", "*")] * 2, [False, False, True, True]
    )
    assert anonymize(frame).facts == {
        "achieved_k": 2,
        "classes": 1,
        "suppressed_records": 2,
        "bound": 0.5,
    }


@given(table=st.data(), method=st.sampled_from(["mondrian", "k_member", "oka"]))
def test_ranges_hierarchies_and_missing_values_pass_verification(mixed_tables, table, method):
    drawn = table.draw(mixed_tables)
    original = pd.DataFrame(
        {
            name: pd.Categorical(domain.labels_of(leaves))
            for (name, domain), leaves in zip(drawn.by_name.items(), drawn.records.T, strict=True)
        }
    )
    generator = np.random.default_rng(1)
    made = anonymize_table(original, drawn.by_name, method, drawn.k, generator)
    assert len(made.frame) == len(original)
    assert made.found.achieved_k >= drawn.k or made.frame["is_suppressed"].all()


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([("F", "20"), ("F", "30"), ("M", "*"), ("M", "*")], "1 records, fewer than k = 2"),
        ([("M", "[20, 30]")] * 2 + [("M", "*")] * 2, "'M' does not generalize 'F'"),
        ([("*", "[20, 30]")] * 4, r"'\[20, 30\]' does not generalize '40'"),
    ],
)
def test_what_a_method_does_not_keep_is_found(frame, monkeypatch, rows, message):
    replace_method(monkeypatch, rows)
    with pytest.raises(VerificationError, match=message):
        anonymize(frame)


def test_a_requirement_that_a_method_does_not_keep_is_found(frame, monkeypatch):
    replace_method(monkeypatch, [("*", "[20, 30]")] * 2 + [("*", "[30, 40]")] * 2)
    frame["ill"] = [1, 1, 0, 0]
    rule = {"attribute": "ill", "model": "distinct_l_diversity", "l": 2}
    with pytest.raises(VerificationError, match="ℓ 1 of 'ill'"):
        anonymize(frame, requirements=[rule])


def test_requirements_and_options_reach_the_method(frame):
    frame["ill"] = [1, 1, 0, 0]
    rule = {"attribute": "ill", "model": "distinct_l_diversity", "l": 2}
    made = anonymize(frame, requirements=[rule])
    assert made.frame["sex"].tolist() == ["*"] * 4
    with pytest.raises(UserError, match="has no option 'colour'"):
        anonymize(frame, options={"colour": "red"})


def test_the_recoding_is_verified_against_the_hierarchies_that_were_read(frame, tmp_path):
    files = {name: tmp_path / f"{name}.csv" for name in DOMAINS}
    write_domain(AGE, files["age"])
    files["sex"].write_text("F;x\nM;x\n")
    frame["age"] = pd.Categorical(["20", "30", "20", "30"])
    with pytest.raises(VerificationError, match=r"sex: '\*' does not generalize"):
        anonymize(frame, k=4, hierarchy_files=files)


def test_fewer_records_than_k_can_be_no_class(frame):
    with pytest.raises(UnreachableError, match="the table has 4 records, fewer than k = 5"):
        anonymize(frame, k=5)
    with pytest.raises(UnreachableError, match=r"^k: 2 against one record$"):
        check_k(2, 1, "k: {k} against {records}")


def test_a_requirement_that_the_whole_table_misses_is_unreachable(frame):
    rule = {"attribute": "ill", "model": "distinct_l_diversity", "l": 3}
    with pytest.raises(UnreachableError, match="the whole table does not meet"):
        anonymize(frame, requirements=[rule])


def test_a_suppressed_table_shows_nothing_of_its_quasi_identifiers(frame):
    made = suppress_table(frame, DOMAINS)
    assert made.frame["sex"].tolist() == made.frame["age"].tolist() == ["*"] * 4
    assert made.frame["is_suppressed"].all()
    assert made.facts == {"achieved_k": 0, "classes": 0, "suppressed_records": 4}
