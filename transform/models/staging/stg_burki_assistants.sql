-- made by `make generate`
{{ config(enabled=is_loaded('burki_assistants')) }}

select
    account,
    id,
    name,
    description,
    is_active,
    user_id,
    organization_id,
    llm_provider,
    llm_provider_config,
    llm_settings,
    tts_settings,
    stt_settings,
    interruption_settings,
    webhook_url,
    total_calls,
    {{ exact('avg_call_duration') }} as avg_call_duration,
    {{ exact('success_rate') }} as success_rate,
    {{ utc('created_at') }} as created_at,
    {{ utc('updated_at') }} as updated_at,
    additional_fields
from {{ source('voicecalls', 'burki_assistants') }}
