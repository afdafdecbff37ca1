"""Each account and stream fails alone: any error while it is read becomes one line."""

from __future__ import annotations

import traceback
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from tap_voicecalls.common.errors import ApiError, BadAnswer
from tap_voicecalls.streams.bookmarks import StateError

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Iterator

Item = TypeVar("Item")

_PACKAGE = Path(__file__).parents[1]


class ReadFailed(Exception):  # noqa: N818 - the end of one read, not of the run
    """One account cannot be read for one stream; the message is one line for the user."""


@contextmanager
def isolated(where: str) -> Iterator[None]:
    """Turn any exception into one line, without the data that was read.

    Args:
        where: Which provider, account and stream are read.

    Raises:
        ReadFailed: An exception was raised.
    """
    try:
        yield
    except ReadFailed:
        raise
    except ApiError as error:
        raise ReadFailed(str(error)) from None
    except (BadAnswer, StateError) as error:
        msg = f"{where}: {error}"
        raise ReadFailed(msg) from None
    except Exception as error:  # noqa: BLE001 - one provider must not end the run of all
        msg = (
            f"{where}: unexpected {type(error).__name__} at {_location(error)} while reading; "
            "please report it"
        )
        raise ReadFailed(msg) from None


def isolated_each(items: Iterable[Item], where: str) -> Generator[Item, None, None]:
    """Yield items, with :func:`isolated` around making them but not around using them."""
    with isolated(where):
        yield from items


def _location(error: BaseException) -> str:
    """Return the last line of this package in a traceback, never any of its values."""
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if Path(frame.filename).is_relative_to(_PACKAGE)]
    last = (own or frames)[-1]
    file = Path(last.filename)
    shown = file.relative_to(_PACKAGE).as_posix() if file.is_relative_to(_PACKAGE) else file.name
    return f"{shown}:{last.lineno}"
