-- made by `make generate`
{{ config(enabled=is_loaded('voicy_agents')) }}

select
    account,
    agent_id,
    name,
    language,
    voice,
    agent_type,
    active,
    prompt,
    welcome_message,
    {{ utc('created_at') }} as created_at,
    {{ utc('updated_at') }} as updated_at,
    additional_fields
from {{ source('voicecalls', 'voicy_agents') }}
