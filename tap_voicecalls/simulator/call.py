"""One call, independent of any provider, and the properties of a provider's calls."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, TypedDict

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tap_voicecalls.simulator.people import Agent

# Used in place of a withheld number. The last one spells "anonymous" on a keypad.
_WITHHELD = ("anonymous", "Restricted", "Anonymous", "unknown", "+266696687")
_WITHHELD_ONE_IN = 40
_FRACTION_ONE_IN = 12


@dataclass(frozen=True, slots=True, eq=False)
class Call:
    """One call, independent of any provider.

    It is frozen, since APIs index calls. To change a call, replace it in the world's list by
    `dataclasses.replace(call, ...)`.

    Attributes:
        provider: The API that lists it, for instance "burki".
        key: UUID, unique.
        number: Integer id, unique.
        seed: Seeds every detail that an API adds.
        start: Aware UTC datetime.
        duration: Seconds from start to end; for an unanswered call the ringing time.
        outcome: completed, inactivity, busy, no_answer, failed or canceled.
        direction: inbound or outbound, from the company's side.
        channel: phone, web, tts or websocket.
        language: ISO 639-1 code of the conversation.
        customer: The customer's name.
        customer_number: E.164, or None for a call without a phone.
        business_number: E.164, or None for a call without a phone.
        agent: The voice agent that handled it, if any.
        is_test: Whether it was a test call.
        listed_at: When the API first lists it; None means at its start (or at its end, if the API
            lists ended calls only).
        deleted_at: When the API stops listing it; None means never.
        costs_at: When its costs are known, if later than its end; None means at its end.
        has_start: Whether its record has a start. If not, lists filtered by start omit it, and
            `start` is the time of the attempt.
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
        """Whether the call was answered."""
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
        """The customer's number as an API reports it; some callers withhold it."""
        is_withheld = self.customer_number and self.direction == "inbound"
        if is_withheld and self.seed % _WITHHELD_ONE_IN == 0:
            return _WITHHELD[self.seed // _WITHHELD_ONE_IN % len(_WITHHELD)]
        return self.customer_number

    @property
    def shown_from(self) -> str | None:
        """The caller's number as an API reports it."""
        return self.shown_customer if self.direction == "inbound" else self.business_number

    @property
    def has_fraction(self) -> bool:
        """Whether an API reports its duration with a fraction."""
        return self.seed % _FRACTION_ONE_IN == 1

    def ended(self, now: datetime) -> bool:
        """Return whether the call has ended."""
        return self.end <= now

    def costed(self, now: datetime) -> bool:
        """Return whether the costs of the call are known."""
        return self.ended(now) and (self.costs_at is None or self.costs_at <= now)

    def listed(self, now: datetime) -> bool:
        """Return whether an API may list the call."""
        if self.start > now or (self.listed_at is not None and self.listed_at > now):
            return False
        return self.deleted_at is None or self.deleted_at > now


class CallChanges(TypedDict, total=False):
    """The fields of a `Call` that `World.make_call` accepts."""

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
    """The fields of a `Call` that `World.change` accepts."""

    start: datetime
    duration: float


@dataclass(frozen=True, slots=True)
class Profile:
    """The properties of one provider's calls.

    Attributes:
        channels: Channel to weight.
        outcomes: Outcome to weight.
        precision: The unit that starts are truncated to.
        test_share: Share of test calls, 0 to 1.
        agentless_share: Share of calls without an agent, 0 to 1.
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
