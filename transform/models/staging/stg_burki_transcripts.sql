-- made by `make generate`
{{ config(enabled=is_loaded('burki_transcripts', by_default=false)) }}

select
    account,
    id,
    call_id,
    {{ utc('call_started_at') }} as call_started_at,
    content,
    is_final,
    speaker,
    {{ exact('segment_start') }} as segment_start,
    {{ exact('segment_end') }} as segment_end,
    {{ exact('confidence') }} as confidence,
    stt_timestamps,
    {{ utc('created_at') }} as created_at,
    additional_fields
from {{ source('voicecalls', 'burki_transcripts') }}
