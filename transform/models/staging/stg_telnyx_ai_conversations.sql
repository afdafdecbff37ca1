-- made by `make generate`
{{ config(enabled=is_loaded('telnyx_ai_conversations')) }}

{{ staged('telnyx_ai_conversations', ['account', 'id'], {
    'account': 'text',
    'id': 'text',
    'last_message_at': 'time',
    'created_at': 'time',
    'name': 'text',
    'call_id': 'text',
    'metadata': 'json',
    'additional_fields': 'json'
}) }}
