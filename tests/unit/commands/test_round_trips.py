"""Whatever a command wrote is read by every other one, in whatever form the table came."""

import csv
import io
import json
import random

import pandas as pd
import pytest
import yaml
from tests.profile import draws
from tests.unit.command_line import anonymization, run, sampling

from anonify.datasets.described import read_dataset
from anonify.releases.foreign import read_any_release

# Names that our own tables use, or that say something to pandas.
NAMES = ["size", "data", "dataset", "deletion", "records", "released_size", "index", "count"]
TEXTS = ["None", "NA", "null", "nan", "N/A", "#N/A", "-", "true", "inf", "a;b", "a,b", 'say "x"']
TEXTS += ["two\nlines", "tab\there", "a|b", "1,5", "01", "1.0", "*x", "[1, 2]", "ß", "é", "sep=;"]
DATES = ["%Y-%m-%d", "%d.%m.%Y", "%m/%d/%Y", "%Y%m%d", "%d %b %Y"]
METHODS = ["arx", "mondrian", "ncp_mondrian", "ola", "oka", "knn_clustering"]


class Written:
    """A table that is written by chance in some form, and the description that says so."""

    def __init__(self, seed: int) -> None:
        chance = random.Random(seed)
        self.qi_text, self.qi_number, self.qi_date, self.qi_decimal = chance.sample(NAMES, 4)
        self.decimal, self.format = chance.choice(".,"), chance.choice(DATES)
        self.separator = chance.choice([mark for mark in ",;\t|" if mark != self.decimal])
        self.end = chance.choice(["\n", "\r\n"])
        self.encoding = chance.choice(["utf-8", "utf-8-sig", "cp1252", "utf-16"])
        self.quoting = chance.choice([csv.QUOTE_MINIMAL, csv.QUOTE_ALL])
        texts = chance.sample(TEXTS, 5)
        spellings = ["1", "1.50", "0.125", "20", "3.0", "1e2", "-7.10"]
        # Written in two ways a number would be released in one of them.
        spread = [f"{chance.uniform(-5, 5):.{chance.randint(0, 6)}f}" for _ in range(5)]
        spread = [text for text in spread if float(text) not in map(float, spellings)]
        days = pd.to_datetime([chance.randint(-9000, 19000) for _ in range(6)], unit="D")
        self.k, self.method = chance.choice([2, 3, 5]), chance.choice(METHODS)
        self.rows = [
            {
                self.qi_text: chance.choice(texts),
                self.qi_number: str(chance.choice([0, 5, 2**53 + 1, -3])),
                self.qi_date: chance.choice(days),
                self.qi_decimal: chance.choice(spellings[:4]),
                "code": str(10**15 + number),
                "level": chance.choice([*spellings, *spread, ""]),
                "seen": chance.choice([*days, ""]),
                "word": chance.choice([*TEXTS, ""]),
            }
            for number in range(60)
        ]

    def write(self, folder) -> None:
        file = io.StringIO(newline="")
        writer = csv.writer(
            file, delimiter=self.separator, lineterminator=self.end, quoting=self.quoting
        )
        writer.writerow(self.rows[0])
        writer.writerows([self.form(name, cell) for name, cell in row.items()] for row in self.rows)
        (folder / "table.csv").write_bytes(file.getvalue().encode(self.encoding))
        kinds = ["category", "integer", "date", "decimal"]
        kinds += ["integer", "decimal", "date", "category"]
        columns = {
            name: {"role": "quasi-identifier" if place < 4 else "sensitive", "type": kind}
            for place, (name, kind) in enumerate(zip(self.rows[0], kinds, strict=True))
        }
        for column in columns.values():
            if column["type"] == "date":
                column["format"] = self.format
        columns[self.qi_text]["hierarchy"] = {}
        if self.method in ("arx", "ola"):
            columns[self.qi_number]["hierarchy"] = columns[self.qi_decimal]["hierarchy"] = {}
        columns[self.qi_date]["hierarchy"] = {"dates": ["month", "decade"]}
        description = {
            "name": "table",
            "title": "Table",
            "file": "table.csv",
            "separator": self.separator,
            "decimal": self.decimal,
            "columns": columns,
            "rows_are_people": True,
            "header": True,
        }
        if self.encoding == "cp1252":
            description["encoding"] = "cp1252"
        (folder / "table.yaml").write_text(yaml.safe_dump(description, sort_keys=False))

    def form(self, name, cell) -> str:
        """Return a cell as the table has it."""
        if isinstance(cell, pd.Timestamp):
            return cell.strftime(self.format)
        is_decimal = name in (self.qi_decimal, "level")
        return cell.replace(".", self.decimal) if is_decimal else cell

    def plain(self, name) -> list[str]:
        """Return a column as a release should have it."""
        return [str(row[name])[:10] if name == "seen" else row[name] for row in self.rows]


def read(path) -> pd.DataFrame:
    return pd.read_csv(path, dtype=str, keep_default_na=False)


@pytest.mark.parametrize("seed", range(draws(30)))
def test_what_a_command_wrote_is_read_by_every_other(tmp_path, monkeypatch, seed):
    monkeypatch.chdir(tmp_path)
    table = Written(seed)
    table.write(tmp_path)
    checked = run("check", None, "table.yaml")
    assert checked.exit_code == 0, checked.output

    names = list(table.rows[0])
    content = anonymization(dataset="table.yaml", k=[table.k], algo=[table.method])
    made = run("anonymize", content)
    assert made.exit_code == 0, made.output
    path = f"out/table_{table.method}_k{table.k}_b0_a0.csv"
    release = read(path)
    assert list(release) == names
    identifying = names[:4]
    assert release.groupby(identifying).size().min() >= table.k
    # Every other cell is as it was written, whichever record it is of.
    original = pd.DataFrame({name: table.plain(name) for name in names[4:]}).set_index("code")
    left = release.set_index("code")[names[5:]]
    pd.testing.assert_frame_equal(left, original.loc[left.index, names[5:]])
    leaves = {*table.plain(table.qi_decimal)}
    shown = {label for label in release[table.qi_decimal] if label[0] not in "[*"}
    assert shown <= leaves

    assessed = run("assess", None, path, "--config", "table.yaml", "--json", "found.json")
    assert assessed.exit_code == 0, assessed.output
    risk = json.loads((tmp_path / "found.json").read_text())["risk"]
    assert risk["achieved_k"] == release.groupby(identifying).size().min()

    drawn = run("sample", sampling(input=path, qids=identifying, output="drawn"))
    assert drawn.exit_code == 0, drawn.output
    arguments = ["--config", "table.yaml", "--anonymized", path, "--json", "sample.json"]
    found = run("assess", None, "drawn/trial_sampled_p30_t0.csv", *arguments)
    assert found.exit_code == 0, found.output

    again = read_any_release(path, read_dataset("table.yaml")).rows(["code"])
    assert len(again) == len(release)
    assert sorted(again["code"].astype(str)) == sorted(release["code"])
