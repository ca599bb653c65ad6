"""Print how the comparison with the paper came out; exit with 1 where a judgement fails."""

import sys

import pandas as pd

from anonify.paper.comparison import count_judgements


def main(path: str) -> int:
    """Print the totals, then each number whose judgement does not hold."""
    rows = pd.read_csv(path)
    print(count_judgements(rows).to_string(index=False))
    failed = rows[~rows["holds"]].dropna(axis="columns", how="all")
    if len(failed):
        print(f"\n{len(failed)} differences are not explained ({path}):")
        print(failed.drop(columns=["reason", "source"]).to_string(index=False))
    return int(len(failed) > 0)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
