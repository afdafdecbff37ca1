"""A target: what to install, what to set, how to read what it loaded."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from targets.place import Place, Tables

    Settings = dict[str, Any]


@dataclass(frozen=True)
class Target:
    """A target.

    Attributes:
        package: Its name and version, as pip takes it.
        settings: Its settings for a place.
        read: Reads what it loaded.
        to_set: What a user must set, beside where it loads to.
        program: Its program.
        title: How the table names it, if another package has the same name.
        flattened: Whether the tap flattens for it.
        beside: Other packages that it needs without saying so.
        overrides: Versions in place of those that it asks for, which do not install or run.
        environment: Variables it is run with.
        launcher: A Python file to run in place of its program, from the project's folder.
    """

    package: str
    settings: Callable[[Place], Settings]
    read: Callable[[Place], Tables]
    to_set: str = ""
    program: str = ""
    title: str = ""
    flattened: bool = False
    beside: tuple[str, ...] = ()
    overrides: tuple[str, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    launcher: str = ""

    @property
    def name(self) -> str:
        """How the table names it."""
        return self.title or self._parts[0]

    @property
    def version(self) -> str:
        """The version that is installed."""
        return self._parts[1]

    @property
    def executable(self) -> str:
        """The name of its program."""
        return self.program or self._parts[0]

    @property
    def key(self) -> str:
        """What names its environment and its database."""
        return _word(self.name)

    @property
    def installs(self) -> tuple[str, ...]:
        """What its environment is made of."""
        return (self.package, *self.beside)

    @property
    def environment_name(self) -> str:
        """The name of its environment: one for all that install the same."""
        return "".join(
            letter if letter.isalnum() else "-" for letter in f"{self._parts[0]}-{self.version}"
        )

    @property
    def _parts(self) -> tuple[str, str]:
        if "==" in self.package:
            name, _, version = self.package.partition("==")
            return name, version
        name, _, address = self.package.partition(" @ ")
        return name, address.rpartition("@")[2]


def _word(text: str) -> str:
    return "".join(letter if letter.isalnum() else "_" for letter in text.lower())
