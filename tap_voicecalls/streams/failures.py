"""Whatever fails while an account is read fails for that account and stream alone, in one line."""

from __future__ import annotations

import traceback
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from tap_voicecalls.common.errors import ApiError, BadAnswer
from tap_voicecalls.streams.bookmarks import StateError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

Item = TypeVar("Item")

_HERE = Path(__file__).parents[1]


class Failed(Exception):  # noqa: N818 - the end of one reading, which others do not share
    """The reading of one account for one stream has ended, for a reason that is one line."""


@contextmanager
def failing_alone(where: str) -> Iterator[None]:
    """Turn whatever is raised within into one line, without what was read in it.

    Args:
        where: Who reads: the provider, the account and the stream.

    Raises:
        Failed: Something was raised.
    """
    try:
        yield
    except Failed:
        raise
    except ApiError as error:
        raise Failed(str(error)) from None
    except (BadAnswer, StateError) as error:
        msg = f"{where}: {error}"
        raise Failed(msg) from None
    except Exception as error:  # noqa: BLE001 - one provider must not end the run of all
        msg = (
            f"{where}: unexpected {type(error).__name__} at {_place(error)} while reading; please "
            "report it"
        )
        raise Failed(msg) from None


def each_failing_alone(items: Iterable[Item], where: str) -> Iterator[Item]:
    """Yield items whose making fails as :func:`failing_alone` says; what uses them does not."""
    with failing_alone(where):
        yield from items


def _place(error: BaseException) -> str:
    """Name the last line of this package that had a part in an error, never any of its values."""
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if Path(frame.filename).is_relative_to(_HERE)]
    last = (own or frames)[-1]
    file = Path(last.filename)
    shown = file.relative_to(_HERE).as_posix() if file.is_relative_to(_HERE) else file.name
    return f"{shown}:{last.lineno}"
