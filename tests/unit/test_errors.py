"""Error messages say what to check."""

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
    """Each message names the setting that is likely to be wrong."""
    assert named in advice(
        status, provider="vonage", keys="`vonage.api_key` and `vonage.api_secret`"
    )


@pytest.mark.parametrize(
    ("status", "expected"), [(404, "404 Not Found"), (503, "503 Service Unavailable"), (520, "520")]
)
def test_a_status_is_shown_with_its_phrase(status: int, expected: str) -> None:
    """A non-standard status, as proxies send, is shown as a number."""
    assert expected == phrase(status)
