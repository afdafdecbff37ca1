"""`voicecalls-page` on what targets write: the same page of each, or one line that says why not."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import duckdb
import pytest
from made_up_page import PROGRAM, embedded, make_page, streams, write_lines

if TYPE_CHECKING:
    from pathlib import Path

STREAMS = ("calls", "call_turns", "call_recordings")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The three streams as JSON lines."""
    return write_lines(tmp_path_factory.mktemp("lines"), streams())


@pytest.fixture(scope="module")
def expected(folder: Path) -> dict[str, Any]:
    """What the page of these holds."""
    page = folder / "expected.html"
    assert make_page(folder, page).returncode == 0
    return embedded(page)


def tables(folder: Path, database: str = ":memory:") -> duckdb.DuckDBPyConnection:
    """Load the files into tables, as a target would: the last row of each call."""
    connection = duckdb.connect(database)
    connection.execute("set timezone = 'America/New_York'; create schema voicecalls")
    for stream in STREAMS:
        key = "provider, account, call_id" + {"call_turns": ", turn"}.get(stream, "")
        connection.execute(
            f"create table voicecalls.{stream} as "  # noqa: S608 - our own names
            f"select * exclude (line) from (select *, row_number() over () as line "
            f"from read_json('{folder / stream}.jsonl', format = 'newline_delimited', "
            "sample_size = -1)) "
            f"qualify row_number() over (partition by {key} order by line desc) = 1"
        )
        connection.execute(f"create table with_zone_{stream} as from voicecalls.{stream}")
    return connection


def same(found: dict[str, Any], expected: dict[str, Any]) -> None:
    """Compare part by part: a page of bytes that differs says little."""
    assert found.keys() == expected.keys()
    for name, content in expected.items():
        assert found[name] == content, name


def test_duckdb(folder: Path, expected: dict[str, Any], tmp_path: Path) -> None:
    """Catches times that shift with the session's zone, decimals lost, and a schema not found."""
    tables(folder, str(tmp_path / "calls.duckdb")).close()

    assert make_page(tmp_path / "calls.duckdb", tmp_path / "page.html").stderr == ""
    same(embedded(tmp_path / "page.html"), expected)


def test_times_with_a_zone(folder: Path, expected: dict[str, Any], tmp_path: Path) -> None:
    """Catches a time with a zone, which DuckDB returns in that of the machine."""
    connection = tables(folder, str(tmp_path / "calls.duckdb"))
    connection.execute("set timezone = 'UTC'")
    connection.execute(
        "alter table voicecalls.calls alter started_at type timestamptz using "
        "cast(started_at as timestamptz)"
    )
    connection.close()

    subprocess.run(  # noqa: S603
        [PROGRAM, tmp_path / "calls.duckdb", tmp_path / "page.html"],
        env=os.environ | {"TZ": "America/New_York"},
        check=True,
    )
    found = embedded(tmp_path / "page.html")
    assert found["columns"] == expected["columns"]


@pytest.mark.parametrize("pattern", ["{0}.parquet", "{0}/{0}-1.parquet"])
def test_parquet(pattern: str, folder: Path, expected: dict[str, Any], tmp_path: Path) -> None:
    """Catches files in a folder for each stream, as target-parquet writes them, not found."""
    connection = tables(folder)
    for stream in STREAMS:
        path = tmp_path / pattern.format(stream)
        path.parent.mkdir(exist_ok=True)
        connection.execute(f"copy voicecalls.{stream} to '{path}' (format parquet)")

    assert make_page(tmp_path, tmp_path / "page.html").stderr == ""
    same(embedded(tmp_path / "page.html"), expected)


def test_a_file_is_read_with_those_beside_it(
    folder: Path, expected: dict[str, Any], tmp_path: Path
) -> None:
    """Catches a page without turns because the file of the calls was named, not its folder."""
    done = make_page(folder / "calls.jsonl", tmp_path / "page.html")

    same(embedded(tmp_path / "page.html"), expected)
    assert done.stdout.startswith(f"{tmp_path / 'page.html'}: 607 calls, ")


def test_columns_that_were_left_out(tmp_path: Path) -> None:
    """Catches a page that needs a column which a user deselected, or that `drop` makes null."""
    key = ("provider", "account", "call_id")
    bare = {
        stream: [{name: row[name] for name in (*key, "turn") if name in row} for row in rows]
        for stream, rows in streams().items()
    }
    page = tmp_path / "page.html"

    assert make_page(write_lines(tmp_path, {**bare, "calls": []}), page).returncode == 0
    (tmp_path / "calls.jsonl").write_text(
        "".join(f'{{"provider":"p","account":"a","call_id":"{n}"}}\n' for n in range(3)), "utf-8"
    )
    assert make_page(tmp_path, page).returncode == 0
    assert embedded(page)["header"]["rows"] == 3


def test_the_newest_calls_only(folder: Path, tmp_path: Path) -> None:
    """Catches a page that leaves calls out and does not say so, or leaves out the newest."""
    page = tmp_path / "page.html"

    limited = make_page(folder, page, "--limit=5")
    header, newest = embedded(page)["header"], embedded(page)["texts"][0]
    make_page(folder, page, "--since=2026-01-13")
    since = embedded(page)

    assert "the newest 5 of 607 calls" in limited.stdout
    assert (header["rows"], header["known"]) == (5, 607)
    assert newest == since["texts"][0][:5]
    assert 5 < since["header"]["rows"] < 100


def test_what_is_never_there(tmp_path: Path) -> None:
    """Catches a page that a run which was stopped leaves half written, or a part left behind."""
    (tmp_path / "calls.jsonl").write_text("{}\n", "utf-8")
    page = tmp_path / "page.html"
    page.write_text("as it was", "utf-8")

    assert make_page(tmp_path, page).returncode == 1
    assert page.read_text("utf-8") == "as it was"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["calls.jsonl", "page.html"]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("none", None, "none does not exist; expected a folder"),
        ("calls.csv", "a,b", "the kind of"),
        ("calls.jsonl", '{"provider": "burki", "call_id": "1"}\n', "line 1 is not the stream"),
        ("calls.jsonl", "burki +12025550123\n", "line 1 is not a record of the stream `calls`"),
        ("calls.parquet", "+12025550123", "cannot be read as Parquet"),
        ("x.duckdb", "+12025550123", "cannot be opened as a DuckDB database"),
    ],
)
def test_another_file_is_refused_in_one_line(
    name: str, content: str | None, message: str, tmp_path: Path
) -> None:
    """Catches a traceback, an empty page, and a number that ends up in a log."""
    if content is not None:
        (tmp_path / name).write_text(content, "utf-8")

    done = make_page(tmp_path / name, tmp_path / "page.html")

    assert done.returncode == 1
    assert message in done.stderr
    assert "\n" not in done.stderr
    assert "+1202" not in done.stderr + done.stdout
    assert not (tmp_path / "page.html").exists()


def test_a_folder_above_that_of_the_calls(tmp_path: Path) -> None:
    """Catches a user of `output/prod` who names `output`, and is told to load the calls again."""
    write_lines(tmp_path / "output/prod", {"calls": []})

    done = make_page(tmp_path / "output", tmp_path / "page.html")

    assert done.returncode == 1
    assert done.stderr.rstrip().endswith(f"name {tmp_path / 'output/prod'}, which does")


def test_several_schemas(tmp_path: Path) -> None:
    """Catches a page of the wrong schema where a database has the calls twice."""
    path = tmp_path / "calls.duckdb"
    with duckdb.connect(str(path)) as connection:
        for schema in ("dev", "prod"):
            connection.execute(f"create schema {schema}")
            table = f"{schema}.calls as select 'p' as provider, 'a' as account"
            connection.execute(f"create table {table}, '{schema}-1' as call_id")

    undecided = make_page(path, tmp_path / "page.html")
    unknown = make_page(path, tmp_path / "page.html", "--schema=test")
    chosen = make_page(path, tmp_path / "page.html", "--schema=prod")

    assert "a table `calls` in dev, prod; choose one with --schema" in undecided.stderr
    assert "has no table `calls`; it is in dev, prod" in unknown.stderr
    assert chosen.returncode == 0
    assert embedded(tmp_path / "page.html")["texts"][0] == ["prod-1"]


@pytest.mark.parametrize(
    ("source", "missing", "hint"),
    [
        ("calls.parquet", "duckdb", "reading Parquet needs duckdb: pip install 'tap-voicecalls[du"),
        ("postgresql://x/y", "psycopg", "pip install 'tap-voicecalls[postgres]'"),
    ],
)
def test_a_reader_that_is_not_installed(
    source: str, missing: str, hint: str, tmp_path: Path
) -> None:
    """Catches a traceback where the wheel was installed without extras; JSON lines need none."""
    (tmp_path / "calls.parquet").touch()
    (tmp_path / f"{missing}.py").write_text("raise ImportError\n", "utf-8")
    environment = os.environ | {"PYTHONPATH": str(tmp_path)}
    place = source if "//" in source else str(tmp_path / source)

    done = subprocess.run(  # noqa: S603
        [sys.executable, PROGRAM, place, tmp_path / "page.html"],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 1
    assert hint in done.stderr
    assert done.stderr.count("\n") == 1
