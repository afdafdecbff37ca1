"""The tests of dbt, on data that is wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING, get_args

import psycopg
import pytest
from meltano_project import MeltanoError

from tap_voicecalls.calls.call import Status
from warehouses.dbt import marts
from warehouses.dbt.warehouse import MARTS, outcomes

if TYPE_CHECKING:
    from warehouses.dbt.warehouse import Built

STATUSES = "__".join(get_args(Status))

# What may come about in the loaded tables, whose keys have to be broken first.
CORRUPTIONS = (
    "update voicecalls.calls set status = 'hung up' where call_id = 'bare'",
    "update voicecalls.calls set direction = null where call_id = 'free'",
    "alter table voicecalls.calls drop constraint calls_pkey",
    "insert into voicecalls.calls select * from voicecalls.calls where call_id = 'running'",
    "alter table voicecalls.burki_calls drop constraint burki_calls_pkey, alter id drop not null",
    "insert into voicecalls.burki_calls (account, id) values ('default', null)",
)
NAMED = {
    f"accepted_values_stg_calls_status__{STATUSES}",
    "unique_together_stg_calls_provider__account__call_id",
    "not_null_stg_burki_calls_id",
}

# What a faulty mart would hold, and the tests that say so.
ADDS_UP = "adds_up_to_cost_by_provider_provider__account__currency"
MISCOUNTS = {
    "update analytics.calls_daily set completed = completed + 1": {
        f"is_sum_of_calls_daily_calls__{STATUSES}",
    },
    "update analytics.agent_daily set calls = calls + 1, unknown = unknown + 1": {
        "adds_up_to_agent_daily_provider__account__calls__1__ref_stg_calls_",
    },
    "insert into analytics.agent_daily (provider, account) values ('a', 'b'), ('a', 'b')": {
        "not_null_agent_daily_calls",
        "unique_together_agent_daily_day__provider__account__agent",
    },
    "update analytics.cost_by_provider set cost = cost + 0.00000001": {
        f"{ADDS_UP}__cost__cost__ref_stg_calls_",
    },
}


def test_broken_rows_fail_the_build(rebuilt: Built) -> None:
    """Catches tests of dbt that pass whatever is loaded, and marts made of what failed them."""
    broken = rebuilt.warehouse.copy()
    broken.execute(*CORRUPTIONS)

    with pytest.raises(MeltanoError) as error:
        broken.dbt("build", "--select", MARTS, "stg_burki_calls")

    found = outcomes(broken.project)
    assert {name for name, how in found.items() if how == "fail"} == NAMED
    assert all(name in str(error.value) for name in NAMED)
    # Whoever deselects the direction has it null in all rows.
    assert found["not_null_stg_calls_direction"] == "warn"
    assert {found[mart] for mart in marts.KEYS} == {"skipped"}


@pytest.mark.parametrize("miscount", MISCOUNTS)
def test_a_miscounted_mart_fails_a_test(rebuilt: Built, miscount: str) -> None:
    """Catches tests of the marts that compare nothing with nothing."""
    with psycopg.connect(rebuilt.warehouse.url) as connection:
        connection.execute(miscount.encode())
        failing = {
            name
            for name, test in rebuilt.tests.items()
            if connection.execute(test.encode()).fetchone()
        }
        connection.rollback()

    assert failing == MISCOUNTS[miscount]
