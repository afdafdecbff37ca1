-- made by `make generate`
{{ config(enabled=is_loaded('ovia_calls')) }}

select
    account,
    id,
    {{ utc('started_at') }} as started_at,
    user_id,
    agent_id,
    type,
    direction,
    from_number,
    to_number,
    phone_number_id,
    status,
    {{ utc('ended_at') }} as ended_at,
    recording_url,
    transcript,
    {{ exact('duration') }} as duration,
    analysis,
    latency_metrics,
    {{ utc('created_at') }} as created_at,
    {{ utc('updated_at') }} as updated_at,
    agent,
    metadata,
    costs,
    transcript_objects,
    additional_fields
from {{ source('voicecalls', 'ovia_calls') }}
