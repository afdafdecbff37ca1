-- made by `make generate`
{{ config(enabled=is_loaded('burki_recordings', by_default=false)) }}

select
    account,
    id,
    call_id,
    {{ utc('call_started_at') }} as call_started_at,
    recording_sid,
    file_path,
    recording_url,
    {{ exact('duration') }} as duration,
    format,
    recording_type,
    recording_source,
    status,
    {{ utc('created_at') }} as created_at,
    additional_fields
from {{ source('voicecalls', 'burki_recordings') }}
