"""The response that a request gets for each kind of fault."""

from __future__ import annotations

import math
import time
import zlib
from dataclasses import dataclass, replace
from email.utils import formatdate
from functools import cache
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode

from tap_voicecalls.simulator import altered_lists
from tap_voicecalls.simulator.messages import Response

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tap_voicecalls.simulator.api import Api
    from tap_voicecalls.simulator.messages import Incoming

AGAIN = "sim_again"
"""The query parameter of requests that follow "redirect-same"; it is removed before the API."""

_HTML = {"Content-Type": "text/html; charset=utf-8"}
_MAINTENANCE = b"<!DOCTYPE html><html><body><h1>Down for maintenance</h1></body></html>"
_BAD_GATEWAY = b"<html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>"
_USUAL_RATE = 1.0
_MEGABYTE = 1 << 20
_GZIP = zlib.MAX_WBITS | 16
_ODD_STATUS = 600


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request that gets a fault.

    Attributes:
        api: The API that is called.
        incoming: The request.
        options: The simulator's options.
        foreign_url: Returns an origin of no provider.
    """

    api: Api
    incoming: Incoming
    options: Mapping[str, object]
    foreign_url: Callable[[], str]

    def correct_answer(self) -> Response:
        """Return the API's own response."""
        return self.api.answer(self.incoming)

    def seconds(self, name: str) -> float:
        """Return the value of an option in seconds."""
        return float(str(self.options[name]))

    def number(self, name: str) -> int:
        """Return the value of an option that is an integer."""
        return int(str(self.options[name]))

    def altered(self, make: Callable[[Api, Incoming], Response]) -> Response:
        """Return the API's own response with an altered list."""
        return make(self.api, self.incoming)

    def error_body(self, status: int) -> Response:
        """Return the provider's error body."""
        detail = "This is a fault of the simulator; send the request again."
        return Response(status, self.api.error_body(status, detail))

    def redirect(self, mount: str, *marker: tuple[str, str]) -> Response:
        """Return a redirect to the same path and query below another mount point."""
        query = urlencode([*self.incoming.query, *marker])
        location = f"{mount}{quote(self.incoming.path)}" + (f"?{query}" if query else "")
        return Response(307, b"", {"Location": location})


def fault_response(kind: str, exchange: Exchange) -> Response:
    """Return the response of a kind of fault."""
    build = _BUILDERS.get(kind)
    answer = build(exchange) if build else exchange.error_body(int(kind))
    return replace(answer, fault=kind)


def over_limit(exchange: Exchange, per_second: float) -> Response:
    """Return the response to a request above the rate limit."""
    seconds = exchange.seconds("retry_after_seconds")
    return replace(exchange.api.rate_limited(seconds, per_second), fault="rate limit")


def _half(exchange: Exchange) -> Response:
    answer = exchange.correct_answer()
    body = answer.encoded()
    return replace(answer, body=body[: len(body) // 2])


def _in_seconds(exchange: Exchange, status: int) -> Response:
    seconds = exchange.seconds("retry_after_seconds")
    headers = {"Retry-After": f"{seconds:g}"}
    return replace(exchange.error_body(status), headers=headers, quiet_until=time.time() + seconds)


def _by_date(exchange: Exchange) -> Response:
    # A date has whole seconds. Rounding up makes the pause at least as long as the option.
    until = math.ceil(time.time() + exchange.seconds("retry_after_seconds"))
    headers = {"Retry-After": formatdate(until, usegmt=True)}
    return replace(exchange.error_body(429), headers=headers, quiet_until=float(until))


def _not_utf8(exchange: Exchange) -> Response:
    """Add a Latin-1 text to the first object, and leave the rest unchanged.

    A response without an object gets the beginning of one, which is not valid JSON either.
    """
    answer = exchange.correct_answer()
    body = answer.encoded()
    head, brace, tail = body.partition(b"{")
    comma = b"" if tail.startswith(b"}") else b","
    return replace(answer, body=head + brace + b'"x_sim_text":"caf\xe9"' + comma + tail)


def _dripped(exchange: Exchange) -> Response:
    count, seconds = exchange.number("drip_bytes"), exchange.seconds("drip_seconds")
    return replace(exchange.correct_answer(), manner="drip", count=count, seconds=seconds)


def _continued(exchange: Exchange) -> Response:
    count, seconds = exchange.number("continue_count"), exchange.seconds("continue_seconds")
    return replace(exchange.correct_answer(), manner="continue", count=count, seconds=seconds)


def _bomb(exchange: Exchange, answer: Response) -> Response:
    """Compress a response that begins with many megabytes of white space."""
    body = _packed_space(exchange.number("bomb_mb")) + _packed(answer.encoded())
    headers = {**answer.headers, "Content-Encoding": "gzip"}
    return replace(answer, body=body, headers=headers)


def _packed(content: bytes) -> bytes:
    return zlib.compress(content, wbits=_GZIP)


@cache
def _packed_space(megabytes: int) -> bytes:
    packer = zlib.compressobj(wbits=_GZIP)
    return b"".join(
        [*(packer.compress(b" " * _MEGABYTE) for _ in range(megabytes)), packer.flush()]
    )


_BUILDERS: Mapping[str, Callable[[Exchange], Response]] = {
    "reset": lambda _: Response(0, b"", manner="reset"),
    "close": lambda _: Response(0, b"", manner="close"),
    "slow": lambda exchange: replace(
        exchange.correct_answer(), manner="slow", seconds=exchange.seconds("slow_seconds")
    ),
    "stall": lambda exchange: replace(
        exchange.correct_answer(), manner="stall", seconds=exchange.seconds("stall_seconds")
    ),
    "cut": lambda exchange: replace(exchange.correct_answer(), manner="cut"),
    "html": lambda _: Response(200, _MAINTENANCE, _HTML),
    "half": _half,
    "empty": lambda _: Response(200, b""),
    "429-seconds": lambda exchange: _in_seconds(exchange, 429),
    "429-date": _by_date,
    "429-reset": lambda exchange: exchange.api.rate_limited(
        exchange.seconds("retry_after_seconds"), _USUAL_RATE
    ),
    "403-seconds": lambda exchange: _in_seconds(exchange, 403),
    "502": lambda _: Response(502, _BAD_GATEWAY, _HTML),
    "503": lambda exchange: _in_seconds(exchange, 503),
    "redirect-same": lambda exchange: exchange.redirect(exchange.incoming.mount, (AGAIN, "1")),
    "redirect-away": lambda exchange: exchange.redirect(
        f"{exchange.foreign_url()}/{exchange.api.name}"
    ),
    "drip": _dripped,
    "continue": _continued,
    "length": lambda exchange: replace(exchange.correct_answer(), manner="length"),
    "chunk": lambda exchange: replace(exchange.correct_answer(), manner="chunk"),
    "endless": lambda exchange: Response(
        200, b"", manner="endless", count=exchange.number("endless_mb")
    ),
    "not-utf8": _not_utf8,
    "bomb": lambda exchange: _bomb(exchange, exchange.correct_answer()),
    "bomb-404": lambda exchange: _bomb(exchange, exchange.error_body(404)),
    "bomb-302": lambda exchange: _bomb(
        exchange, replace(exchange.redirect(exchange.incoming.mount, (AGAIN, "1")), status=302)
    ),
    "600": lambda exchange: replace(exchange.correct_answer(), status=_ODD_STATUS),
    "206": lambda exchange: exchange.altered(altered_lists.halved),
    "nan": lambda exchange: exchange.altered(altered_lists.with_nan),
    "huge-integer": lambda exchange: exchange.altered(altered_lists.with_huge_integer),
    "duplicate-keys": lambda exchange: exchange.altered(altered_lists.with_duplicate_keys),
    "null-for-nothing": lambda exchange: exchange.altered(altered_lists.with_null_for_nothing),
    "null-records": lambda exchange: exchange.altered(altered_lists.with_null_records),
    "no-list": lambda exchange: exchange.altered(altered_lists.without_list),
    "totals-zero": lambda exchange: exchange.altered(altered_lists.without_totals),
    "totals-huge": lambda exchange: exchange.altered(altered_lists.with_huge_totals),
    "cursor-list": lambda exchange: exchange.altered(altered_lists.with_list_for_cursor),
    "empty-for-ever": lambda exchange: exchange.altered(altered_lists.always_empty),
    "new-for-ever": lambda exchange: exchange.altered(altered_lists.always_new),
    "unfiltered": lambda exchange: exchange.altered(altered_lists.unfiltered),
}
"""Kind to response. Any other kind is the status of a plain error response."""
