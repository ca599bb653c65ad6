import pytest

from anonify.report.page import explain_absence


@pytest.mark.parametrize(
    ("synthetic", "sha256", "is_paper_configuration", "reason"),
    [
        (True, "a", True, "synthetic stand-in"),
        (False, "b", True, "SHA-256 b"),
        (False, "a", False, "configuration is not the paper's"),
        (False, "a", True, "has not been made"),
    ],
)
def test_the_summary_says_why_nothing_is_compared(
    synthetic, sha256, is_paper_configuration, reason
):
    dataset = {"synthetic": synthetic, "sha256": sha256}
    assert reason in explain_absence(dataset, {"sha256": "a"}, is_paper_configuration)
