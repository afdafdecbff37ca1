"""The simulator as a whole: its calls, its APIs, its clock and its server."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, unquote, urlsplit

import msgspec

from tap_voicecalls.simulator.api import Shared
from tap_voicecalls.simulator.apis import discover
from tap_voicecalls.simulator.gate import OPTIONS, Gate
from tap_voicecalls.simulator.messages import Incoming, Request, Response
from tap_voicecalls.simulator.server import Server
from tap_voicecalls.simulator.stranger import Stranger, Visit
from tap_voicecalls.simulator.world import World

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Callable, Mapping
    from types import TracebackType
    from typing import Self

    from tap_voicecalls.simulator.api import Record
    from tap_voicecalls.simulator.faults import Faults


class Simulator:
    """A local server that speaks the documented APIs of five telephony providers.

    Args:
        seed: Decides every call; equal seeds give equal calls, day by day.
        start: Aware datetime: calls start from here.
        end: Aware datetime: calls start before this.
        calls_per_day: Mean number of calls of each provider a day.
        now: Aware datetime that the APIs take for the current time, None for the real clock.
        port: TCP port on 127.0.0.1; 0 takes a free one.
        unknown_fields: Whether every record holds fields that no document knows.
        faults: A schedule of faults, None for none.

    Attributes:
        world: The calls themselves.
        options: Switches of the APIs and of the gate before them, by name; tests flip them.
        page_sizes: Provider name to the largest page that it answers with.
    """

    def __init__(  # noqa: PLR0913 - the public interface: all keyword-only
        self,
        *,
        seed: int,
        start: datetime,
        end: datetime,
        calls_per_day: float = 40,
        now: datetime | None = None,
        port: int = 0,
        unknown_fields: bool = False,
        faults: Faults | None = None,
    ) -> None:
        start, end = _aware(start, "start"), _aware(end, "end")
        if end <= start:
            message = "end must be after start"
            raise ValueError(message)
        self.now = now
        classes = discover()
        profiles = {api.name: api.profile for api in classes}
        self.world = World(seed, start, end, calls_per_day, profiles)
        self.options = dict(OPTIONS)
        for api in classes:
            self.options.update(api.options)
        self.page_sizes = {api.name: api.page_size for api in classes if api.page_size}
        shared = Shared(
            *(self.world, self._clock, self.options, self.page_sizes, unknown_fields),
            stranger=lambda: self.stranger_url,
            edit=self._edit,
        )
        self._apis = {api.name: api(shared) for api in classes}
        self._stranger = Stranger([api.api_key for api in self._apis.values()])
        self._gate = Gate(self.options, lambda: self.stranger_url, faults)
        self._watchers: list[Callable[[Request], None]] = []
        self._editors: list[Callable[[str, Record], None]] = []
        self._watching = threading.RLock()
        self._requests: list[Request] = []
        self._lock = threading.Lock()
        self._server = Server(self._serve, port)

    @property
    def now(self) -> datetime | None:
        """The simulated time, None while it is the real clock's."""
        return self._now

    @now.setter
    def now(self, moment: datetime | None) -> None:
        self._now = None if moment is None else _aware(moment, "now")

    @property
    def url(self) -> str:
        """`http://127.0.0.1:PORT`, once started."""
        return self._server.url

    @property
    def requests(self) -> list[Request]:
        """A copy of the log: every request served so far, in order."""
        with self._lock:
            return list(self._requests)

    @property
    def faults(self) -> Faults | None:
        """The schedule of faults in force; setting one counts requests from the beginning."""
        return self._gate.faults

    @faults.setter
    def faults(self, faults: Faults | None) -> None:
        self._gate.faults = faults

    @property
    def standing(self) -> dict[str, str]:
        """The faults that last: provider name to the kind that each request of it gets.

        They come after what a test scripts, and before the schedule. Take a provider out, and it is
        honest again.
        """
        return self._gate.standing

    @property
    def injected(self) -> Counter[str]:
        """How many faults were answered with so far, by kind."""
        return self._gate.counts()[0]

    @property
    def impatient(self) -> Counter[str]:
        """How many requests came before an answer's wait was over, by provider."""
        return self._gate.counts()[1]

    @property
    def over_limit(self) -> Counter[str]:
        """How many requests were beyond `options["rate_limits"]`, by provider."""
        return self._gate.counts()[2]

    @property
    def stranger_url(self) -> str:
        """Another origin, which must not get a key. It listens as soon as this is asked for."""
        return self._stranger.url

    @property
    def stranger_visits(self) -> list[Visit]:
        """Every request that the other origin got, headers included."""
        return self._stranger.visits

    @property
    def stranger_got_key(self) -> bool:
        """Whether the other origin got an Authorization header, or a key anywhere in a request."""
        return self._stranger.got_key

    def script(self, provider: str, *kinds: str) -> None:
        """Say which faults a provider's next requests get, one each; "ok" is none.

        They come before the schedule's. Requests beyond a rate limit, and those that follow
        "redirect-same", use none up.
        """
        if provider not in self._apis:
            raise KeyError(provider)
        self._gate.script(provider, *kinds)

    def on_request(self, watcher: Callable[[Request], None]) -> Callable[[], None]:
        """Call a function with every request before it is answered, one at a time.

        It may add and change calls, move `now`, flip options, or script a fault.

        Returns:
            A function that ends this.
        """
        self._watchers.append(watcher)
        return lambda: self._watchers.remove(watcher)

    def on_record(self, editor: Callable[[str, Record], None]) -> Callable[[], None]:
        """Call a function with a stream's name and each record of it, for it to change in place.

        What it leaves is what the API sends, and what `records` tells. A value may be
        `msgspec.Raw`: JSON that is sent letter by letter, such as half a surrogate pair. The API
        goes on to filter and sort by the call itself.

        Returns:
            A function that ends this.
        """
        self._editors.append(editor)
        return lambda: self._editors.remove(editor)

    def configuration(self) -> dict[str, dict[str, object]]:
        """Return tap settings, one object a provider, that point at this simulator."""
        return {name: api.configuration(self.url) for name, api in self._apis.items()}

    def records(self, stream: str, **narrow: object) -> list[dict[str, object]]:
        """Return the truth: every record of a stream exactly as its API would send it now.

        Args:
            stream: For instance "burki_calls".
            **narrow: `products` (Vonage: only these) or `include_test_calls` (Voicy: also these,
                which its API leaves out unless asked).

        Raises:
            KeyError: No API has a stream of that name.
        """
        for api in self._apis.values():
            if stream in api.streams:
                return api.records(stream, **narrow)
        raise KeyError(stream)

    def start(self) -> Self:
        """Bind the port and serve in daemon threads."""
        self._server.start()
        return self

    def stop(self) -> None:
        """Close the port and every open connection; `start` serves on the same port again."""
        self._server.stop()
        self._stranger.stop()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()

    def _edit(self, stream: str, record: Record) -> None:
        for editor in tuple(self._editors):
            editor(stream, record)

    def _clock(self) -> datetime:
        return self._now or datetime.now(UTC)

    def _serve(
        self, method: str, target: str, headers: Mapping[str, str], payload: bytes
    ) -> Response:
        """Answer one request and log it: the one place through which all of them pass."""
        parts = urlsplit(target)
        path = unquote(parts.path)
        provider, _, rest = path.lstrip("/").partition("/")
        query = parse_qsl(parts.query, keep_blank_values=True)
        body, malformed = _decoded(payload)
        mount = f"http://{headers.get('host') or self._server.authority}/{provider}"
        incoming = Incoming(method, f"/{rest}", query, headers, body, malformed, mount)
        api = self._apis.get(provider)
        request = Request(provider if api else "", method, path, query, body, 0)
        with self._watching:
            for watcher in tuple(self._watchers):
                watcher(request)
        nobody = Response(404, {"error": "no such provider"})
        response = self._gate.answer(api, incoming) if api else nobody
        with self._lock:
            served = replace(request, status=response.status, fault=response.fault)
            self._requests.append(served)
        return response


def _decoded(payload: bytes) -> tuple[object, bool]:
    """Return the JSON of a request body, and whether it is malformed."""
    if not payload:
        return None, False
    try:
        return msgspec.json.decode(payload), False
    except msgspec.DecodeError:
        return None, True


def _aware(moment: datetime, name: str) -> datetime:
    if moment.tzinfo is None:
        message = f"{name} must be an aware datetime"
        raise ValueError(message)
    return moment.astimezone(UTC)
