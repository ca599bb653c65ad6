import importlib
import sys

import pytest

from anonify.base.errors import UserError
from anonify.base.extras import EXTRAS, require
from anonify.base.places import WORKFLOW


def test_nothing_is_said_where_all_packages_are_there(monkeypatch):
    monkeypatch.setitem(EXTRAS, "server", ("json", "anonify"))
    require("server", "the server")


def test_a_missing_package_is_one_sentence_with_the_command_that_installs_it(monkeypatch):
    monkeypatch.setitem(EXTRAS, "server", ("json", "no_such_module"))
    with pytest.raises(UserError) as error:
        require("server", "the server")
    assert str(error.value) == (
        f"the server needs packages that are not installed; run: pip install '{WORKFLOW}[server]'"
    )
    # Whoever imports it finds what Python raises where a package is missing.
    assert isinstance(error.value, ImportError)


@pytest.mark.parametrize(
    ("room", "extra"), [("anomed", "server"), ("figures", "workflow"), ("report", "workflow")]
)
def test_a_room_that_a_light_installation_lacks_says_how_to_get_it(monkeypatch, room, extra):
    monkeypatch.setitem(EXTRAS, extra, ("no_such_module",))
    monkeypatch.delitem(sys.modules, f"anonify.{room}", raising=False)
    with pytest.raises(UserError, match=rf"run: pip install '.*\[{extra}\]'"):
        importlib.import_module(f"anonify.{room}")
