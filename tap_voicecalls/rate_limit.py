"""How many requests an account may send in a second, over all threads."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


def rate_limiter(per_second: float | None) -> Callable[[], object]:
    """Return a function that blocks until the next request may go out.

    Args:
        per_second: Requests a second; None for no limit.
    """
    if per_second is None:
        return lambda: None
    # Imported here: not every configuration needs it, and start-up time is the user's.
    from pyrate_limiter import InMemoryBucket, Limiter, Rate  # noqa: PLC0415

    # One at a time, evenly: a burst that is late would meet the next one at the server. Rounded
    # down, 1.5 a second is 1, for the sake of never sending more than was allowed.
    pause = 1000 / (int(per_second) if per_second >= 1 else per_second)
    rate = Rate(1, math.ceil(pause))
    limiter = Limiter(InMemoryBucket([rate]), buffer_ms=0)
    return lambda: limiter.try_acquire("request")
