from itertools import combinations

from anonify.base.looks import COLOURS, METHOD_LOOKS, choose_looks
from anonify.settings.configuration import list_methods


def test_each_of_our_methods_has_a_look_of_its_own():
    assert {*METHOD_LOOKS} == {*list_methods()}
    for one, other in combinations(METHOD_LOOKS.values(), 2):
        assert one.colour != other.colour
        assert one.marker != other.marker
        assert one.dashes != other.dashes


def test_others_take_what_ours_leave_free():
    looks = choose_looks(["mine", "mondrian", "theirs", "mine"])
    assert [*looks] == ["mine", "mondrian", "theirs"]
    assert looks["mondrian"] == METHOD_LOOKS["mondrian"]
    assert len({look.colour for look in looks.values()}) == 3


def test_where_colours_come_again_markers_differ():
    many = choose_looks(f"method {number}" for number in range(4 * len(COLOURS)))
    assert len({(look.colour, look.marker) for look in many.values()}) == 4 * len(COLOURS)
