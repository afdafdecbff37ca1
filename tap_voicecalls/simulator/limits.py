"""How often clients may ask, and whether they kept to it."""

from __future__ import annotations

from collections import Counter, defaultdict, deque


class RateLimits:
    """Requests of each provider in a window that slides. Not for several threads at once.

    Attributes:
        over: How many requests were beyond the limit, by provider.
    """

    def __init__(self) -> None:
        self.over: Counter[str] = Counter()
        self._admitted: defaultdict[str, deque[float]] = defaultdict(deque)

    def admit(self, provider: str, most: float, now: float, window: float) -> bool:
        """Tell whether a request at a time is within the limit, and count it; all in seconds."""
        admitted = self._admitted[provider]
        while admitted and admitted[0] <= now - window:
            admitted.popleft()
        if len(admitted) >= most:
            self.over[provider] += 1
            return False
        admitted.append(now)
        return True


class RetryPolicy:
    """Who came although an answer had asked for quiet. Not for several threads at once.

    Attributes:
        impatient: How many requests came too early, by provider.
    """

    def __init__(self) -> None:
        self.impatient: Counter[str] = Counter()
        self._quiet: defaultdict[str, list[tuple[float, float]]] = defaultdict(list)

    def ask(self, provider: str, now: float, until: float) -> None:
        """Remember that an answer sent now asks for quiet until a time."""
        self._quiet[provider].append((now, until))

    def arrived(self, provider: str, now: float, under_way: float) -> None:
        """Count a request if it came too early.

        Args:
            provider: The API it is for.
            now: When it came.
            under_way: Seconds after an answer in which requests still come that other threads of
                the client had sent before it was read.
        """
        quiet = [(since, until) for since, until in self._quiet[provider] if until > now]
        self._quiet[provider] = quiet
        if any(since + under_way <= now for since, _ in quiet):
            self.impatient[provider] += 1
