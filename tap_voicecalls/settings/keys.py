"""Keys and labels as they are pasted or mounted: what goes, and what is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tap_voicecalls.common.safe_text import safe_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tap_voicecalls.providers.base import Provider

    Settings = dict[str, Any]

_FIRST, _LAST = "!", "~"  # of the printable characters of ASCII, which headers carry as they are


def strip_keys(settings: Settings, providers: Iterable[type[Provider]]) -> None:
    """Take white space away from around keys and addresses, such as the newline of a file."""
    for provider in providers:
        for _, own in _objects(settings, provider):
            for name in (*provider.secrets, "base_url"):
                if isinstance(text := own.get(name), str):
                    own[name] = text.strip()


def wrong_keys(settings: Settings, providers: Iterable[type[Provider]]) -> Iterator[str]:
    """Yield what is wrong with keys, each in a line that names the setting and quotes nothing."""
    for provider in providers:
        for place, own in _objects(settings, provider):
            for name in provider.secrets:
                if isinstance(text := own.get(name), str) and (wrong := _wrong(text)):
                    yield (
                        f"`{place}.{name}` holds a character that no key has (U+{ord(wrong):04X}): "
                        "copy the key anew from the provider's page"
                    )


def wrong_labels(settings: Settings, providers: Iterable[type[Provider]]) -> Iterator[str]:
    """Yield the labels of accounts that cannot stand in a line of a log."""
    for provider in providers:
        for place, own in _objects(settings, provider):
            if isinstance(label := own.get("account"), str) and not label.isprintable():
                yield f"`{place}.account` is {safe_name(label)}, but must be printable"


def _wrong(text: str) -> str:
    return next((character for character in text if not _FIRST <= character <= _LAST), "")


def _objects(settings: Settings, provider: type[Provider]) -> Iterator[tuple[str, Settings]]:
    """Yield a provider's settings object, and those of its accounts, by where they stand."""
    own = settings.get(provider.name)
    if not isinstance(own, dict):
        return
    yield provider.name, own
    accounts = own.get("accounts")
    for index, account in enumerate(accounts if isinstance(accounts, list) else ()):
        if isinstance(account, dict):
            yield f"{provider.name}.accounts[{index}]", account
