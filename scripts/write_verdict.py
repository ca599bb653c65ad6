"""Write the page of the verdict on the table that may be handed out."""

import json
from pathlib import Path

from anonify.base.files import replacing
from anonify.measures.verdict_in_words import state_verdict
from anonify.report.page import write_verdict
from anonify.tables.provenance import is_synthetic
from job import run_job, tell


def main(verdict: str, page: str) -> None:
    """Write the page, and say on the terminal what it says first."""
    judged = json.loads(Path(verdict).read_text())
    text = write_verdict(judged)
    with replacing(page) as temporary:
        temporary.write_text(text, encoding="utf-8")
    tell(f"{page}: {state_verdict(judged, is_synthetic(judged['provenance'])).headline}")


if __name__ == "__main__":
    run_job(main, snakemake)
