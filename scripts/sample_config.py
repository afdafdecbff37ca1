"""The sample configuration: a week of all providers, made up."""

from __future__ import annotations

import json
from pathlib import Path

from tap_voicecalls.providers import PROVIDERS

PATH = Path("sample_config.json")
_GENERAL = {
    "simulate": True,
    "start_date": "2026-01-05T00:00:00Z",
    "end_date": "2026-01-12T00:00:00Z",
}


def text() -> str:
    """Return the file: a line for each setting and each provider."""
    keys = {one.name: dict.fromkeys(one.required_keys()[0], "demo") for one in PROVIDERS}
    lines = [
        f"  {json.dumps(name)}: {json.dumps(value)}" for name, value in (_GENERAL | keys).items()
    ]
    return "{\n" + ",\n".join(lines) + "\n}\n"
