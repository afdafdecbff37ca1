{%- set has_turns = is_loaded('call_turns') -%}

with {{ ctes_of_agents() }},

calls as (
    select
        cast(calls.started_at as date) as day,
        calls.provider,
        calls.account,
        calls.call_id,
        told.agent,
        calls.successful,
        calls.interruptions,
        calls.response_seconds
    from {{ ref('stg_calls') }} as calls
    inner join agents_of_calls as told
        on calls.provider = told.provider
        and calls.account = told.account
        and calls.call_id = told.call_id
),
{%- if has_turns %}

turns as (
    select
        turns.provider,
        turns.account,
        turns.call_id,
        turns.role,
        turns.response_seconds,
        turns.offset_seconds,
        lag(turns.role) over each_call as role_before,
        lag(turns.offset_seconds + turns.duration_seconds) over each_call as end_before
    from {{ ref('stg_call_turns') }} as turns
    inner join {{ ref('stg_calls') }} as calls
        on turns.provider = calls.provider
        and turns.account = calls.account
        and turns.call_id = calls.call_id
    {#- Rows beyond the number of turns are of an older reading. #}
    where calls.turns is null or turns.turn < calls.turns
    window each_call as (partition by turns.provider, turns.account, turns.call_id order by turns.turn)
),

{#- As the tap does for `calls`: what the provider measured, or else the silence before an answer. #}
silences as (
    select
        *,
        case
            when role = 'agent' and role_before = 'caller' and offset_seconds is not null and end_before is not null
                then greatest(offset_seconds - end_before, 0)
        end as silence,
        count(response_seconds) over (partition by provider, account, call_id) as measured
    from turns
),

of_turns as (
    select
        provider,
        account,
        call_id,
        case when measured > 0 then response_seconds else silence end as seconds
    from silences
),

told as (
    select provider, account, call_id from of_turns where seconds is not null group by provider, account, call_id
),
{%- endif %}

responses as (
    {%- if has_turns %}
    select calls.day, calls.provider, calls.account, calls.agent, of_turns.seconds, 1 as of_turn
    from of_turns
    inner join calls
        on of_turns.provider = calls.provider
        and of_turns.account = calls.account
        and of_turns.call_id = calls.call_id
    where of_turns.seconds is not null
    union all
    {%- endif %}
    {#- A call without turns has its mean for one response. #}
    select calls.day, calls.provider, calls.account, calls.agent, calls.response_seconds as seconds, 0 as of_turn
    from calls
    {%- if has_turns %}
    left join told
        on calls.provider = told.provider and calls.account = told.account and calls.call_id = told.call_id
    where told.call_id is null and calls.response_seconds is not null
    {%- else %}
    where calls.response_seconds is not null
    {%- endif %}
),

percentiles as (
    select
        day,
        provider,
        account,
        agent,
        count(*) as responses,
        sum(of_turn) as measured_turns,
        percentile_disc(0.5) within group (order by seconds) as p50,
        percentile_disc(0.9) within group (order by seconds) as p90,
        percentile_disc(0.99) within group (order by seconds) as p99
    from responses
    group by day, provider, account, agent
),

days as (
    select
        day,
        provider,
        account,
        agent,
        count(*) as calls,
        count(successful) as calls_with_verdict,
        count(case when successful then 1 end) as successful,
        count(interruptions) as calls_with_interruptions,
        sum(interruptions) as interruptions
    from calls
    group by day, provider, account, agent
)

select
    days.day,
    days.provider,
    days.account,
    days.agent,
    days.calls,
    days.calls_with_verdict,
    days.successful,
    {{ divided('days.successful', 'days.calls_with_verdict', 4) }} as successful_share,
    coalesce(percentiles.responses, 0) as responses,
    coalesce(percentiles.measured_turns, 0) as measured_turns,
    cast(percentiles.p50 as {{ decimal(3) }}) as response_seconds_p50,
    cast(percentiles.p90 as {{ decimal(3) }}) as response_seconds_p90,
    cast(percentiles.p99 as {{ decimal(3) }}) as response_seconds_p99,
    days.calls_with_interruptions,
    days.interruptions,
    {{ divided('days.interruptions', 'days.calls_with_interruptions', 3) }} as interruptions_per_call
from days
left join percentiles
    on days.provider = percentiles.provider
    and days.account = percentiles.account
    and (days.day = percentiles.day or (days.day is null and percentiles.day is null))
    and (days.agent = percentiles.agent or (days.agent is null and percentiles.agent is null))
