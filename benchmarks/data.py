"""The calls that every contestant reads, generated from their numbers.

A data set is a file of records, newest first, each followed by a comma, and an index with the
offset and the start of each record. Every page of every window is a contiguous part of the file.
"""

from __future__ import annotations

import json
import mmap
import shutil
from array import array
from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

START = datetime(2022, 1, 3, tzinfo=UTC)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_MILLION = 1_000_000
_WORDS = (
    "Good morning, this is the front desk, how can I help you today?",
    "I would like to move my appointment from Tuesday to the end of the week.",
    "Let me look that up. I have Thursday at ten or Friday at a quarter past two.",
    "Friday works, thank you. Could you also send a confirmation to my phone?",
    "Done: Friday, a quarter past two. Is there anything else I can do for you?",
    "Não, é tudo. Obrigado, até sexta-feira!",
)


@dataclass(frozen=True, slots=True)
class DataSet:
    """Calls that are spread evenly over days, beginning at START.

    Attributes:
        records: Number of calls.
        days: Number of days.
    """

    records: int
    days: int

    @classmethod
    def named(cls, name: str) -> DataSet:
        """Return the data set with a name."""
        records, days = name.split("x")
        return cls(int(records), int(days))

    @property
    def name(self) -> str:
        """The name of its folder, which is also a part of the base URL."""
        return f"{self.records}x{self.days}"

    @property
    def end(self) -> datetime:
        """The exclusive end of the starts."""
        return START + timedelta(days=self.days)

    def started(self, number: int) -> datetime:
        """Return the start of a call; no start is at midnight, where windows meet."""
        step = timedelta(days=self.days) / self.records
        jitter = (number * 7919 % 997 + 1) * _MICROSECOND
        return START + (number - 1) * step + jitter


def micros(moment: datetime) -> int:
    """Return a time as Unix microseconds."""
    return (moment - _EPOCH) // _MICROSECOND


def parts_of_cost(number: int) -> tuple[int, int, int, int]:
    """Return the costs of a call in units of 10^-18: model, TTS, STT, telephony."""
    return (
        (number * 48271 % 89_999_999 + 10_000_000) * 1_000_000_007,
        (number * 16807 % 99_991 + 1) * 10**12,
        (number * 69621 % 49_999 + 1) * 10**12,
        (number * 39373 % 29_989 + 1) * 10**12,
    )


def llm_cost(number: int) -> str:
    """Return a cost with 18 decimal places, more than a float can hold."""
    return f"0.{parts_of_cost(number)[0]:018}"


def total_cost(number: int) -> str:
    """Return a cost with 6 decimal places, including trailing zeros."""
    total = sum(parts_of_cost(number)) // 10**12
    return f"{total // _MILLION}.{total % _MILLION:06}"


def call_meta(number: int) -> str:
    """Return the metadata of a call: nested costs and a short transcript."""
    parts = [f"0.{part // 10**12:06}" for part in parts_of_cost(number)]
    turns = ",".join(
        f'{{"role":"{("agent", "user")[turn % 2]}","at":{turn * 4}.{number % 10},'
        f'"text":"{_WORDS[(number + turn) % len(_WORDS)]}"}}'
        for turn in range(4)
    )
    return (
        f'{{"campaign":"spring-{number % 12}","crm_id":"crm_{number * 31:010}",'
        f'"language":"{("en-US", "pt-BR", "de-DE")[number % 3]}","sentiment":0.{number % 100:02},'
        f'"costs":{{"llm":{{"tokens":{number % 4000},"amount":{parts[0]}}},'
        f'"tts":{{"characters":{number % 1900},"amount":{parts[1]}}},'
        f'"stt":{{"seconds":{number % 600},"amount":{parts[2]}}},'
        f'"telephony":{{"seconds":{number % 600},"amount":{parts[3]}}}}},'
        f'"transcript":[{turns}]}}'
    )


def burki_call(calls: DataSet, number: int) -> str:
    """Return a call of the Burki API: 19 fields, and 6 in its `call_meta`."""
    started = calls.started(number)
    seconds = number * 131 % 600
    speech_out, speech_in, phone = (f"0.{part // 10**12:06}" for part in parts_of_cost(number)[1:])
    return (
        f'{{"id":{number},"call_sid":"CA{number * 2654435761 % 2**64:032x}",'
        f'"assistant_id":{number % 40 + 1},"assistant_name":"Assistant {number % 40 + 1}",'
        f'"assistant_graph_name":null,"flow_name":"flow-{number % 5}",'
        f'"to_phone_number":"+1202555{number % 100 + 100:04}",'
        f'"customer_phone_number":"+1415555{number * 7 % 100 + 100:04}",'
        f'"status":"{"failed" if number % 17 == 0 else "completed"}",'
        f'"duration":{seconds},"started_at":"{_written(started)}",'
        f'"ended_at":"{_written(started + timedelta(seconds=seconds))}",'
        f'"call_meta":{call_meta(number)},"total_cost":{total_cost(number)},'
        f'"llm_cost":{llm_cost(number)},"tts_cost":{speech_out},"stt_cost":{speech_in},'
        f'"telephony_cost":{phone},"cost_currency":"USD"}}'
    )


def voicy_call(calls: DataSet, number: int, *, details: bool) -> dict[str, Any]:
    """Return a call of the Voicy API, as in the list or with its details."""
    call: dict[str, Any] = {
        "call_id": voicy_id(number),
        "call_type": "phone_call",
        "call_status": "user_hangup",
        "agent": {"name": f"Agent {number % 40}", "version": 3},
        "from_number": f"+1202555{number % 100 + 100:04}",
        "to_number": f"+1415555{number % 100 + 100:04}",
        "direction": "incoming",
        "start_timestamp": micros(calls.started(number)) // 1000,
        "duration_ms": number * 131 % 600_000,
    }
    if details:
        call["transcript"] = [
            {"role": ("agent", "user")[turn % 2], "content": _WORDS[turn]} for turn in range(6)
        ]
        call["summary"] = "The caller moved an appointment and asked for a confirmation."
    return call


def voicy_id(number: int) -> str:
    """Return a call's id, which ends in its number."""
    return f"c0ffee00-0000-4000-8000-{number:012}"


def _written(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def prepare(root: Path, calls: DataSet) -> None:
    """Write a data set, unless it exists."""
    folder = root / calls.name
    if folder.exists():
        return
    unfinished = root / f"{calls.name}.unfinished"
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(parents=True)
    starts, offsets = array("q"), array("q", [0])
    with (unfinished / "calls.json").open("wb") as file:
        for number in range(calls.records, 0, -1):
            offsets.append(offsets[-1] + file.write(f"{burki_call(calls, number)},".encode()))
            starts.append(-micros(calls.started(number)))
    (unfinished / "starts").write_bytes(starts.tobytes())
    (unfinished / "offsets").write_bytes(offsets.tobytes())
    unfinished.rename(folder)


class Store:
    """A data set, as the server reads it.

    Args:
        folder: The folder of the data set.
    """

    def __init__(self, folder: Path) -> None:
        with (folder / "calls.json").open("rb") as file:
            self._calls = memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
        bytes(self._calls[:: mmap.PAGESIZE])  # read once, so that no contestant waits for the disk
        self._offsets = memoryview((folder / "offsets").read_bytes()).cast("q")
        # Negative, since the newest come first and bisection needs ascending values.
        self._starts = memoryview((folder / "starts").read_bytes()).cast("q")

    def page(
        self, since: datetime | None, until: datetime | None, skip: int, limit: int
    ) -> tuple[memoryview, int]:
        """Return the records of a page, separated by commas, and the total of the window."""
        begin = 0 if until is None else bisect_left(self._starts, -micros(until))
        end = len(self._starts) if since is None else bisect_right(self._starts, -micros(since))
        first = min(begin + skip, end)
        last = min(first + limit, end)
        comma = 1 if last > first else 0
        records = self._calls[self._offsets[first] : self._offsets[last] - comma]
        return records, max(end - begin, 0)


def check() -> None:
    """Check that the records are valid JSON with the expected fields."""
    calls = DataSet(1000, 7)
    for number in (1, 17, calls.records):
        call = json.loads(burki_call(calls, number))
        meta = call["call_meta"]
        if (len(call), len(meta), len(meta["transcript"])) != (19, 6, 4):
            msg = f"call {number} does not have the expected fields"
            raise AssertionError(msg)
