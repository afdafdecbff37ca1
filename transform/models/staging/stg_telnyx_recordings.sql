-- made by `make generate`
{{ config(enabled=is_loaded('telnyx_recordings')) }}

select
    account,
    id,
    {{ utc('created_at') }} as created_at,
    call_session_id,
    call_leg_id,
    call_control_id,
    conference_id,
    connection_id,
    channels,
    source,
    status,
    initiated_by,
    {{ as_loaded('from') }} as from_number,
    {{ as_loaded('to') }} as to_number,
    {{ utc('recording_started_at') }} as recording_started_at,
    {{ utc('recording_ended_at') }} as recording_ended_at,
    duration_millis,
    download_urls,
    {{ utc('updated_at') }} as updated_at,
    record_type,
    additional_fields
from {{ source('voicecalls', 'telnyx_recordings') }}
