-- made by `make generate`
{{ config(enabled=is_loaded('call_turns')) }}

select
    provider,
    account,
    call_id,
    turn,
    {{ utc('call_started_at') }} as call_started_at,
    role,
    provider_role,
    text,
    {{ exact('offset_seconds') }} as offset_seconds,
    {{ exact('duration_seconds') }} as duration_seconds,
    {{ utc('started_at') }} as started_at,
    interrupted,
    {{ exact('confidence') }} as confidence,
    language,
    tool_name,
    tool_arguments,
    tool_result,
    tool_failed,
    {{ exact('response_seconds') }} as response_seconds,
    {{ exact('endpointing_seconds') }} as endpointing_seconds,
    {{ exact('stt_seconds') }} as stt_seconds,
    {{ exact('llm_seconds') }} as llm_seconds,
    {{ exact('tts_seconds') }} as tts_seconds,
    {{ exact('network_seconds') }} as network_seconds,
    provider_turn_id
from {{ source('voicecalls', 'call_turns') }}
