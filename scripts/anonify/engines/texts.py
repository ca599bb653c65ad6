"""Sort texts that do not fit in memory."""

from collections.abc import Iterable, Iterator
from itertools import islice

import pyarrow as pa
import pyarrow.parquet as pq

from anonify.engines.choice import Limits
from anonify.engines.database import open_database
from anonify.engines.ordering import sort_statement

_TEXT = pa.schema([("text", pa.string())])
# Texts that are written at once.
_AT_ONCE = 2**16


def sort_texts(texts: Iterable[str], limits: Limits) -> Iterator[str]:
    """Yield texts in the order of their code points, as :func:`sorted` does.

    Raises
    ------
    UserError : as :func:`anonify.engines.database.open_database`.
    """
    with limits.open_folder() as folder, open_database(limits) as database:
        given, ordered = folder / "given.parquet", folder / "ordered.parquet"
        left, number = iter(texts), 0
        with pq.ParquetWriter(given, _TEXT) as writer:
            while part := [*islice(left, _AT_ONCE)]:
                writer.write_table(pa.table([part], schema=_TEXT))
                number += len(part)
        database.name_file("texts", given)
        statement = sort_statement("SELECT text FROM texts", ["text"])
        database.write_parquet(statement, ordered, records=number)
        for batch in pq.ParquetFile(ordered).iter_batches(_AT_ONCE):
            yield from batch.column(0).to_pylist()
