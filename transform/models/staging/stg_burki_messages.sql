-- made by `make generate`
{{ config(enabled=is_loaded('burki_messages', by_default=false)) }}

{{ staged('burki_messages', ['account', 'id'], {
    'account': 'text',
    'id': 'integer',
    'call_id': 'integer',
    'call_started_at': 'time',
    'role': 'text',
    'content': 'text',
    'message_index': 'integer',
    'timestamp': 'time',
    'llm_provider': 'text',
    'llm_model': 'text',
    'prompt_tokens': 'integer',
    'completion_tokens': 'integer',
    'total_tokens': 'integer',
    'additional_fields': 'json'
}) }}
