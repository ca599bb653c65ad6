"""Write a table as it is handed out."""

from pathlib import Path

import pandas as pd

from anonify.base.files import choose_quoting, replacing


def sort_records(frame: pd.DataFrame) -> pd.DataFrame:
    """Return records sorted by what they show, as text, in a new index.

    Any other order could tell which record was which: a shuffle can be undone by whoever knows or
    guesses its seed.
    """
    texts = frame.astype("str").reset_index(drop=True)
    order = texts.sort_values([*frame.columns], kind="stable").index
    return frame.iloc[order].reset_index(drop=True)


def write_release_csv(frame: pd.DataFrame, path: str | Path) -> None:
    """Write records, sorted, as the CSV to be handed out."""
    frame = sort_records(frame)
    texts = [
        str(text)
        for name in frame
        if frame[name].dtype == "category"
        for text in frame[name].cat.categories
    ]
    with replacing(path) as temporary:
        frame.to_csv(
            temporary,
            index=False,
            lineterminator="\n",
            quoting=choose_quoting([*map(str, frame.columns), *texts]),
        )
