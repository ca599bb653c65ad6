"""Anonymize a described dataset from its file to a file, whatever its size."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from anonify.base.errors import UserError
from anonify.base.seeding import make_generator
from anonify.base.words import count, format_number, name_method
from anonify.datasets.anonymized import anonymize_dataset
from anonify.datasets.opened import list_sources, opening_dataset
from anonify.engines.choice import ENGINES, Engine, Wanted
from anonify.frames.anonymization import check_k, check_labels, check_method, choose_seed
from anonify.frames.release import MadeOf, measure_rows
from anonify.frames.requirements import check_requirements, list_requirements
from anonify.measures.information_loss import count_leaves
from anonify.recoding.penalties import Records
from anonify.recoding.tightening import LabelKind
from anonify.releases.dataset import StoredDataset
from anonify.releases.description import describe_handout
from anonify.releases.handout import (
    SUPPRESSED_CHOICES,
    Promise,
    Suppressed,
    prepare_handout,
)
from anonify.releases.writing import check_release_place, write_release


@dataclass(frozen=True, eq=False)
class FileRelease:
    """A released table that stays in its file, what it costs and what risk is left.

    Attributes
    ----------
    path : of the table, to be handed out with its description beside it.
    records : in the table.
    k, loss, risk, classes : as :class:`anonify.Release` has them.
    engine : that did the work: ``memory``, ``duckdb`` or ``spark``.
    """

    path: Path
    records: int
    k: int
    loss: dict[str, float]
    risk: dict[str, float]
    classes: pd.DataFrame
    engine: str
    method: str

    def __repr__(self) -> str:
        """Say in one line what it is."""
        return (
            f"<FileRelease: {count(self.records, 'record')}, "
            f"{count(int(self.risk['classes']), 'class')}, k = {self.k} by "
            f"{name_method(self.method)}, NCP {format_number(self.loss['ncp'])} %, in {self.path}>"
        )


def anonymize_file(
    dataset: str | Path,
    release: str | Path,
    k: int,
    *,
    table: str | Path | None = None,
    method: str = "mondrian",
    method_options: Mapping[str, Any] | None = None,
    requirements: Iterable[Mapping[str, Any]] = (),
    labels: LabelKind = "nodes",
    suppressed: Suppressed = "drop",
    escape_formulas: bool = False,
    seed: int | None = None,
    engine: Engine = "auto",
    engine_memory: str = "2 GB",
    engine_temp: str | Path | None = None,
    spark_url: str | None = None,
) -> FileRelease:
    """k-anonymize a described dataset from its file to a file, which may not fit in memory.

    What is written is the same, byte for byte, whichever engine does the work.

    Parameters
    ----------
    dataset : a name in ``config/datasets/``, or the path of a description (``.yaml``).
    release : file to be written, ``.csv`` or ``.parquet``, which is none of those that are read.
        Its description (``….csv-metadata.json``) is written beside it.
    k, method, method_options, requirements, labels, suppressed, seed : as
        :func:`anonify.anonymize`.
    table : path of the table, where it is not to be looked for.
    escape_formulas : as :meth:`anonify.Release.write`.
    engine : ``memory`` reads the table whole, ``duckdb`` and ``spark`` part by part, with distinct
        tuples in memory alone; for the methods ``arx``, ``greedy``, ``mondrian``, ``ncp_mondrian``,
        ``ola`` and ``optimal``. ``auto`` takes DuckDB where the table would take more than half of
        the memory that is free.
    engine_memory : what DuckDB, or each process of Spark, may take.
    engine_temp : folder for what does not fit in memory; that of the system where it is None.
    spark_url : address of Spark's cluster; this machine where it is None.

    Returns
    -------
    Where the table is, its loss, risk and classes.

    Raises
    ------
    ValueError : a parameter, the description or a value in the table is not as it should be; the
        sentence says which, and how to mend it. Nothing is written then.

    Examples
    --------
    >>> import tempfile, anonify, pandas as pd
    >>> from pathlib import Path
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     _ = Path(folder, "clinic.csv").write_text("sex,ill\\n" + "f,yes\\nm,no\\nf,no\\n" * 5)
    ...     description = Path(folder, "clinic.yaml")
    ...     _ = description.write_text(
    ...         "name: clinic\\ntitle: Clinic\\nfile: clinic.csv\\ncolumns:\\n"
    ...         "  sex: {role: quasi-identifier, type: category}\\n"
    ...         "  ill: {role: sensitive, type: category}\\n"
    ...     )
    ...     release = anonify.anonymize_file(description, f"{folder}/out.csv", 5, engine="duckdb")
    ...     len(pd.read_csv(release.path)), release.risk["achieved_k"], release.engine
    (15, 5, 'duckdb')
    """
    k = check_k(k)
    check_method(method, method_options)
    check_labels(labels)
    requirements = list_requirements(requirements)
    if suppressed not in SUPPRESSED_CHOICES:
        raise UserError(
            f"`suppressed` is {suppressed!r}; choose from {', '.join(SUPPRESSED_CHOICES)}"
        )
    if engine not in ENGINES:
        raise UserError(f"`engine` is {engine!r}; choose from {', '.join(ENGINES)}")
    wanted = Wanted.of(
        {
            "engine": engine,
            "engine_memory": engine_memory,
            "engine_temp": engine_temp,
            "spark_url": spark_url,
        }
    )
    path = Path(release)
    check_release_place(path, list_sources(dataset, table))
    with opening_dataset(dataset, table, wanted, lambda _: None) as opened:
        others = [each.name for each in opened.columns if each.role in ("sensitive", "target")]
        check_requirements(requirements, others)
        made = anonymize_dataset(
            *(opened, method, k),
            make_generator(choose_seed(seed), "anonymize", method, k),
            wanted.limits,
            options=method_options,
            requirements=requirements,
            labels=labels,
        )
        domains, promise = opened.domains, Promise(k, requirements)
        handout = prepare_handout(made.rows, made.columns, [*domains], promise, suppressed)
        description = describe_handout(
            *(handout, path, opened.name, opened.columns, domains, promise)
        )
        counts: dict[str, Records] = {}
        for name, domain in domains.items():
            counts |= count_leaves(opened.rows([name]), {name: domain})
        made_of = MadeOf(opened.columns, domains, counts, suppressed)
        found = measure_rows(made.rows, made.rows, made_of, k)
        write_release(handout, path, description, escape_formulas, opened.columns, made.parts)
        done_by = "memory"
        if isinstance(opened, StoredDataset):
            done_by = "spark" if wanted.limits.spark_url else "duckdb"
    return FileRelease(path, description["records"], k, *found, done_by, method)
