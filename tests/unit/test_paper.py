import pandas as pd
import pytest

from anonify.errors import UserError
from anonify.paper import check_comparable, compare, equals_as_printed
from anonify.storage import start_provenance

SHA256 = "f" * 64


def provenance(**changes):
    about = {"name": "d", "title": "D", "sha256": SHA256, "synthetic": False}
    return start_provenance({**about, **changes})


def test_the_papers_own_data_are_compared():
    check_comparable(provenance(), SHA256)


def test_the_synthetic_stand_in_is_not_compared():
    with pytest.raises(UserError, match="synthetic stand-in"):
        check_comparable(provenance(synthetic=True), SHA256)


def test_another_file_is_not_compared():
    with pytest.raises(UserError, match="only the latter can be compared"):
        check_comparable(provenance(sha256="0" * 64), SHA256)


@pytest.mark.parametrize(
    ("value", "printed", "equal"),
    [
        (10.9964834, "10.996483", True),
        (10.9964836, "10.996483", False),
        (10.996483, "10.996484", False),
        (4197.0, "4197.0", True),
        (0.19100, "0.191", True),
    ],
)
def test_a_value_equals_what_is_printed_if_it_rounds_to_it(value, printed, equal):
    assert equals_as_printed(value, printed) is equal


def test_each_published_number_is_set_beside_the_mean_of_our_repeats():
    empty = {
        name: pd.DataFrame(columns=[*keys, "value"])
        for name, keys in {
            "info_loss": ["method", "k", "measure"],
            "anonymity": ["data", "deletion", "measure"],
            "classifiers": ["data", "deletion", "classifier", "measure"],
        }.items()
    }
    keys = {"distribution": "glucose", "data": "sampled", "deletion": 50, "group": "a"}
    published = pd.DataFrame(
        [
            {**keys, "figure": 7, "repeat": "average", "value": "2.5"},
            {**keys, "figure": 7, "repeat": "1", "value": "9.9"},
        ]
    )
    ours = pd.DataFrame([{**keys, "value": 2.0}, {**keys, "value": 4.0}])
    rows = compare({**empty, "distributions": published}, {**empty, "distributions": ours})
    assert len(rows) == 1
    row = rows.iloc[0]
    assert (row["published"], row["ours"], row["repeats"]) == ("2.5", 3.0, 2)
    assert row["difference"] == 0.5
    assert row["sd"] == pytest.approx(2**0.5)
    assert not row["equal"]
