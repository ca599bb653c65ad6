from anonify.report.sections import SECTIONS, Context, title_part
from anonify.settings import parts


def test_every_section_of_a_run_is_on_the_page():
    assert set(SECTIONS) == set(parts.SECTIONS)


def test_a_section_says_and_shows_what_its_functions_do(trade_off):
    section = SECTIONS["trade_off"]
    run = Context({}, {}, ["corrected"])
    assert section.say(trade_off, run)[0].startswith("Of 3 combinations")
    assert section.show(trade_off, run)["Method"].tolist() == ["ARX", "Mondrian", "Mondrian"]


def test_a_distribution_is_headed_by_what_is_distributed_over_what():
    assert title_part("a_by_b", {"label": "Level / mmol", "by_label": "Age / years"}) == (
        "Level by age"
    )
    assert title_part("trade_off", {}) == "Trade off"
