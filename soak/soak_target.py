"""A target that counts what it gets again, and what it lacks in the end."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from properties.truth import CALLS_FROM, STREAMS
from properties.warehouse import Warehouse

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from tap_voicecalls.simulator import Simulator


@dataclass
class Target(Warehouse):
    """A target that counts what it gets again, and why.

    Attributes:
        again: How many records came that were there already, by reason.
        interrupted: Whether the run before was.
        started_from: The state that the run started from.
    """

    again: Counter[str] = field(default_factory=Counter)
    interrupted: bool = False
    started_from: int = 0

    def load(self, messages: Iterable[dict[str, Any]]) -> None:
        """Take messages in and count."""
        for message in messages:
            if message["type"] == "RECORD" and message["stream"] in STREAMS:
                self._count(message["stream"], message["record"])
            super().load([message])

    def _count(self, stream: str, record: dict[str, Any]) -> None:
        key = tuple(record[name] for name in self.keys[stream])
        before = self.rows[stream].get(key)
        if before is None:
            return
        facts = STREAMS[stream]
        bookmark = self.bookmark_of(self.started_from, stream, record["account"])
        if facts.running(before):
            reason = "was still running"
        elif bookmark and facts.position(record) + facts.slack < bookmark:
            reason = "in the lookback"
        elif self.interrupted:
            reason = "run before was interrupted"
        else:
            reason = "bookmark waits for a running call"
        self.again[reason] += 1

    def bookmark_of(self, state: int, stream: str, account: str) -> datetime | None:
        """Return a bookmark of an earlier state, by its number."""
        seen, self.states = self.states, self.states[:state]
        text = self.bookmark(stream, account)
        self.states = seen
        return datetime.fromisoformat(text) if text else None


@dataclass(frozen=True)
class Verdict:
    """What a target holds, against the truth.

    Attributes:
        truth: How many records there are.
        lost: How many of them it lacks.
        wrong: How many it holds in a form that is not the last.
        doubled: How many rows of `calls` are more than there are records of calls that still exist.
        without_call: How many records of calls have no row in `calls` that says the same.
    """

    truth: int
    lost: int
    wrong: int
    doubled: int
    without_call: int

    @property
    def is_good(self) -> bool:
        """Whether nothing is lost, doubled or not final."""
        return not (self.lost or self.wrong or self.doubled or self.without_call)


def judge(target: Target, served: Simulator, accounts: Callable[[str], list[str]]) -> Verdict:
    """Compare what a target holds with what the simulated APIs would send now.

    Args:
        target: The target.
        served: The simulator.
        accounts: Names the accounts that a stream is read for.
    """
    unlike = [
        names
        for stream in STREAMS
        for account in accounts(stream)
        for _, names in target.unlike(stream, served.records(stream), account)
    ]
    lost = sum(names == ["missing"] for names in unlike)
    return Verdict(
        truth=sum(len(served.records(s)) * len(accounts(s)) for s in STREAMS),
        lost=lost,
        wrong=len(unlike) - lost,
        doubled=sum(_doubled(target, served, provider) for provider in CALLS_FROM),
        without_call=sum(len(target.without_call(provider)) for provider in CALLS_FROM),
    )


def _doubled(target: Target, served: Simulator, provider: str) -> int:
    """Count the rows of `calls` beyond the records that they are made of, which may be fewer.

    A call that the provider has deleted counts for neither: a run that was killed between the two
    lines has written its row alone, and no later run can bring its record.
    """
    stream, _, started_at, _ = CALLS_FROM[provider]
    gone = {_second(call.start) for call in served.world.calls(provider) if call.deleted_at}
    calls = [row for row in target.rows.get("calls", {}).values() if row["provider"] == provider]
    lasting = [row for row in calls if _started(row["started_at"]) not in gone]
    records = target.rows[stream].values()
    return max(0, len(lasting) - sum(_started(row[started_at]) not in gone for row in records))


def _started(text: str | None) -> datetime | None:
    return _second(datetime.fromisoformat(text)) if text else None


def _second(time: datetime) -> datetime:
    return time.replace(microsecond=0)
