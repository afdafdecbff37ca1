"""What a hook into the SDK is, and how one that is gone is reported."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.metadata import version
from typing import TYPE_CHECKING, Literal

from singer_sdk.exceptions import SingerSDKError

if TYPE_CHECKING:
    from collections.abc import Iterable

SUPPORTED = ">=0.54.9,<0.56"
"""The releases of the SDK that the tap works with, as in pyproject.toml."""

Use = Literal["overrides", "calls", "reads", "replaces"]


class SdkChangedError(SingerSDKError):
    """The installed SDK is not one that the tap works with.

    Args:
        fact: What it lacks or does differently.
    """

    def __init__(self, fact: str) -> None:
        super().__init__(
            f"singer-sdk {version('singer-sdk')} {fact}; install another release: "
            f"pip install 'singer-sdk{SUPPORTED}'"
        )


@dataclass(frozen=True, slots=True)
class Hook:
    """One name of the SDK that the tap uses.

    Attributes:
        owner: The class or module that has it.
        name: The name.
        use: Whether the tap overrides it and the SDK calls that, or the tap calls, reads or
            replaces what the SDK has.
        purpose: What the tap uses it for.
        without: What would happen if the SDK dropped it or did not call it any more.
        of_instance: Whether only instances of the class have it.
    """

    owner: object
    name: str
    use: Use
    purpose: str
    without: str
    of_instance: bool = False

    def __str__(self) -> str:
        owner = getattr(self.owner, "__qualname__", None) or getattr(self.owner, "__name__", "")
        return f"{owner}.{self.name}"


def require(hooks: Iterable[Hook]) -> None:
    """Check that the installed SDK has all names.

    Raises:
        SdkChangedError: It lacks one.
    """
    for hook in hooks:
        if not hook.of_instance and not hasattr(hook.owner, hook.name):
            fact = f"has no `{hook}`, which the tap {hook.use}"
            raise SdkChangedError(fact)
