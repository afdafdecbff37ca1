"""A large backfill of tap-voicecalls on Airflow: each shard of a plan is a task.

Environment variables configure it. Keys stay in Meltano's settings; the DAG never sees them.

* `VOICECALLS_PLAN`: the plan file of `voicecalls-plan`; by default `plan.json` in the project. Do
  not change it while the backfill is running.
* `VOICECALLS_PROJECT`: the Meltano project; by default the one that contains this file in
  `orchestrate/dags`.
* `VOICECALLS_ENVIRONMENT`, `VOICECALLS_LOADER`: by default `prod` and `target-postgres`.
* `VOICECALLS_MELTANO`: the program; by default `meltano`.

A first run creates the tables. Then the shards are loaded; the pool of an account limits how many
of its shards are loaded at the same time. Finally, the merged state is set for scheduled runs.
"""

from __future__ import annotations

import logging
import os
import time
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from airflow.sdk import DAG, get_current_context, task
from airflow.sdk.exceptions import AirflowFailException
from voicecalls_meltano import Meltano
from voicecalls_plan import accounts, pool, read_plan, summary, warm_up
from voicecalls_states import StateExistsError, hand_over

if TYPE_CHECKING:
    from voicecalls_plan import Plan, Shard

_MELTANO = Meltano(
    program=os.environ.get("VOICECALLS_MELTANO", "meltano"),
    folder=Path(os.environ.get("VOICECALLS_PROJECT") or Path(__file__).absolute().parents[2]),
    environment=os.environ.get("VOICECALLS_ENVIRONMENT", "prod"),
    loader=os.environ.get("VOICECALLS_LOADER", "target-postgres"),
)
_PLAN = Path(os.environ.get("VOICECALLS_PLAN") or _MELTANO.folder / "plan.json").absolute()
_RETRIES = {"retries": 5, "retry_delay": timedelta(seconds=30)}

_logger = logging.getLogger(__name__)


def _make_tables(plan: Plan) -> None:
    _MELTANO.load("warm-up", warm_up(plan))


def _load(shard: Shard) -> str:
    began = time.monotonic()
    _MELTANO.load(shard["state_id"], shard["env"])
    line = summary(shard, time.monotonic() - began, get_current_context()["ti"].try_number)
    _logger.info("%s", line)
    return line


def _hand_over(lines: list[list[str]]) -> None:
    for line in (line for account in lines for line in account):
        _logger.info("%s", line)
    try:
        hand_over(_MELTANO, _PLAN, read_plan(_PLAN)["shards"])
    except StateExistsError as error:
        raise AirflowFailException(str(error)) from error  # a retry would not help


def _fail_without_plan() -> None:
    msg = (
        f"there is no plan at {_PLAN}; make one with voicecalls-plan, and set VOICECALLS_PLAN to "
        "its path in all processes of Airflow"
    )
    raise AirflowFailException(msg)


def _backfill(plan: Plan) -> None:
    tables = task(_make_tables, task_id="tables")(
        {name: plan[name] for name in ("start_date", "end_date")}
    )
    loaded = [_shards(account, shards) for account, shards in accounts(plan).items()]
    tables >> loaded >> task(_hand_over, task_id="state")(loaded)


def _shards(account: str, shards: list[Shard]) -> Any:  # noqa: ANN401 - Airflow has no stubs here
    """Map a task over the shards of an account, which share one pool."""
    mapped = task(
        _load,
        task_id=f"load.{account}",
        pool=pool(account),
        map_index_template="{{ task.op_kwargs['shard']['id'] }}",
    )
    return mapped.expand(shard=shards)


with DAG(
    "voicecalls_backfill",
    schedule=None,
    catchup=False,
    max_active_runs=1,
    max_active_tasks=1000,  # the pools set the limits
    default_args=_RETRIES,
    doc_md=__doc__,
    tags=["tap-voicecalls"],
) as dag:
    if _PLAN.exists():
        _backfill(read_plan(_PLAN))
    else:
        task(_fail_without_plan, task_id="no_plan")()
