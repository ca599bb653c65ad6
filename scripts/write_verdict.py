"""Write the page of the verdict on the table that may be handed out."""

import json
from pathlib import Path

from anonify.base.files import replacing
from anonify.measures.verdict_in_words import state_verdict
from anonify.report.page import write_verdict
from job import run_job, tell


def main(verdict: str, record: str, page: str, title: str) -> None:
    """Write the page, and say on the terminal what it says first."""
    judged = json.loads(Path(verdict).read_text())
    is_synthetic = json.loads(Path(record).read_text())["synthetic"]
    with replacing(page) as temporary:
        text = write_verdict(judged, {"title": title, "synthetic": is_synthetic})
        temporary.write_text(text, encoding="utf-8")
    tell(f"{page}: {state_verdict(judged, is_synthetic).headline}")


if __name__ == "__main__":
    run_job(main, snakemake)
