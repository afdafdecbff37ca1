"""The SDK still calls what the tap overrides: real runs, with each override recorded."""

from __future__ import annotations

import io
import json
import signal
import sys
from contextlib import redirect_stdout, suppress
from functools import wraps
from typing import TYPE_CHECKING, Any

import pytest
from support import catalog_of, configuration, run_tap, simulator

from tap_voicecalls.output.abort import Interrupted
from tap_voicecalls.output.sdk_hooks.table import HOOKS
from tap_voicecalls.tap import TapVoiceCalls

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tap_voicecalls.output.sdk_hooks.hook import Hook

LIBRARIES = ("singer_sdk", "simpleeval", "click")
OVERRIDES = [hook for hook in HOOKS if hook.use == "overrides"]
# A function that takes no decimals.
MAPS = {"burki_calls": {"length": "str(datetime.timedelta(seconds=duration * 1.0))"}}


class Recorder:
    """Replaces overrides by ones that note whether a library called them."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._monkeypatch = monkeypatch
        self.called: set[str] = set()

    def watch(self, hook: Hook) -> None:
        """Note the calls of a hook, in each of the tap's classes that overrides it."""
        assert isinstance(hook.owner, type)
        for cls in _subclasses(hook.owner):
            if cls.__module__.startswith("tap_voicecalls.") and hook.name in vars(cls):
                override = self._noting(str(hook), vars(cls)[hook.name])
                self._monkeypatch.setattr(cls, hook.name, override)

    def _noting(self, hook: str, override: Any) -> Any:  # noqa: ANN401 - any kind of attribute
        if isinstance(override, property):
            assert override.fget is not None
            return property(self._function(hook, override.fget))
        if isinstance(override, classmethod):
            return classmethod(self._function(hook, override.__func__))
        return self._function(hook, override)

    def _function(self, hook: str, function: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(function)
        def noting(*arguments: Any, **named: Any) -> Any:  # noqa: ANN401 - any function
            caller = sys._getframe(1).f_globals.get("__name__", "")  # noqa: SLF001 - who calls
            if caller.split(".")[0] in LIBRARIES:
                self.called.add(hook)
            return function(*arguments, **named)

        return noting


def _subclasses(owner: type) -> Iterator[type]:
    subclasses: list[type] = owner.__subclasses__()
    for cls in subclasses:
        yield cls
        yield from _subclasses(cls)


def run_command(folder: Path, config: dict[str, Any], *arguments: str) -> None:
    """Run the command line within this process."""
    file = folder / "config.json"
    file.write_text(json.dumps(config), encoding="utf-8")
    with redirect_stdout(io.TextIOWrapper(io.BytesIO())), suppress(SystemExit):
        TapVoiceCalls.cli([f"--config={file}", *arguments], standalone_mode=False)


@pytest.fixture
def _signals() -> Iterator[None]:
    """Restore the signal handlers, which the SDK sets for each tap."""
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.usefixtures("_signals")
def test_the_sdk_calls_each_override(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """An override that the SDK does not call any more does nothing, and no run would fail."""
    recorder = Recorder(monkeypatch)
    for hook in OVERRIDES:
        recorder.watch(hook)
    with simulator() as served:
        config = configuration(served, "burki")
        batches = {
            "encoding": {"format": "jsonl", "compression": "gzip"},
            "storage": {"root": tmp_path.as_uri()},
        }
        catalog = catalog_of(config)
        for entry in catalog["streams"]:
            entry["replication_method"] = "FULL_TABLE"
        flattened = {"flattening_enabled": True, "flattening_max_depth": 1}

        run_tap({**config, "stream_maps": MAPS, **flattened})
        run_tap({**config, "stream_maps": MAPS, "batch_config": batches})
        run_tap(config, catalog=catalog)
        run_command(tmp_path, config)
        run_command(tmp_path, config, "--discover")
        run_command(tmp_path, config, "--test")

    # The SDK registers this one, and the system calls it.
    with pytest.raises(Interrupted):
        signal.raise_signal(signal.SIGTERM)
    assert {str(hook) for hook in OVERRIDES} - recorder.called == {"Tap._handle_termination"}
