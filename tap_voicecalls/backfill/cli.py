"""The command `voicecalls-plan`: divides a backfill into shards, and merges their states."""

from __future__ import annotations

import argparse
import logging
import re
import sys
from typing import TYPE_CHECKING, Any

import msgspec

from tap_voicecalls.backfill.errors import BackfillError
from tap_voicecalls.backfill.merge import merge_states
from tap_voicecalls.backfill.planner import plan_by_days, plan_by_number
from tap_voicecalls.backfill.states import read_plan, read_states
from tap_voicecalls.cli import run_command
from tap_voicecalls.common.program import parser_of
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
Divide a large backfill into shards, which any number of processes can read in parallel. A shard is
a run of the tap with the shard's "env" in its environment and a state of its own. Together, the
shards read each call from start_date to end_date, or to now, once. A plan contains no secrets.

When all shards are done, --merge merges their states into one; scheduled runs continue from it."""
_EPILOG = f"""\
examples:
  {_PROGRAM} --config config.json --shards 24 > plan.json
  {_PROGRAM} --config=ENV --days 31 --state-prefix history > plan.json
  {_PROGRAM} --merge plan.json states/ > state.json
  meltano state set --force prod:tap-voicecalls-to-target-postgres --input-file state.json

exit status: 0 for success, 1 for errors or incomplete shards, 2 for a wrong command line"""


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
        plan = plan_by_days(tap, options.days, prefix, at_once)
    else:
        plan = plan_by_number(tap, options.shards, prefix, at_once)
        if len(plan.shards) > options.shards:
            _warn(f"{len(plan.shards)} shards: each provider, account and product needs its own")
    _print(plan)


def _tap(sources: Sequence[str]) -> TapVoiceCalls:
    """Make a tap from the values of `--config`, as the tap's own command does."""
    config: dict[str, Any] = {}
    for source in sources:
        config |= {} if source == "ENV" else read_object(source, "--config")
    return TapVoiceCalls(config=config, parse_env_config="ENV" in sources)


def _merge(options: argparse.Namespace) -> None:
    plan: Plan = read_plan(options.merge)
    merged = merge_states(plan, read_states(plan, options.states))
    for line in merged.undone:
        _warn(line)
    if merged.undone and not options.partial:
        msg = "run these shards again, or merge the states up to the first of them with --partial"
        raise BackfillError(msg)
    for line in merged.unread:
        _warn(
            f"no shard has read {line}, as is right for what is deselected; the merged state does "
            "not contain it"
        )
    _print(merged.state if options.bare else {"singer_state": merged.state})


def _print(value: object) -> None:
    text = msgspec.json.format(msgspec.json.encode(value), indent=2).decode()
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def _warn(line: str) -> None:
    logging.getLogger(_PROGRAM).warning("%s", line)


def _parser() -> argparse.ArgumentParser:
    parser = parser_of(_PROGRAM, _DESCRIPTION, _EPILOG, _USAGE)
    _add_planning(parser.add_argument_group("make a plan"))
    _add_merging(parser.add_argument_group("merge the states"))
    return parser


def _add_planning(group: argparse._ArgumentGroup) -> None:
    group.add_argument(
        "--config",
        action="append",
        default=[],
        metavar="FILE",
        help="a file of the tap's settings; ENV reads them from the environment and .env; may be "
        "given several times",
    )
    ways = group.add_mutually_exclusive_group()
    ways.add_argument(
        "--shards",
        type=_count,
        metavar="N",
        help="total number of shards, with about the same number of calls each: providers that "
        "count calls are asked (24 requests per account), the others are divided evenly by time",
    )
    ways.add_argument(
        "--days", type=_count, metavar="D", help="length of a shard in days; sends no request"
    )
    group.add_argument(
        "--at-once",
        type=_count,
        metavar="K",
        help="number of shards of an account that are read at the same time, by default 1; each "
        "uses its share of the account's requests_per_second",
    )
    group.add_argument(
        "--state-prefix",
        type=_name,
        metavar="NAME",
        help="prefix of the shards' state ids",
    )


def _add_merging(group: argparse._ArgumentGroup) -> None:
    group.add_argument("--merge", metavar="PLAN", help="the plan")
    group.add_argument(
        "states",
        nargs="*",
        metavar="STATE",
        help="files named STATE_ID.json, in the format of `meltano state get` or Singer; or "
        "folders of such files",
    )
    group.add_argument(
        "--partial",
        action="store_true",
        help="allow incomplete shards: merge the states up to the first of them",
    )
    group.add_argument(
        "--bare", action="store_true", help="print the state in Singer's format, not Meltano's"
    )


def _check(parser: argparse.ArgumentParser, options: argparse.Namespace) -> None:
    """Reject options that do not fit together."""
    cut = options.shards or options.days
    planning = options.config or cut or options.at_once or options.state_prefix
    merging = options.states or options.partial or options.bare
    if options.merge and planning:
        parser.error("--merge does not make a plan; leave out --config and other planning options")
    if options.merge and not options.states:
        parser.error("--merge needs the states of the shards: files or folders")
    if not options.merge and merging:
        parser.error("states, --partial and --bare need --merge PLAN")
    if not options.merge and not (options.config and cut):
        parser.error("a plan needs --config, and either --shards or --days")


def _count(text: str) -> int:
    if not re.fullmatch("[0-9]{1,6}", text) or not int(text):
        message = f"{text!r} is not a whole number from 1 to 999999"
        raise argparse.ArgumentTypeError(message)
    return int(text)


def _name(text: str) -> str:
    if not re.fullmatch("[A-Za-z0-9][A-Za-z0-9._-]*", text):
        message = f"{text!r} may only contain letters, digits, dots, dashes and underscores"
        raise argparse.ArgumentTypeError(message)
    return text
