import pandas as pd

from anonify.report.grids import make_grid


def test_numbers_are_sorted_by_their_value_and_not_by_what_is_shown():
    rows = make_grid(pd.DataFrame({"value": [1234.5678, None], "holds": [True, False]})).rows
    assert [cell.text for cell in rows[0]] == ["1,235", "yes"]
    assert rows[0][0].order == 1234.5678
    assert rows[1][0].text == ""
