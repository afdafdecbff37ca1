"""`only`: one configuration serves many runs, each of which reads a part of it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
import registry
from singer_sdk.exceptions import ConfigValidationError

from tap_voicecalls.providers import PROVIDERS
from tap_voicecalls.settings.load import load_settings
from tap_voicecalls.settings.schema import settings_schema
from tap_voicecalls.tap import TapVoiceCalls

if TYPE_CHECKING:
    from collections.abc import Mapping

    Settings = dict[str, Any]

SCHEMA = settings_schema(PROVIDERS)
GIVEN: Settings = {
    "start_date": "2026-01-05",
    "vonage": {
        "api_key": "k",
        "api_secret": "s",
        "products": ["SIP", "VOICE-TTS"],
        "accounts": [{"account": "emea"}, {"account": "apac", "products": ["ASR", "TTS"]}],
    },
    "telnyx": {"api_key": "k", "call_ids": ["some-call"]},
    "burki": {"api_key": "k"},
}


def load(only: Mapping[str, Any] | None, **environ: str) -> Settings:
    """Load settings; variables are given without their prefix."""
    variables = {f"TAP_VOICECALLS_{name}": text for name, text in environ.items()}
    given = GIVEN | {"only": only}
    return load_settings(given, environ=variables, schema=SCHEMA, providers=PROVIDERS)


def read(only: Mapping[str, Any] | None, **environ: str) -> dict[str, dict[str, list[str]]]:
    """Return what a run reads: the accounts of each provider, and the parts of each account."""
    loaded = load(only, **environ)
    return {
        provider.name: {
            account["account"]: list(provider.parts(account))
            for account in provider.account_settings(loaded[provider.name])
        }
        for provider in PROVIDERS
        if provider.name in loaded
    }


EMEA, APAC = ["VOICE-CALL", "VOICE-TTS"], ["ASR", "VOICE-TTS"]
ALL = {
    "vonage": {"emea": EMEA, "apac": APAC},
    "telnyx": {"default": []},
    "burki": {"default": []},
}


@pytest.mark.parametrize(
    ("only", "expected"),
    [
        (None, ALL),
        ({}, ALL),
        ({"provider": None}, ALL),
        ({"provider": "burki"}, {"burki": {"default": []}}),
        ({"provider": "vonage"}, {"vonage": {"emea": EMEA, "apac": APAC}}),
        ({"provider": "vonage", "account": "apac"}, {"vonage": {"apac": APAC}}),
        (
            {"provider": "vonage", "account": "apac", "products": ["ASR"]},
            {"vonage": {"apac": ["ASR"]}},
        ),
        # Products may have aliases; the order is that of the settings.
        (
            {"provider": "vonage", "products": ["TTS", "VOICE-CALL"]},
            {"vonage": {"emea": EMEA, "apac": ["VOICE-TTS"]}},
        ),
        # An account without any of the products is not read, and gets no bookmark.
        ({"provider": "vonage", "products": ["ASR"]}, {"vonage": {"apac": ["ASR"]}}),
    ],
)
def test_only_the_requested_part_is_read(only: Settings | None, expected: Settings) -> None:
    """A shard that reads too much loads rows twice; one that reads too little loses them."""
    assert read(only) == expected


def test_environment_variables_select_a_shard() -> None:
    """Meltano and orchestrators pass shards as variables, which override the configuration."""
    environ = {
        "ONLY_PROVIDER": "vonage",
        "ONLY_ACCOUNT": "emea",
        "ONLY_PRODUCTS": '["VOICE-TTS"]',
        "ONLY_SKIP_NAMED_IDS": "true",
    }

    assert read({"provider": "burki"}, **environ) == {"vonage": {"emea": ["VOICE-TTS"]}}


def test_named_ids_can_be_skipped() -> None:
    """Each run requests named ids, but of many shards, only one may load them."""
    only = {"provider": "telnyx", "account": "default"}

    (without,) = load(only | {"skip_named_ids": True})["telnyx"]["accounts"]
    (own,) = load(only | {"skip_named_ids": False})["telnyx"]["accounts"]

    assert without["call_ids"] == []
    assert own["call_ids"] == ["some-call"]


def test_parallel_runs_share_the_rate() -> None:
    """Four processes with the whole rate each would exceed the limit of the account."""
    only = {"provider": "burki", "parallel_runs": 4}
    accounts = [{"account": "north"}, {"account": "south", "requests_per_second": 1}]
    environ = {"BURKI_REQUESTS_PER_SECOND": "10", "BURKI_ACCOUNTS": json.dumps(accounts)}

    loaded = load(only, **environ)
    (unlimited,) = load(only)["burki"]["accounts"]

    rates = [account["requests_per_second"] for account in loaded["burki"]["accounts"]]
    assert rates == [2.5, 0.25]
    assert unlimited.get("requests_per_second") is None


def test_other_providers_have_no_streams() -> None:
    """Streams that are not read would create tables without bookmarks."""
    tap = TapVoiceCalls(config=GIVEN | {"only": {"provider": "vonage"}})

    assert tap.streams.keys() == {
        "vonage_voice_reports",
        *registry.COMMON,
    }


@pytest.mark.parametrize(
    ("only", "expected"),
    [
        (
            {"provider": "ovia"},
            "`only.provider` is 'ovia', but the configured providers are: vonage, telnyx, burki",
        ),
        ({"account": "emea"}, "`only.account` needs `only.provider`"),
        ({"products": ["ASR"]}, "`only.products` needs `only.provider`"),
        ({"parallel_runs": 2}, "`only.parallel_runs` needs `only.provider`"),
        ({"provider": "burki", "parallel_runs": 0}, "`only.parallel_runs` must be at least 1"),
        (
            {"provider": "vonage", "account": "latam"},
            "`only.account` is 'latam', but `vonage` has: 'emea', 'apac'",
        ),
        (
            {"provider": "vonage", "account": "emea", "products": ["VOICE-CALL", "ASR"]},
            "`only.products` names 'ASR', which is not in `vonage.products`",
        ),
        (
            {"provider": "burki", "products": ["ASR"]},
            "`only.products` does not apply to `burki`, which has no products",
        ),
        (
            {"provider": "vonage", "products": []},
            "`only.products` is empty; list at least one item, or omit it",
        ),
        ({"provider": ""}, "`only.provider` is empty"),
        (
            {"stream": "calls"},
            (
                "`only` has no setting 'stream'; it has provider, account, products, "
                "skip_named_ids, parallel_runs"
            ),
        ),
    ],
)
def test_an_error_is_one_clear_line(only: Settings, expected: str) -> None:
    """A shard of a renamed account must fail, since a run that reads nothing looks done."""
    with pytest.raises(ConfigValidationError) as caught:
        load(only)

    assert caught.value.errors == [expected]
