"""What privacy released tables achieve, against pyCANON: the authors' release, ours, Adult."""

import math

import pandas as pd
import pytest
from tests.paper.conftest import COLUMNS, QUASI_IDENTIFIERS
from tests.profile import takes_long, takes_longest
from tests.unit.verification.test_privacy import assert_agreement

from anonify.base.seeding import make_generator
from anonify.methods import get_anonymizer
from anonify.releases.foreign import read_release
from anonify.releases.recode import release_records
from anonify.verification.privacy import measure_privacy, verify_requirements
from anonify.verification.releases import VerificationError

SENSITIVE = [column.name for column in COLUMNS if column.role in ("sensitive", "target")]


@pytest.fixture(scope="session")
def pycanon():
    return pytest.importorskip("pycanon.anonymity", reason="pyCANON is not installed")


@pytest.fixture(scope="session")
def published(find_published, hierarchies) -> pd.DataFrame:
    path = find_published("diabetes_anonymized_arx250.csv")
    return read_release(path, COLUMNS, dict(zip(QUASI_IDENTIFIERS, hierarchies, strict=True)))


def prepare_for_pycanon(release: pd.DataFrame) -> pd.DataFrame:
    """Text instead of categories, rows numbered, every record in a class."""
    texts = dict.fromkeys(release.select_dtypes("category").columns, "str")
    return release.drop(columns="is_suppressed").astype(texts).reset_index(drop=True)


@pytest.mark.parametrize(
    "attribute",
    [
        pytest.param("smoking_history", marks=takes_long),
        pytest.param("HbA1c_level", marks=takes_longest),
        "diabetes",
    ],
)
def test_the_published_release_is_measured_like_pycanon_does(published, pycanon, attribute):
    assert_agreement(pycanon, prepare_for_pycanon(published), QUASI_IDENTIFIERS, attribute)


@pytest.mark.parametrize(
    ("method", "attribute"),
    [
        pytest.param("arx", "smoking_history", marks=takes_long),
        pytest.param("arx", "diabetes", marks=takes_long),
        pytest.param("mondrian", "smoking_history", marks=takes_long),
        ("mondrian", "diabetes"),
    ],
)
def test_our_releases_are_measured_like_pycanon_does(
    method, attribute, original, records, hierarchies, domains, pycanon
):
    recoding = get_anonymizer(method)(records, hierarchies, 250, make_generator(1))
    release = prepare_for_pycanon(release_records(original, domains, recoding))
    assert_agreement(pycanon, release, QUASI_IDENTIFIERS, attribute)


@pytest.mark.parametrize(
    "attribute", ["occupation", "salary-class", pytest.param("age", marks=takes_longest)]
)
def test_adult_is_measured_like_pycanon_does(adult, pycanon, attribute):
    assert_agreement(pycanon, adult, ["sex", "race", "workclass"], attribute)


# The authors' release


@pytest.mark.parametrize("attribute", SENSITIVE)
def test_the_published_release_is_250_anonymous_apart_from_29_suppressed_records(
    published, attribute
):
    found = measure_privacy(published, QUASI_IDENTIFIERS, attribute)
    assert (found.k, found.suppressed_records) == (250, 29)


def test_our_arx_release_achieves_what_the_published_one_does(
    published, original, records, hierarchies, domains
):
    recoding = get_anonymizer("arx")(records, hierarchies, 250, make_generator(1))
    release = release_records(original, domains, recoding)
    for attribute in SENSITIVE:
        ours = measure_privacy(release, QUASI_IDENTIFIERS, attribute)
        theirs = measure_privacy(published, QUASI_IDENTIFIERS, attribute)
        assert vars(ours) == pytest.approx(vars(theirs))


@pytest.mark.parametrize("attribute", ["hypertension", "heart_disease", "diabetes"])
def test_250_anonymity_leaves_classes_where_all_records_agree(published, attribute):
    found = measure_privacy(published, QUASI_IDENTIFIERS, attribute)
    assert (found.distinct_l, found.alpha, found.delta) == (1, 1, math.inf)
    wanted = {"attribute": attribute, "model": "distinct_l_diversity", "l": 2}
    with pytest.raises(VerificationError, match=r"has ℓ 1 of .* distinct_l_diversity l = 2"):
        verify_requirements(published, QUASI_IDENTIFIERS, [wanted])


@pytest.mark.parametrize("attribute", SENSITIVE)
def test_what_was_measured_is_verified_and_not_a_little_more(published, attribute):
    found = measure_privacy(published, QUASI_IDENTIFIERS, attribute)
    kept = [
        {"model": "distinct_l_diversity", "l": found.distinct_l},
        {"model": "entropy_l_diversity", "l": found.whole_entropy_l},
        {"model": "recursive_l_diversity", "l": found.distinct_l, "c": found.recursive_c + 1e-6},
        {"model": "t_closeness", "t": found.t},
    ]
    broken = [
        {"model": "distinct_l_diversity", "l": found.distinct_l + 1},
        {"model": "entropy_l_diversity", "l": found.whole_entropy_l + 1},
        {"model": "recursive_l_diversity", "l": found.distinct_l, "c": found.recursive_c - 1e-6},
        {"model": "t_closeness", "t": found.t - 1e-6},
    ]
    for rule in kept:
        verify_requirements(published, QUASI_IDENTIFIERS, [rule | {"attribute": attribute}])
    for rule in broken:
        with pytest.raises(VerificationError, match=rule["model"]):
            verify_requirements(published, QUASI_IDENTIFIERS, [rule | {"attribute": attribute}])
