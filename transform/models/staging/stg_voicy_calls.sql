-- made by `make generate`
{{ config(enabled=is_loaded('voicy_calls')) }}

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
    additional_fields
from {{ source('voicecalls', 'voicy_calls') }}
