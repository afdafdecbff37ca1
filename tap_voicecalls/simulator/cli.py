"""The command `voicecalls-simulator`: serve the simulated APIs, print how to reach them."""

from __future__ import annotations

import argparse
import math
import signal
import sys
import threading
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING

import msgspec

from tap_voicecalls.output.abort import OutputError
from tap_voicecalls.output.stdout import checked_stdout
from tap_voicecalls.simulator.api import iso, parsed
from tap_voicecalls.simulator.faults import KINDS, PASSING, Faults
from tap_voicecalls.simulator.simulator import Simulator

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import FrameType

_DAYS = 30


def main(arguments: Sequence[str] | None = None) -> int:
    """Print a ready tap configuration (JSON) to stdout, then serve until Ctrl-C or SIGTERM.

    Args:
        arguments: The command line without the program's name; the process's own by default.

    Returns:
        The exit status.
    """
    try:
        with checked_stdout():
            return _serve(_parser().parse_args(arguments))
    except OutputError as error:
        _tell(f"error: {error}")
        return 1


def _serve(options: argparse.Namespace) -> int:
    try:
        simulator = Simulator(
            seed=options.seed,
            start=options.start,
            end=options.end,
            calls_per_day=options.calls_per_day,
            port=options.port,
            faults=_faults(options),
        )
        signal.signal(signal.SIGTERM, _interrupt)
        with simulator:
            _announce(simulator)
            threading.Event().wait()
    except KeyboardInterrupt:
        _tell("stopped")
    except (OSError, OverflowError, ValueError) as error:
        _tell(f"error: {error}")
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    today = datetime.combine(datetime.now(UTC).date(), time(), UTC)
    parser = argparse.ArgumentParser(
        prog="voicecalls-simulator",
        description="Serve made-up calls through the APIs of five telephony providers.",
    )
    parser.add_argument("--port", type=int, default=0, help="TCP port on 127.0.0.1, 0: a free one")
    parser.add_argument("--seed", type=int, default=7, help="decides every call (default: 7)")
    first, last = today - timedelta(days=_DAYS), today + timedelta(days=1)
    parser.add_argument("--start", type=_time, default=first, help="date or time, UTC, inclusive")
    parser.add_argument("--end", type=_time, default=last, help="date or time, UTC, exclusive")
    per_day = "mean number of calls of each provider (default: 40)"
    parser.add_argument("--calls-per-day", type=_count, default=40, help=per_day)
    parser.add_argument("--faults", type=float, metavar="SHARE", help="share of faulty answers")
    kinds = f"faults to choose from, of: {', '.join(KINDS)} (default: those that pass)"
    parser.add_argument("--fault-kinds", type=_list, metavar="KIND,KIND", help=kinds)
    parser.add_argument("--fault-seed", type=int, default=1, help="decides which (default: 1)")
    return parser


def _faults(options: argparse.Namespace) -> Faults | None:
    if options.faults is None:
        return None
    return Faults(options.fault_seed, options.faults, options.fault_kinds or PASSING)


def _announce(simulator: Simulator) -> None:
    settings = {
        "start_date": iso(simulator.world.start, "seconds"),
        "end_date": iso(simulator.world.end, "seconds"),
        **simulator.configuration(),
    }
    text = msgspec.json.format(msgspec.json.encode(settings), indent=2).decode()
    sys.stdout.write(f"{text}\n")
    # Whoever starts this as a child reads the configuration from a pipe.
    sys.stdout.flush()
    _tell(f"serving made-up calls on {simulator.url}; Ctrl-C stops")


def _tell(text: str) -> None:
    sys.stderr.write(f"voicecalls-simulator: {text}\n")


def _list(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


def _time(text: str) -> datetime:
    moment = parsed(text)
    if moment is None:
        message = f"{text!r} is no ISO 8601 date or time"
        raise argparse.ArgumentTypeError(message)
    return moment


def _count(text: str) -> float:
    count = float(text)
    if not 0 <= count < math.inf:
        message = f"{text!r} is no number of 0 and more"
        raise argparse.ArgumentTypeError(message)
    return count


def _interrupt(number: int, frame: FrameType | None) -> None:
    del number, frame
    raise KeyboardInterrupt
