"""Tables of a real database, read into a file: what is in it, and what is said where that fails."""

import io

import adbc_driver_postgresql.dbapi as adbc
import pyarrow.parquet as pq
import pytest
from tests.postgresql import PASSWORD, USER, find_programs, start_server
from tests.unit.command_line import run

from anonify.base.errors import UserError
from anonify.datasets.described import read_dataset
from anonify.engines import postgresql
from anonify.engines.postgresql import Source, copy_source
from anonify.settings.description import read_description
from anonify.tables.text import read_text_columns

PROGRAMS = find_programs()
pytestmark = pytest.mark.skipif(PROGRAMS is None, reason="PostgreSQL's server is not installed")


@pytest.fixture(scope="module")
def server():
    with start_server(PROGRAMS) as started:
        yield started


@pytest.fixture
def database(server, monkeypatch):
    """The address of the server is in the environment, and the schema is empty."""
    for name in ("PGHOST", "PGPORT", "PGUSER", "PGPASSWORD", "PGDATABASE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("CLINIC", server.get_uri())
    server.execute("DROP SCHEMA IF EXISTS clinic CASCADE", "CREATE SCHEMA clinic")
    return server


@pytest.fixture
def copy(tmp_path):
    """Return what copies a source, and returns its texts."""

    def copy(order, **described):
        path = tmp_path / "source.parquet"
        described = {"uri_variable": "CLINIC", **described}
        copy_source(Source.of({**described, "order": order}), path, io.StringIO())
        return read_text_columns(path).to_dict("list")

    return copy


@pytest.fixture
def fail(copy, tmp_path):
    """Return what copies a source in vain, and returns what is said of it."""

    def fail(order, **described):
        with pytest.raises(UserError) as error:
            copy(order, **described)
        assert error.value.__cause__ is None
        assert error.value.__suppress_context__ or error.value.__context__ is None
        assert [*tmp_path.iterdir()] == []
        assert "\n" not in str(error.value)
        assert PASSWORD not in str(error.value)
        return str(error.value)

    return fail


def test_a_table_is_read_in_its_order(database, copy):
    database.execute(
        "CREATE TABLE clinic.visits (id int PRIMARY KEY, sex text, age smallint)",
        "INSERT INTO clinic.visits VALUES (3, 'm', NULL), (1, NULL, 31), (2, 'f', 52)",
    )
    assert copy(["id"], table="clinic.visits") == {
        "id": ["1", "2", "3"],
        "sex": ["", "f", "m"],
        "age": ["31", "52", ""],
    }


def test_a_table_may_have_any_name(database, copy):
    database.execute(
        'CREATE TABLE clinic."My ""Visits" ("A b;" int PRIMARY KEY)'.replace('""', ""),
        'INSERT INTO clinic."My Visits" VALUES (1)',
    )
    assert copy(["A b;"], table='clinic."My Visits"') == {"A b;": ["1"]}


def test_a_query_is_read(database, copy):
    query = "WITH n AS (SELECT generate_series(1, 3) AS i) SELECT i, i * i AS j FROM n -- squares ;"
    assert copy(["i"], query=query) == {"i": ["1", "2", "3"], "j": ["1", "4", "9"]}
    assert copy(["i"], query="SELECT 1 AS i;\n")["i"] == ["1"]


def test_values_are_written_as_people_do(database, copy):
    database.execute("CREATE TYPE clinic.mood AS ENUM ('sad', 'ok')")
    database.execute("CREATE DOMAIN clinic.zip AS text")
    shown = {
        "true": "true",
        "1::int2": "1",
        "-9223372036854775808": "-9223372036854775808",
        "0.1::float4": "0.1",
        "0.1::float8": "0.1",
        "1.50::numeric": "1.50",
        "12345678901234567890.123456789": "12345678901234567890.123456789",
        "'ä'::varchar(3)": "ä",
        "'a'::char(3)": "a",
        "'a'::name": "a",
        "date '2020-01-31'": "2020-01-31",
        "timestamp '2020-01-31 08:30'": "2020-01-31 08:30:00",
        "timestamptz '2020-01-31 08:30+02'": "2020-01-31 06:30:00+00",
        "time '08:30'": "08:30:00",
        "'A0EEBC99-9c0b-4ef8-bb6d-6bb9bd380a11'::uuid": "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11",
        "'ok'::clinic.mood": "ok",
        "'1202'::clinic.zip": "1202",
        "NULL": "",
        "''": "",
    }
    columns = ", ".join(f"{value} AS c{place}" for place, value in enumerate(shown))
    texts = copy(["key"], query=f"SELECT 1 AS key, {columns}")
    assert {value: texts[f"c{place}"][0] for place, value in enumerate(shown)} == shown


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        ("array[1, 2]", "int4[]"),
        ("'{}'::jsonb", "jsonb"),
        ("'\\x00'::bytea", "bytea"),
        ("12.5::money", "money"),
        ("interval '1 day'", "interval"),
        ("inet '1.2.3.4'", "inet"),
        ("int4range(1, 2)", "int4range"),
        ("ROW(1, 2)", "record"),
    ],
)
def test_what_is_no_value_of_a_table_is_refused(database, fail, value, kind):
    assert fail(["key"], query=f"SELECT 1 AS key, {value} AS extra") == (
        f"PostgreSQL, query: the column 'extra' is of the type {kind}, which is no text, number or "
        'date; leave it out by a query, or write it as text there ("extra"::text)'
    )


def test_dates_that_are_none_stay_what_they_are(database, copy):
    texts = copy(["k"], query="SELECT 1 AS k, date 'infinity' AS a, date '0044-03-15 BC' AS b")
    assert (texts["a"], texts["b"]) == (["infinity"], ["0044-03-15 BC"])


def test_texts_are_sorted_by_their_characters_in_any_language(database, copy):
    query = """SELECT t COLLATE "und-x-icu" AS t FROM unnest(array['b', 'ä', 'A', 'a', 'B']) AS t"""
    assert copy(["t"], query=query)["t"] == ["A", "B", "a", "b", "ä"]


def test_numbers_that_are_equal_are_sorted_by_how_they_are_written(database, copy):
    query = "SELECT unnest(array[1.00, 1, 1.0, 0.5]) AS n"
    assert copy(["n"], query=query)["n"] == ["0.5", "1", "1.0", "1.00"]


def test_an_order_may_have_several_columns(database, copy):
    query = "SELECT a, b FROM generate_series(1, 2) AS a, generate_series(1, 2) AS b"
    assert copy(["b", "a"], query=query) == {"a": ["1", "2", "1", "2"], "b": ["1", "1", "2", "2"]}


def test_an_order_that_does_not_tell_records_apart_is_refused(database, fail, monkeypatch):
    query = "SELECT i, i / 2 AS half, NULLIF(i, 3) AS gap, i::float8 AS size"
    query += " FROM generate_series(0, 9) AS i"
    assert "two records have the same half, so that nothing says which" in fail(
        ["half"], query=query
    )
    assert "'gap' of `database.order` has no value in a record" in fail(["gap"], query=query)
    assert "names 'size', which is measured (float8)" in fail(["size"], query=query)
    assert "names 'id', but the columns are i, half, gap, size" in fail(["id"], query=query)


def test_equal_keys_are_found_across_batches(database, fail, monkeypatch):
    whole = postgresql._read_batches

    def read_one_by_one(*arguments):
        for batch in whole(*arguments):
            yield from (batch.slice(place, 1) for place in range(len(batch)))

    monkeypatch.setattr(postgresql, "_read_batches", read_one_by_one)
    assert "two records have the same i" in fail(["i"], query="SELECT unnest(array[1, 2, 2]) AS i")


def test_a_table_larger_than_a_batch_is_read_in_parts(database, copy, tmp_path):
    query = "SELECT i, repeat('x', 90) AS t FROM generate_series(1, 600000) AS i"
    assert copy(["i"], query=query)["i"][-1] == "600000"
    assert pq.ParquetFile(tmp_path / "source.parquet").num_row_groups > 2


def test_what_is_read_twice_is_the_same(database, copy, tmp_path):
    query = "SELECT i, random() < 2 AS t FROM generate_series(1, 5000) AS i ORDER BY random()"
    contents = [
        (copy(["i"], query=query), (tmp_path / "source.parquet").read_bytes()) for _ in "12"
    ]
    assert contents[0] == contents[1]


def test_nothing_is_written_in_the_database(database, fail):
    database.execute("CREATE TABLE clinic.visits (id int)")
    told = fail(["id"], query="INSERT INTO clinic.visits VALUES (1) RETURNING id")
    assert told.startswith("PostgreSQL, query: ")
    query = "SELECT 1 AS id) AS asked; DROP TABLE clinic.visits; --"
    assert "syntax error" in fail(["id"], query=query)
    database.execute("CREATE SEQUENCE clinic.numbers")
    told = fail(["id"], query="SELECT nextval('clinic.numbers') AS id")
    assert "after 0 records the query fails" in told


@pytest.mark.parametrize(
    ("described", "reason"),
    [
        ({"table": "clinic.none"}, 'relation "clinic.none" does not exist'),
        ({"query": "SELECT none FROM clinic.visits"}, 'column "none" does not exist'),
        ({"query": "SELEC"}, 'syntax error at or near "SELEC"'),
        ({"query": "SELECT 1 AS id, 2 AS id"}, "there are two columns 'id'; rename one by AS"),
        ({"table": "clinic.visits"}, "it has no record; correct it, or add records"),
    ],
)
def test_a_mistake_in_what_is_asked_for_is_told(database, fail, described, reason):
    database.execute("CREATE TABLE clinic.visits (id int)")
    assert reason in fail(["id"], **described)


def test_a_value_of_the_table_is_never_quoted(database, fail):
    query = "SELECT i, ('Ada Lovelace' || i)::int AS t FROM generate_series(1, 2) AS i"
    assert fail(["i"], query=query) == (
        "PostgreSQL, query: after 0 records the query fails, for a value can't be computed, is no "
        "text of the database's encoding, or the server cancelled it; see the server's log"
    )
    told = fail(["i"], query="SELECT 1 AS i, 'Ada Lovelace'::int AS t")
    assert "Ada" not in told
    assert "SQLSTATE 22P02" in told


def test_no_message_has_credentials(database, fail, monkeypatch):
    uri = database.get_uri()
    for wrong, reason in [
        (database.get_uri(password="Wr0ng"), "the server refuses the user or the password"),
        (database.get_uri(database="none"), "the server has no such database or user"),
        (uri.replace("/postgres?host=", "/postgres?host=/nowhere"), "answers at the socket"),
        (f"postgresql://{USER}:Wr0ng@localhost:1/x", "no server answers at the host and port"),
        (f"postgresql://{USER}:Wr0ng@none.invalid/x", "there is no such host"),
        (f"{uri}&hots=Wr0ng", "the address is wrong, or the server refuses it"),
        (f"{USER}:Wr0ng", "the address is wrong, or the server refuses it"),
        (f"postgresql://{USER}:Wr0ng%zz@/x", "the address is wrong, or the server refuses it"),
    ]:
        monkeypatch.setenv("CLINIC", wrong)
        told = fail(["i"], query="SELECT 1 AS i")
        assert told == (
            "PostgreSQL, query: there is no connection to the database, for "
            + ("no server " if reason.startswith("answers") else "")
            + f"{reason}; correct CLINIC in the environment"
        )
    monkeypatch.delenv("CLINIC")
    assert "the environment variable CLINIC is not set" in fail(["i"], query="SELECT 1 AS i")


def test_the_variables_of_libpq_say_who_connects(database, copy, fail, monkeypatch):
    monkeypatch.setenv("PGHOST", str(database.folder))
    monkeypatch.setenv("PGUSER", USER)
    monkeypatch.setenv("PGDATABASE", "postgres")
    told = fail(["i"], query="SELECT 1 AS i", uri_variable=None)
    assert "the server asks for a password, and there is none; correct PGHOST, PGPORT" in told
    monkeypatch.setenv("PGPASSWORD", PASSWORD)
    assert copy(["i"], query="SELECT 1 AS i", uri_variable=None) == {"i": ["1"]}


def test_a_connection_that_breaks_is_told(database, fail, monkeypatch):
    check = postgresql._check_order

    def end_it(*arguments, **keys):
        database.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE pid <> pg_backend_pid() AND query LIKE '%generate_series%'"
        )
        return check(*arguments, **keys)

    monkeypatch.setattr(postgresql, "_check_order", end_it)
    query = "SELECT i, repeat('x', 900) AS t FROM generate_series(1, 200000) AS i"
    told = fail(["i"], query=query)
    assert "records the connection broke; run again" in told


def test_a_query_that_the_server_cancels_is_told(database, fail, monkeypatch):
    monkeypatch.setenv("PGOPTIONS", "-c statement_timeout=50")
    told = fail(["i"], query="SELECT i, pg_sleep(0.01)::text AS t FROM generate_series(1, 99) AS i")
    assert "or the server cancelled it" in told


@pytest.mark.parametrize("end", [KeyboardInterrupt, SystemExit])
def test_who_ends_it_leaves_nothing(database, copy, tmp_path, monkeypatch, end):
    def break_off(*_):
        raise end

    monkeypatch.setattr(postgresql, "_check_order", break_off)
    with pytest.raises(end):
        copy(["i"], query="SELECT generate_series(1, 300000) AS i")
    assert [*tmp_path.iterdir()] == []


def test_text_of_no_encoding_is_refused_and_that_of_any_is_read(database, copy, fail, monkeypatch):
    for name, encoding in (("latin", "LATIN1"), ("ascii", "SQL_ASCII")):
        database.execute(
            f"DROP DATABASE IF EXISTS {name}",
            f"CREATE DATABASE {name} ENCODING '{encoding}' LOCALE 'C' TEMPLATE template0",
        )
        make = r"CREATE TABLE t AS SELECT 1 AS i, convert_from('\xe4', 'LATIN1') AS t"
        if encoding == "SQL_ASCII":
            make = r"CREATE TABLE t AS SELECT 1 AS i, chr(228) AS t"
        database.execute(make, database=name)
    monkeypatch.setenv("CLINIC", database.get_uri(database="ascii"))
    assert "is no text of the database's encoding" in fail(["i"], table="t")
    monkeypatch.setenv("CLINIC", database.get_uri(database="latin"))
    assert copy(["i"], table="t")["t"] == ["ä"]


DESCRIPTION = """
name: clinic
title: Clinic
database:
  system: postgresql
  table: clinic.visits
  order: [id]
  uri_variable: CLINIC
columns:
  id: {role: identifier, type: integer}
  sex: {role: quasi-identifier, type: category, hierarchy: {}}
  age: {role: quasi-identifier, type: integer}
"""


@pytest.fixture
def described(database, tmp_path, monkeypatch):
    database.execute(
        "CREATE TABLE clinic.visits (id int PRIMARY KEY, sex text, age text)",
        "INSERT INTO clinic.visits SELECT i, 'f', 30 + i FROM generate_series(1, 5) AS i",
    )
    monkeypatch.chdir(tmp_path)
    (tmp_path / "clinic.yaml").write_text(DESCRIPTION)
    return database


def test_commands_and_python_read_it_too(described):
    assert read_dataset("clinic.yaml").frame["age"].tolist() == ["31", "32", "33", "34", "35"]
    result = run("check", None, "clinic.yaml")
    assert (result.exit_code, "clinic: 5 records" in result.stdout) == (0, True)


def test_a_mistake_in_its_values_names_the_table(described):
    described.execute("UPDATE clinic.visits SET age = 'old' WHERE id = 3")
    with pytest.raises(UserError, match=r"^PostgreSQL, table clinic.visits, record 3: 'age' is"):
        read_dataset("clinic.yaml")
    told = run("check", None, "clinic.yaml").stderr
    assert "PostgreSQL, table clinic.visits, record 3: 'age' is 'old'" in told
    described.execute("ALTER TABLE clinic.visits ADD COLUMN name text")
    told = run("check", None, "clinic.yaml").stderr
    assert "PostgreSQL, table clinic.visits: the column 'name' is not described" in told
    assert "source.parquet" not in told


@pytest.mark.parametrize(
    ("old", "new", "place"),
    [
        ("uri_variable: CLINIC", "uri_variable: postgresql://u:Wr0ng@h/d", "database.uri_variable"),
        ("uri_variable: CLINIC", "uri: 'host=h password=Wr0ng'", "database.uri"),
        ("table: clinic.visits", "table: postgres://u:Wr0ng@h/d", "database.table"),
        ("table: clinic.visits", "query: SELECT dblink('x://u:Wr0ng@h/d')", "database.query"),
        ("database:\n", "file: postgresql://u:Wr0ng@h/d\ndatabase:\n", "file"),
    ],
)
def test_an_address_in_the_description_is_refused(tmp_path, old, new, place):
    path = tmp_path / "clinic.yaml"
    path.write_text(DESCRIPTION.replace(old, new))
    with pytest.raises(UserError) as error:
        read_description(path, "clinic.yaml")
    assert str(error.value).startswith(f"clinic.yaml: `{place}` has the address of a database")
    assert "Wr0ng" not in str(error.value)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("order: [id]", "order: [key]", "`database.order` names 'key', which is none of `columns`"),
        ("  table: clinic.visits\n", "", "`database` is "),
        ("system: postgresql", "system: oracle", "`database.system` is 'oracle'; it should be"),
        ("title:", f"sha256: {'a' * 64}\ntitle:", "there is `sha256`, which is about a file, but"),
        (
            "title:",
            "file: clinic.csv\ntitle:",
            "there is `file`, which is about a file, but the table",
        ),
    ],
)
def test_what_does_not_fit_is_told(tmp_path, old, new, message):
    path = tmp_path / "clinic.yaml"
    path.write_text(DESCRIPTION.replace(old, new))
    with pytest.raises(UserError) as error:
        read_description(path, "clinic.yaml")
    assert message in str(error.value)


def test_the_driver_is_asked_for_where_it_is_not_installed(fail, monkeypatch):
    monkeypatch.setitem(postgresql.require.__globals__["EXTRAS"], "postgresql", ("no_such",))
    assert "a table of a database needs packages that are not installed" in fail(["i"], table="t")


def test_no_connection_stays_open(database, copy, fail):
    fail(["i"], query="SELECT i % 2 AS i FROM generate_series(1, 300000) AS i")
    with adbc.connect(database.get_uri()) as connection, connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'"
        )
        assert cursor.fetchone() == (1,)
