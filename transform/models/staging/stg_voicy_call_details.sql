-- made by `make generate`
{{ config(enabled=is_loaded('voicy_call_details')) }}

select
    account,
    call_id,
    {{ utc('started_at') }} as started_at,
    call_type,
    call_status,
    agent,
    voicy_account,
    from_number,
    to_number,
    direction,
    {{ exact('start_timestamp') }} as start_timestamp,
    {{ exact('duration_ms') }} as duration_ms,
    {{ exact('end_timestamp') }} as end_timestamp,
    call_cost,
    agent_id,
    disconnection_reason,
    metadata,
    transcript,
    transcript_object,
    detected_gender,
    recording_url,
    summary,
    vars_provided,
    vars_extracted,
    vars_collected,
    additional_fields
from {{ source('voicecalls', 'voicy_call_details') }}
