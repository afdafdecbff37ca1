"""Vonage: records of voice calls, from the Reports API.

Source: developer.vonage.com, Reports API v2 reference and guides.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from singer_sdk import typing as th

from tap_voicecalls.http.auth import HTTPBasicAuth
from tap_voicecalls.providers.base import Provider
from tap_voicecalls.providers.vonage.calls import CALL_SOURCES, call_of, costs, normalize
from tap_voicecalls.providers.vonage.products import OLDER_NAMES, PRODUCTS
from tap_voicecalls.providers.vonage.ranges import LONG, RETENTION_MONTHS
from tap_voicecalls.providers.vonage.streams import VonageVoiceReports

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Vonage", "VonageVoiceReports", "normalize"]

_TOO_OLD = f"{RETENTION_MONTHS} months"


class Vonage(Provider):
    """Vonage Reports."""

    name = "vonage"
    label = "Vonage"
    title = "Vonage Reports"
    base_url = "https://api.nexmo.com"
    secrets = ("api_key", "api_secret")
    requests_per_second = 10
    parts_setting = "products"
    streams = calls_from = (VonageVoiceReports,)
    costs_from: ClassVar = {VonageVoiceReports: costs}
    normalize = staticmethod(call_of)
    call_sources = CALL_SOURCES
    settings = (
        th.Property(
            "account_id",
            th.StringType(min_length=1),
            description="The account whose records are read: the API key, which is the default, or "
            "the key of a subaccount.",
        ),
        th.Property(
            "products",
            th.CustomType(
                {
                    "type": ["array"],
                    "items": {"type": ["string"], "enum": [*PRODUCTS, *OLDER_NAMES]},
                    "minItems": 1,
                }
            ),
            default=["VOICE-CALL", "VOICE-FAILED", "VOICE-TTS"],
            description="The products whose calls are read: "
            + ", ".join(PRODUCTS)
            + ". SIP and TTS are older names of VOICE-CALL and VOICE-TTS.",
        ),
        th.Property(
            "mode",
            th.StringType(allowed_values=["auto", "sync", "async"]),
            default="auto",
            description="How to read calls that are older than the lookback: `sync` page by page, "
            "`async` by asynchronous reports, `auto` by reports if they span more than "
            f"{LONG.days} days. Later calls are always read page by page.",
        ),
        th.Property(
            "report_timeout_hours",
            th.NumberType(exclusive_minimum=0),
            default=6,
            description="How long to wait for an asynchronous report, in hours. After that the run "
            "fails, and the next run reuses the report.",
        ),
    )

    @classmethod
    def parts(cls, settings: Mapping[str, Any]) -> tuple[str, ...]:
        """Return the products by their current names."""
        products = (OLDER_NAMES.get(name, name) for name in settings["products"])
        return tuple(dict.fromkeys(products))

    @classmethod
    def auth(cls, settings: Mapping[str, Any]) -> HTTPBasicAuth:
        """Return Basic authentication with the API key and secret."""
        return HTTPBasicAuth(settings["api_key"].encode(), settings["api_secret"].encode())

    @classmethod
    def explain(cls, answer: Any) -> str:  # noqa: ANN401 - JSON is any value
        """Read RFC 7807: the title, or the parameters of a 422, or that they are too old."""
        match answer:
            case {"title": str(title), "invalid_parameters": [*parameters]}:
                wrong = [item for item in parameters if isinstance(item, dict)]
                names = ", ".join(str(item.get("name")) for item in wrong)
                if any(_TOO_OLD in str(item.get("reason")) for item in wrong):
                    return f"{names}: older than the {_TOO_OLD} that Vonage keeps"
                return f"{title}: {names}"
            case {"detail": str(detail)} if _TOO_OLD in detail:
                return f"older than the {_TOO_OLD} that Vonage keeps"
            case {"title": str(title)}:
                return title
            case _:
                return ""
