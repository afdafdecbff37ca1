-- made by `make generate`
{{ config(enabled=is_loaded('burki_calls')) }}

select
    account,
    id,
    {{ utc('started_at') }} as started_at,
    call_sid,
    assistant_id,
    assistant_name,
    assistant_graph_name,
    flow_name,
    to_phone_number,
    customer_phone_number,
    status,
    duration,
    {{ utc('ended_at') }} as ended_at,
    call_meta,
    {{ exact('total_cost') }} as total_cost,
    {{ exact('llm_cost') }} as llm_cost,
    {{ exact('tts_cost') }} as tts_cost,
    {{ exact('stt_cost') }} as stt_cost,
    {{ exact('telephony_cost') }} as telephony_cost,
    cost_currency,
    additional_fields
from {{ source('voicecalls', 'burki_calls') }}
