"""Print what `make bench` compared as tables for docs/benchmarks.md.

python .ci/tabulate_peers.py results/benchmarks/peers.csv
"""

import sys
from collections.abc import Callable

import pandas as pd

TITLES = {
    "ncp": "NCP, %",
    "cpu_seconds": "CPU seconds",
    "balanced_accuracy": "Balanced accuracy of a decision tree, %",
    "distribution_error": "Distribution error, %",
    "discernibility": "Discernibility, 10⁶",
    "mean_class_size": "Records in a class on average",
    "peak_megabytes": "Peak memory, MB",
}
UNITS = {"discernibility": 1e6}
MAIN = "ncp_mondrian"


def main(path: str) -> None:
    """Print a table for each quantity and k, and how ours compare with anonypy."""
    peers = pd.read_csv(path)
    peers["where"] = [
        f"{row.table} {row.attributes}{', whole' if row.records > 100_000 else ''}"
        for row in peers.itertuples()
    ]
    original = peers[peers["library"] == "original"]
    measured = peers[(peers["library"] != "original") & (peers["note"] != "published")]
    for quantity, title in TITLES.items():
        for k, part in measured.groupby("k"):
            print(f"{title}, k = {k}\n")
            shown = part.assign(value=part[quantity] / UNITS.get(quantity, 1))
            if quantity == "balanced_accuracy":
                known = original[original["where"].isin(part["where"])]
                shown = pd.concat([known.assign(value=known[quantity]), shown])
            _print(shown, _mark_best(quantity))
    print("anonypy and ours: NCP of ours ÷ anonypy's, CPU time of anonypy ÷ ours\n")
    _print_ratios(measured)
    print("Stopped\n")
    for row in measured[measured["ncp"].isna()].itertuples():
        print(f"- {row.where}, k = {row.k}: {row.name}: {row.note}")
    wrong = measured[(measured["covers"] == "no") | (measured["achieved_k"] < measured["k"])]
    print(f"\nWrong releases: {len(wrong)}")


def _mark_best(quantity: str) -> Callable[[pd.Series], float]:
    return pd.Series.max if quantity == "balanced_accuracy" else pd.Series.min


def _print(part: pd.DataFrame, find_best: Callable[[pd.Series], float]) -> None:
    places = part["where"].unique().tolist()
    table = part.pivot_table("value", "name", "where", sort=False, dropna=False)[places]
    best = table.drop(index="original", errors="ignore").apply(find_best)
    _print_row(["", *places])
    _print_row(["---", *["---:"] * len(places)])
    for name, row in table.iterrows():
        cells = [
            "–" if pd.isna(value) else f"**{_write(value)}**" if value == top else _write(value)
            for value, top in zip(row, best, strict=True)
        ]
        _print_row([str(name), *cells])
    print()


def _print_ratios(measured: pd.DataFrame) -> None:
    keys = ["where", "k"]
    theirs = measured[measured["name"] == "anonypy"].set_index(keys)[["ncp", "cpu_seconds"]]
    _print_row(["table", "k", "NCP", "with polish", "CPU", "with polish"])
    _print_row(["---", *["---:"] * 5])
    ours = {
        name: measured[measured["name"] == name].set_index(keys)[["ncp", "cpu_seconds"]]
        for name in (MAIN, f"{MAIN}, polish")
    }
    for (where, k), peer in theirs.sort_index(level="k", sort_remaining=False).iterrows():
        rows = [own.loc[(where, k)] for own in ours.values()]
        loss = [_write(row["ncp"] / peer["ncp"]) for row in rows]
        time = [_write(peer["cpu_seconds"] / row["cpu_seconds"]) for row in rows]
        _print_row([where, k, *loss, *time])
    print()


def _print_row(cells: list[object]) -> None:
    print("| " + " | ".join(map(str, cells)) + " |")


def _write(value: float) -> str:
    """Write a number with three digits, or as a whole one.

    >>> _write(0.01234), _write(123456.7)
    ('0.012', '123,457')
    """
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}" if value >= 1 else f"{value:.2g}"


if __name__ == "__main__":
    main(*sys.argv[1:])
