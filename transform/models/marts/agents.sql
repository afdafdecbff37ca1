with {{ ctes_of_agents() }},

called as (
    select
        calls.provider,
        calls.account,
        told.agent,
        calls.agent_name,
        calls.agent_version,
        calls.started_at,
        row_number() over (
            partition by calls.provider, calls.account, told.agent
            order by
                case when calls.agent_name is null then 1 else 0 end,
                calls.started_at desc nulls last,
                calls.call_id desc
        ) as latest_first
    from {{ ref('stg_calls') }} as calls
    inner join agents_of_calls as told
        on calls.provider = told.provider
        and calls.account = told.account
        and calls.call_id = told.call_id
    where told.agent is not null
),

of_calls as (
    select
        provider,
        account,
        agent,
        max(case when latest_first = 1 then agent_name end) as agent_name,
        max(case when latest_first = 1 then agent_version end) as agent_version,
        count(*) as calls,
        min(started_at) as first_call_at,
        max(started_at) as last_call_at
    from called
    group by provider, account, agent
)

select
    coalesce(listed.provider, of_calls.provider) as provider,
    coalesce(listed.account, of_calls.account) as account,
    coalesce(listed.agent, of_calls.agent) as agent,
    coalesce(listed.agent_name, of_calls.agent_name) as agent_name,
    of_calls.agent_version,
    listed.agent is not null as is_listed,
    coalesce(of_calls.calls, 0) as calls,
    of_calls.first_call_at,
    of_calls.last_call_at
from listed
full outer join of_calls
    on listed.provider = of_calls.provider
    and listed.account = of_calls.account
    and listed.agent = of_calls.agent
