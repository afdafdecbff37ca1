"""Where recordings are stored, when links expire, and which addresses they may lead to."""

from __future__ import annotations

import socket
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tap_voicecalls.calls.recording import Recording
from tap_voicecalls.http.transport.addresses import AllowedAddresses, ForbiddenAddress, kind_of
from tap_voicecalls.recordings.expiry import expiry_of
from tap_voicecalls.recordings.place import (
    extension_of,
    folder_of,
    plain_media_type,
    safe,
    stem_of,
)

NAMES = st.text(max_size=300)


@given(NAMES)
def test_a_name_is_one_part_of_a_path(name: str) -> None:
    """A call id such as ``../../etc`` must not lead out of the root."""
    part = safe(name)
    assert part
    assert set(part) <= set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_")
    assert len(part) <= 110


@given(NAMES, NAMES)
def test_distinct_names_stay_distinct(one: str, other: str) -> None:
    """Two calls whose ids differ in a replaced character must not share a file."""
    assert (safe(one) == safe(other)) == (one == other)


def test_the_place_of_a_recording() -> None:
    """The layout is documented, and the files of earlier versions are found again."""
    one = Recording(
        provider="ovia",
        account="Berlin/1",
        call_id="c-1",
        recording="0",
        call_started_at="2026-01-05T08:00:00.000000Z",
    )
    assert folder_of(one) == f"ovia/{safe('Berlin/1')}/2026/01/05"
    assert stem_of(one) == "c-1-0"
    one.call_started_at = None
    assert folder_of(one).endswith("/undated")


@pytest.mark.parametrize(
    ("media_type", "url", "extension"),
    [
        ("audio/mpeg", None, "mp3"),
        ("application/octet-stream", "https://files.example/a.WAV?x=1.mp3", "wav"),
        (None, "https://files.example/a.exe", "bin"),
        (None, None, "bin"),
    ],
)
def test_extensions(media_type: str | None, url: str | None, extension: str) -> None:
    """A provider must not choose the extension of a file freely."""
    assert extension_of(media_type, url) == extension


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("X-Amz-Date=20260105T080000Z&X-Amz-Expires=600", "2026-01-05T08:10:00"),
        ("X-Goog-Date=20260105T080000Z&X-Goog-Expires=60", "2026-01-05T08:01:00"),
        ("Expires=1767600000&Signature=a", "2026-01-05T08:00:00"),
        ("se=2026-01-05T08%3A00%3A00Z&sig=a", "2026-01-05T08:00:00"),
        ("X-Amz-Date=tomorrow&X-Amz-Expires=600", None),
        ("X-Amz-Date=20260105T080000Z&X-Amz-Expires=99999999999999", None),
        ("Expires=soon", None),
        ("", None),
    ],
)
def test_when_a_link_expires(query: str, expected: str | None) -> None:
    """Only an expired link is renewed, and stores refuse it in their own ways."""
    told = datetime.fromisoformat(expected).replace(tzinfo=UTC) if expected else None
    assert expiry_of(f"https://files.example/a.mp3?{query}") == told


@pytest.mark.parametrize(
    ("address", "kind"),
    [
        ("93.184.216.34", "public"),
        ("2606:2800:220:1:248:1893:25c8:1946", "public"),
        ("127.0.0.1", "loopback"),
        ("::1", "loopback"),
        ("::ffff:127.0.0.1", "loopback"),
        ("10.1.2.3", "private"),
        ("172.31.255.255", "private"),
        ("192.168.0.1", "private"),
        ("fd00::1", "private"),
        ("::ffff:10.0.0.1", "private"),
        ("64:ff9b::a00:1", "private"),
        ("2002:a00:1::", "private"),
        ("169.254.169.254", "special"),
        ("fe80::1%eth0", "special"),
        ("::127.0.0.1", "special"),
        ("::ffff:0:10.0.0.1", "special"),
        ("64:ff9b:1::a00:1", "special"),
        ("fec0::1", "special"),
        ("100.64.0.1", "special"),
        ("0.0.0.0", "special"),  # noqa: S104 - no server listens there
        ("224.0.0.1", "special"),
        ("255.255.255.255", "special"),
        ("ff02::1", "special"),
        ("192.0.2.1", "special"),
    ],
)
def test_kinds_of_addresses(address: str, kind: str) -> None:
    """Each way to write a private address is one."""
    assert kind_of(address) == kind


@pytest.mark.parametrize("header", ["audio/mpeg; rate=8000", " Audio/MPEG "])
def test_a_media_type_is_read_without_its_parameters(header: str) -> None:
    """A target would hold one type in several spellings."""
    assert plain_media_type(header) == "audio/mpeg"


@pytest.mark.parametrize("header", [None, "", "a call of Ada", "audio/" + "x" * 1000, "é/é"])
def test_any_other_text_is_no_media_type(header: str | None) -> None:
    """A server writes what it likes into a header; a row must not hold it."""
    assert plain_media_type(header) is None


def test_names_are_allowed_by_what_they_resolve_to(monkeypatch: pytest.MonkeyPatch) -> None:
    """A public name may lead to this machine; an API of a kind of network may link there."""
    known = {"api.example": "10.0.0.1", "files.example": "10.0.0.9", "own.example": "127.0.0.1"}

    def lookup(host: str, *_: Any, **__: Any) -> list[Any]:  # noqa: ANN401 - as in socket
        return [(None, None, 0, "", (known.get(host, host), 0))]

    monkeypatch.setattr(socket, "getaddrinfo", lookup)
    for host in known:
        with pytest.raises(ForbiddenAddress):
            AllowedAddresses(None).resolve(host)
    allowed = AllowedAddresses("api.example")
    assert allowed.resolve("files.example") == ["10.0.0.9"]
    for host in ("own.example", "169.254.169.254"):
        with pytest.raises(ForbiddenAddress):
            allowed.check(host)
