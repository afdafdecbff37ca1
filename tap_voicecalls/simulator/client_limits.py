"""The rate limit of each provider, and the pauses that it asked for."""

from __future__ import annotations

from collections import Counter, defaultdict, deque


class RateLimits:
    """Counts requests of each provider in a sliding window. Not thread-safe.

    Attributes:
        over: The number of requests above the limit, by provider.
    """

    def __init__(self) -> None:
        self.over: Counter[str] = Counter()
        self._admitted: defaultdict[str, deque[float]] = defaultdict(deque)

    def admit(self, provider: str, most: float, now: float, window: float) -> bool:
        """Count a request, and return whether it is within the limit.

        Args:
            provider: The API that is called.
            most: The number of requests allowed in the window.
            now: The time of the request, in seconds.
            window: The length of the window, in seconds.
        """
        admitted = self._admitted[provider]
        while admitted and admitted[0] <= now - window:
            admitted.popleft()
        if len(admitted) >= most:
            self.over[provider] += 1
            return False
        admitted.append(now)
        return True


class QuietPeriods:
    """Counts requests that arrive during a pause that a response asked for. Not thread-safe.

    Attributes:
        early: The number of requests that arrived too early, by provider.
    """

    def __init__(self) -> None:
        self.early: Counter[str] = Counter()
        self._quiet: defaultdict[str, list[tuple[float, float]]] = defaultdict(list)

    def ask(self, provider: str, now: float, until: float) -> None:
        """Record that a response sent now asks for a pause until a time."""
        self._quiet[provider].append((now, until))

    def arrived(self, provider: str, now: float, under_way: float) -> None:
        """Count a request if it arrived too early.

        Args:
            provider: The API that is called.
            now: The time of arrival.
            under_way: Seconds after the response in which requests are allowed, since other threads
                of the client may have sent them before the response was read.
        """
        quiet = [(since, until) for since, until in self._quiet[provider] if until > now]
        self._quiet[provider] = quiet
        if any(since + under_way <= now for since, _ in quiet):
            self.early[provider] += 1
