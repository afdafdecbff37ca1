"""One call in no provider's words, and what the calls of one provider are like."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, TypedDict

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tap_voicecalls.simulator.people import Agent

# What stands in place of the number of a caller who withholds it; the last spells it on a keypad.
_WITHHELD = ("anonymous", "Restricted", "Anonymous", "unknown", "+266696687")
_WITHHELD_ONE_IN = 40
_FRACTION_ONE_IN = 12


@dataclass(frozen=True, slots=True, eq=False)
class Call:
    """One call, in no provider's words.

    Frozen, so that what an API has indexed cannot change under it: to change a call put
    `dataclasses.replace(call, ...)` at its place in the world's list.

    Attributes:
        provider: The API that lists it, for instance "burki".
        key: UUID, unique.
        number: Integer id, unique.
        seed: Seeds every detail that an API adds.
        start: Aware UTC datetime.
        duration: Seconds, until the call ends; for an unanswered one the ringing.
        outcome: completed, inactivity, busy, no_answer, failed or canceled.
        direction: inbound or outbound, as the company sees it.
        channel: phone, web, tts or websocket.
        language: ISO 639-1 code of the conversation.
        customer: The customer's name.
        customer_number: E.164, or None for a call without a phone.
        business_number: E.164, or None for a call without a phone.
        agent: The voice agent that handled it, if any.
        is_test: Whether it was a test call.
        listed_at: When the API first shows it; None means at its start (or end, where an API shows
            ended calls only).
        deleted_at: From when on the API no longer shows it; None means never.
        costs_at: When its costs are known, if later than its end; None means at its end.
        has_start: Whether it began; one that did not has no start and is in no list that is
            filtered by it, but `start` is when it was tried.
    """

    provider: str
    key: str
    number: int
    seed: int
    start: datetime
    duration: float
    outcome: str
    direction: str
    channel: str
    language: str
    customer: str
    customer_number: str | None
    business_number: str | None
    agent: Agent | None
    is_test: bool = False
    listed_at: datetime | None = None
    deleted_at: datetime | None = None
    costs_at: datetime | None = None
    has_start: bool = True

    @property
    def end(self) -> datetime:
        """When the call ended or will end."""
        return self.start + timedelta(seconds=self.duration)

    @property
    def answered(self) -> bool:
        """Whether anybody spoke."""
        return self.outcome in {"completed", "inactivity"}

    @property
    def from_number(self) -> str | None:
        """The caller's number in E.164."""
        return self.customer_number if self.direction == "inbound" else self.business_number

    @property
    def to_number(self) -> str | None:
        """The called number in E.164."""
        return self.business_number if self.direction == "inbound" else self.customer_number

    @property
    def shown_customer(self) -> str | None:
        """The customer's number as an API tells it: some callers withhold theirs."""
        is_withheld = self.customer_number and self.direction == "inbound"
        if is_withheld and self.seed % _WITHHELD_ONE_IN == 0:
            return _WITHHELD[self.seed // _WITHHELD_ONE_IN % len(_WITHHELD)]
        return self.customer_number

    @property
    def shown_from(self) -> str | None:
        """The caller's number as an API tells it."""
        return self.shown_customer if self.direction == "inbound" else self.business_number

    @property
    def has_fraction(self) -> bool:
        """Whether an API tells its length with a fraction."""
        return self.seed % _FRACTION_ONE_IN == 1

    def ended(self, now: datetime) -> bool:
        """Tell whether the call is in its final form."""
        return self.end <= now

    def costed(self, now: datetime) -> bool:
        """Tell whether what the call cost is known."""
        return self.ended(now) and (self.costs_at is None or self.costs_at <= now)

    def listed(self, now: datetime) -> bool:
        """Tell whether an API may show the call at all."""
        if self.start > now or (self.listed_at is not None and self.listed_at > now):
            return False
        return self.deleted_at is None or self.deleted_at > now


class CallChanges(TypedDict, total=False):
    """The fields of a `Call` that `World.make_call` takes over."""

    key: str
    number: int
    seed: int
    outcome: str
    direction: str
    channel: str
    language: str
    customer: str
    customer_number: str | None
    business_number: str | None
    agent: Agent | None
    is_test: bool
    listed_at: datetime | None
    deleted_at: datetime | None
    costs_at: datetime | None
    has_start: bool


class AllCallChanges(CallChanges, total=False):
    """The fields of a `Call` that `World.change` takes over."""

    start: datetime
    duration: float


@dataclass(frozen=True, slots=True)
class Profile:
    """What the calls of one provider are like.

    Attributes:
        channels: Channel to weight.
        outcomes: Outcome to weight.
        precision: What starts are cut to.
        test_share: Share of test calls, 0 to 1.
        agentless_share: Share of calls that no agent handled, 0 to 1.
    """

    channels: Mapping[str, int] = field(default_factory=lambda: {"phone": 75, "web": 25})
    outcomes: Mapping[str, int] = field(
        default_factory=lambda: {
            "completed": 74,
            "inactivity": 5,
            "no_answer": 9,
            "busy": 5,
            "failed": 3,
            "canceled": 4,
        }
    )
    precision: timedelta = timedelta(milliseconds=1)
    test_share: float = 0.0
    agentless_share: float = 0.06
