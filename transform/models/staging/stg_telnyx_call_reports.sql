-- made by `make generate`
{{ config(enabled=is_loaded('telnyx_call_reports')) }}

select
    account,
    call_id,
    segment,
    {{ utc('stored_at') }} as stored_at,
    call_report_id,
    user_id,
    organization_id,
    voice_sdk_id,
    voice_sdk_session_id,
    voice_sdk_id_decoded,
    user_agent,
    version,
    telnyx_session_id,
    telnyx_leg_id,
    summary,
    stats,
    logs,
    {{ as_loaded('flushReason') }} as flush_reason,
    {{ utc('created_at') }} as created_at,
    additional_fields
from {{ source('voicecalls', 'telnyx_call_reports') }}
