"""What the experiments of the paper read is found or downloaded, verified, and told."""

import hashlib
from pathlib import Path

import pytest
from tests.unit.command_line import refuse, run

from anonify.base.errors import UserError
from anonify.datasets import download, published
from anonify.datasets.download import DataFile, Unavailable
from anonify.datasets.published import Provided, list_files, provide

DATASET = "diabetes_prediction_dataset.csv"
RELEASE = "published/diabetes_anonymized_arx250.csv"
CONTENTS = {f"published/tables/{k}.csv": f"age,size\n*,{k}\n".encode() for k in (5, 10, 15)}


def describe(name: str) -> DataFile:
    sha256 = hashlib.sha256(CONTENTS[name]).hexdigest()
    return DataFile(name, "clinic", sha256, [{"url": name}], "https://example.org/clinic")


FILES = [describe(name) for name in CONTENTS]


@pytest.fixture
def network(monkeypatch):
    """The files that the network has, by their URL, and those that were asked for."""
    has, asked = dict(CONTENTS), []

    def answer(url, path, stream):
        asked.append(url)
        if url not in has:
            raise download._SourceError("could not be reached")
        path.write_bytes(has[url])

    monkeypatch.setattr(download, "_download", answer)
    return has, asked


@pytest.fixture(autouse=True)
def _in_a_folder_without_data(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("ANONIFY_DATA", raising=False)


def place(folder: str, name: str, content: bytes | None = None) -> Path:
    path = Path(folder, name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(CONTENTS[name] if content is None else content)
    return path


def list_all(folder: str) -> list[str]:
    return sorted(str(path) for path in Path(folder).rglob("*"))


# Which files


@pytest.mark.parametrize("experiment", ["distribution", "classifiers", "anonymity"])
def test_an_experiment_reads_the_dataset_and_the_release(experiment):
    files = list_files(experiment)
    assert [file.name for file in files] == [DATASET, RELEASE]
    assert all(file.dataset == "diabetes" and file.sources for file in files)


def test_information_loss_reads_thirty_class_tables_each_known_by_its_checksum():
    dataset, *tables = list_files("info_loss")
    assert dataset.name == DATASET
    folders = {tuple(Path(file.name).parts[:-1]) for file in tables}
    assert folders == {
        ("published", "infoloss_data", method, str(k))
        for method in ("arx", "mondrian", "oka")
        for k in range(50, 501, 50)
    }
    assert len({file.sha256 for file in tables}) == len(tables) == 30
    url, folder = tables[0].sources
    assert url["url"].endswith("/expr_data/infoloss_data/arx/100/diabetes-anonymized.csv")
    assert folder == {
        "google_drive_folder": "1G-7anLLgO9bZbg7fL_dAuxHhqf_VK67Y",
        "path": "arx/100/diabetes-anonymized.csv",
    }


# Found or downloaded


def test_what_is_there_is_not_downloaded(network):
    paths = [place(folder, name) for folder, name in zip("abb", CONTENTS, strict=True)]
    provided = list(provide(FILES, ["a", "b"], Path("data/clinic")))
    assert provided == [Provided(path, None) for path in paths]
    assert network[1] == []
    assert not Path("data").exists()


def test_what_is_not_there_is_downloaded_to_where_the_workflow_finds_it(network):
    found = place("data/clinic", FILES[1].name)
    provided = list(provide(FILES, ["data"], Path("data/clinic")))
    downloaded = [Path("data/clinic", FILES[number].name) for number in (0, 2)]
    assert provided == [
        Provided(found, None),
        *(Provided(path, str(path.relative_to("data/clinic"))) for path in downloaded),
    ]
    assert [path.read_bytes() for path in downloaded] == [
        CONTENTS[FILES[number].name] for number in (0, 2)
    ]
    again = list(provide(FILES, ["data"], Path("data/clinic")))
    assert [each.origin for each in again] == [None] * 3


def test_another_file_in_the_search_path_is_refused_before_anything_is_downloaded(network):
    place("data", FILES[2].name, b"age,size\n")
    with pytest.raises(UserError, match=r"15\.csv: the file has the SHA-256 .* or remove it"):
        list(provide(FILES, ["data"], Path("data/clinic")))
    assert network[1] == []


def test_a_file_that_nobody_has_is_told_with_how_many_are_missing_as_well(network):
    has, asked = network
    del has[FILES[0].name]
    with pytest.raises(Unavailable) as caught:
        list(provide(FILES, ["data"], Path("data/clinic")))
    message = str(caught.value)
    assert message.startswith("published/tables/5.csv: no source answered")
    assert "get it from https://example.org/clinic and put it into a folder" in message
    assert message.endswith("; missing as well: 2 files")
    # The network is not asked for one after the other.
    assert asked == [FILES[0].name]
    assert not Path("data").exists()


def test_what_was_downloaded_before_one_failed_stays_whole(network):
    network[0][FILES[1].name] = b"another file"
    Path("data").mkdir()
    with pytest.raises(Unavailable, match="answered with another file"):
        list(provide(FILES, ["data"], Path("data/clinic")))
    assert list_all("data") == [
        *("data/clinic", "data/clinic/published", "data/clinic/published/tables"),
        "data/clinic/published/tables/5.csv",
    ]


# The command


def test_each_file_is_told_with_where_it_lies_and_where_it_comes_from(network, monkeypatch):
    monkeypatch.setattr(published, "list_files", lambda experiment: FILES)
    found = place("data", FILES[0].name)
    result = run("data", None, "info_loss")
    assert result.exit_code == 0, result.output
    assert result.stdout.splitlines() == [
        f"{found} was there",
        *(f"data/clinic/{file.name} from {file.name}" for file in FILES[1:]),
    ]
    assert result.stderr == (
        "info_loss: 3 files, 2 of them downloaded into data; all have the checksums of the "
        "published ones\n"
    )


def test_a_missing_file_ends_the_command(network):
    network[0].clear()
    message = refuse("data", None, "anonymity")
    assert f"Error: {DATASET}: no source answered" in message
    assert not Path("data").exists()


@pytest.mark.parametrize("word", [[], [""], ["infoloss"]])
def test_another_word_is_told_with_the_four(word):
    message = refuse("data", None, *word)
    assert message.endswith("; choose from info_loss, distribution, classifiers, anonymity")
