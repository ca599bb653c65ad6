"""What the terminal says of the risk in the population."""

from collections.abc import Mapping
from typing import Any

from tabulate import tabulate

from anonify.base.words import MEASURES, UNIQUENESS_MODELS, Measure, format_number

TOLD = (
    "sample_uniques",
    "population_size",
    "sampling_fraction",
    "population_uniqueness",
    "individual_risk_highest",
    "individual_risk_average",
    "expected_identifications",
    "population_uniques",
    "k_map",
    "presence_highest",
    "presence_lowest",
)
"""The measures that are told, in this order; the JSON file has all."""


def write_population(found: Mapping[str, Any]) -> str:
    """Return what a release risks in the population as text for the terminal.

    Parameters
    ----------
    found : as :func:`anonify.measures.population.measure_population` returns it.
    """
    measures = {name: MEASURES[name] for name in TOLD if name in found}
    if found.get("uniqueness_model") in UNIQUENESS_MODELS:
        title = measures["population_uniqueness"].title
        model = UNIQUENESS_MODELS[found["uniqueness_model"]]
        measures["population_uniqueness"] = Measure(f"{title} by {model}", "%")
    rows = [(measure.label, format_number(found[name])) for name, measure in measures.items()]
    parts = [
        "Population\n"
        + tabulate(rows, tablefmt="plain", colalign=("left", "right"), disable_numparse=True)
    ]
    if found["sample_uniques"] and "population_size" not in found:
        parts.append(
            "How many of those who are unique in the release are so in the population, too, can't\n"
            "be estimated without its size: write it into the dataset's description, as\n"
            "`population: {size: …}`."
        )
    if found.get("unmatched_people"):
        parts.append(
            "The population has fewer people in some class than are released, so the people of\n"
            "the table are no sample of it: k-map and δ-presence are of others."
        )
    return "\n\n".join(parts)
