import shutil
from pathlib import Path

import pytest

from anonify.base.errors import UserError
from anonify.base.places import DESCRIPTIONS
from anonify.settings.description import find_description, locate_description


@pytest.fixture(autouse=True)
def in_empty_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ANONIFY_DATA", "shared")


def test_the_users_own_description_comes_before_the_one_from_us():
    assert locate_description("diabetes") == DESCRIPTIONS / "diabetes.yaml"
    Path("config/datasets").mkdir(parents=True)
    shutil.copy(DESCRIPTIONS / "diabetes.yaml", "config/datasets")
    assert locate_description("diabetes") == Path("config/datasets/diabetes.yaml")


def test_files_are_looked_for_where_environment_run_and_description_lie():
    Path("ward").mkdir()
    Path("ward/clinic.yaml").write_text("{name: clinic, columns: {}}")
    Path("run.yaml").write_text("{dataset: diabetes, search_path: [first, second]}")
    shared = Path("shared")
    clinic = Path("ward/clinic.yaml")
    assert find_description(str(clinic)) == (clinic, [shared, Path("data"), Path("ward")])
    path, folders = find_description("run.yaml")
    assert path == DESCRIPTIONS / "diabetes.yaml"
    assert folders == [shared, Path("first"), Path("second"), DESCRIPTIONS]


def test_a_dataset_that_nobody_describes_is_told():
    with pytest.raises(UserError, match=r"there is no config/datasets/nowhere\.yaml; write one"):
        find_description("nowhere")
