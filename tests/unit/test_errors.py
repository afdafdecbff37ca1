"""The words of errors: what to check, and nothing of anyone."""

from __future__ import annotations

import pytest

from tap_voicecalls.common.errors import advice, phrase


@pytest.mark.parametrize(
    ("status", "named"),
    [
        (401, "`vonage.api_key` and `vonage.api_secret`"),
        (403, "`vonage.api_key` and `vonage.api_secret`"),
        (404, "`vonage.base_url`"),
        (422, "`vonage`"),
    ],
)
def test_advice_names_the_setting_to_check(status: int, named: str) -> None:
    """Each refusal names the setting that is likely to be wrong, as the user wrote it."""
    assert named in advice(
        status, provider="vonage", keys="`vonage.api_key` and `vonage.api_secret`"
    )


@pytest.mark.parametrize(
    ("status", "expected"), [(404, "404 Not Found"), (503, "503 Service Unavailable"), (520, "520")]
)
def test_a_status_is_named(status: int, expected: str) -> None:
    """A status of no standard, as proxies send, is shown as it is instead of failing."""
    assert expected == phrase(status)
