-- made by `make generate`
{{ config(enabled=is_loaded('telnyx_ai_assistants')) }}

select
    account,
    id,
    name,
    {{ utc('created_at') }} as created_at,
    version_id,
    version_name,
    {{ utc('version_created_at') }} as version_created_at,
    model,
    description,
    instructions,
    greeting,
    tags,
    enabled_features,
    voice_settings,
    transcription,
    telephony_settings,
    messaging_settings,
    interruption_settings,
    insight_settings,
    privacy_settings,
    fallback_config,
    external_llm,
    dynamic_variables,
    tools,
    additional_fields
from {{ source('voicecalls', 'telnyx_ai_assistants') }}
