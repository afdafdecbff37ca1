"""Made-up people, agents and phone numbers.

Every number comes from a range that the national regulator reserves for fiction or documentation,
so no call of the simulator can name a real subscriber.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from tap_voicecalls.simulator.seeding import chance, identifier, seeded

if TYPE_CHECKING:
    import random
    from collections.abc import Mapping, Sequence

LANGUAGES: Mapping[str, int] = {"en": 40, "de": 16, "fr": 14, "es": 14, "pt": 9, "ja": 7}
"""Language code to weight: how often calls are in this language."""

_NAMES: Mapping[str, Sequence[str]] = {
    "en": ("Olivia Hart", "Noah O'Brien", "Amelia Stone", "Jack Whitlock", "Grace Adeyemi"),
    "de": ("Jürgen Weiß", "Anneliese Groß", "Lukas Böhm", "Käthe Schröder", "Ayşe Öztürk"),
    "fr": ("Chloé Lefèvre", "Loïc d'Aubigny", "Anaïs Garçon", "Étienne Noël", "Inès Haddad"),
    "es": ("Íñigo Peña", "Lucía Núñez", "José María Ibáñez", "Begoña Agüero", "Ximena Ríos"),
    "pt": ("João Conceição", "Inês Magalhães", "Luís Falcão", "Patrícia Simões", "Caê Araújo"),
    "ja": ("佐藤 陽菜", "鈴木 大翔", "高橋 さくら", "田中 蓮", "渡辺 結衣"),
}

# North American numbers end in 555-0100 to 555-0199, in every area code.
_AREAS: Mapping[str, Sequence[str]] = {
    "en": ("212", "312", "415"),
    "es": ("305", "915"),
    "pt": ("617", "508"),
    "ja": ("808", "310"),
}
_AGENTS = ("Reception", "Ärztehaus Empfang", "Support “Ada”", "Réservations", "Cobros", "予約係")


@dataclass(frozen=True, slots=True)
class Agent:
    """A voice agent of the simulated company.

    Attributes:
        key: UUID.
        number: Small integer, for providers with integer agent ids.
        name: Display name; it may have non-ASCII characters.
        version: Small integer.
    """

    key: str
    number: int
    name: str
    version: int


def customer_name(rng: random.Random, language: str) -> str:
    """Return a full name that is usual in the language."""
    return rng.choice(_NAMES[language])


def customer_number(rng: random.Random, language: str) -> str:
    """Return a customer's fictional phone number in E.164, such as "+447700900123"."""
    if language == "de":
        return f"+493023125{rng.randrange(1000):03d}"
    if language == "fr":
        return f"+33639980{rng.randrange(1000):03d}"
    if language == "en" and chance(rng, 0.5):
        return f"+447700900{rng.randrange(1000):03d}"
    return f"+1{rng.choice(_AREAS[language])}55501{rng.randrange(100):02d}"


@lru_cache(maxsize=64)
def business_lines(seed: int, provider: str) -> tuple[str, ...]:
    """Return the company's own numbers at a provider, in E.164."""
    rng = seeded(f"{seed}/{provider}/lines")
    return tuple(customer_number(rng, language) for language in LANGUAGES)


@lru_cache(maxsize=64)
def agents(seed: int, provider: str) -> tuple[Agent, ...]:
    """Return the company's voice agents at a provider."""
    rng = seeded(f"{seed}/{provider}/agents")
    return tuple(
        Agent(identifier(rng), 101 + index, name, rng.randint(1, 9))
        for index, name in enumerate(_AGENTS)
    )
