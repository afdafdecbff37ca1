{#- Lists of agents, where they are loaded: the stream, its provider, its id, its name, and whether
    the stream is selected by default. -#}

{%- macro agent_lists() -%}
    {{ return([
        ('voicy_agents', 'voicy', 'agent_id', 'name', true),
        ('telnyx_ai_assistants', 'telnyx', 'id', 'name', true),
        ('burki_assistants', 'burki', 'id', 'name', true),
        ('retell_agents', 'retell', 'agent_id', 'agent_name', false),
        ('elevenlabs_agents', 'elevenlabs', 'agent_id', 'name', false),
    ]) }}
{%- endmacro -%}

{#- CTEs: the agents of the lists, and `agents_of_calls`, the agent of each call. A call that names its
    agent without an id has the id that this name has, if it is one only; else the name. -#}
{%- macro ctes_of_agents() -%}
listed as (
    {%- for stream, provider, id, named, by_default in agent_lists() if is_loaded(stream, by_default) %}
    select '{{ provider }}' as provider, account, cast({{ id }} as {{ type_of('text') }}) as agent, {{ named }} as agent_name
    from {{ ref('stg_' ~ stream) }}
    union all
    {%- endfor %}
    select provider, account, agent_id as agent, agent_name from {{ ref('stg_calls') }} where false
),

ids_of_names as (
    select provider, account, agent_name, min(agent) as agent
    from (
        select provider, account, agent_name, agent from listed
        union all
        select provider, account, agent_name, agent_id as agent from {{ ref('stg_calls') }}
    ) as told
    where agent_name is not null and agent is not null
    group by provider, account, agent_name
    having count(distinct agent) = 1
),

agents_of_calls as (
    select
        calls.provider,
        calls.account,
        calls.call_id,
        coalesce(calls.agent_id, ids_of_names.agent, calls.agent_name) as agent
    from {{ ref('stg_calls') }} as calls
    left join ids_of_names
        on calls.provider = ids_of_names.provider
        and calls.account = ids_of_names.account
        and calls.agent_name = ids_of_names.agent_name
)
{%- endmacro -%}
