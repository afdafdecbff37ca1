"""What the registry and the simulator state of providers that no test was written for.

The facts of the first providers are written out where they are used, apart from the tap's own code.
Those of any further one come from its declaration and from its simulated API, so that it is
compared, run and killed like the others from its first day on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tap_voicecalls.calls.streams import COMMON_STREAMS
from tap_voicecalls.providers import PROVIDERS
from tap_voicecalls.records import schemas as packaged
from tap_voicecalls.simulator.apis import discover

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from tap_voicecalls.simulator.api import Api

STREAMS: dict[str, Any] = {
    vars(stream)["name"]: stream for provider in PROVIDERS for stream in provider.streams
}
"""The class of each stream, by name."""
SELECTED = [name for name, stream in STREAMS.items() if stream.selected_by_default]
"""The streams that are selected by default."""
WHOLE = [name for name, stream in STREAMS.items() if not stream.replication_key]
"""The streams that are read whole in each run."""
BESIDE = (*WHOLE, "telnyx_recordings", "telnyx_ai_conversations")
"""The streams selected by default that servers of tests about calls need not know."""
PROVIDER_OF = {
    vars(stream)["name"]: provider.name for provider in PROVIDERS for stream in provider.streams
}
"""The provider of each stream."""
COMMON = [str(vars(stream)["name"]) for stream in COMMON_STREAMS]
"""The common streams, whose rows are of all providers."""
NAMES = [provider.name for provider in PROVIDERS]
"""The providers."""


def schema_of(stream: str) -> dict[str, Any]:
    """Return a stream's schema."""
    common = dict(zip(COMMON, COMMON_STREAMS, strict=True))
    return packaged.schema_of(STREAMS.get(stream) or common[stream])


def beyond(known: Iterable[str]) -> list[str]:
    """Name the streams whose provider has none among those that are known."""
    written_out = {PROVIDER_OF[stream] for stream in known}
    return [stream for stream, provider in PROVIDER_OF.items() if provider not in written_out]


def providers_beyond(known: Iterable[str]) -> list[str]:
    """Name the providers that are not among those that are known."""
    written_out = set(known)
    return [name for name in NAMES if name not in written_out]


def key_of(stream: str) -> str:
    """Name the field that tells a stream's records apart within an account."""
    *_, name = STREAMS[stream].primary_keys
    return str(name)


def calls_from(provider: str) -> str:
    """Name the stream whose records are a provider's calls."""
    (found,) = (each.calls_from[0] for each in PROVIDERS if each.name == provider)
    return str(vars(found)["name"])


def api_of(provider: str) -> type[Api]:
    """Return a provider's simulated API."""
    found = {api.name: api for api in discover()}
    assert provider in found, f"{provider}: no module in tap_voicecalls/simulator/apis speaks it"
    return found[provider]


def call_fields(provider: str) -> Mapping[str, str]:
    """Return which field of a record each field of its call is."""
    fields = api_of(provider).call_fields
    missing = {"call_id", "started_at", "provider_status"} - fields.keys()
    assert not missing, (
        f"{provider}: `call_fields` of its simulated API must name the fields of a record that are "
        f"its call's {', '.join(sorted(missing))}"
    )
    return fields
