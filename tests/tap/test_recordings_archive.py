"""Recordings are stored while their links live, and each row says what came of it."""

from __future__ import annotations

import json
import logging
import shutil
import signal
import subprocess
import sys
import threading
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from files_server import AUDIO, FilesServer, files_server, with_file, with_status
from moto.server import ThreadedMotoServer
from s3fs import S3FileSystem
from support import Output, catalog_of, configuration, parsed, run_tap, simulator

from tap_voicecalls.common.run import RunError
from tap_voicecalls.tap import TapVoiceCalls

if TYPE_CHECKING:
    from collections.abc import Iterator

    from files_server import Handler

    from tap_voicecalls.simulator import Simulator

SHA256SUM = shutil.which("sha256sum") or ""
EXPIRED = "X-Amz-Date=20260101T000000Z&X-Amz-Expires=60&X-Amz-Signature=secret"
LIVING = "X-Amz-Date=20990101T000000Z&X-Amz-Expires=60&X-Amz-Signature=secret"


@pytest.fixture
def served() -> Iterator[Simulator]:
    """Simulate all providers."""
    with simulator(calls_per_day=4) as made:
        yield made


@pytest.fixture
def files() -> Iterator[FilesServer]:
    """Serve the files."""
    with files_server() as made:
        yield made


@pytest.fixture
def config(served: Simulator, tmp_path: Path) -> dict[str, Any]:
    """Return a configuration for Ovia with an archive in a folder."""
    recordings = {"root": str(tmp_path / "archive"), "max_mb": 1}
    return configuration(served, "ovia", lookback_hours=200, recordings=recordings)


def id_of(record: dict[str, Any]) -> str:
    """Return the id of a call of Ovia, which some records have in their metadata only."""
    return str(record.get("id") or record["metadata"]["call_id_full"])


def link(served: Simulator, links: dict[str, str] | str) -> list[str]:
    """Give each call of Ovia a link: its own, or one made of its id. Return the ids."""
    ids = [id_of(record) for record in served.records("ovia_calls")]
    if isinstance(links, str):
        links = {key: f"{links}/{key}.mp3?{LIVING}" for key in ids}

    def edit(stream: str, record: dict[str, Any]) -> None:
        if stream == "ovia_calls":
            record["recording_url"] = links.get(id_of(record))

    served.on_record(edit)
    return ids


def only_one(served: Simulator, url: str) -> str:
    """Give one call a link, and no other one. Return its id."""
    key = id_of(served.records("ovia_calls")[3])
    link(served, {key: url})
    return key


def tree(config: dict[str, Any]) -> dict[str, bytes]:
    """Return what lies in the archive, hidden files included."""
    root = Path(config["recordings"]["root"])
    return {
        str(path.relative_to(root)): path.read_bytes()
        for path in sorted(root.rglob("*"))
        if path.is_file()
    }


def stored(config: dict[str, Any]) -> dict[str, bytes]:
    """Return the recordings in the archive, without the files of their hashes."""
    return {name: body for name, body in tree(config).items() if "SHA256SUMS" not in name}


def row_of(output: Output) -> dict[str, Any]:
    """Return the only recording."""
    (row,) = output.records("call_recordings")
    return row


def test_each_recording_is_stored_once(
    served: Simulator, files: FilesServer, config: dict[str, Any]
) -> None:
    """Provider, account and day name the folder; a second run finds the files there."""
    ids = link(served, files.url)

    first = run_tap(config)

    starts = {call["call_id"]: call["started_at"] for call in first.records("calls")}
    rows = {row["call_id"]: row for row in first.records("call_recordings")}
    assert rows.keys() == set(ids)
    expected = {
        f"ovia/default/{starts[key][:10].replace('-', '/')}/{key}-0.mp3": AUDIO for key in ids
    }
    assert stored(config) == expected
    for key, row in rows.items():
        assert row["status"] == "archived"
        assert (row["bytes"], row["sha256"]) == (len(AUDIO), sha256(AUDIO).hexdigest())
        assert Path(row["file"]).read_bytes() == AUDIO
        assert Path(row["file"]).name == f"{key}-0.mp3"
        assert row["media_type"] == "audio/mpeg"
        assert row["archived_at"]

    asked = len(files.asked)
    again = {row["call_id"]: row for row in run_tap(config).records("call_recordings")}
    assert len(files.asked) == asked
    kept = ("status", "file", "bytes", "sha256", "media_type")
    assert {k: [r[n] for n in kept] for k, r in again.items()} == {
        k: [r[n] for n in kept] for k, r in rows.items()
    }


def test_hashes_can_be_checked_and_are_made_again(
    served: Simulator, files: FilesServer, config: dict[str, Any]
) -> None:
    """`sha256sum --check` reads them; who removes the file of hashes loses nothing."""
    link(served, files.url)
    first = run_tap(config)
    sums = {name: body for name, body in tree(config).items() if "SHA256SUMS" in name}
    lines = [line for body in sums.values() for line in body.decode().splitlines()]
    assert len(lines) == len(first.records("call_recordings"))
    for name in sums:
        folder = Path(config["recordings"]["root"], name).parent
        subprocess.run(  # noqa: S603 - a program of the system
            [SHA256SUM, "--check", "--quiet", "SHA256SUMS"], cwd=folder, check=True
        )
        (folder / "SHA256SUMS").unlink()

    again = run_tap(config)

    hashes = {row["sha256"] for row in again.records("call_recordings")}
    assert hashes == {sha256(AUDIO).hexdigest()}
    assert {name: body for name, body in tree(config).items() if "SHA256SUMS" in name} == sums


NOT_STORED: dict[str, tuple[str, Any, str]] = {
    "not there": (LIVING, with_status(404), "missing"),
    "gone": (LIVING, with_status(410), "expired"),
    "forbidden": (LIVING, with_status(403), "refused"),
    "expired, Amazon": (EXPIRED, with_status(403), "expired"),
    "expired, another status": (EXPIRED, with_status(400), "expired"),
    "expired, CloudFront": ("Expires=1700000000&Signature=s", with_status(403), "expired"),
    "expired, Azure": ("se=2026-01-01T00%3A00%3A00Z&sig=s", with_status(403), "expired"),
    "broken server": (LIVING, with_status(500), "missing"),
    "empty": (LIVING, with_file(b""), "missing"),
    "a page": (LIVING, with_file(b"<html>Log in</html>", "text/html; charset=utf-8"), "refused"),
    "too large": (LIVING, with_file(bytes(1_200_000)), "too_large"),
    "to metadata": (LIVING, with_status(302, Location="http://169.254.169.254/a"), "refused"),
    "to a network": (LIVING, with_status(302, Location="http://10.0.0.1/"), "refused"),
    "to IPv4 in IPv6": (LIVING, with_status(302, Location="http://[::ffff:10.0.0.1]/"), "refused"),
    "to a file": (LIVING, with_status(302, Location="file:///etc/passwd"), "refused"),
    "to itself": (LIVING, with_status(302, Location="/file.mp3"), "missing"),
}


@pytest.mark.parametrize("case", NOT_STORED)
def test_what_is_not_stored_is_a_row_with_its_status(
    served: Simulator, files: FilesServer, config: dict[str, Any], case: str
) -> None:
    """One recording stops neither its stream nor the others, and leaves nothing in the folder."""
    query, serve, status = NOT_STORED[case]
    files.by_path["/file.mp3"] = serve
    only_one(served, f"{files.url}/file.mp3?{query}")

    output = run_tap(config)

    assert row_of(output)["status"] == status
    assert [row_of(output)[name] for name in ("file", "bytes", "sha256", "archived_at")] == [
        None
    ] * 4
    assert tree(config) == {}
    assert len(output.records("ovia_calls")) == len(served.records("ovia_calls"))


@pytest.mark.parametrize(
    "url",
    [
        "http://169.254.169.254/latest/meta-data",
        "http://192.168.1.1/a.mp3",
        "http://[fd00::1]/a.mp3",
        "http://[64:ff9b::a00:1]/a.mp3",
        "http://0.0.0.0/a.mp3",
        "http://224.0.0.1/a.mp3",
        "ftp://files.example/a.mp3",
        "file:///etc/passwd",
        "nothing",
    ],
)
def test_links_to_private_places_are_refused(
    served: Simulator, config: dict[str, Any], url: str
) -> None:
    """A provider must not make the tap ask the metadata service of a cloud, or a router."""
    only_one(served, url)

    output = run_tap(config)

    assert row_of(output)["status"] == "refused"
    assert tree(config) == {}


def test_a_size_that_lies(served: Simulator, files: FilesServer, config: dict[str, Any]) -> None:
    """A body without a length is measured while it comes."""

    def endless(handler: Handler) -> None:
        handler.send_response(200)
        handler.send_header("Transfer-Encoding", "chunked")
        handler.end_headers()
        for _ in range(64):
            handler.wfile.write(b"10000\r\n" + bytes(65536) + b"\r\n")
        handler.wfile.write(b"0\r\n\r\n")

    files.by_path["/file.mp3"] = endless
    only_one(served, f"{files.url}/file.mp3")

    assert row_of(run_tap(config))["status"] == "too_large"
    assert tree(config) == {}


def test_a_body_that_is_cut_off_is_requested_again(
    served: Simulator, files: FilesServer, config: dict[str, Any]
) -> None:
    """Half a recording must not be stored as a whole one."""

    def cut(handler: Handler) -> None:
        files.by_path["/file.mp3"] = with_file()
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(AUDIO)))
        handler.end_headers()
        handler.wfile.write(AUDIO[:100])
        handler.close_connection = True

    files.by_path["/file.mp3"] = cut
    only_one(served, f"{files.url}/file.mp3")

    assert row_of(run_tap(config))["status"] == "archived"
    assert list(stored(config).values()) == [AUDIO]


def test_no_key_leaves_the_origin(
    served: Simulator, files: FilesServer, config: dict[str, Any]
) -> None:
    """Neither a link nor a redirect of the API sends the account's key elsewhere."""
    key = only_one(served, f"{config['ovia']['base_url']}/files/a.mp3")
    asked = []

    def redirect(request: Any) -> None:  # noqa: ANN401 - the simulator's own
        if "/files/" in request.path:
            asked.append(request.path)

    served.on_request(redirect)
    assert row_of(run_tap(config))["status"] == "missing"  # the API knows no such path
    assert asked

    link(served, {key: f"{files.url}/b.mp3"})
    assert row_of(run_tap(config))["status"] == "archived"
    secret = config["ovia"]["api_key"]
    assert all(secret not in json.dumps(headers) for _, headers in files.asked)
    assert all("authorization" not in map(str.lower, headers) for _, headers in files.asked)


def test_a_server_that_is_down_is_asked_a_few_times_only(
    served: Simulator, files: FilesServer, config: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    """A thousand recordings of a broken server must not hold up the calls for days."""
    ids = link(served, files.url)
    files.by_path.update({f"/{key}.mp3": with_status(503) for key in ids})

    output = run_tap(config | {"max_tries": 2})

    assert {row["status"] for row in output.records("call_recordings")} == {"missing"}
    assert len(ids) >= 20
    assert len(files.asked) < 20
    assert caplog.text.count("a recording was not stored: ovia (account default)") == 1
    assert caplog.text.count("5 recordings in a row did not come") == 1
    assert files.url not in caplog.text


def test_burki_plays_recordings_with_the_key(
    served: Simulator, tmp_path: Path, files: FilesServer
) -> None:
    """Its files come from the API; one in preparation is asked for again, and in the next run."""
    config = configuration(served, "burki", lookback_hours=200)
    config["recordings"] = {"root": str(tmp_path / "archive")}
    catalog = catalog_of(config, burki_recordings=True)
    served.options["burki_preparing"] = 1

    first = run_tap(config | {"max_tries": 1}, catalog=catalog)

    rows = first.records("call_recordings")
    assert {row["status"] for row in rows} == {"missing"}
    asked = len(served.requests)
    second = run_tap(config, catalog=catalog, state=first.state)
    rows = second.records("call_recordings")
    assert len(rows) > 10
    assert {row["status"] for row in rows} == {"archived"}
    assert {len(body) for body in stored(config).values()} == {2003}
    assert len(stored(config)) == len(rows)
    played = [one for one in served.requests[asked:] if one.path.endswith("/play")]
    assert len(played) <= 2 * len(rows)
    third = run_tap(config, catalog=catalog, state=second.state)
    assert third.records("call_recordings") == []
    assert files.asked == []


def test_vapi_opens_its_storage_with_the_key(
    served: Simulator, tmp_path: Path, files: FilesServer
) -> None:
    """Its addresses open nothing; a redirect leads to the file, where the key must not go."""
    config = configuration(served, "vapi", recordings={"root": str(tmp_path / "archive")})
    served.options["vapi_storage"] = files.url

    rows = run_tap(config).records("call_recordings")

    assert {row["status"] for row in rows} == {"archived"}
    assert set(stored(config).values()) == {AUDIO}
    assert {path.split("/")[2].partition("?")[0] for path, _ in files.asked} == {"mono-recording"}
    assert all(config["vapi"]["api_key"] not in json.dumps(sent) for _, sent in files.asked)


def test_a_recording_in_a_storage_of_the_user(
    served: Simulator, tmp_path: Path, files: FilesServer
) -> None:
    """Vapi's API does not have it, but its link may lead to it."""
    config = configuration(served, "vapi", recordings={"root": str(tmp_path / "archive")})
    served.options["vapi_storage"] = f"{files.url}/gone"

    def edit(_: str, record: dict[str, Any]) -> None:
        if record.get("artifact"):
            key = record["id"]
            files.by_path[f"/gone/{key}/mono-recording"] = with_status(404)
            record["artifact"]["recordingUrl"] = f"{files.url}/{key}.wav"

    served.on_record(edit)
    rows = run_tap(config).records("call_recordings")

    assert rows
    assert {row["status"] for row in rows} == {"archived"}


def test_an_expired_link_of_telnyx_is_renewed(
    served: Simulator, tmp_path: Path, files: FilesServer
) -> None:
    """Links live for minutes, and a window with many recordings takes longer."""
    config = configuration(served, "telnyx", lookback_hours=200)
    config["recordings"] = {"root": str(tmp_path / "archive")}
    given = set[str]()

    def expire(stream: str, record: dict[str, Any]) -> None:
        if stream == "telnyx_recordings":
            query = LIVING if record["id"] in given else EXPIRED
            given.add(record["id"])
            record["download_urls"] = {"mp3": f"{files.url}/{record['id']}.mp3?{query}"}

    served.on_record(expire)

    def serve(handler: Handler) -> None:
        living = "20990101" in handler.path
        (with_file() if living else with_status(403))(handler)

    files.by_path = dict.fromkeys(
        (f"/{call.key}.mp3" for call in served.world.calls("telnyx")), serve
    )

    output = run_tap(config)

    rows = output.records("call_recordings")
    assert rows
    assert {row["status"] for row in rows} == {"archived"}
    assert len(files.asked) == 2 * len(rows)


def test_a_storage_that_fails_is_one_line_and_costs_no_call(
    served: Simulator,
    files: FilesServer,
    config: dict[str, Any],
    capsysbinary: pytest.CaptureFixture[bytes],
) -> None:
    """The disk may be full: the calls are read, and the run fails at its end."""
    link(served, files.url)
    root = Path(config["recordings"]["root"])
    root.write_bytes(b"a file, no folder")

    with pytest.raises(RunError) as failed:
        TapVoiceCalls(config=config).sync_all()

    output = parsed(capsysbinary.readouterr().out)
    assert len(output.records("ovia_calls")) == len(served.records("ovia_calls"))
    (line,) = failed.value.failures
    assert line.startswith("`recordings.root`, or the directory for temporary files, ")
    assert {row["status"] for row in output.records("call_recordings")} == {"off"}


def test_nothing_is_stored_without_the_stream(
    served: Simulator, files: FilesServer, config: dict[str, Any]
) -> None:
    """Who deselects `call_recordings` wants none; a connection test stores none either."""
    link(served, files.url)

    run_tap(config, catalog=catalog_of(config, call_recordings=False))
    TapVoiceCalls(config=config).check_connections()

    assert files.asked == []


def test_people_are_protected_in_the_rows(
    served: Simulator, files: FilesServer, config: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    """The archive needs the links; neither rows nor logs show them."""
    link(served, files.url)

    with caplog.at_level(logging.DEBUG):
        output = run_tap(config | {"personal_data": "drop"})

    rows = output.records("call_recordings")
    assert {(row["status"], row["url"]) for row in rows} == {("archived", None)}
    assert files.url not in caplog.text
    assert "recordings: " in caplog.text


def test_a_run_that_is_killed_leaves_no_part(
    served: Simulator, files: FilesServer, config: dict[str, Any], tmp_path: Path
) -> None:
    """Half a file under its name would count as stored in all later runs."""
    half = threading.Event()

    def slow(handler: Handler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(AUDIO)))
        handler.end_headers()
        handler.wfile.write(AUDIO[: len(AUDIO) // 2])
        half.set()
        threading.Event().wait(30)

    files.by_path["/file.mp3"] = slow
    only_one(served, f"{files.url}/file.mp3")
    path = tmp_path / "config.json"
    path.write_text(json.dumps(config))
    command = [sys.executable, "-m", "tap_voicecalls", "--config", str(path)]
    with subprocess.Popen(  # noqa: S603 - the tap itself
        command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        assert half.wait(30)
        process.send_signal(signal.SIGKILL)
    assert tree(config) == {}

    files.by_path["/file.mp3"] = with_file()
    assert row_of(run_tap(config))["status"] == "archived"
    assert list(stored(config).values()) == [AUDIO]


@pytest.fixture(scope="module")
def bucket() -> Iterator[str]:
    """Run an S3 on this machine."""
    server = ThreadedMotoServer(port=0)
    server.start()
    host, port = server.get_host_and_port()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ACCESS_KEY_ID", "testing")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
        patch.setenv("AWS_ENDPOINT_URL_S3", f"http://{host}:{port}")
        S3FileSystem(use_listings_cache=False).mkdir("calls")
        yield "s3://calls/voice"
    server.stop()


@pytest.mark.parametrize("size", [5_000, 70_000_000])
def test_an_object_store(
    served: Simulator, files: FilesServer, config: dict[str, Any], bucket: str, size: int
) -> None:
    """In S3 a file is there when it is complete, sent at once or in parts."""
    body = bytes(range(250)) * (size // 250)
    files.by_path["/file.mp3"] = with_file(body)
    key = only_one(served, f"{files.url}/file.mp3")
    root = f"{bucket}/{size}"
    config["recordings"] = {"root": root, "max_mb": 100}

    row = row_of(run_tap(config))

    assert row["status"] == "archived"
    assert row["file"].startswith(f"{root}/ovia/default/")
    assert row["file"].endswith(f"/{key}-0.mp3")
    assert row["sha256"] == sha256(body).hexdigest()
    store = S3FileSystem(use_listings_cache=False)
    assert store.cat_file(row["file"]) == body
    names = {path.rpartition("/")[2] for path in store.ls(row["file"].rpartition("/")[0])}
    assert names == {f"{key}-0.mp3", "SHA256SUMS"}
    again = row_of(run_tap(config))
    assert (again["sha256"], again["bytes"]) == (row["sha256"], len(body))
    assert len(files.asked) == 1
