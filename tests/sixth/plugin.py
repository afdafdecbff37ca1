"""Registers the made-up provider: what the line in the registry and the file beside it do."""

from pathlib import Path

from made_up import MadeUp

from tap_voicecalls import providers
from tap_voicecalls.simulator import apis

providers.PROVIDERS = (*providers.PROVIDERS, MadeUp)
apis.__path__.append(str(Path(__file__).with_name("apis")))
