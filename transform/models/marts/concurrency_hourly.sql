{#- A call counts from its start until right before its end, in each hour that it touches. One that
    seems to last longer than this has no end that could be believed. -#}
{%- set longest = "interval '7 days'" -%}

with calls as (
    select
        provider,
        account,
        started_at,
        least(ended_at, started_at + {{ longest }}) as ended_at
    from {{ ref('calls_once') }}
    where ended_at > started_at
),

{#- Each scope is counted by itself: an account, and all of them together. -#}
scoped as (
    select provider, account, started_at, ended_at from calls
    union all
    select 'all' as provider, 'all' as account, started_at, ended_at from calls
),

pieces as (
    select
        scoped.provider,
        scoped.account,
        touched.hour,
        greatest(scoped.started_at, touched.hour) as started_at,
        least(scoped.ended_at, touched.hour + interval '1 hour') as ended_at
    from scoped
    {{ hours_between('scoped.started_at', 'scoped.ended_at') }}
),

{#- A call that ends right at the hour has no piece of it. -#}
changes as (
    select provider, account, hour, started_at as moment, 1 as change from pieces where ended_at > started_at
    union all
    select provider, account, hour, ended_at as moment, -1 as change from pieces where ended_at > started_at
),

running as (
    select
        provider,
        account,
        hour,
        {#- At the same time ends come before starts. -#}
        sum(change) over (
            partition by provider, account, hour
            order by moment, change
            rows between unbounded preceding and current row
        ) as calls_at_once
    from changes
),

peaks as (
    select provider, account, hour, max(calls_at_once) as peak
    from running
    group by provider, account, hour
),

hours as (
    select
        provider,
        account,
        hour,
        count(*) as calls,
        sum({{ seconds_between('started_at', 'ended_at') }}) as seconds
    from pieces
    where ended_at > started_at
    group by provider, account, hour
)

select
    hours.hour,
    hours.provider,
    hours.account,
    cast(peaks.peak as integer) as peak,
    hours.calls,
    {{ divided('hours.seconds', '3600', 3) }} as mean
from hours
inner join peaks
    on hours.provider = peaks.provider and hours.account = peaks.account and hours.hour = peaks.hour
