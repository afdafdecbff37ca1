{#- How soon a call is one about the same matter. -#}
{%- set again = "interval '7 days'" -%}

with calls as (
    select
        provider,
        account,
        from_number,
        started_at,
        lead(started_at) over (
            partition by from_number order by started_at, provider, account, call_id
        ) as next_call_at
    from {{ ref('calls_once') }}
    where direction = 'inbound' and from_number is not null and started_at is not null
),

days as (
    select
        cast(started_at as date) as day,
        provider,
        account,
        count(*) as calls,
        count(distinct from_number) as callers,
        count(case when next_call_at <= started_at + {{ again }} then 1 end) as followed
    from calls
    group by cast(started_at as date), provider, account
),

latest as (
    select max(cast(started_at as date)) as day from {{ ref('stg_calls') }}
)

select
    days.day,
    days.provider,
    days.account,
    days.calls,
    days.callers,
    days.followed,
    {{ divided('(days.calls - days.followed)', 'days.calls', 4) }} as first_call_resolution,
    days.day < cast(latest.day - {{ again }} as date) as is_complete
from days
cross join latest
