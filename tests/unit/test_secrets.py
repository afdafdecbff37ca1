"""Secrets inside records: removed at every depth, under every spelling, and nothing else."""

from __future__ import annotations

import json
from time import process_time
from typing import Any

import pytest

from tap_voicecalls.records.raw_json import RawJson
from tap_voicecalls.records.secrets import REMOVED, without_secrets

PLANTED = "s3cr3t"


def cleaned(record: Any) -> Any:  # noqa: ANN401 - any JSON
    """Return a record without its secrets."""
    return json.loads(bytes(without_secrets(RawJson(json.dumps([record]).encode()))))[0]


@pytest.mark.parametrize(
    "name",
    [
        *("api_key", "apiKey", "API-Key", "api key", "llm_api_key", "openaiApiKeys", "X-API-KEY"),
        *(
            "auth_token",
            "authToken",
            "token",
            "access_token",
            "bearer-token",
            "x_amz_security_token",
        ),
        *("secret", "clientSecret", "webhook_secret", "secret__crm", "server_secret"),
        *("password", "sipPassword", "PASSWD", "passphrase"),
        *("credentials", "credential", "authorization", "Authorization", "auth", "jwt"),
        *(
            "headers",
            "custom_headers",
            "request-headers",
            "Cookie",
            "private_key",
            "signing_key",
            "openAIKey",
        ),
    ],
)
@pytest.mark.parametrize("content", [PLANTED, [PLANTED], {"value": {"x": PLANTED}}, 47114711])
def test_a_secret_is_removed_at_every_depth(name: str, content: object) -> None:
    """One key of a user's model vendor in a warehouse is a key that many can read."""
    record = {"id": 1, name: content, "tools": [{"server": {"settings": [{name: content}]}}]}

    found = cleaned(record)

    assert PLANTED not in json.dumps(found)
    assert "47114711" not in json.dumps(found)
    assert found[name] == found["tools"][0]["server"]["settings"][0][name] == REMOVED


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        ("https://user:s3cr3t@crm.example/x", f"https://{REMOVED}@crm.example/x"),
        ("https://x.example/?token=s3cr3t&b=1", f"https://x.example/?token={REMOVED}&b=1"),
        ("https://x.example/a?b=1&Api-Key=s3cr3t", f"https://x.example/a?b=1&Api-Key={REMOVED}"),
        ("see https://x.example/?sig_key=s3cr3t.", f"see https://x.example/?sig_key={REMOVED}"),
        ("wss://s3cr3t@x.example", f"wss://{REMOVED}@x.example"),
        ("https://x.example/#access_token=s3cr3t", f"https://x.example/#access_token={REMOVED}"),
        ("https://x.example/a?sv=1&sig=s3cr3t", f"https://x.example/a?sv=1&sig={REMOVED}"),
    ],
)
def test_credentials_in_an_address_are_removed(sent: str, expected: str) -> None:
    """A webhook's address often holds the only key that protects it."""
    assert cleaned({"webhook_url": sent}) == {"webhook_url": expected}


@pytest.mark.parametrize("text", ['{"api_key": "s3cr3t", "day": 1}', ' [{"headers": "s3cr3t"}]'])
def test_secrets_in_json_in_a_text_are_removed(text: str) -> None:
    """The arguments of a tool are sent as a text."""
    found = cleaned({"arguments": text})["arguments"]

    assert PLANTED not in found
    assert REMOVED in found


@pytest.mark.parametrize(
    "text",
    [
        'Result: {"api_key": "s3cr3t", "day": 1}',
        "I called it with {'token': 's3cr3t'}.",
        r'Result: {"body": "{\"auth\": {\"api-key\" : \"s3cr3t\"}}"}',
        '{"a": 1, "api_key": "s3cr3t',
        'Error: {"api_key": "s3cr3t ... (cut)',
        r'Result: {"api_key": "a\"s3cr3t", "day": 1}',
        "sent Authorization: Bearer s3cr3t.s3cr3t-s3cr3t",
        '[{"name": "api_key", "value": "s3cr3t"}]',
    ],
)
def test_secrets_in_json_among_words_are_removed(text: str) -> None:
    """Logs and results of tools put words before it, or cut it off."""
    found = cleaned({"result": text})["result"]

    assert PLANTED not in found
    assert REMOVED in found


@pytest.mark.parametrize("before", ["curl -H 'x-api-key: ", "API_KEY=", "auth_token = "])
def test_a_key_in_a_command_is_removed(before: str) -> None:
    """Catches a key in a prompt or in a tool's description, outside of JSON and of an address."""
    assert cleaned({"prompt": f"{before}s3cr3t-0123456789' x"})["prompt"] == f"{before}{REMOVED}' x"


@pytest.mark.parametrize("text", ["My API key: no idea", "the auth token is lost, api key=none"])
def test_words_about_keys_are_kept(text: str) -> None:
    """Catches what a caller says about keys, removed from the transcript."""
    assert cleaned({"message": text})["message"] == text


@pytest.mark.parametrize("name", ["name", "key", "variable_name"])
def test_a_secret_whose_name_is_a_value_is_removed(name: str) -> None:
    """Lists of headers and variables have their names as values."""
    found = cleaned({"variables": [{name: "X-Api-Key", "value": "s3cr3t", "type": "text"}]})

    assert found == {"variables": [{name: "X-Api-Key", "value": REMOVED, "type": "text"}]}


@pytest.mark.parametrize(
    "text",
    [
        '{"day":  1.50}',
        "{not JSON",
        "He said: 'fine': 'go'",
        "It is a basic assumption: no",
        "[laughs] see https://a.example",
    ],
)
def test_a_text_without_secrets_stays_as_it_is(text: str) -> None:
    """What was said, and numbers in a text, must not be written in another form."""
    assert cleaned({"arguments": text}) == {"arguments": text}


def test_a_long_name_in_an_address_takes_no_longer_than_another_text() -> None:
    """Catches a text of a megabyte in a call that holds up a run for ten minutes."""
    text = f"https://host/?{'key' * 30_000}"
    began = process_time()

    cleaned = without_secrets(RawJson(json.dumps([{"text": text}]).encode()))

    assert process_time() - began < 1
    assert json.loads(bytes(cleaned)) == [{"text": text}]


def test_signatures_stay_in_links_that_need_them() -> None:
    """A link to a recording without its signature opens nothing."""
    link = "https://x.example/a.mp3?X-Amz-Signature=abc&token=def"
    sent = RawJson(
        json.dumps([{"recording_url": link, "url": link, "presignedUrl": link}]).encode()
    )

    (found,) = json.loads(bytes(without_secrets(sent, {"recording_url"})))

    assert found["recording_url"] == found["presignedUrl"] == link
    assert "abc" not in found["url"]


@pytest.mark.parametrize(
    "record",
    [
        {"credentialId": "c", "credentialIds": ["c"], "authorization_method": "none"},
        {"name": "key", "keywords": ["token ring"], "max_tokens": 300, "keyterms": ["a"]},
        {"model": "gpt-4o", "temperature": 0.4000, "author": "me", "monkey": 1},
        {"has_secret": True, "token": None, "api_key": None},
        {"url": "https://x.example/?page=2", "mail": "mail me at a@b.example"},
        {"total_tokens": 7, "tokenizer": "x", "keypad": "1234"},
    ],
)
def test_everything_else_stays(record: dict[str, object]) -> None:
    """A record that loses more than its secrets is of no use."""
    assert cleaned(record) == record
