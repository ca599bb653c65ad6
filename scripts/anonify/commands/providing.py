"""Get what an experiment of the paper reads."""

from pathlib import Path

import click

from anonify.base.extras import require
from anonify.base.words import count
from anonify.commands.terminal import command, tell
from anonify.settings.search import list_search_path

DATA = Path("data")


@command("data")
@click.argument("experiment", default="")
def data(experiment: str) -> None:
    """Get what an experiment of the paper reads: the dataset and what its authors published.

    EXPERIMENT is info_loss (the dataset and thirty tables of equivalence classes), distribution,
    classifiers or anonymity (the dataset and the authors' release). A file is looked for in the
    folders of ANONIFY_DATA and in data/, else downloaded into data/; each has its checksum
    verified. Standard output has a line for each: where it lies, and where it comes from.

    \b
    anonify data info_loss
    """
    require("workflow", "the data of the paper")
    # Here, so that no other command waits for it.
    from anonify.datasets.published import list_files, provide

    files = list_files(experiment)
    downloaded = 0
    for provided in provide(files, list_search_path([str(DATA)]), DATA / files[0].dataset):
        downloaded += provided.origin is not None
        print(provided.path, f"from {provided.origin}" if provided.origin else "was there")
    tell(
        f"{experiment}: {count(len(files), 'file')}, {downloaded} of them downloaded into "
        f"{DATA}; all have the checksums of the published ones"
    )
