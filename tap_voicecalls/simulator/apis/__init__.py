"""The simulated APIs, one module or package for each provider.

To add a provider, add a module with one subclass of `Api`. `discover` finds it; nothing else in the
simulator names it.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil

from tap_voicecalls.simulator.api import Api


def discover() -> list[type[Api]]:
    """Return the API class of every module in this package, sorted by module name."""
    found: list[type[Api]] = []
    for module in sorted(pkgutil.iter_modules(__path__), key=lambda entry: entry.name):
        members = vars(importlib.import_module(f"{__name__}.{module.name}")).values()
        found += [
            member
            for member in members
            if inspect.isclass(member)
            and issubclass(member, Api)
            and not inspect.isabstract(member)
        ]
    return found
