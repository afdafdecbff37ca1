-- made by `make generate`
{{ config(enabled=is_loaded('burki_messages', by_default=false)) }}

select
    account,
    id,
    call_id,
    {{ utc('call_started_at') }} as call_started_at,
    role,
    content,
    message_index,
    {{ utc('timestamp') }} as timestamp,
    llm_provider,
    llm_model,
    prompt_tokens,
    completion_tokens,
    total_tokens,
    additional_fields
from {{ source('voicecalls', 'burki_messages') }}
