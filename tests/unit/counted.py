"""Random tables of a clinic as records and counted, for measures that take both."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from anonify.base.values import PERSON, SUPPRESSED
from anonify.domains.domain import Domains
from anonify.domains.rules import build_hierarchy
from anonify.tables.columns import MARKS
from anonify.tables.counts import count_rows

AGES = [str(age) for age in range(20, 60, 5)]
DOMAINS: Domains = {
    "sex": build_hierarchy("sex", ["", "f", "m"], {}),
    "age": build_hierarchy("age", AGES, {"intervals": [{"start": 20, "width": 20}]}),
}
NAMES = [*DOMAINS]


@dataclass(frozen=True)
class Clinic:
    """A table and a release of it, as records."""

    original: pd.DataFrame
    release: pd.DataFrame


def draw_clinic(seed: int, has_people: bool) -> Clinic:
    """Draw records with missing values, spellings, weights and suppressed ones among them."""
    generator = np.random.default_rng(seed)
    size = int(generator.integers(20, 80))
    categories = {name: [*domain.labels] for name, domain in DOMAINS.items()}
    age = generator.choice(AGES, size)
    original = pd.DataFrame(
        {
            "sex": pd.Categorical(generator.choice(["", "f", "m"], size), categories["sex"]),
            "age": pd.Categorical(age, categories["age"], ordered=True),
            "level": generator.choice([0.1, 0.7, 2.3, 40.9, np.nan], size),
            "ill": pd.array(generator.integers(0, 2, size), dtype="Int64"),
            "note": pd.Categorical(generator.choice(["", "flu", "Flu", "HIV", "hiv "], size)),
            "weight": generator.choice([1.1, 7.3, 20.25], size),
        }
    )
    original.loc[generator.random(size) < 0.1, "ill"] = pd.NA
    if has_people:
        original[PERSON] = np.unique(generator.integers(0, size // 2, size), return_inverse=True)[1]
    is_suppressed = generator.random(size) < generator.choice([0, 0.05, 0.2])
    is_coarse = generator.random(size) < 0.6
    ranges = [f"{low}-{low + 20}" for low in (age.astype(int) // 20 * 20).tolist()]
    shown = {
        "sex": np.where(is_suppressed, "*", original["sex"].astype(str)),
        "age": np.where(is_suppressed, "*", np.where(is_coarse, ranges, age)),
    }
    release = original.assign(
        **{
            name: pd.Categorical(labels, categories[name], ordered=True)
            for name, labels in shown.items()
        },
        **{SUPPRESSED: is_suppressed},
    )
    return Clinic(original, release.sample(frac=1, random_state=seed, ignore_index=True))


def count(frame: pd.DataFrame, *names: str) -> pd.DataFrame:
    """Count the quasi-identifiers, some other columns and the marks that a table has."""
    marks = [mark for mark in MARKS if mark in frame]
    counted = count_rows(frame, [*NAMES, *names, *marks])
    # The rows of a counted table have no order.
    return counted.sample(frac=1, random_state=len(counted), ignore_index=True)
