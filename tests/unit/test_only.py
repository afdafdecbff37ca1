"""`only`: one configuration with its keys serves many runs, each of which reads a part of it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
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
    """Load settings; the names of variables go without their prefix."""
    variables = {f"TAP_VOICECALLS_{name}": text for name, text in environ.items()}
    given = GIVEN | {"only": only}
    return load_settings(given, environ=variables, schema=SCHEMA, providers=PROVIDERS)


def read(only: Mapping[str, Any] | None, **environ: str) -> dict[str, dict[str, list[str]]]:
    """Return what is read: of each provider the accounts, of each account the parts."""
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
        # By either of its names, in the order of the settings.
        (
            {"provider": "vonage", "products": ["TTS", "VOICE-CALL"]},
            {"vonage": {"emea": EMEA, "apac": ["VOICE-TTS"]}},
        ),
        # An account without any of them is not read, and so gets no bookmark.
        ({"provider": "vonage", "products": ["ASR"]}, {"vonage": {"apac": ["ASR"]}}),
    ],
)
def test_just_that_is_read(only: Settings | None, expected: Settings) -> None:
    """A shard that reads more than its own loads rows twice; one that reads less loses them."""
    assert read(only) == expected


def test_a_shard_is_environment_variables() -> None:
    """Meltano and engines hand a shard over so, lists as JSON; they win over what is configured."""
    environ = {
        "ONLY_PROVIDER": "vonage",
        "ONLY_ACCOUNT": "emea",
        "ONLY_PRODUCTS": '["VOICE-TTS"]',
        "ONLY_SKIP_NAMED_IDS": "true",
    }

    assert read({"provider": "burki"}, **environ) == {"vonage": {"emea": ["VOICE-TTS"]}}


def test_what_is_named_is_left_out() -> None:
    """Calls named by their id come in each run: of many shards one may fetch them."""
    only = {"provider": "telnyx", "account": "default"}

    (without,) = load(only | {"skip_named_ids": True})["telnyx"]["accounts"]
    (own,) = load(only | {"skip_named_ids": False})["telnyx"]["accounts"]

    assert without["call_ids"] == []
    assert own["call_ids"] == ["some-call"]


def test_a_rate_is_shared_by_the_runs() -> None:
    """Four processes that each keep the whole rate send four times what the account may."""
    only = {"provider": "burki", "parallel_runs": 4}
    accounts = [{"account": "north"}, {"account": "south", "requests_per_second": 1}]
    environ = {"BURKI_REQUESTS_PER_SECOND": "10", "BURKI_ACCOUNTS": json.dumps(accounts)}

    loaded = load(only, **environ)
    (unlimited,) = load(only)["burki"]["accounts"]

    rates = [account["requests_per_second"] for account in loaded["burki"]["accounts"]]
    assert rates == [2.5, 0.25]
    assert unlimited.get("requests_per_second") is None


def test_other_providers_have_no_streams() -> None:
    """A catalog with streams that are not read would leave tables without a bookmark behind."""
    tap = TapVoiceCalls(config=GIVEN | {"only": {"provider": "vonage"}})

    assert tap.streams.keys() == {"vonage_voice_reports", "calls"}


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
def test_what_is_not_there_is_one_clear_line(only: Settings, expected: str) -> None:
    """A shard of an account that was renamed must fail, not read nothing and count as done."""
    with pytest.raises(ConfigValidationError) as caught:
        load(only)

    assert caught.value.errors == [expected]
