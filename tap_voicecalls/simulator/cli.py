"""The command `voicecalls-simulator`: serve the simulated APIs and print a configuration."""

from __future__ import annotations

import argparse
import math
import signal
import sys
import threading
from datetime import UTC, datetime, time, timedelta
from importlib.metadata import version
from typing import TYPE_CHECKING

import msgspec

from tap_voicecalls.output.abort import OutputError
from tap_voicecalls.output.stdout import checked_stdout
from tap_voicecalls.simulator.api import iso, parsed
from tap_voicecalls.simulator.faults import KINDS, TRANSIENT, Faults
from tap_voicecalls.simulator.simulator import Simulator

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import FrameType

_DAYS = 30
_EPILOG = """\
examples:
  voicecalls-simulator > config.json          # until Ctrl-C; in another terminal:
  tap-voicecalls --config config.json --test
  voicecalls-simulator --start 2026-01-01 --end 2026-02-01 --calls-per-day 500 --faults 0.1"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Print a tap configuration (JSON) to stdout, then serve until Ctrl-C or SIGTERM.

    Args:
        arguments: Command-line arguments; those of the process by default.

    Returns:
        The exit status.
    """
    try:
        with checked_stdout():
            return _serve(_parser().parse_args(arguments))
    except OutputError as error:
        _log(f"error: {error}")
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
        _log("stopped")
    except (OSError, OverflowError, ValueError) as error:
        _log(f"error: {error}")
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    today = datetime.combine(datetime.now(UTC).date(), time(), UTC)
    parser = argparse.ArgumentParser(
        prog="voicecalls-simulator",
        description="Serve made-up calls through the APIs of all supported providers, and print a "
        "configuration of the tap that reads them.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--version", action="version", version=f"%(prog)s {version('tap-voicecalls')}"
    )
    parser.add_argument(
        "--port", type=int, default=0, help="TCP port on 127.0.0.1; 0 (default): any free port"
    )
    parser.add_argument("--seed", type=int, default=7, help="seed of the calls (default: 7)")
    first, last = today - timedelta(days=_DAYS), today + timedelta(days=1)
    parser.add_argument(
        "--start",
        type=_time,
        default=first,
        help=f"date or time, UTC, inclusive (default: {_DAYS} days ago)",
    )
    parser.add_argument(
        "--end",
        type=_time,
        default=last,
        help="date or time, UTC, exclusive (default: tonight, 24:00)",
    )
    per_day = "mean number of calls a day of each provider (default: 40)"
    parser.add_argument("--calls-per-day", type=_count, default=40, help=per_day)
    parser.add_argument(
        "--faults", type=float, metavar="SHARE", help="share of requests that get a fault, 0 to 1"
    )
    kinds = f"faults to choose from: {', '.join(KINDS)} (default: the transient ones)"
    parser.add_argument("--fault-kinds", type=_list, metavar="KIND,KIND", help=kinds)
    parser.add_argument("--fault-seed", type=int, default=1, help="seed of the faults (default: 1)")
    return parser


def _faults(options: argparse.Namespace) -> Faults | None:
    if options.faults is None:
        return None
    return Faults(options.fault_seed, options.faults, options.fault_kinds or TRANSIENT)


def _announce(simulator: Simulator) -> None:
    settings = {
        "start_date": iso(simulator.world.start, "seconds"),
        "end_date": iso(simulator.world.end, "seconds"),
        **simulator.configuration(),
    }
    text = msgspec.json.format(msgspec.json.encode(settings), indent=2).decode()
    sys.stdout.write(f"{text}\n")
    # A parent process reads the configuration from a pipe.
    sys.stdout.flush()
    _log(f"serving made-up calls on {simulator.url}; Ctrl-C stops")


def _log(text: str) -> None:
    sys.stderr.write(f"voicecalls-simulator: {text}\n")


def _list(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


def _time(text: str) -> datetime:
    moment = parsed(text)
    if moment is None:
        message = f"{text!r} is not an ISO 8601 date or time"
        raise argparse.ArgumentTypeError(message)
    return moment


def _count(text: str) -> float:
    count = float(text)
    if not 0 <= count < math.inf:
        message = f"{text!r} is not a number of at least 0"
        raise argparse.ArgumentTypeError(message)
    return count


def _interrupt(number: int, frame: FrameType | None) -> None:
    del number, frame
    raise KeyboardInterrupt
