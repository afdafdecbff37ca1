"""The simulator as a whole: its calls, its APIs, its clock and its server."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from tap_voicecalls.simulator.api import Shared, aware_utc
from tap_voicecalls.simulator.apis import discover
from tap_voicecalls.simulator.foreign_origin import ForeignOrigin, ForeignRequest
from tap_voicecalls.simulator.hooks import Hooks
from tap_voicecalls.simulator.messages import Request, Response, decode_request
from tap_voicecalls.simulator.middleware import OPTIONS, Middleware
from tap_voicecalls.simulator.server import Server
from tap_voicecalls.simulator.world import World

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Callable, Mapping
    from types import TracebackType
    from typing import Self

    from tap_voicecalls.simulator.api import Record
    from tap_voicecalls.simulator.faults import Faults


class Simulator:
    """A local server that speaks the documented APIs of all providers.

    Args:
        seed: Decides every call; equal seeds give equal calls, day by day.
        start: Aware datetime; the earliest start of a call.
        end: Aware datetime; every call starts before it.
        calls_per_day: Mean number of calls of each provider a day.
        now: Aware datetime that the APIs use as the current time, None for the real clock.
        port: TCP port on 127.0.0.1; 0 takes a free one.
        unknown_fields: Whether every record has undocumented fields.
        faults: A schedule of faults, None for none.

    Attributes:
        world: The calls themselves.
        options: Options of the APIs and of the middleware, by name; tests change them.
        page_sizes: Provider name to the largest page that it returns.
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
        start, end = aware_utc(start, "start"), aware_utc(end, "end")
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
        self._hooks = Hooks()
        shared = Shared(
            *(self.world, self._clock, self.options, self.page_sizes, unknown_fields),
            foreign_url=lambda: self.foreign_url,
            edit=self._hooks.edit_record,
        )
        self._apis = {api.name: api(shared) for api in classes}
        self._foreign = ForeignOrigin([api.api_key for api in self._apis.values()])
        self._middleware = Middleware(self.options, lambda: self.foreign_url, faults)
        self._requests: list[Request] = []
        self._lock = threading.Lock()
        self._server = Server(self._serve, port)

    @property
    def now(self) -> datetime | None:
        """The simulated time, None when the real clock is used."""
        return self._now

    @now.setter
    def now(self, moment: datetime | None) -> None:
        self._now = None if moment is None else aware_utc(moment, "now")

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
        """The current schedule of faults; setting one restarts the count of requests."""
        return self._middleware.faults

    @faults.setter
    def faults(self, faults: Faults | None) -> None:
        self._middleware.faults = faults

    @property
    def persistent_faults(self) -> dict[str, str]:
        """Provider name to the kind of fault that each of its requests gets, until it is deleted.

        Scripted faults come first; the schedule of faults does not apply to these providers.
        """
        return self._middleware.persistent_faults

    @property
    def injected(self) -> Counter[str]:
        """The number of faults sent so far, by kind."""
        return self._middleware.counts()[0]

    @property
    def early_requests(self) -> Counter[str]:
        """The number of requests that ignored a requested pause, by provider."""
        return self._middleware.counts()[1]

    @property
    def over_limit(self) -> Counter[str]:
        """The number of requests above `options["rate_limits"]`, by provider."""
        return self._middleware.counts()[2]

    @property
    def foreign_url(self) -> str:
        """An origin that belongs to no provider. Its server starts when this is first read."""
        return self._foreign.url

    @property
    def foreign_requests(self) -> list[ForeignRequest]:
        """Every request that the foreign origin received, headers included."""
        return self._foreign.requests

    @property
    def foreign_got_key(self) -> bool:
        """Whether the foreign origin received an Authorization header, or a key anywhere."""
        return self._foreign.got_key

    def script(self, provider: str, *kinds: str) -> None:
        """Queue faults for a provider's next requests, one each; "ok" means none.

        They come before the schedule's. Requests above a rate limit, and those that follow
        "redirect-same", do not use one up.
        """
        if provider not in self._apis:
            raise KeyError(provider)
        self._middleware.script(provider, *kinds)

    def on_request(self, hook: Callable[[Request], None]) -> Callable[[], None]:
        """Call a function with every request before it is answered, one at a time.

        It may add and change calls, set `now`, change options, or script a fault.

        Returns:
            A function that removes the hook.
        """
        return self._hooks.add_request_hook(hook)

    def on_record(self, hook: Callable[[str, Record], None]) -> Callable[[], None]:
        """Call a function with a stream's name and each of its records, to change it in place.

        The API sends the changed record, and `records` returns it. A value may be `msgspec.Raw`:
        JSON that is sent as it is, such as half a surrogate pair. The API still filters and sorts
        by the call itself.

        Returns:
            A function that removes the hook.
        """
        return self._hooks.add_record_hook(hook)

    def configuration(self) -> dict[str, dict[str, object]]:
        """Return tap settings that point at this simulator, one object for each provider."""
        return {name: api.configuration(self.url) for name, api in self._apis.items()}

    def records(self, stream: str, **narrow: object) -> list[dict[str, object]]:
        """Return every record of a stream exactly as its API would send it now.

        Args:
            stream: For instance "burki_calls".
            **narrow: `products` (Vonage: only these), `record_types` (Telnyx: only these) or
                `include_test_calls` (Voicy: also these, which its API omits by default).

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
        self._foreign.stop()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()

    def _clock(self) -> datetime:
        return self._now or datetime.now(UTC)

    def _serve(
        self, method: str, target: str, headers: Mapping[str, str], payload: bytes
    ) -> Response:
        """Answer and log one request. Every request passes through here."""
        provider, path, incoming = decode_request(
            method, target, headers, payload, self._server.authority
        )
        api = self._apis.get(provider)
        request = Request(
            *(provider if api else "", method, path, incoming.query, incoming.body), status=0
        )
        self._hooks.before_request(request)
        no_provider = Response(404, {"error": "no such provider"})
        response = self._middleware.answer(api, incoming) if api else no_provider
        with self._lock:
            served = replace(request, status=response.status, fault=response.fault)
            self._requests.append(served)
        return response
