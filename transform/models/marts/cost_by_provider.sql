with calls as (
    select
        cast(started_at as date) as day,
        provider,
        account,
        currency,
        cost,
        cost_llm,
        cost_tts,
        cost_stt,
        cost_telephony,
        case when cost is not null then duration_seconds end as seconds_with_cost,
        case when duration_seconds is not null then cost end as cost_of_seconds
    from {{ ref('stg_calls') }}
),

days as (
    select
        day,
        provider,
        account,
        currency,
        count(*) as calls,
        count(cost) as calls_with_cost,
        sum(cost) as cost,
        sum(cost_llm) as cost_llm,
        sum(cost_tts) as cost_tts,
        sum(cost_stt) as cost_stt,
        sum(cost_telephony) as cost_telephony,
        sum(seconds_with_cost) as seconds_with_cost,
        sum(cost_of_seconds) as cost_of_seconds
    from calls
    group by day, provider, account, currency
)

select
    day,
    provider,
    account,
    currency,
    calls,
    calls_with_cost,
    cost,
    cost_llm,
    cost_tts,
    cost_stt,
    cost_telephony,
    seconds_with_cost,
    {{ divided('60 * cost_of_seconds', 'seconds_with_cost', 6) }} as cost_per_minute
from days
