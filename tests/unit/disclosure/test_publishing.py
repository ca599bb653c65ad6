import json

import numpy as np
import pandas as pd
import pytest

from anonify.disclosure.hashes import describe_dataset
from anonify.disclosure.publishing import (
    leave_out_few,
    mask_few,
    mask_provenance,
    publish_csv,
    round_rates,
    round_shares,
)
from anonify.tables.provenance import add_step, is_confidential, start_provenance

ABOUT = {"name": "clinic", "title": "Clinic", "sha256": "ab" * 32, "synthetic": False}


@pytest.fixture
def record(tmp_path):
    return tmp_path / "clinic.json"


def provenance(record, confidential, suppressed):
    start = start_provenance(describe_dataset(ABOUT, record, confidential))
    facts = {"achieved_k": 5, "classes": 9, "suppressed_records": suppressed, "bound": 0.125}
    return add_step(start, "anonymize", method="ola", k=5, seed=1, **facts)


# Hashes


def test_the_hash_of_a_public_dataset_is_that_of_its_file(record):
    assert describe_dataset(ABOUT, record, False) == ABOUT
    assert not list(record.parent.iterdir())


def test_the_hash_of_a_confidential_dataset_takes_a_secret_to_compute(record, tmp_path):
    described = describe_dataset(ABOUT, record, True)
    assert is_confidential(start_provenance(described))
    assert "sha256" not in described
    assert ABOUT["sha256"] not in json.dumps(described)
    # The same table is known again by who has the secret, and by nobody else.
    assert describe_dataset(ABOUT, record, True) == described
    other = tmp_path / "elsewhere/clinic.json"
    other.parent.mkdir()
    assert describe_dataset(ABOUT, other, True) != described
    assert describe_dataset({**ABOUT, "sha256": "cd" * 32}, record, True) != described


def test_the_secret_is_read_by_its_owner_alone(record):
    describe_dataset(ABOUT, record, True)
    assert record.with_suffix(".key").stat().st_mode & 0o777 == 0o600


# Provenance


def test_few_suppressed_records_are_not_counted_in_a_published_provenance(record):
    step = mask_provenance(provenance(record, True, 3))["steps"][0]
    assert step["suppressed_records"] == "of fewer than k people"
    # A bound that a method reports is over all records.
    assert "bound" not in step
    assert step["achieved_k"] == 5


def test_records_of_few_people_are_not_counted_either(record):
    made = provenance(record, True, 30)
    made["steps"][0]["suppressed_people"] = 4
    assert mask_provenance(made)["steps"][0]["suppressed_records"] == "of fewer than k people"
    made["steps"][0]["suppressed_people"] = 5
    assert mask_provenance(made) == made


@pytest.mark.parametrize(("confidential", "suppressed"), [(True, 0), (True, 5), (False, 3)])
def test_other_provenance_is_published_as_it_is(record, confidential, suppressed):
    kept = provenance(record, confidential, suppressed)
    assert mask_provenance(kept) == kept


def test_what_adds_up_to_all_people_is_not_published(record):
    attacked = add_step(
        provenance(record, True, 0), "attack membership", members=60, non_members=62
    )
    assert mask_provenance(attacked)["steps"][1] == {"step": "attack membership"}


def test_a_table_is_published_with_its_masked_provenance(record, tmp_path):
    paths = tmp_path / "t.csv", tmp_path / "t.csv-metadata.json"
    publish_csv(pd.DataFrame({"a": [1]}), *paths, provenance(record, True, 3))
    assert paths[0].read_text() == "dataset,a\nclinic,1\n"
    text = paths[1].read_text()
    assert "fewer than k" in text
    assert ABOUT["sha256"] not in text


# Numbers


def test_few_suppressed_records_are_left_out():
    release = pd.DataFrame({"a": range(6), "is_suppressed": [False] * 4 + [True] * 2})
    assert leave_out_few(release, 3)["a"].tolist() == [0, 1, 2, 3]
    assert len(leave_out_few(release, 2)) == 6


def test_counts_of_few_are_empty():
    masked = mask_few(pd.Series([0, 1, 4, 5]), pd.Series([5, 5, 4, 9]))
    assert masked.isna().tolist() == [False, True, False, True]


@pytest.mark.parametrize("k", [2, 5, 20])
def test_a_rounded_rate_fits_k_records_more_or_less(k):
    generator = np.random.default_rng(k)
    for records in generator.integers(10 * k, 5000, 50):
        rate = 100 * 9 / records
        table = round_rates(pd.DataFrame({"rate": [rate]}), ["rate"], int(records), k)
        shown = table["rate"].item()
        # All numbers of records that round to what is shown.
        near = np.arange(max(records - 5 * k, 1), records + 5 * k)
        as_shown = round_rates(pd.DataFrame({"rate": 900 / near}), ["rate"], int(records), k)
        fitting = near[as_shown["rate"].to_numpy() == shown]
        assert records in fitting
        assert np.ptp(fitting) >= k / 2


def test_a_rounded_share_is_one_of_k_records():
    shares = pd.DataFrame({"accuracy": [95.0, 97.0, 3.0, 0.0, 100.0, np.nan]})
    # Of 100 records: 95, 97, 3, 0, 100; to multiples of 10.
    rounded = round_shares(shares, ["accuracy"], 100, 10)["accuracy"]
    np.testing.assert_allclose(rounded, [100, 100, 0, 0, 100, np.nan])


@pytest.mark.parametrize("k", [2, 5, 20])
def test_what_a_share_is_rounded_to_does_not_tell_of_how_many_it_is(k):
    # Multiples of k records would: 100 · k ÷ base is how many there are.
    for records in range(25 * k, 45 * k):
        shares = pd.DataFrame({"share": 100 * np.arange(records + 1) / records})
        shown = round_shares(shares, ["share"], records, k)["share"]
        assert sorted(set(shown)) == [5.0 * step for step in range(21)]
        # At least k records are shown alike, but at the ends.
        assert shown.value_counts().drop([0, 100]).min() >= k
