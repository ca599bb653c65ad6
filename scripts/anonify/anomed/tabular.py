"""The server of an anonymizer for tables."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import falcon
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from anonify.anomed.arrays import Limits, Unfit
from anonify.anomed.challenge import fetch, hand_in
from anonify.anomed.messages import (
    answer_created,
    make_application,
    read_fitted,
    refusing,
)
from anonify.anomed.openapi import describe_tabular
from anonify.anomed.records import list_records
from anonify.anomed.state import FITS, Missing, State, describe_maker
from anonify.anomed.tables import Scheme, forget_order
from anonify.anomed.unpacking import unpack

_SCHEME = b"anonify.scheme"
_FILE = "anon_data.parquet"


class TabularDataAnonymizer(Protocol):
    """What gives away a table in place of another one."""

    def anonymize(self, leaky_data: pd.DataFrame) -> tuple[pd.DataFrame, Scheme]:
        """Return the table to give away, and its scheme."""


class PersistingTabularDataAnonymizer:
    """Keeps the table that an anonymizer has made in a folder, as the server does.

    Name and methods are those of the platform's package. Other than there, the order of the records
    says nothing, and table and scheme are one file, ``anon_data.parquet``.

    Parameters
    ----------
    tabular_data_anonymizer : makes the table.
    output_dir : the folder.
    """

    def __init__(
        self, tabular_data_anonymizer: TabularDataAnonymizer, output_dir: str | Path
    ) -> None:
        self._anonymizer = tabular_data_anonymizer
        self._state = State(Path(output_dir) / _FILE, _read_release)

    def anonymize(self, leaky_data: pd.DataFrame) -> None:
        """Anonymize a table, and keep the result.

        Raises
        ------
        anonify.anomed.state.Busy, anonify.anomed.state.NotStored : as
            :meth:`anonify.anomed.state.State.renewing`.
        """
        with self._state.renewing():
            release, scheme = self._anonymizer.anonymize(leaky_data)
            self._state.replace(lambda path: _write_release(release, scheme, path))

    def get_anon_data(self) -> pd.DataFrame:
        """Return the table.

        Raises
        ------
        RuntimeError : there is none yet.
        """
        return pd.read_parquet(pa.BufferReader(self._read()[0]))

    def get_anon_scheme(self) -> str:
        """Return the scheme of the table.

        Raises
        ------
        RuntimeError : there is none yet.
        """
        return self._read()[1]

    def _read(self) -> tuple[bytes, str]:
        try:
            return self._state.read()
        except Missing:
            raise RuntimeError("nothing is anonymized yet; call `anonymize` first") from None


def tabular_data_anonymizer_server_factory(
    anonymizer_identifier: str,
    anonymizer_obj: TabularDataAnonymizer,
    output_dir: str | Path,
    leaky_data_url: str,
    utility_evaluation_url: str,
    download_timeout: float = 10.0,
    upload_timeout: float = 10.0,
    limits: Limits = Limits(),  # noqa: B008
    fits_per_minute: int = FITS,
) -> falcon.App[Any, Any]:
    """Return the server of an anonymizer for tables, for gunicorn.

    Name and parameters are those of the AnoMed platform's package; ``limits`` and
    ``fits_per_minute`` are ours.

    Parameters
    ----------
    anonymizer_identifier : the name by which the challenge knows the anonymizer.
    anonymizer_obj : makes the table to be given away.
    output_dir : where that table is kept; all workers serve what it holds.
    leaky_data_url : where the challenge gives the table to be protected.
    utility_evaluation_url : where it scores the other one.
    download_timeout, upload_timeout : seconds, for the whole of an answer.
    limits : of what is taken from others.
    fits_per_minute : at most, of all workers together.
    """
    server = _Server(
        anonymizer_identifier,
        anonymizer_obj,
        State(Path(output_dir) / _FILE, _read_release, fits_per_minute),
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
        """Anonymize the challenge's table, and give the result away from now on.

        What was made of the same records is kept: many releases with other draws would together
        show the records that each of them left out.
        """
        # One at a time in all workers, so that no two tables are in memory.
        with self.state.renewing():
            content = fetch(self.leaky_data_url, self.download_timeout, self.limits)
            with refusing("the table to protect"):
                leaky_data = _read_table(content, self.limits)
                made_of = [*describe_maker(self.anonymizer), *list_records(leaky_data)]
            if not self.state.is_made_of(made_of):
                with refusing("the table to protect"):
                    release, scheme = self.anonymizer.anonymize(leaky_data)
                self.state.replace(lambda path: _write_release(release, scheme, path), made_of)
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

    def _get_release(self) -> tuple[bytes, str]:
        return read_fitted(self.state, "Nothing is anonymized yet; POST /fit first.")


def _read_table(content: bytes, limits: Limits) -> pd.DataFrame:
    try:
        table = unpack(content, limits.expanded, limits.records)
    except MemoryError:
        raise Unfit(
            f"it has more than the {limits.records} records or takes more than the "
            f"{limits.expanded} bytes that are allowed; raise the limit"
        ) from None
    except ValueError as error:
        raise Unfit(str(error)) from None
    frame: pd.DataFrame = table.to_pandas()
    return frame.reset_index(drop=True)


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
        raise Unfit(f"{path.name}: the file is none that was written here; fit anew")
    return content, metadata[_SCHEME].decode()
