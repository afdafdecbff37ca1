{#- Lists of agents, where they are loaded: the stream, its provider and the name of its id. -#}
{%- set lists = [
    ('voicy_agents', 'voicy', 'agent_id'),
    ('telnyx_ai_assistants', 'telnyx', 'id'),
    ('burki_assistants', 'burki', 'id'),
] -%}

with called as (
    select
        provider,
        account,
        coalesce(agent_id, agent_name) as agent,
        agent_name,
        agent_version,
        started_at,
        row_number() over (
            partition by provider, account, coalesce(agent_id, agent_name)
            order by case when agent_name is null then 1 else 0 end, started_at desc nulls last, call_id desc
        ) as latest_first
    from {{ ref('stg_calls') }}
    where coalesce(agent_id, agent_name) is not null
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
),

listed as (
    {%- for stream, provider, id in lists if is_loaded(stream) %}
    select '{{ provider }}' as provider, account, cast({{ id }} as {{ type_of('text') }}) as agent, name as agent_name
    from {{ ref('stg_' ~ stream) }}
    union all
    {%- endfor %}
    select provider, account, agent, agent_name from of_calls where false
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
