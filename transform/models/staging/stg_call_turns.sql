-- made by `make generate`
{{ config(enabled=is_loaded('call_turns')) }}

{{ staged('call_turns', ['provider', 'account', 'call_id', 'turn'], {
    'provider': 'text',
    'account': 'text',
    'call_id': 'text',
    'turn': 'integer',
    'call_started_at': 'time',
    'role': 'text',
    'provider_role': 'text',
    'text': 'text',
    'offset_seconds': 'number',
    'duration_seconds': 'number',
    'started_at': 'time',
    'interrupted': 'boolean',
    'confidence': 'number',
    'language': 'text',
    'tool_name': 'text',
    'tool_arguments': 'text',
    'tool_result': 'text',
    'tool_failed': 'boolean',
    'response_seconds': 'number',
    'endpointing_seconds': 'number',
    'stt_seconds': 'number',
    'llm_seconds': 'number',
    'tts_seconds': 'number',
    'network_seconds': 'number',
    'provider_turn_id': 'text'
}) }}
