"""What a table that was anonymized elsewhere is refused for before it is looked at."""

import pandas as pd
import pytest

import import_release
from anonify.base.errors import UserError
from anonify.base.values import PERSON
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
