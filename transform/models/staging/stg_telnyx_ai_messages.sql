-- made by `make generate`
{{ config(enabled=is_loaded('telnyx_ai_messages', by_default=false)) }}

{{ staged('telnyx_ai_messages', ['account', 'conversation_id', 'position'], {
    'account': 'text',
    'conversation_id': 'text',
    'call_id': 'text',
    'conversation_created_at': 'time',
    'last_message_at': 'time',
    'position': 'integer',
    'role': 'text',
    'text': 'text',
    'sent_at': 'time',
    'created_at': 'time',
    'tool_calls': 'json',
    'metadata': 'json',
    'additional_fields': 'json'
}) }}
