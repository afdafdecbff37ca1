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
    start_timestamp,
    duration_ms,
    call_cost,
    transcript,
    detected_gender,
    recording_url,
    summary,
    vars_provided,
    vars_extracted,
    vars_collected,
    additional_fields
from {{ source('voicecalls', 'voicy_call_details') }}
