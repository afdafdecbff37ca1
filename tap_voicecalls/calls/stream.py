"""The stream `calls`: the normalized calls of all providers.

It sends no requests itself: one stream of each provider feeds it while that is read. Its calls are
written before the STATE that covers the records they were made from.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, ClassVar

from tap_voicecalls.calls.call import UNKNOWN
from tap_voicecalls.common.safe_text import safe_word
from tap_voicecalls.output.record_lines import RecordLines, can_bypass_sdk
from tap_voicecalls.output.sdk_hooks.stream import SdkStream
from tap_voicecalls.records.raw_json import decode
from tap_voicecalls.records.record_type import encode
from tap_voicecalls.records.schemas import PackagedSchema

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from singer_sdk import Tap
    from singer_sdk.helpers.types import Context

    from tap_voicecalls.calls.call import Call
    from tap_voicecalls.common.run import Run


_MOST_WORDS = 20  # an enumeration has fewer; a field of free text has any number


class Calls(SdkStream):
    """The calls of all providers; each provider's package says how a record becomes one.

    It has no bookmark of its own: it is as complete as the streams that feed it.
    """

    name = "calls"
    primary_keys = ("provider", "account", "call_id")
    replication_key = "started_at"
    schema: ClassVar[PackagedSchema] = PackagedSchema()

    def __init__(self, tap: Tap, run: Run) -> None:
        super().__init__(tap)
        self._writer: Any = tap.message_writer
        self._lines = RecordLines(self.name)
        self._bodies: Sequence[bytes] = ()
        self._unmapped = Counter[tuple[str, str]]()
        run.at_end.append(self._report_unmapped_statuses)

    def write(self, calls: Iterable[Call]) -> None:
        """Write calls, after the SCHEMA message."""
        self.announce()
        bodies = [self._body(call) for call in calls]
        if can_bypass_sdk(self, self._writer):
            self._writer.write_lines(self._lines.of(bodies))
            return
        self._bodies = bodies
        self.write_records()
        self._bodies = ()

    def get_records(self, context: Context | None) -> Iterable[dict[str, Any]]:  # noqa: ARG002
        """Yield the calls that are being written; none when the SDK asks for all of them."""
        return map(decode, self._bodies)

    def _body(self, call: Call) -> bytes:
        if call.status == UNKNOWN and call.provider_status:
            self._unmapped[str(call.provider), call.provider_status] += 1
        return encode(call)

    def _report_unmapped_statuses(self) -> None:
        counts = Counter[tuple[str, str]]()
        for (provider, status), count in self._unmapped.items():
            counts[provider, safe_word(status)] += count
        if counts:
            named = [
                f"{provider} {status} {count} times"
                for (provider, status), count in counts.most_common(_MOST_WORDS)
            ]
            others = f" and {len(counts) - _MOST_WORDS} more" if len(counts) > _MOST_WORDS else ""
            self.logger.warning(
                "calls: unmapped provider statuses, reported as unknown: %s%s; `provider_status` "
                "has them",
                ", ".join(named),
                others,
            )

    @property
    def emit_activate_version_messages(self) -> bool:
        """No: a target would drop the calls that were written before this stream's own turn."""
        return False
