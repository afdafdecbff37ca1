"""A target as a model: what it holds, and the runs that feed it, whole or cut."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from itertools import chain
from typing import TYPE_CHECKING, Any

from properties.truth import CALLS_FROM, STREAMS, differences
from tap_voicecalls.common.concurrency import Concurrency
from tap_voicecalls.common.run import Run, RunError
from tap_voicecalls.output.abort import Interrupted, OutputError
from tap_voicecalls.output.writer import MessageWriter
from tap_voicecalls.tap import TapVoiceCalls

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable
    from datetime import datetime

    from singer_sdk.singerlib.encoding.simple import Message

    Record = dict[str, Any]

SIGTERM = 15


class Killed(BaseException):
    """The process is gone."""


@dataclass(frozen=True)
class Cut:
    """Where and how a run is interrupted.

    Attributes:
        at: How many messages get out before.
        kind: "killed", "full" (nothing can be written from then on), "hiccup" (one write fails, all
            later ones would succeed) or "signal".
    """

    at: int
    kind: str

    def error(self) -> BaseException:
        """Return what the writer raises."""
        match self.kind:
            case "killed":
                return Killed()
            case "signal":
                return Interrupted(SIGTERM)
            case _:
                return OutputError("the output cannot be written: No space left on device")


class Tape(MessageWriter):
    """Keeps the lines that got out before the cut."""

    def __init__(self, cut: Cut | None) -> None:
        super().__init__()
        self.lines: list[bytes] = []
        self._cut = cut

    def write_message(self, message: Message) -> None:
        """Keep a message, or fail."""
        self.write_lines([self.serialize_message(message)])

    def write_lines(self, lines: Iterable[bytes]) -> None:
        """Keep lines, which come several at a time, or fail at one."""
        for line in chain.from_iterable(map(bytes.splitlines, lines)):
            if self._cut and len(self.lines) >= self._cut.at:
                error = self._cut.error()
                if self._cut.kind == "hiccup":
                    self._cut = None
                raise error
            self.lines.append(line)

    def flush(self) -> None:
        """Everything is out already."""


class TapAt(TapVoiceCalls):
    """The tap at a simulated time."""

    def __init__(self, began: datetime, **options: Any) -> None:  # noqa: ANN401 - the tap's own
        self._began = began
        super().__init__(**options)

    @cached_property
    def run(self) -> Run:
        """What the streams of this run have in common."""
        return Run(self._began, Concurrency(self.config["concurrency"]))


@dataclass(frozen=True)
class Done:
    """How a run went.

    Attributes:
        messages: What got out.
        whole: Whether it came to its end.
        failures: What failed, by the tap's own word.
    """

    messages: list[dict[str, Any]]
    whole: bool
    failures: list[str]


@dataclass
class Warehouse:
    """What a target holds: the last record of each key, and all states it has seen."""

    rows: dict[str, dict[tuple[Hashable, ...], Record]] = field(
        default_factory=lambda: {name: {} for name in STREAMS}
    )
    states: list[dict[str, Any]] = field(default_factory=list)
    keys: dict[str, list[str]] = field(default_factory=dict)

    def run(
        self,
        config: dict[str, Any],
        began: datetime,
        cut: Cut | None = None,
        *,
        stale: bool = False,
    ) -> Done:
        """Let the tap run from the last state, or from the one before, and load what got out."""
        states = self.states[:-1] if stale else self.states
        tape = Tape(cut)
        whole, failures = False, list[str]()
        tap = TapAt(
            began,
            config=config,
            state=json.loads(json.dumps(states[-1])) if states else None,
            message_writer=tape,
        )
        try:
            tap.sync_all()
            whole = True
        except (Killed, Interrupted, OutputError):
            if cut is None:
                raise
        except RunError as error:
            failures = error.failures
        messages = [json.loads(line, parse_float=Decimal) for line in tape.lines]
        self.load(messages)
        return Done(messages, whole, failures)

    def load(self, messages: Iterable[dict[str, Any]]) -> None:
        """Take messages in: a record overwrites the one of its key."""
        for message in messages:
            match message:
                case {"type": "SCHEMA", "stream": stream, "key_properties": keys}:
                    self.keys[stream] = keys
                case {"type": "RECORD", "stream": stream, "record": record}:
                    key = tuple(record[name] for name in self.keys[stream])
                    self.rows.setdefault(stream, {})[key] = record
                case {"type": "STATE", "value": state}:
                    self.states.append(state)

    def bookmark(self, stream: str, earlier: int = 0, account: str = "default") -> str | None:
        """Return a stream's bookmark in the last state, or in one so many before it."""
        states = self.states[: len(self.states) - earlier]
        bookmarks = states[-1].get("bookmarks", {}) if states else {}
        for partition in bookmarks.get(stream, {}).get("partitions", []):
            if partition["context"] == {"account": account}:
                found: str | None = partition.get("replication_key_value")
                return found
        return None

    def by_key(self, stream: str, account: str = "default") -> dict[Hashable, Record]:
        """Return an account's records by what tells them apart at the provider."""
        key = STREAMS[stream].key
        return {key(row): row for row in self.rows[stream].values() if row["account"] == account}

    def without_call(self, provider: str) -> set[tuple[object, ...]]:
        """Return the rows of a provider whose call is not here as it should be.

        Not the other way: of Ovia's calls that nothing tells apart, a form that has changed since
        may be in `calls` alone, if the run was cut between the two.
        """
        stream, *names = CALLS_FROM[provider]
        made_of: set[tuple[object, ...]] = {
            tuple(None if value is None else str(value) for value in map(row.get, names))
            for row in self.rows[stream].values()
        }
        told = ("call_id", "started_at", "provider_status")
        calls = self.rows.get("calls", {}).values()
        return made_of - {tuple(map(call.get, told)) for call in calls}

    def unlike(
        self, stream: str, truth: Iterable[Record], account: str = "default"
    ) -> list[tuple[Record, list[str]]]:
        """Return the true records that are not here as they are, with what differs.

        A record that nothing tells apart, which Ovia allows, is looked for by all that it says.
        """
        key, rows = STREAMS[stream].key, self.by_key(stream, account)
        wrong = list[tuple["Record", list[str]]]()
        for sent in truth:
            if key(sent) is None:
                others = self.rows[stream].values()
                if all(differences(stream, sent, row) for row in others):
                    wrong.append((sent, ["missing"]))
            elif (row := rows.get(key(sent))) is None:
                wrong.append((sent, ["missing"]))
            elif names := differences(stream, sent, row):
                wrong.append((sent, names))
        return wrong
