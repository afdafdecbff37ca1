with calls as (
    select
        cast(started_at as date) as day,
        provider,
        account,
        coalesce(agent_id, agent_name) as agent,
        agent_name,
        status,
        duration_seconds,
        started_at,
        call_id
    from {{ ref('stg_calls') }}
),

calls_with_name as (
    select
        provider,
        account,
        agent,
        agent_name,
        row_number() over (
            partition by provider, account, agent
            order by started_at desc nulls last, call_id desc
        ) as latest_first
    from calls
    where agent_name is not null
),

latest_names as (
    select provider, account, agent, agent_name
    from calls_with_name
    where latest_first = 1
),

days as (
    select
        day,
        provider,
        account,
        agent,
        count(*) as calls,
        {{ count_by_status() }},
        count(duration_seconds) as calls_with_duration,
        sum(duration_seconds) as duration_seconds
    from calls
    group by day, provider, account, agent
)

select
    days.day,
    days.provider,
    days.account,
    days.agent,
    latest_names.agent_name,
    days.calls,
    {{ statuses() | join(', ') }},
    {{ completed_share() }} as completed_share,
    days.calls_with_duration,
    days.duration_seconds,
    {{ average_seconds() }} as average_seconds
from days
left join latest_names
    on days.provider = latest_names.provider
    and days.account = latest_names.account
    and days.agent = latest_names.agent
