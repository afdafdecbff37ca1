"""The table of all hooks into the SDK.

Each is a name that the SDK may rename, drop or stop calling without notice. A name that is gone is
found when the tap starts; a test finds one that is no longer called.
"""

from __future__ import annotations

from tap_voicecalls.output.sdk_hooks.map_table import MAP_HOOKS
from tap_voicecalls.output.sdk_hooks.stream_table import STREAM_HOOKS
from tap_voicecalls.output.sdk_hooks.tap_table import TAP_HOOKS

HOOKS = (*STREAM_HOOKS, *TAP_HOOKS, *MAP_HOOKS)
