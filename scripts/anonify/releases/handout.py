"""Write a table as it is handed out."""

from pathlib import Path

import pandas as pd

from anonify.base.files import choose_quoting, replacing


def write_release_csv(frame: pd.DataFrame, path: str | Path) -> None:
    """Write records as the CSV to be handed out.

    They are sorted by what they show. Any other order could tell which record was which: a
    shuffle can be undone by whoever knows or guesses its seed.
    """
    order = frame.astype("str").sort_values([*frame.columns], kind="stable").index
    frame = frame.loc[order]
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
