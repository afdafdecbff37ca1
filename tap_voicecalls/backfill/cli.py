"""The command `voicecalls-plan`: divides a backfill into shards, and puts their states together."""

from __future__ import annotations

import argparse
import logging
import re
import sys
from typing import TYPE_CHECKING, Any

import msgspec

from tap_voicecalls.backfill.errors import BackfillError
from tap_voicecalls.backfill.merge import merged
from tap_voicecalls.backfill.planner import planned_by_days, planned_by_number
from tap_voicecalls.backfill.states import read_plan, read_states
from tap_voicecalls.cli import run_command
from tap_voicecalls.settings.json_file import read_object
from tap_voicecalls.tap import TapVoiceCalls

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tap_voicecalls.backfill.plan import Plan

_PROGRAM = "voicecalls-plan"
_USAGE = f"""\
{_PROGRAM} --config FILE (--shards N | --days D) [--at-once K] [--state-prefix NAME]
       {_PROGRAM} --merge plan.json [--partial] [--bare] STATE [STATE ...] > state.json"""
_DESCRIPTION = """\
Divide a large backfill into shards, which any number of processes read side by side. Each shard is
a run of the tap with the shard's "env" in its environment and a state of its own; together they
read from start_date to end_date, or to now, each call once. A plan holds no secret.

When all shards are done, --merge makes of their states the one from which scheduled runs go on."""
_EPILOG = f"""\
examples:
  {_PROGRAM} --config config.json --shards 24 > plan.json
  {_PROGRAM} --config=ENV --days 31 --state-prefix history > plan.json
  {_PROGRAM} --merge plan.json states/ > state.json
  meltano state set prod:tap-voicecalls-to-target-postgres --input-file state.json

exit status: 0, 1 when something is wrong or shards are not done, 2 for a wrong command line"""


def main() -> None:
    """Run the command."""
    logging.basicConfig(level=logging.WARNING, format=f"{_PROGRAM}: %(message)s")
    run_command(_run)


def _run() -> None:
    parser = _parser()
    options = parser.parse_args()
    _check(parser, options)
    if options.merge:
        _merge(options)
    else:
        _plan(options)


def _plan(options: argparse.Namespace) -> None:
    tap, prefix, at_once = _tap(options.config), options.state_prefix or "", options.at_once or 1
    if options.days:
        plan = planned_by_days(tap, options.days, prefix, at_once)
    else:
        plan = planned_by_number(tap, options.shards, prefix, at_once)
        if len(plan.shards) > options.shards:
            _tell(f"{len(plan.shards)} shards: each provider, account and product needs its own")
    _print(plan)


def _tap(sources: Sequence[str]) -> TapVoiceCalls:
    """Make a tap from the sources of settings that the tap's own command takes."""
    config: dict[str, Any] = {}
    for source in sources:
        config |= {} if source == "ENV" else read_object(source, "--config")
    return TapVoiceCalls(config=config, parse_env_config="ENV" in sources)


def _merge(options: argparse.Namespace) -> None:
    plan: Plan = read_plan(options.merge)
    found = merged(plan, read_states(plan, options.states))
    for line in found.undone:
        _tell(line)
    if found.undone and not options.partial:
        msg = "run these shards again, or take the state up to the first of them with --partial"
        raise BackfillError(msg)
    for line in found.unread:
        _tell(f"no shard has read {line}: the state leaves it out")
    _print(found.state if options.bare else {"singer_state": found.state})


def _print(value: object) -> None:
    text = msgspec.json.format(msgspec.json.encode(value), indent=2).decode()
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def _tell(line: str) -> None:
    logging.getLogger(_PROGRAM).warning("%s", line)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=_PROGRAM,
        usage=_USAGE,
        description=_DESCRIPTION,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    _add_planning(parser.add_argument_group("make a plan"))
    _add_merging(parser.add_argument_group("put the states together"))
    return parser


def _add_planning(group: argparse._ArgumentGroup) -> None:
    group.add_argument(
        "--config",
        action="append",
        default=[],
        metavar="FILE",
        help="the tap's settings, as for the tap itself; ENV takes them from the environment and "
        ".env; may be given several times",
    )
    ways = group.add_mutually_exclusive_group()
    ways.add_argument(
        "--shards",
        type=_count,
        metavar="N",
        help="so many shards in all, of about as many calls each: providers that count their calls "
        "are asked (24 requests an account), the others are cut evenly in time",
    )
    ways.add_argument(
        "--days", type=_count, metavar="D", help="shards of D days each; no request is sent"
    )
    group.add_argument(
        "--at-once",
        type=_count,
        metavar="K",
        help="how many shards of one account are read at the same time, by default 1: each then "
        "takes that part of the account's requests_per_second",
    )
    group.add_argument(
        "--state-prefix",
        type=_name,
        metavar="NAME",
        help="what the ids of the shards' states begin with",
    )


def _add_merging(group: argparse._ArgumentGroup) -> None:
    group.add_argument("--merge", metavar="PLAN", help="the plan")
    group.add_argument(
        "states",
        nargs="*",
        metavar="STATE",
        help="files called STATE_ID.json, each as `meltano state get` prints it or a bare Singer "
        "state; or folders of such files",
    )
    group.add_argument(
        "--partial",
        action="store_true",
        help="shards may be missing: take the state up to the first that is",
    )
    group.add_argument(
        "--bare", action="store_true", help="print the state as Singer has it, not as Meltano does"
    )


def _check(parser: argparse.ArgumentParser, options: argparse.Namespace) -> None:
    """Refuse what does not go together."""
    cut = options.shards or options.days
    planning = options.config or cut or options.at_once or options.state_prefix
    merging = options.states or options.partial or options.bare
    if options.merge and planning:
        parser.error("--merge makes no plan: leave out --config and what goes with it")
    if options.merge and not options.states:
        parser.error("--merge needs the states of the shards: files, or a folder of them")
    if not options.merge and merging:
        parser.error("states are for --merge PLAN")
    if not options.merge and not (options.config and cut):
        parser.error("a plan needs --config, and either --shards or --days")


def _count(text: str) -> int:
    if not re.fullmatch("[0-9]{1,6}", text) or not int(text):
        message = f"{text!r} is no number of 1 and more"
        raise argparse.ArgumentTypeError(message)
    return int(text)


def _name(text: str) -> str:
    if not re.fullmatch("[A-Za-z0-9][A-Za-z0-9._-]*", text):
        message = f"{text!r} may hold letters, digits, dots, dashes and underscores"
        raise argparse.ArgumentTypeError(message)
    return text
