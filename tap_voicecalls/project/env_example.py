"""The project's .env.example: the keys and addresses to be filled in."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tap_voicecalls.project.choices import Choices, Loader
    from tap_voicecalls.providers.base import Provider

_HEAD = "# Copy this file to .env, which Meltano reads and Git ignores, and fill it in.\n"
_OFF = "# Keys count with --environment=prod. Remove the # of those that you fill in.\n"


def text(choices: Choices) -> str:
    """Return .env.example."""
    blocks = [*_loader(choices.loader)]
    blocks += [_provider(provider, off=choices.simulated) for provider in choices.providers]
    return "\n".join((_HEAD + (_OFF if choices.simulated else ""), *blocks))


def _loader(loader: Loader) -> Iterator[str]:
    if loader.address:
        lines = (f"{loader.variable(name)}={value}" for name, value in loader.address.items())
        yield _block(f"The database of {loader.label}.", *lines)


def _provider(provider: type[Provider], *, off: bool) -> str:
    """Return the keys of a provider; a key that is empty would count as given."""
    first, *others = provider.required_keys()
    lines = [f"{'# ' if off else ''}{_variable(provider, key)}=" for key in first]
    for keys in others:
        lines += ["# or instead:", *(f"# {_variable(provider, key)}=" for key in keys)]
    return _block(f"{provider.title}.", *lines)


def _variable(provider: type[Provider], key: str) -> str:
    return f"TAP_VOICECALLS_{provider.name}_{key}".upper()


def _block(title: str, *lines: str) -> str:
    return "".join(f"{line}\n" for line in (f"# {title}", *lines))
