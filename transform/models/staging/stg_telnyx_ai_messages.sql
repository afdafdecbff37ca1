-- made by `make generate`
{{ config(enabled=is_loaded('telnyx_ai_messages', by_default=false)) }}

select
    account,
    conversation_id,
    call_id,
    {{ utc('conversation_created_at') }} as conversation_created_at,
    {{ utc('last_message_at') }} as last_message_at,
    position,
    role,
    text,
    {{ utc('sent_at') }} as sent_at,
    {{ utc('created_at') }} as created_at,
    tool_calls,
    metadata,
    additional_fields
from {{ source('voicecalls', 'telnyx_ai_messages') }}
