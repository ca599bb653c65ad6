"""What a table that was anonymized elsewhere is refused for before it is looked at."""

import pandas as pd
import pytest

import import_release
from anonify.base.errors import UserError
from anonify.base.values import PERSON
from anonify.tables.columns import Column
from anonify.tables.provenance import start_provenance
from anonify.tables.storage import Table, write_table


def test_a_table_that_cannot_show_k_people_is_refused(tmp_path):
    frame = pd.DataFrame({"age": pd.Categorical(["30", "30"]), PERSON: [0, 0]})
    dataset = {"name": "visits", "title": "Visits", "sha256": "", "synthetic": False}
    write_table(Table(frame, (), start_provenance(dataset)), tmp_path / "visits.parquet")
    with pytest.raises(UserError, match="does not say whose its records are"):
        import_release.main(
            str(tmp_path / "elsewhere.csv"),
            str(tmp_path / "visits.parquet"),
            [],
            str(tmp_path / "k2.parquet"),
            "elsewhere",
            2,
            ".",
        )
    assert not (tmp_path / "k2.parquet").exists()


def test_a_table_that_shows_a_lower_level_than_the_least_is_refused(tmp_path):
    described = (
        Column("age", "quasi-identifier", "integer", least_level=1),
        Column("ill", "sensitive", "integer"),
    )
    frame = pd.DataFrame({"age": pd.Categorical(["30", "30"]), "ill": [0, 1]})
    dataset = {"name": "visits", "title": "Visits", "sha256": "", "synthetic": False}
    write_table(Table(frame, described, start_provenance(dataset)), tmp_path / "visits.parquet")
    (tmp_path / "age.csv").write_text("30;30-40;*\n")

    def take_in(label):
        (tmp_path / "elsewhere.csv").write_text(f"age,ill\n{label},0\n{label},1\n")
        import_release.main(
            str(tmp_path / "elsewhere.csv"),
            str(tmp_path / "visits.parquet"),
            [str(tmp_path / "age.csv")],
            str(tmp_path / "k2.parquet"),
            "elsewhere",
            2,
            ".",
        )

    with pytest.raises(UserError, match="age: '30' is on none of the levels 1 to 2"):
        take_in("30")
    assert not (tmp_path / "k2.parquet").exists()
    take_in("30-40")
    assert (tmp_path / "k2.parquet").exists()
