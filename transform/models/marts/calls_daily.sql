with calls as (
    select
        cast(started_at as date) as day,
        provider,
        account,
        direction,
        channel,
        status,
        duration_seconds
    from {{ ref('stg_calls') }}
),

days as (
    select
        day,
        provider,
        account,
        direction,
        channel,
        count(*) as calls,
        {{ count_by_status() }},
        count(duration_seconds) as calls_with_duration,
        sum(duration_seconds) as duration_seconds
    from calls
    group by day, provider, account, direction, channel
)

select
    day,
    provider,
    account,
    direction,
    channel,
    calls,
    {{ statuses() | join(', ') }},
    {{ completed_share() }} as completed_share,
    calls_with_duration,
    duration_seconds,
    {{ average_seconds() }} as average_seconds
from days
