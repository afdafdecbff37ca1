-- made by `make generate`
{{ config(enabled=is_loaded('call_recordings')) }}

select
    provider,
    account,
    call_id,
    recording,
    {{ utc('call_started_at') }} as call_started_at,
    url,
    file,
    status,
    bytes,
    sha256,
    media_type,
    {{ exact('duration_seconds') }} as duration_seconds,
    channels,
    {{ utc('archived_at') }} as archived_at
from {{ source('voicecalls', 'call_recordings') }}
