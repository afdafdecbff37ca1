"""`--test`: asks each account for each of its streams, accounts side by side.

A list is asked for its latest hour, and details for one call. Nothing is written.
"""

from __future__ import annotations

import os
import stat
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from copy import copy
from dataclasses import dataclass, replace
from datetime import timedelta
from threading import Event
from typing import TYPE_CHECKING

from tap_voicecalls.common.windows import Window
from tap_voicecalls.streams.failures import ReadFailed, isolated_each

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from tap_voicecalls.common.run import Run
    from tap_voicecalls.streams.base import ProviderStream
    from tap_voicecalls.streams.read_context import ReadContext

MELTANO_PLUGIN = "MELTANO_EXTRACTOR_NAME"
"""The variable in which Meltano passes the name that the tap has in a project."""
_HOUR = timedelta(hours=1)
# Where a call is looked for whose details are asked for, until there is one.
_FURTHER = (_HOUR, timedelta(days=1), timedelta(days=7))
# A test must not take as long as a run may wait for a server.
_TRIES, _SECONDS = 3, 60
_ACCOUNTS_AT_ONCE = 32


def check_each_account(streams: Iterable[ProviderStream], run: Run) -> None:
    """Ask each account for each stream, and log a line for each that works.

    Args:
        streams: The streams of the providers.
        run: Gets a line for each account and stream that fails.
    """
    cancelled = Event()
    pool = ThreadPoolExecutor(_ACCOUNTS_AT_ONCE, thread_name_prefix="test")
    try:
        checks = _by_account(streams, cancelled)
        for results in pool.map(_results, checks):
            for result in results:
                for note in result.notes:
                    result.stream.logger.info("%s", note)
                run.failures += result.failures
    finally:
        cancelled.set()
        pool.shutdown(wait=False, cancel_futures=True)


def is_test_by_meltano(environ: Mapping[str, str]) -> bool:
    """Whether Meltano reads the log and the messages from one pipe.

    It does so in `meltano config test` only, which runs the tap without `--test` and takes its
    first record for success and its last line for the reason of a failure.
    """
    if MELTANO_PLUGIN not in environ or sys.stdout is None or sys.stderr is None:
        return False
    try:
        one, other = os.fstat(sys.stdout.fileno()), os.fstat(sys.stderr.fileno())
    except (OSError, ValueError):  # closed, or text in memory
        return False
    return stat.S_ISFIFO(one.st_mode) and os.path.samestat(one, other)


@dataclass(frozen=True, slots=True)
class _Result:
    """What came of asking one account for one stream: lines for the user."""

    stream: ProviderStream
    notes: list[str]
    failures: list[str]


@dataclass(frozen=True, slots=True)
class _Check:
    """One stream of one account; its context is made before any thread uses it."""

    stream: ProviderStream
    context: ReadContext

    def result(self) -> _Result:
        """Ask for the stream."""
        where = self.context.where
        try:
            for context in self._contexts():
                self._ask(context)
                if context.refused:
                    lines = [f"{line} ({part})" for part, line in context.refused.items()]
                    return _Result(self.stream, [], lines)
                if self.is_asked:
                    return _Result(self.stream, [f"{where}: ok"], [])
        except ReadFailed as failed:
            return _Result(self.stream, [], [str(failed)])
        days = _FURTHER[-1].days
        note = f"{where}: the list is ok; without a call in {days} days, no details are asked for"
        return _Result(self.stream, [note], [])

    def _contexts(self) -> Iterator[ReadContext]:
        """Yield what to read: the latest hour, and for details as much more as is needed."""
        now, end = self.stream.now, self.stream.bounds.end
        yield replace(self.context, span=Window(now - _HOUR, now))
        if self.stream.needs_calls:
            for length in _FURTHER:
                yield replace(self.context, span=Window(end - length, end), refused={})

    def _ask(self, context: ReadContext) -> None:
        """Read windows; of a list, the first one is enough."""
        with closing(isolated_each(self.stream.read(context), context.where)) as windows:
            for _ in windows:
                if self.is_asked:
                    return

    @property
    def is_asked(self) -> bool:
        """Whether the stream was asked for; details are not as long as no call is listed."""
        return not self.stream.needs_calls or self.context.reading.pages > 0


def _by_account(streams: Iterable[ProviderStream], cancelled: Event) -> list[list[_Check]]:
    """Return the checks of each account."""
    checks: dict[object, list[_Check]] = {}
    for stream in streams:
        stream.ABORT_AT_RECORD_COUNT = 1  # the SDK's mark of a test
        stream.feed_nothing()
        for account in stream.accounts.values():
            client = copy(account.client)  # with the same connections and rate limit
            client.give_up_after(_TRIES, _SECONDS)
            hurried = replace(account, client=client)
            context = stream.context_of(hurried, stream.bounds, cancelled)
            checks.setdefault(account.name, []).append(_Check(stream, context))
    return list(checks.values())


def _results(checks: Iterable[_Check]) -> list[_Result]:
    return [check.result() for check in checks]
