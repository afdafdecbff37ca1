-- made by `make generate`
{{ config(enabled=is_loaded('telnyx_ai_conversations')) }}

select
    account,
    id,
    {{ utc('last_message_at') }} as last_message_at,
    {{ utc('created_at') }} as created_at,
    name,
    call_id,
    metadata,
    additional_fields
from {{ source('voicecalls', 'telnyx_ai_conversations') }}
