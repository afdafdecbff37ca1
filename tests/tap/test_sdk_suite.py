"""The SDK's own test suite for taps, with the built-in simulator."""

from __future__ import annotations

import pytest
from singer_sdk.testing import SuiteConfig, get_tap_test_class

from tap_voicecalls.providers import PROVIDERS
from tap_voicecalls.tap import TapVoiceCalls

# Some fields, such as `additional_fields`, are null in all records of the sample.
pytestmark = pytest.mark.filterwarnings("ignore:No records were available to test:UserWarning")

TestTapVoiceCalls = get_tap_test_class(
    TapVoiceCalls,
    config={
        "simulate": True,
        "start_date": "2026-01-05T00:00:00Z",
        "end_date": "2026-01-07T00:00:00Z",
        **{provider.name: {} for provider in PROVIDERS},
    },
    suite_config=SuiteConfig(max_records_limit=50),
)
