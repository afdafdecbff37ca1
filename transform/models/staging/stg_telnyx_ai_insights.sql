-- made by `make generate`
{{ config(enabled=is_loaded('telnyx_ai_insights', by_default=false)) }}

select
    account,
    id,
    conversation_id,
    call_id,
    {{ utc('conversation_created_at') }} as conversation_created_at,
    {{ utc('last_message_at') }} as last_message_at,
    status,
    {{ utc('created_at') }} as created_at,
    conversation_insights,
    additional_fields
from {{ source('voicecalls', 'telnyx_ai_insights') }}
