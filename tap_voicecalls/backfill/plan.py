"""A plan: shards that each stand for themselves, with nothing secret in them. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime  # noqa: TC003 - msgspec reads the annotations
from hashlib import sha256
from typing import TYPE_CHECKING

import msgspec

from tap_voicecalls.settings.sources import variable

if TYPE_CHECKING:
    from tap_voicecalls.common.windows import Window

VERSION = 1
_LONGEST_NAME = 40


class Shard(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """A stretch of one account's time, and what a process needs to read just that.

    Attributes:
        id: What tells it from all others; a file may have it as its name.
        state_id: The id under which its state is kept.
        provider: The provider.
        account: The account's label.
        products: The products of the account; none where the provider has no such thing.
        start_date: Its calls start at this time or later.
        end_date: Its calls start before this time.
        streams: The streams that are read.
        expected: About how many calls there are, by the provider's own count, where it counts.
        env: Environment variables that make a run of the tap one of this shard.
    """

    id: str
    state_id: str
    provider: str
    account: str
    products: list[str] | None = None
    start_date: datetime
    end_date: datetime
    streams: list[str]
    expected: int | None = None
    env: dict[str, str]


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """The shards of a backfill, those of an account ascending.

    Attributes:
        version: The form of the plan.
        made_at: When it was made.
        start_date: Where the backfill begins.
        end_date: Where it ends.
        at_once: How many shards of one account are read at the same time.
        shards: The shards, which together hold each call between the two once.
    """

    version: int = VERSION
    made_at: datetime
    start_date: datetime
    end_date: datetime
    at_once: int = 1
    shards: list[Shard]


@dataclass(frozen=True, slots=True)
class Piece:
    """What a shard is of.

    Attributes:
        provider: The provider.
        account: The account's label.
        product: Its product, where it has such.
        streams: The names of the streams that are read.
        window: Its time.
        expected: About how many calls there are, where that is known.
        names_some: Whether the settings name anything that is fetched whatever its time.
    """

    provider: str
    account: str
    product: str | None
    streams: tuple[str, ...]
    window: Window
    expected: int | None = None
    names_some: bool = False


def shard(piece: Piece, prefix: str = "", at_once: int = 1) -> Shard:
    """Make a shard.

    Args:
        piece: What it is of.
        prefix: What its state's id begins with.
        at_once: How many shards of its account are read at the same time.
    """
    name = _id(piece)
    return Shard(
        id=name,
        state_id=f"{prefix}.{name}" if prefix else name,
        provider=piece.provider,
        account=piece.account,
        products=None if piece.product is None else [piece.product],
        start_date=piece.window.start,
        end_date=piece.window.end,
        streams=list(piece.streams),
        expected=piece.expected,
        env=_environment(piece, at_once),
    )


def _id(piece: Piece) -> str:
    """Name a shard, the same each time, in letters that file systems and engines take."""
    product = [] if piece.product is None else [_plain(piece.product.lower())]
    start = piece.window.start.strftime("%Y%m%dT%H%M%SZ")
    return ".".join([piece.provider, _plain(piece.account), *product, start])


def _plain(text: str) -> str:
    """Write a name in a-z, 0-9 and dashes; one that is not so anyway gets a mark of its own."""
    plain = re.sub("[^a-z0-9]+", "-", text.lower()).strip("-")[:_LONGEST_NAME]
    return plain if plain == text else f"{plain}-{sha256(text.encode()).hexdigest()[:8]}".strip("-")


def _environment(piece: Piece, at_once: int) -> dict[str, str]:
    found = {
        variable("start_date"): _text(piece.window.start),
        variable("end_date"): _text(piece.window.end),
        variable("only", "provider"): piece.provider,
        variable("only", "account"): piece.account,
    }
    if piece.product is not None:
        found[variable("only", "products")] = msgspec.json.encode([piece.product]).decode()
    if piece.names_some:
        # Each run fetches that, so the scheduled one does: here it would be in several shards.
        found[variable("only", "skip_named_ids")] = "true"
    if at_once > 1:
        found[variable("only", "parallel_runs")] = str(at_once)
    return found


def _text(moment: datetime) -> str:
    text: str = msgspec.to_builtins(moment)
    return text
