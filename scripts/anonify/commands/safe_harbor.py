"""Say in a terminal which of Safe Harbor's eighteen identifiers a released table shows."""

from collections import Counter
from collections.abc import Sequence
from textwrap import wrap

from tabulate import tabulate

from anonify.drafting.safe_harbor import VERDICTS, Finding

WIDTH = 48
"""Letters of a line of what a release shows."""


def write_safe_harbor(findings: Sequence[Finding]) -> str:
    """Return the findings as text for the terminal."""
    rows = [
        (each.letter, each.title, each.verdict, "\n".join(wrap(each.why, WIDTH)))
        for each in findings
    ]
    counts = Counter(each.verdict for each in findings)
    told = ", ".join(f"{counts[verdict]} {verdict}" for verdict in VERDICTS if counts[verdict])
    return (
        "HIPAA Safe Harbor, 45 CFR 164.514(b)(2)(i)\n"
        f"{tabulate(rows, tablefmt='plain', disable_numparse=True)}\n"
        f"Of the eighteen: {told}, as far as names and values of columns tell.\n"
        "Safe Harbor also asks that you do not know how what is left could identify somebody.\n"
        "It is a rule of the United States for health data; this is no legal advice."
    )
