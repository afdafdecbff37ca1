-- made by `make generate`
{{ config(enabled=is_loaded('call_costs')) }}

select
    provider,
    account,
    call_id,
    line,
    {{ utc('call_started_at') }} as call_started_at,
    component,
    provider_component,
    vendor,
    model,
    {{ exact('amount') }} as amount,
    currency,
    {{ exact('quantity') }} as quantity,
    unit,
    {{ exact('rate') }} as rate
from {{ source('voicecalls', 'call_costs') }}
