"""A backfill from plan to scheduled runs, over real sockets: each call exactly once."""

from __future__ import annotations

import json
from collections import Counter
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from properties.warehouse import Cut, TapAt, Tape
from support import END, START, configuration, run_tap, simulator

from backfill.shards import plan, planned, rows, run, together
from tap_voicecalls.http.rate_gate import Rate
from tap_voicecalls.simulator.apis.telnyx.records import detail

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tap_voicecalls.simulator import Simulator
    from tap_voicecalls.simulator.messages import Request

HOUR = timedelta(hours=1)
PRODUCTS = ["VOICE-CALL", "VOICE-FAILED", "VOICE-TTS", "IN-APP-VOICE", "WEBSOCKET-CALL"]
DONE = "2026-01-09T00:00:00.000000Z"
LABEL = "Süd / south"


@pytest.fixture(scope="module")
def served() -> Iterator[Simulator]:
    """A simulator of all providers."""
    with simulator() as made:
        yield made


@pytest.fixture(scope="module")
def south() -> Iterator[Simulator]:
    """A simulator with the calls of a second account."""
    with simulator(seed=2) as made:
        yield made


@pytest.fixture(scope="module")
def config(served: Simulator, south: Simulator) -> dict[str, Any]:
    """All providers, one of them with two accounts, and a call that is named by its id."""
    made = configuration(served)
    made["vonage"]["products"] = PRODUCTS
    made["telnyx"]["call_ids"] = [served.records("telnyx_call_reports")[0]["call_id"]]
    own = south.configuration()["burki"]
    made["burki"]["accounts"] = [
        {"account": "north"},
        {"account": LABEL, "api_key": own["api_key"], "base_url": own["base_url"]},
    ]
    return made


@pytest.fixture(scope="module")
def files(config: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the configuration and its plan of 24 shards."""
    folder = tmp_path_factory.mktemp("backfill")
    (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")
    made = planned("--config", folder / "config.json", "--shards", "24", "--state-prefix", "h1")
    (folder / "plan.json").write_text(json.dumps(made), encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def shards(files: Path) -> list[dict[str, Any]]:
    """The shards of the plan."""
    found: list[dict[str, Any]] = json.loads((files / "plan.json").read_bytes())["shards"]
    return found


def test_all_shards_together_equal_one_run(
    config: dict[str, Any],
    shards: list[dict[str, Any]],
    files: Path,
    served: Simulator,
    south: Simulator,
) -> None:
    """A full backfill with a killed shard, and the scheduled run after it.

    No row is missing, different or in two shards. The scheduled run starts at the lookback: a later
    start loses calls, and an earlier one reads, and pays for, the history again.
    """
    outputs, states = [], files / "states"
    states.mkdir()
    victim = next(shard for shard in shards if shard["provider"] == "voicy")
    for shard in shards:
        output = run(config, shard)
        if shard is victim:
            killed = run(config, shard, cut=Cut(at=len(output.messages) * 2 // 3, kind="killed"))
            assert rows(killed).keys() < rows(output).keys()
            again = run(config, shard, state=killed.state)
            output = type(output)([*killed.messages, *again.messages])
        outputs.append(output)
        text = json.dumps(output.state if shard is victim else {"singer_state": output.state})
        (states / f"{shard['state_id']}.json").write_text(text, encoding="utf-8")

    whole = run_tap(config)
    found, twice = together(outputs)
    assert twice == []
    assert found == rows(whole)

    merged = planned("--merge", files / "plan.json", states)["singer_state"]
    already = len(served.requests), len(south.requests)
    later = {"end_date": (END + 24 * HOUR).isoformat(), "lookback_hours": 12}
    after = run_tap({**config, **later}, state=merged)

    new_requests = [*served.requests[already[0] :], *south.requests[already[1] :]]
    assert oldest_start(new_requests) == END - 12 * HOUR
    assert set(rows(after)["burki_calls"]) < set(rows(whole)["burki_calls"])


def oldest_start(requests: list[Request]) -> datetime:
    """Return the earliest time from which requests ask for calls."""
    filters = {"date_start", "date_from", "filter[created_at][gte]"}
    return min(
        datetime.fromisoformat(value)
        for request in requests
        for name, value in request.query
        if name in filters
    )


def test_planning_again_gives_the_same_shards(shards: list[dict[str, Any]], files: Path) -> None:
    """A shard with another id or other dates would not continue from its state."""
    again = planned("--config", files / "config.json", "--shards", "24", "--state-prefix", "h1")

    assert again["shards"] == shards


def test_the_plan_has_counts_but_no_secrets(
    config: dict[str, Any], shards: list[dict[str, Any]], files: Path, served: Simulator
) -> None:
    """Orchestrators schedule by the counts, and anyone may read a plan."""
    text = (files / "plan.json").read_text(encoding="utf-8")
    secrets = [config["vonage"]["api_secret"], config["burki"]["accounts"][1]["api_key"]]
    expected = [s["expected"] for s in shards if s["account"] == "north"]

    assert [secret for secret in secrets if secret in text] == []
    assert len(shards) == 24
    assert len({shard["id"] for shard in shards}) == 24
    assert sum(expected) == len(served.records("burki_calls"))
    assert len(expected) > 1
    # Calls are assumed to be spread evenly over a twenty-fourth of the time.
    assert max(expected) - min(expected) <= len(expected)
    # Vonage charges for each record, Ovia's list has no time filter, and the others count nothing.
    uncounted = {s["provider"] for s in shards if "expected" not in s}
    assert uncounted == {"vonage", "ovia", "twilio", "vapi", "elevenlabs"}


def test_shards_of_days_are_whole_days(shards: list[dict[str, Any]]) -> None:
    """A list that is filtered by days would be read by two shards on one day."""
    starts = {s["start_date"] for s in shards if s["provider"] == "twilio"}

    assert starts
    assert {start[10:] for start in starts} == {"T00:00:00Z"}
    assert len([s for s in shards if s["provider"] == "ovia"]) == 1
    assert {tuple(s["products"]) for s in shards if "products" in s} == {(p,) for p in PRODUCTS}


def test_a_shard_uses_its_share_of_the_rate(
    served: Simulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The setting reaches the rate gate; otherwise, parallel shards exceed the rate."""
    rates = list[float | None]()

    def record(per_second: float | None) -> Rate:
        rates.append(per_second)
        return Rate(per_second)

    monkeypatch.setattr("tap_voicecalls.http.rate_gate.Rate", record)
    config = configuration(served, "burki")
    config["burki"]["requests_per_second"] = 500
    (tmp_path / "config.json").write_text(json.dumps(config), encoding="utf-8")
    made = planned("--config", tmp_path / "config.json", "--days", "2", "--at-once", "4")

    output = run(config, made["shards"][0])

    assert output.records("burki_calls")
    assert rates == [125]


def test_ids_are_valid_file_names(shards: list[dict[str, Any]]) -> None:
    """A label may contain any character, but files, tasks and states need safe names."""
    ids = [shard["id"] for shard in shards]

    assert ids[0] == "vonage.default.voice-call.20260105T000000Z"
    assert [shard["state_id"] for shard in shards] == [f"h1.{name}" for name in ids]
    assert next(s["id"] for s in shards if s["account"] == LABEL).startswith("burki.s-d-south-")
    assert all(set(name) <= set("abcdefghijklmnopqrstuvwxyz0123456789-.TZ") for name in ids)


def test_a_shard_that_did_not_run_is_named(
    config: dict[str, Any], shards: list[dict[str, Any]], files: Path, tmp_path: Path
) -> None:
    """A merge without it would lose its calls; with --partial, the merged state ends before it."""
    own = [shard for shard in shards if shard["provider"] == "voicy"]
    for shard in own:
        text = json.dumps(run(config, shard).state)
        (tmp_path / f"{shard['state_id']}.json").write_text(text, encoding="utf-8")
    (tmp_path / f"{own[1]['state_id']}.json").unlink()

    refused = plan("--merge", files / "plan.json", tmp_path)
    partial = planned("--merge", files / "plan.json", "--partial", "--bare", tmp_path)

    assert refused.returncode == 1
    assert refused.stdout == ""
    assert f"voicecalls-plan: {own[1]['state_id']} has not run\n" in refused.stderr
    assert own[0]["state_id"] not in refused.stderr
    assert partial["bookmarks"].keys() == {"voicy_calls", "voicy_call_details"}
    (partition,) = partial["bookmarks"]["voicy_calls"]["partitions"]
    reached = datetime.fromisoformat(partition["replication_key_value"])
    assert reached == datetime.fromisoformat(own[1]["start_date"])


def test_a_running_call_is_read_again_after_its_end(tmp_path: Path) -> None:
    """A call that was running when its shard was read is final after the next run."""
    now = END + 2 * HOUR
    with simulator(now=END) as served:
        config = configuration(served, "burki", lookback_hours=0)
        running = served.world.add("burki", start=END - 30 * HOUR, duration=31 * 3600)
        (tmp_path / "config.json").write_text(json.dumps(config), encoding="utf-8")
        made = planned("--config", tmp_path / "config.json", "--days", "1")
        made["made_at"] = END.isoformat()
        (tmp_path / "plan.json").write_text(json.dumps(made), encoding="utf-8")
        for shard in made["shards"]:
            own = {"provider": shard["provider"], "account": shard["account"]}
            dates = {name: shard[name] for name in ("start_date", "end_date")}
            tape = Tape(None)
            TapAt(END, config=config | dates | {"only": own}, message_writer=tape).sync_all()
            state = json.loads(tape.lines[-1])["value"]
            (tmp_path / f"{shard['state_id']}.json").write_text(json.dumps(state))

        merged = planned("--merge", tmp_path / "plan.json", "--bare", tmp_path)
        served.now = now
        (partition,) = merged["bookmarks"]["burki_calls"]["partitions"]
        held = datetime.fromisoformat(partition["replication_key_value"])
        tape = Tape(None)
        config = configuration(served, "burki", lookback_hours=0, end_date=None)
        TapAt(now, config=config, state=merged, message_writer=tape).sync_all()

    messages = [json.loads(line) for line in tape.lines]
    records = [m["record"] for m in messages if m["type"] == "RECORD"]
    (ended,) = [r for r in records if r.get("id") == running.number]
    assert ended["status"] == "completed"
    assert held == running.start


def test_a_record_without_a_start_is_in_one_shard(monkeypatch: pytest.MonkeyPatch) -> None:
    """A shard reads past its end for late records; those without a start belong to the next."""
    monkeypatch.setattr(
        "tap_voicecalls.simulator.apis.telnyx.details.detail",
        lambda call, now: detail(call, now) | {"started_at": None},
    )
    with simulator() as served:
        middle = START + timedelta(days=1, hours=7)
        config = configuration(served, "telnyx")
        halves = [
            run_tap({**config, "end_date": middle.isoformat()}),
            run_tap({**config, "start_date": middle.isoformat()}),
        ]

        ids = [r["id"] for half in halves for r in half.records("telnyx_detail_records")]
        assert Counter(ids) == Counter(r["id"] for r in served.records("telnyx_detail_records"))
