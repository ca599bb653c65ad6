"""What a run tells of the risk in the population, and what it masks."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import nbinom

from anonify.domains.rules import build_hierarchy
from anonify.measures.population import mask_population, measure_population, tabulate_population
from anonify.releases.dataset import Population

AGE = build_hierarchy("age", ["21", "25", "34"], {"intervals": [{"start": 0, "width": 10}]})
LABELS = pd.DataFrame({"age": pd.Categorical(["20-30", "30-40"])})
PEOPLE = pd.DataFrame({"age": AGE.find_nodes(["21"] * 6 + ["25"] * 4 + ["34"] * 10)})


def classes(*rows):
    return pd.DataFrame(rows, columns=["size", "released_size"]).assign(is_suppressed=False)


MEASURED = {
    ("original", 0): classes((1, 1), (1, 1), (2, 2), (4, 4)),
    ("anonymized", 0): classes((4, 4), (4, 4)),
    ("sampled", 75): classes((4, 1), (4, 2)),
}


def tabulate(population, measured=MEASURED):
    table = tabulate_population(measured, LABELS, {"age": AGE}, population)
    assert set(table["reading"]) <= {"corrected"}
    return table, table.set_index(["data", "deletion", "measure"])["value"]


def test_uniques_are_told_of_each_table():
    _, value = tabulate(Population(20))
    assert value["original", 0, "sample_uniques"] == 2
    assert value["original", 0, "sample_uniqueness"] == 25
    assert value["anonymized", 0, "population_uniqueness"] == 0
    assert value["sampled", 75, "sample_uniques"] == 1
    of_sample = measure_population(MEASURED["sampled", 75], LABELS, {}, Population(20))
    expected = of_sample["population_uniqueness"]
    assert 0 < value["sampled", 75, "population_uniqueness"] == expected < 100
    assert not value.index.get_level_values("measure").isin(["k_map"]).any()


def test_people_of_the_population_are_looked_for_in_releases_alone():
    _, value = tabulate(Population(20, PEOPLE))
    assert ("original", 0, "k_map") not in value
    assert value["original", 0, "sample_uniques"] == 2
    for data in (("anonymized", 0), ("sampled", 75)):
        assert value[*data, "k_map"] == 10
    assert value["anonymized", 0, "presence_highest"] == 40
    assert value["sampled", 75, "presence_highest"] == 20
    assert value["sampled", 75, "presence_lowest"] == 10


def test_nothing_is_told_where_the_population_is_unknown():
    assert tabulate(None)[0].empty


def test_weights_tell_the_individual_risk():
    weighted = {
        key: table.assign(estimated_population=table["size"] * 50.0)
        for key, table in MEASURED.items()
    }
    _, value = tabulate(None, weighted)
    before, after = (
        value[*key, "individual_risk_highest"] for key in (("anonymized", 0), ("sampled", 75))
    )
    # 4 stand for 200; a class of a single one stands for 200, too.
    others = np.arange(20_000)
    assert before == pytest.approx(100 * nbinom.pmf(others, 4, 1 / 50) @ (1 / (4 + others)))
    assert after == pytest.approx(100 * np.log(200) / 199)


@pytest.mark.parametrize(("k", "masked"), [(2, 0), (3, 3)])
def test_fewer_than_k_people_who_are_unique_in_the_original_are_masked(k, masked):
    table = mask_population(tabulate(Population(20, PEOPLE))[0], k, is_secret=False)
    assert table["is_masked"].sum() == masked
    assert set(table.loc[table["is_masked"], "data"]) <= {"original"}
    assert table["value"].isna().equals(table["is_masked"].rename("value"))


def test_where_nobody_is_unique_nothing_is_masked():
    even = {key: classes((4, 4), (4, 4)) for key in MEASURED}
    assert not mask_population(tabulate(Population(20), even)[0], 5, False)["is_masked"].any()


def test_a_secret_number_of_records_hides_all_of_the_original():
    table = mask_population(tabulate(Population(20))[0], 2, is_secret=True)
    assert (table["is_masked"] == (table["data"] == "original")).all()


def test_a_table_without_rows_is_masked_to_one():
    assert mask_population(tabulate(None)[0], 2, is_secret=True).empty
