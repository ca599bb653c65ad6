"""What records are, whatever order they come in: to know whether data are the same as before."""

from collections.abc import Iterator, Mapping

import numpy as np
import pandas as pd

from anonify.anomed.arrays import Array


def list_records(data: pd.DataFrame | Mapping[str, Array]) -> Iterator[bytes]:
    """Describe records: alike for the same ones in any order, and else different.

    Parameters
    ----------
    data : a table, or arrays with a row for each record.

    Yields
    ------
    Names, types and shapes; then the sorted hashes of the records, 8 bytes each, in which two
    different ones may be equal by chance, but not those of whole tables.
    """
    if isinstance(data, pd.DataFrame):
        yield repr([(name, str(kind)) for name, kind in data.dtypes.items()]).encode()
        hashes = _hash_rows(data)
    else:
        kinds = [(name, each.dtype.str, each.shape[1:]) for name, each in data.items()]
        yield repr(kinds).encode()
        hashes = _hash_rows(
            pd.DataFrame(
                {
                    name: _hash_rows(pd.DataFrame(each.reshape(len(each), -1)))
                    for name, each in data.items()
                }
            )
        )
    yield np.sort(hashes.to_numpy()).tobytes()


def _hash_rows(frame: pd.DataFrame) -> "pd.Series[int]":
    # Cells may be of any kind, also lists, which can't be hashed; and two columns of one name.
    columns = [
        column.map(_write) if column.dtype == object else column for _, column in frame.items()
    ]
    hashable = pd.DataFrame(dict(enumerate(columns)), index=frame.index)
    return pd.util.hash_pandas_object(hashable, index=False, categorize=False)


def _write(cell: object) -> str:
    return repr(cell.tolist() if isinstance(cell, np.ndarray) else cell)
