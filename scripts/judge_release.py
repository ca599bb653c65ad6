"""Judge the table that may be handed out by the limits that were stated for it."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from anonify.base.files import write_json
from anonify.disclosure.cells import is_few
from anonify.disclosure.publishing import (
    has_few,
    leave_out_few,
    mask_provenance,
    round_rates,
)
from anonify.domains.domain import Domains
from anonify.domains.files import read_domains
from anonify.measures.trade_off import count_costs, measure_trade_off
from anonify.measures.verdict import (
    count_all_people,
    count_certain_people,
    count_smallest,
    describe_columns_left,
    describe_file,
    describe_links,
    judge_requirements,
    list_limits,
    list_sensitive,
    write_limits,
)
from anonify.measures.verdict_in_words import state_verdict
from anonify.releases.handout import Suppressed, find_promise, prepare_handout
from anonify.tables.columns import MARKS
from anonify.tables.counts import count_records
from anonify.tables.provenance import is_confidential, is_synthetic, last_step
from anonify.tables.storage import Table, count_table, describe_table, read_rows
from job import run_job, tell


def main(
    release: str,
    description: str,
    table: str,
    anonymized: str,
    hierarchies: Sequence[str],
    verdict: str,
    suppressed: Suppressed,
    risk_limit: float | None,
    least_after_deletion: int,
    left_out: Sequence[Mapping[str, str]],
) -> None:
    """Write what the page says first.

    ``release`` is what is handed out of ``table``, ``anonymized`` the same before sampling,
    ``left_out`` the columns of the dataset that no table of ours has.
    """
    released = describe_table(table)
    names = released.quasi_identifiers
    before = count_table(anonymized, [*names, *MARKS])
    domains = read_domains(hierarchies, names)
    made, promise = last_step(before.provenance), find_promise(released.provenance)
    handout = prepare_handout(read_rows(table), released.frame, names, promise, suppressed)
    described = json.loads(Path(description).read_text())
    privacy = described["privacy"]
    limits = [
        *list_limits(
            (promise.k, count_smallest(before.frame, names)),
            privacy["smallest_class"],
            risk_limit,
            least_after_deletion if promise.deletion else None,
        ),
        *judge_requirements(handout, names, made.get("requirements", ())),
    ]
    links = describe_links(handout, released.columns)
    if links and is_confidential(released.provenance) and is_few(links["people"], promise.k):
        links["people"] = "fewer than k"
    columns = {column["name"]: column for column in described["tableSchema"]["columns"]}
    content: dict[str, Any] = {
        "method": made["method"],
        "k": promise.k,
        "deletion": promise.deletion,
        "counted": privacy["counted"],
        "provenance": mask_provenance(released.provenance),
        "is_kept": all(limit.is_kept for limit in limits),
        "limits": write_limits(limits),
        "risk": {name: value for name, value in privacy.items() if "_risk_" in name},
        "cost": measure_cost(before, domains, promise.k, int(promise.deletion)),
        "file": describe_file(release, handout, names, list_parts(described)),
        "columns": [
            *left_out,
            *describe_columns_left(handout, released.columns, domains, columns),
        ],
        "people": count_all_people(handout),
        "certain": count_certain_people(
            handout.rows, list_sensitive(handout, released.columns), names
        ),
        "links": links,
        "left_out": {
            "suppressed": privacy["suppressed_and_left_out"],
            "blanked": handout.blanked,
            "deletion": promise.deletion,
        },
    }
    write_json(content, verdict)
    is_made_up = is_synthetic(released.provenance)
    tell(f"{release}: {state_verdict(content, is_made_up).headline}")


def list_parts(described: Mapping[str, Any]) -> dict[str, int]:
    """Return how many records each file has by its name, where there is a folder of them."""
    return {Path(part["url"]).name: part["records"] for part in described.get("parts", ())}


def measure_cost(anonymized: Table, domains: Domains, k: int, deletion: int) -> dict[str, float]:
    """Measure what the release has lost, and the risk before deletion, as the trade-off has them.

    Suppressed people of a confidential table are left out where they are fewer than k.
    """
    frame = anonymized.frame
    is_secret = is_confidential(anonymized.provenance) and has_few(frame, k)
    shown = leave_out_few(frame, k) if is_secret else frame
    measured = measure_trade_off(count_costs(shown, domains), [deletion])
    rates = ["ncp", "loss"]
    costs = pd.DataFrame(measured)[[*rates, "journalist_risk_highest"]]
    if is_secret:
        costs = round_rates(costs, rates, count_records(shown), k)
    return {str(name): float(value) for name, value in costs.iloc[0].items()}


if __name__ == "__main__":
    run_job(main, snakemake)
