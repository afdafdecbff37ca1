"""What one record tells, in the form of the common streams."""

from __future__ import annotations

from collections.abc import Sequence  # noqa: TC003 - as below
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

import msgspec

from tap_voicecalls.calls.call import Call  # noqa: TC001 - msgspec reads the annotations
from tap_voicecalls.calls.cost_line import CostLine  # noqa: TC001 - as above
from tap_voicecalls.calls.recording import Recording  # noqa: TC001 - as above
from tap_voicecalls.calls.turn import (
    Turn,
    in_order_of_speech,
    interruptions_of,
    response_of,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from tap_voicecalls.records.record_type import Record

    CallOf: TypeAlias = Callable[[Record], Call | None]
    TurnsOf: TypeAlias = Callable[[Record], Sequence[Turn]]
    CostsOf: TypeAlias = Callable[[Record, Call | None], Iterable[CostLine]]
    RecordingsOf: TypeAlias = Callable[[Record], Iterable[Recording]]


class Normalized(msgspec.Struct, gc=False):
    """What a record tells; a record that is no call may still tell a cost of one.

    Attributes:
        call: The call.
        turns: Its turns, in order.
        costs: The lines of its cost.
        recordings: Its recordings.
    """

    call: Call | None = None
    turns: list[Turn] = []
    costs: list[CostLine] = []
    recordings: list[Recording] = []


class ReadyRows(msgspec.Struct, gc=False):
    """What a record tells, as rows that are ready to be written: lines of JSON.

    Attributes:
        calls: The row of the call, if there is one.
        turns: The rows of its turns.
        costs: The rows of its cost lines.
        recordings: Its recordings, whose rows are made when their files are stored.
    """

    calls: bytes = b""
    turns: bytes = b""
    costs: bytes = b""
    recordings: Sequence[Recording] = ()

    @property
    def size(self) -> int:
        """How many bytes the rows have together."""
        return len(self.calls) + len(self.turns) + len(self.costs)


class Normalizer(NamedTuple):
    """How a stream's records become rows of the common streams; many threads use it.

    Attributes:
        provider: The provider's name.
        stream: The stream's name.
        call: Makes the call of a record; None if the stream does not feed `calls`.
        turns: Makes its turns; None if the stream does not feed `call_turns`.
        costs: Makes its cost lines, given the call that was made of it; None likewise.
        recordings: Makes its recordings; None likewise.
    """

    provider: str
    stream: str
    call: CallOf | None = None
    turns: TurnsOf | None = None
    costs: CostsOf | None = None
    recordings: RecordingsOf | None = None

    def __call__(self, record: Record) -> Normalized:
        """Return what a record tells."""
        call = self.call(record) if self.call else None
        turns = in_order_of_speech(self.turns(record)) if self.turns else []
        costs = list(self.costs(record, call)) if self.costs else []
        recordings = list(self.recordings(record)) if self.recordings else []
        for one in (call, *turns, *costs, *recordings):
            if one is not None:
                one.provider, one.account = self.provider, record.account
        if call is not None:
            call.stream = self.stream
            if self.turns:
                fill_from_turns(call, turns)
        return Normalized(call, turns, costs, recordings)


def merged(items: Iterable[Normalized | None]) -> Normalized:
    """Merge what several records tell of one call; the last one that is a call is the call."""
    whole = Normalized()
    for item in items:
        if item is not None:
            whole.call = item.call or whole.call
            whole.turns += item.turns
            whole.costs += item.costs
            whole.recordings += item.recordings
    whole.turns = in_order_of_speech(whole.turns)
    return whole


def fill_from_turns(call: Call, turns: Sequence[Turn]) -> None:
    """Fill what a call's turns tell of it, unless the provider tells it."""
    call.turns = len(turns)
    if call.has_transcript is None:
        call.has_transcript = bool(turns)
    if call.interruptions is None:
        call.interruptions = interruptions_of(turns)
    if call.response_seconds is None:
        call.response_seconds = response_of(turns)
