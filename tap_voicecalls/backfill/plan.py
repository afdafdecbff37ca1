"""A plan: independent shards, without secrets. Pure."""

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
    """A window of one account, and the environment of a run that reads exactly this window.

    Attributes:
        id: A unique id, which is also valid as a file name.
        state_id: The id of its state.
        provider: The provider.
        account: The account's label.
        products: The products to read; None if the provider has no products.
        start_date: Its calls start at or after this time.
        end_date: Its calls start before this time.
        streams: The streams to read.
        expected: The approximate number of calls, if the provider counts them.
        env: Environment variables for a run of the tap.
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
    """The shards of a backfill; those of an account are in order of time.

    Attributes:
        version: The version of the format.
        made_at: When it was made.
        start_date: The start of the backfill.
        end_date: The end of the backfill.
        at_once: The number of shards of an account that are read at the same time.
        shards: The shards; each call of the backfill belongs to exactly one.
    """

    version: int = VERSION
    made_at: datetime
    start_date: datetime
    end_date: datetime
    at_once: int = 1
    shards: list[Shard]


@dataclass(frozen=True, slots=True)
class Piece:
    """The content of a shard.

    Attributes:
        provider: The provider.
        account: The account's label.
        product: The product, if the provider has products.
        streams: The names of the streams to read.
        window: The window.
        expected: The approximate number of calls, if it is known.
        has_named_ids: Whether the settings name ids that each run requests, whatever the window.
    """

    provider: str
    account: str
    product: str | None
    streams: tuple[str, ...]
    window: Window
    expected: int | None = None
    has_named_ids: bool = False


def shard(piece: Piece, prefix: str = "", at_once: int = 1) -> Shard:
    """Make a shard.

    Args:
        piece: Its content.
        prefix: The prefix of its state id.
        at_once: The number of shards of the account that are read at the same time.
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
    """Return a stable id in characters that file systems and orchestrators accept."""
    product = [] if piece.product is None else [_plain(piece.product.lower())]
    start = piece.window.start.strftime("%Y%m%dT%H%M%SZ")
    return ".".join([piece.provider, _plain(piece.account), *product, start])


def _plain(text: str) -> str:
    """Convert a name to a-z, 0-9 and dashes; a changed name gets a hash, to stay unique."""
    plain = re.sub("[^a-z0-9]+", "-", text.lower()).strip("-")[:_LONGEST_NAME]
    return plain if plain == text else f"{plain}-{sha256(text.encode()).hexdigest()[:8]}".strip("-")


def _environment(piece: Piece, at_once: int) -> dict[str, str]:
    variables = {
        variable("start_date"): _text(piece.window.start),
        variable("end_date"): _text(piece.window.end),
        variable("only", "provider"): piece.provider,
        variable("only", "account"): piece.account,
    }
    if piece.product is not None:
        variables[variable("only", "products")] = msgspec.json.encode([piece.product]).decode()
    if piece.has_named_ids:
        # Each run requests these ids, so the scheduled run does; here, several shards would.
        variables[variable("only", "skip_named_ids")] = "true"
    if at_once > 1:
        variables[variable("only", "parallel_runs")] = str(at_once)
    return variables


def _text(moment: datetime) -> str:
    text: str = msgspec.to_builtins(moment)
    return text
