"""Write the page of the verdict on the table that may be handed out."""

import json
from pathlib import Path

from anonify.base.files import replacing
from anonify.report.page import write_verdict
from job import run_job, tell


def main(verdict: str, page: str) -> None:
    """Write the page."""
    judged = json.loads(Path(verdict).read_text())
    text = write_verdict(judged)
    with replacing(page) as temporary:
        temporary.write_text(text, encoding="utf-8")
    tell(page)


if __name__ == "__main__":
    run_job(main, snakemake)
