-- made by `make generate`
{{ config(enabled=is_loaded('burki_cost_entries', by_default=false)) }}

select
    account,
    id,
    call_id,
    {{ utc('call_started_at') }} as call_started_at,
    service_type,
    provider,
    model,
    usage_type,
    {{ exact('usage_amount') }} as usage_amount,
    {{ exact('unit_cost') }} as unit_cost,
    {{ exact('total_cost') }} as total_cost,
    {{ utc('timestamp') }} as timestamp,
    metadata,
    additional_fields
from {{ source('voicecalls', 'burki_cost_entries') }}
