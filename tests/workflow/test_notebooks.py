"""Each notebook runs on what a run made, says what is missing, and is stored without outputs."""

import os
from pathlib import Path

import nbformat
import pandas as pd
import pytest
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from nbformat.v4 import new_code_cell
from tests.profile import IS_FULL
from tests.workflow.conftest import PROJECT

NOTEBOOKS = sorted((PROJECT / "notebooks").glob("*.ipynb"))
some_notebooks = pytest.mark.parametrize(
    "path", NOTEBOOKS if IS_FULL else NOTEBOOKS[:1], ids=lambda path: path.stem
)

# The small experiment has other methods, k and deletions than the paper.
CHOICES = {
    "METHOD": "mondrian",
    "K": 8,
    "K_VALUES": [4, 8],
    "DELETION": 30,
    "DELETIONS": [30, 50],
    "REPEATS": 3,
}


def read(path: Path) -> nbformat.NotebookNode:
    return nbformat.read(path, as_version=4)


def execute(path: Path, run: Path, **choices: object) -> nbformat.NotebookNode:
    """Run a notebook as a reader does, with other values in the first cell."""
    notebook = read(path)
    place = next(
        number
        for number, cell in enumerate(notebook.cells)
        if "parameters" in cell.metadata.get("tags", [])
    )
    lines = [f"{name} = {value!r}" for name, value in choices.items()]
    notebook.cells.insert(place + 1, new_code_cell("\n".join(lines)))
    client = NotebookClient(
        notebook, timeout=120, resources={"metadata": {"path": str(path.parent)}}
    )
    return client.execute(env={**os.environ, "ANONIFY_RUN": str(run)})


def list_outputs(notebook: nbformat.NotebookNode, kind: str) -> list[str]:
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    return [output["data"][kind] for output in outputs if kind in output.get("data", {})]


@some_notebooks
def test_a_notebook_shows_figures_and_tables_of_the_chosen_release(path, finished):
    notebook = execute(path, finished.folder, **CHOICES)
    assert list_outputs(notebook, "image/png")
    assert list_outputs(notebook, "text/html")


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_says_first_whose_its_output_is(path):
    assert "is for its owner alone" in " ".join(read(path).cells[0].source.split())


@some_notebooks
def test_a_notebook_says_in_one_sentence_what_to_run_first(path, tmp_path):
    with pytest.raises(CellExecutionError) as error:
        execute(path, tmp_path)
    assert "error: there is no results/tables/" in str(error.value)
    assert "run `make run` first" in str(error.value)
    assert "Traceback" not in str(error.value)


def test_a_table_that_was_not_made_is_named_with_those_that_were(finished):
    with pytest.raises(
        CellExecutionError, match=r"no table of 'arx' with k = 250; choose k from 4"
    ):
        execute(PROJECT / "notebooks/anonymity.ipynb", finished.folder)


def test_a_notebook_draws_the_very_samples_of_the_pipeline(finished, monkeypatch):
    monkeypatch.setenv("ANONIFY_RUN", str(finished.folder))
    monkeypatch.syspath_prepend(PROJECT / "notebooks")
    from results import draw_sample, read_release

    ours = draw_sample(read_release("arx", 4), 30, repeat=2)
    theirs = pd.read_parquet(finished.folder / "results/sampled/arx/k4/deletion30/repeat2.parquet")
    pd.testing.assert_frame_equal(ours, theirs)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_is_stored_without_outputs(path):
    for cell in read(path).cells:
        assert not cell.get("outputs")
        assert cell.get("execution_count") is None


def test_there_is_a_notebook_for_each_assessment():
    names = ["anonymity", "classifiers", "distribution", "information_loss"]
    assert [path.stem for path in NOTEBOOKS] == names
