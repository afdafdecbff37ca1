"""A target that counts repeated records, and compares its rows with the truth."""

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
    """A target that counts the records it gets more than once, by reason.

    Attributes:
        again: The number of records that it already had, by reason.
        interrupted: Whether the previous run was interrupted or failed.
        started_from: The number of states that the target had when the run started.
    """

    again: Counter[str] = field(default_factory=Counter)
    interrupted: bool = False
    started_from: int = 0

    def load(self, messages: Iterable[dict[str, Any]]) -> None:
        """Load messages, and count repeated records."""
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
            reason = "previous run was interrupted"
        else:
            reason = "a running call holds the bookmark"
        self.again[reason] += 1

    def bookmark_of(self, state: int, stream: str, account: str) -> datetime | None:
        """Return the bookmark of an earlier state, by the number of that state."""
        seen, self.states = self.states, self.states[:state]
        text = self.bookmark(stream, account=account)
        self.states = seen
        return datetime.fromisoformat(text) if text else None


@dataclass(frozen=True)
class Verdict:
    """How the rows of a target compare with the truth.

    Attributes:
        truth: The number of records that the providers have.
        lost: The number of records that the target does not have.
        wrong: The number of records that it has in an earlier form.
        doubled: The number of rows of `calls` beyond the records of calls that still exist.
        without_call: The number of records of calls without an equal row in `calls`.
    """

    truth: int
    lost: int
    wrong: int
    doubled: int
    without_call: int

    @property
    def is_good(self) -> bool:
        """Whether nothing is lost, outdated or doubled."""
        return not (self.lost or self.wrong or self.doubled or self.without_call)


def judge(target: Target, served: Simulator, accounts: Callable[[str], list[str]]) -> Verdict:
    """Compare the rows of a target with what the simulated APIs would send now.

    Args:
        target: The target.
        served: The simulator.
        accounts: Returns the accounts of a stream.
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
    """Count the rows of `calls` beyond the records that they are made from.

    Calls that the provider has deleted are not counted: a run that was killed between the two
    lines has written only the row in `calls`, and no later run can load the record.
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
