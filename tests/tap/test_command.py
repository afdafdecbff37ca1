"""The command in a process of its own, as users run it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import registry
from support import configuration, simulator

if TYPE_CHECKING:
    from subprocess import CompletedProcess

SAMPLE = Path(__file__).parents[2] / "sample_config.json"
BURKI = {"burki": {"api_key": "wrong-key-of-test"}}
WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "no provider": ({}, "no provider is configured"),
    "unknown product": (
        {"vonage": {"api_key": "k", "api_secret": "s", "products": ["FAX"]}},
        "`vonage.products[0]` is 'FAX', but must be one of VOICE-CALL",
    ),
    "mode": (
        {"vonage": {"api_key": "k", "api_secret": "s", "mode": "asynchronous"}},
        "`vonage.mode` is 'asynchronous', but must be one of auto, sync, async",
    ),
    "end before start": ({**BURKI, "end_date": "2025-12-31"}, "`end_date` must not be before"),
    "address": (
        {"burki": {"api_key": "wrong-key-of-test", "base_url": "ftp://burki.example"}},
        (
            "`burki.base_url` must be an http:// or https:// address, without credentials, query "
            "or fragment"
        ),
    ),
    "missing key": ({"burki": {}}, "`burki.api_key` is missing"),
}


def tap(
    tmp_path: Path, config: dict[str, Any] | None, *arguments: str, **environ: str
) -> CompletedProcess[str]:
    """Run the command, with a configuration or with the settings of the environment."""
    source = "ENV"
    if config is not None:
        source = str(tmp_path / "config.json")
        Path(source).write_text(json.dumps(config), encoding="utf-8")
    return subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-m", "tap_voicecalls", f"--config={source}", *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
        cwd=tmp_path,
        env={"PATH": "/usr/bin:/bin", **environ},
    )


@pytest.mark.parametrize("case", WRONG)
@pytest.mark.parametrize("arguments", [(), ("--discover",), ("--test",)], ids=str)
def test_a_wrong_setting_is_one_clear_line(
    tmp_path: Path, case: str, arguments: tuple[str, ...]
) -> None:
    """Users read what to fix, not a traceback, with each option."""
    settings, expected = WRONG[case]

    done = tap(tmp_path, {"start_date": "2026-01-01", **settings}, *arguments)

    lines = [line for line in done.stderr.splitlines() if expected in line]
    assert done.returncode == 1
    assert len(lines) == 1
    assert "Traceback" not in done.stderr
    assert "key-of-test" not in done.stderr + done.stdout
    assert done.stdout == ""


def test_a_wrong_key_is_one_clear_line(tmp_path: Path) -> None:
    """Users read which setting to check, not a traceback."""
    with simulator() as served:
        config = configuration(served, "voicy")
        config["voicy"]["api_key"] = "wrong-key-of-test"
        done = tap(tmp_path, config)

    assert done.returncode == 1
    assert "401 Unauthorized" in done.stderr
    assert "`voicy.api_key`" in done.stderr.splitlines()[-1]
    assert "Traceback" not in done.stderr
    assert "key-of-test" not in done.stderr


def test_the_sample_configuration_runs_unchanged(tmp_path: Path) -> None:
    """The first thing that a new user tries must work without any account."""
    done = tap(tmp_path, json.loads(SAMPLE.read_text(encoding="utf-8")))

    streams = {json.loads(line).get("stream") for line in done.stdout.splitlines()}
    assert done.returncode == 0
    assert streams - {None} == {*registry.COMMON, *registry.SELECTED}
    assert "every call of this run is made up" in done.stderr


def test_settings_may_be_fractions(tmp_path: Path) -> None:
    """The SDK reads fractions as decimals, which datetimes do not accept."""
    with simulator() as served:
        config = configuration(served, "burki", lookback_hours=1.5, read_timeout=9.5)
        config["burki"] |= {"requests_per_second": 99.5, "lookback_hours": 0.25}
        done = tap(tmp_path, config)

    assert done.returncode == 0, done.stderr


def test_the_environment_alone_is_a_configuration(tmp_path: Path) -> None:
    """With --config=ENV, nested settings have the names that Meltano uses."""
    done = tap(
        tmp_path,
        None,
        "--discover",
        TAP_VOICECALLS_START_DATE="2026-01-01",
        TAP_VOICECALLS_VONAGE_API_KEY="k",
        TAP_VOICECALLS_VONAGE_API_SECRET="s",  # noqa: S106 - made up
    )

    streams = {stream["stream"] for stream in json.loads(done.stdout)["streams"]}
    assert streams == {"vonage_voice_reports", *registry.COMMON}


def test_a_catalog_older_than_the_settings_is_a_warning(tmp_path: Path) -> None:
    """A provider that was configured later would never be read, silently."""
    with simulator() as served:
        discovered = tap(tmp_path, configuration(served, "burki"), "--discover")
        (tmp_path / "catalog.json").write_text(discovered.stdout, encoding="utf-8")
        config = configuration(served, "burki", "ovia")
        result = tap(tmp_path, config, f"--catalog={tmp_path / 'catalog.json'}")

    assert result.returncode == 0
    assert "skipping streams missing from the catalog: ovia_calls;" in result.stderr
    assert '{"type":"RECORD","stream":"ovia_calls"' not in result.stdout


def test_the_garbage_collector_is_enabled_again() -> None:
    """It is disabled during imports; left disabled, the memory of a long run would grow."""
    code = (
        "import gc; from tap_voicecalls.__main__ import main; from tap_voicecalls import cli; "
        "cli.main = lambda: print(gc.isenabled(), gc.get_freeze_count() > 0); main()"
    )
    printed = subprocess.check_output(  # noqa: S603 - our own program
        [sys.executable, "-c", code], text=True, timeout=300
    )
    assert printed.split() == ["True", "True"]
