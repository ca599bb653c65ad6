"""The server of an anonymizer for tables."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import falcon
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from anonify.anomed.arrays import Limits
from anonify.anomed.challenge import fetch, hand_in
from anonify.anomed.messages import (
    answer_created,
    make_application,
    read_fitted,
    refuse_data,
    write_sentence,
)
from anonify.anomed.openapi import describe_tabular
from anonify.anomed.state import State
from anonify.anomed.tables import Scheme, forget_order
from anonify.base.errors import UserError

_SCHEME = b"anonify.scheme"
# Bytes of a number.
_CELL = 8


class TabularDataAnonymizer(Protocol):
    """What gives away a table in place of another one."""

    def anonymize(self, leaky_data: pd.DataFrame) -> tuple[pd.DataFrame, Scheme]: ...


def tabular_data_anonymizer_server_factory(
    anonymizer_identifier: str,
    anonymizer_obj: TabularDataAnonymizer,
    output_dir: str | Path,
    leaky_data_url: str,
    utility_evaluation_url: str,
    download_timeout: float = 10.0,
    upload_timeout: float = 10.0,
    limits: Limits = Limits(),  # noqa: B008
) -> falcon.App[Any, Any]:
    """Return the server of an anonymizer for tables, for gunicorn.

    Name and parameters are those of the AnoMed platform's package; ``limits`` is ours.

    Parameters
    ----------
    anonymizer_identifier : the name by which the challenge knows the anonymizer.
    anonymizer_obj : makes the table to be given away.
    output_dir : where that table is kept; all workers serve what it holds.
    leaky_data_url : where the challenge gives the table to be protected.
    utility_evaluation_url : where it scores the other one.
    download_timeout, upload_timeout : seconds.
    """
    server = _Server(
        anonymizer_identifier,
        anonymizer_obj,
        State(Path(output_dir) / "anon_data.parquet", _read_release),
        leaky_data_url,
        utility_evaluation_url,
        download_timeout,
        upload_timeout,
        limits,
    )
    routes = ("fit", "evaluate", "anon_data", "anon_data_scheme")
    return make_application(server, routes, describe_tabular())


@dataclass(frozen=True)
class _Server:
    """What the routes share; see :func:`tabular_data_anonymizer_server_factory`."""

    identifier: str
    anonymizer: TabularDataAnonymizer
    state: State[tuple[bytes, str]]
    leaky_data_url: str
    utility_url: str
    download_timeout: float
    upload_timeout: float
    limits: Limits

    def on_post_fit(self, request: falcon.Request, response: falcon.Response) -> None:
        """Anonymize the challenge's table, and give the result away from now on."""
        with self.state.renewing():
            content = fetch(self.leaky_data_url, self.download_timeout, self.limits)
            release, scheme = self._anonymize(content)
            self.state.replace(lambda path: _write_release(release, scheme, path))
        answer_created(response, {"message": "Anonymization has been completed successfully."})

    def on_post_evaluate(self, request: falcon.Request, response: falcon.Response) -> None:
        """Hand the table in."""
        content, scheme = self._get_release()
        evaluation = hand_in(
            self.utility_url,
            {"anonymizer": self.identifier},
            self.upload_timeout,
            files={"anon_data": (None, content), "anon_scheme": (None, scheme)},
        )
        message = "The anonymized data's utility has been evaluated."
        answer_created(response, {"message": message, "evaluation": evaluation})

    def on_get_anon_data(self, request: falcon.Request, response: falcon.Response) -> None:
        """Give the table away."""
        response.content_type = "application/octet-stream"
        response.data = self._get_release()[0]

    def on_get_anon_data_scheme(self, request: falcon.Request, response: falcon.Response) -> None:
        """Say which scheme the table follows."""
        response.media = {"scheme": self._get_release()[1]}

    def _anonymize(self, content: bytes) -> tuple[pd.DataFrame, Scheme]:
        try:
            return self.anonymizer.anonymize(_read_table(content, self.limits))
        except (ValueError, TypeError) as error:
            raise refuse_data(write_sentence(f"the table to protect: {error}")) from None

    def _get_release(self) -> tuple[bytes, str]:
        return read_fitted(self.state, "Nothing is anonymized yet; POST /fit first.")


def _read_table(content: bytes, limits: Limits) -> pd.DataFrame:
    try:
        file = pq.ParquetFile(pa.BufferReader(content))
        expanded = _estimate_size(file.metadata)
        if expanded > limits.expanded:
            raise UserError(
                f"it takes {expanded} bytes, more than the {limits.expanded} that are allowed; "
                "raise the limit"
            )
        frame: pd.DataFrame = file.read().to_pandas()
    except (pa.ArrowException, OSError):
        raise UserError("it is no Parquet, or not whole") from None
    return frame.reset_index(drop=True)


def _estimate_size(metadata: Any) -> int:
    """Return how many bytes a table takes at least; equal values in a row take none in the file."""
    groups = (metadata.row_group(place) for place in range(metadata.num_row_groups))
    written = sum(group.total_byte_size for group in groups)
    return int(max(written, _CELL * metadata.num_rows * metadata.num_columns))


def _write_release(release: pd.DataFrame, scheme: str, path: Path) -> None:
    """Write table and scheme as one file, so that they always belong together.

    Whatever anonymizer made the table, the order of its records says nothing.
    """
    content = pa.Table.from_pandas(forget_order(release), preserve_index=False)
    metadata = {**(content.schema.metadata or {}), _SCHEME: scheme.encode()}
    pq.write_table(content.replace_schema_metadata(metadata), path, compression="zstd")


def _read_release(path: Path) -> tuple[bytes, str]:
    content = path.read_bytes()
    try:
        metadata = pq.read_schema(pa.BufferReader(content)).metadata or {}
    except (pa.ArrowException, OSError):
        metadata = {}
    if _SCHEME not in metadata:
        raise UserError(f"{path.name}: the file is none that was written here; fit anew")
    return content, metadata[_SCHEME].decode()
