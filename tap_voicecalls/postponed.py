"""Postpones imports of libraries that most runs do not need: they take a quarter of the start.

The SDK imports joblib for its targets, and upath with fsspec for the storage of batch files.
"""

from __future__ import annotations

import sys
from contextlib import contextmanager
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

OF_SDK = ("joblib", "upath")
"""What the SDK imports, and a tap needs at most later."""


class _Placeholder(ModuleType):
    """Stands for a library whose functions and classes are only called."""

    def __getattr__(self, name: str) -> Callable[..., Any]:
        if name.startswith("__"):  # what `import` looks for
            raise AttributeError(name)

        def call(*args: Any, **options: Any) -> Any:  # noqa: ANN401 - of any library
            return getattr(import_module(self.__name__), name)(*args, **options)

        return call


@contextmanager
def postponed(libraries: Sequence[str]) -> Iterator[None]:
    """Import modules without these libraries: each is imported when something of it is called."""
    absent = [name for name in libraries if name not in sys.modules]
    sys.modules.update((name, _Placeholder(name)) for name in absent)
    try:
        yield
    finally:
        for name in absent:
            del sys.modules[name]
