-- Which agents answer slowest?
-- Seconds from the end of the caller's speech to the answer, as measured turn by turn, or else each call's mean.
with measured as (
    select
        calls.provider,
        calls.account,
        calls.call_id,
        coalesce(calls.agent_id, calls.agent_name) as agent,
        turns.response_seconds as seconds
    from call_turns as turns
    inner join calls
        on turns.provider = calls.provider and turns.account = calls.account and turns.call_id = calls.call_id
    where turns.response_seconds is not null and (calls.turns is null or turns.turn < calls.turns)
),
responses as (
    select provider, account, agent, seconds from measured
    union all
    select provider, account, coalesce(agent_id, agent_name), response_seconds
    from calls
    where
        response_seconds is not null
        and not exists (
            select 1
            from measured
            where
                measured.provider = calls.provider
                and measured.account = calls.account
                and measured.call_id = calls.call_id
        )
)
select
    provider,
    account,
    agent,
    count(*) as responses,
    cast(percentile_disc(0.5) within group (order by seconds) as decimal(18, 3)) as half_within,
    cast(percentile_disc(0.9) within group (order by seconds) as decimal(18, 3)) as nine_of_ten_within,
    cast(percentile_disc(0.99) within group (order by seconds) as decimal(18, 3)) as all_but_one_percent_within
from responses
where agent is not null
group by 1, 2, 3
order by nine_of_ten_within desc, responses desc, provider, account, agent
